"""Groups of rows whose labels differ from what trusted rows let expect: the footprint of a relabelled subgroup."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[Any]
FEWEST_ROWS = 15
FEWEST_TRUSTED = 5
LEAST_CHANGE = 0.15
"""Labels that are changed by majority move a group's share by far more; smaller differences are drift."""
_OWN_WORD = 2.5
"""Standard errors by which a group's own trusted rows have to differ: a model may be wrong about a whole group."""
_MOST_GROUPS = 5
_LOWEST_ALARM = 5.0
_ROOM = 1.2
_AS_STRONG = 0.85
_STRATA = 10
_HALF_OF_CHI_SQUARE = 0.455
_ROUNDS = 50


@dataclass(frozen=True)
class RelabelledGroup:
    """Rows that share one or two values and have a label more often than trusted rows let expect.

    Attributes:
        columns: positions of the one or two columns.
        label: code of the label.
        z: standard errors by which the label is more frequent than expected.
        members: positions of the rows with these values, shape (m,), int.
        rows: those of them that have the label, shape (l,), int.
        share: of the members that have the label.
        trusted: number of trusted rows with these values.
        trusted_share: of these that have it.
    """

    columns: tuple[int, ...]
    label: int
    z: float
    members: Array
    rows: Array
    share: float
    trusted: int
    trusted_share: float


@dataclass(frozen=True)
class _Groups:
    """Sums over the rows of each group, G groups.

    Attributes:
        columns: of each group, shape (G, 2), int; twice the same for a single value.
        levels: of each group in these columns, shape (G, 2), int.
        excess: mean residual of each label, shape (G, k), and its variance.
        known_excess: the same of trusted rows.
        rise: by how much more often each label occurs than among trusted rows of the group, shape (G, k).
    """

    columns: Array
    levels: Array
    excess: Array
    variance: Array
    known_excess: Array
    known_variance: Array
    rise: Array


def rebalanced(expected: Array, labels: Array) -> Array:
    """Probabilities with one factor a class, such that each class is expected as often as it occurs.

    Where classes are more or less frequent than among trusted rows, every group differs from what these let expect,
    and none of them was relabelled.

    Args:
        expected: class probabilities, shape (n, k), float over 0.
        labels: codes 0..k-1 of the same rows, shape (n,), int.

    Returns:
        Shape (n, k), float, rows sum to 1.

    Source:
        Iterative proportional fitting (Deming & Stephan 1940); with known labels it is the correction of Saerens et
        al., "Adjusting the Outputs of a Classifier to New a Priori Probabilities", Neural Computation 2002.
    """
    share = np.bincount(labels, minlength=expected.shape[1]) / len(labels)
    for _ in range(_ROUNDS):
        expected = expected * (share / expected.mean(axis=0))
        expected = expected / expected.sum(axis=1, keepdims=True)
    return np.asarray(expected)


def relabelled(codes: Array, labels: Array, expected: Array, known: Array, *, alarm: float) -> list[RelabelledGroup]:
    """The groups over the alarm level, strongest first, each without the rows of those before it.

    A group is a value of one column or two values of two columns, with 15 rows or more and 5 trusted ones or more.
    What a model of the trusted rows expects of it is corrected by how far the model is off on the group's trusted rows,
    as far as they are enough to tell, and is taken to be as uncertain as the model is on groups in general.

    Args:
        codes: levels, shape (n, d), int, of trusted rows and rows in question.
        labels: codes 0..k-1, shape (n,), int.
        expected: class probabilities of a model of the trusted rows that did not see the row, shape (n, k), float.
        known: which rows are trusted, shape (n,), bool.
        alarm: smallest z of a group; 0 gives the strongest group whatever its z.
    """
    asked = ~known
    residuals = np.eye(expected.shape[1])[labels] - expected
    found: list[RelabelledGroup] = []
    while len(found) < _MOST_GROUPS:
        groups = _groups(codes, labels, residuals, known, asked)
        z = _z(groups)
        if z.size == 0 or z.max() < alarm or z.max() <= 0:
            break
        place, label = _simplest(groups, z)
        columns, levels = groups.columns[place], groups.levels[place]
        carries = (codes[:, columns] == levels).all(axis=1)
        members, trusted = np.flatnonzero(carries & asked), np.flatnonzero(carries & known)
        found.append(
            RelabelledGroup(
                tuple(int(column) for column in np.unique(columns)),
                label,
                float(z[place, label]),
                members,
                members[labels[members] == label],
                float((labels[members] == label).mean()),
                len(trusted),
                float((labels[trusted] == label).mean()),
            )
        )
        asked = asked & ~carries
        if alarm <= 0:
            break
    return found


def alarm_level(codes: Array, labels: Array, expected: Array, known: Array, *, seed: int, draws: int) -> float:
    """A z that no group reaches where trusted rows and the others are two parts of one world.

    Which rows are trusted is drawn again among rows of which the model expects about the same, without the rows of the
    strongest group: were it relabelled, its rows would raise the level everywhere that they are drawn to.
    """
    rng = np.random.default_rng(seed)
    strongest = relabelled(codes, labels, expected, known, alarm=0.0)
    if strongest:
        kept = np.delete(np.arange(len(labels)), strongest[0].members)
        codes, labels, expected, known = codes[kept], labels[kept], expected[kept], known[kept]
    residuals = np.eye(expected.shape[1])[labels] - expected
    strata = _strata(expected)
    highest = 0.0
    for _ in range(draws):
        drawn = known.copy()
        for stratum in np.unique(strata):
            rows = np.flatnonzero(strata == stratum)
            drawn[rows] = rng.permutation(known[rows])
        highest = max(highest, float(_z(_groups(codes, labels, residuals, drawn, ~drawn)).max(initial=0.0)))
    return max(_LOWEST_ALARM, _ROOM * highest)


def apart(score: Array, known: Array) -> float:
    """How well trusted rows can be told from the others beyond chance, 0 for not at all to 1.

    Where they are other people, a model of the trusted rows errs on the others by more than chance.

    Args:
        score: of being trusted, from a model that did not see the row, shape (n,), float.
        known: which rows are trusted, both kinds occur, shape (n,), bool.

    Source:
        Mann & Whitney 1947 for the area under the ROC curve and its standard error without a difference.
    """
    trusted, others = int(known.sum()), int((~known).sum())
    area = (stats.rankdata(score)[known].sum() - trusted * (trusted + 1) / 2) / (trusted * others)
    chance = np.sqrt((trusted + others + 1) / (12 * trusted * others))
    return float(max(0.0, 2 * (area - 0.5 - 2 * chance)))


def _simplest(groups: _Groups, z: Array) -> tuple[int, int]:
    """Place of the strongest group and its label; of a single value if two values are hardly stronger."""
    single = np.where((groups.columns[:, 0] == groups.columns[:, 1])[:, None], z, 0.0)
    chosen = single if single.max() >= _AS_STRONG * z.max() else z
    place, label = np.unravel_index(int(chosen.argmax()), z.shape)
    return int(place), int(label)


def _strata(expected: Array) -> Array:
    """Rows with the same most probable label that is about as probable, shape (n,), int."""
    likely = expected.argmax(axis=1)
    sure = np.minimum((expected.max(axis=1) * _STRATA).astype(int), _STRATA - 1)
    return np.asarray(likely * _STRATA + sure)


def _z(groups: _Groups) -> Array:
    """Standard errors by which each label exceeds what is expected of each group, shape (G, k)."""
    if len(groups.columns) == 0:
        return np.zeros((0, 0))
    misfit = np.array([_misfit(groups.excess[:, k], groups.variance[:, k]) for k in range(groups.excess.shape[1])])
    weight = misfit / (misfit + groups.known_variance)
    change = groups.excess - weight * groups.known_excess
    apart = (groups.excess - groups.known_excess) / np.sqrt(groups.variance + groups.known_variance)
    changed = (np.minimum(change, groups.rise) >= LEAST_CHANGE) & (apart >= _OWN_WORD)
    return np.where(changed, change / np.sqrt(groups.variance + weight * groups.known_variance), 0.0)


def _misfit(excess: Array, variance: Array) -> float:
    """Variance over groups of what the model is off by, beyond chance, so that half of all groups fit.

    It is set by the groups in the middle, so a few relabelled ones do not hide themselves.
    """
    low, high = 0.0, 1.0
    for _ in range(30):
        middle = (low + high) / 2
        if np.median(excess**2 / (variance + middle)) > _HALF_OF_CHI_SQUARE:
            low = middle
        else:
            high = middle
    return high


def _groups(codes: Array, labels: Array, residuals: Array, known: Array, asked: Array) -> _Groups:
    parts = list(_of_columns(codes, labels, residuals, known, asked))
    if not parts:
        k = residuals.shape[1]
        return _Groups(np.zeros((0, 2), dtype=int), np.zeros((0, 2), dtype=int), *(np.zeros((0, k)),) * 5)
    names = ("columns", "levels", "excess", "variance", "known_excess", "known_variance", "rise")
    return _Groups(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _of_columns(codes: Array, labels: Array, residuals: Array, known: Array, asked: Array) -> Iterator[_Groups]:
    """Groups of each column and each pair of columns."""
    width = codes.shape[1]
    known_rows, asked_rows = np.flatnonzero(known), np.flatnonzero(asked)
    for first, second in [(column, column) for column in range(width)] + list(combinations(range(width), 2)):
        levels = int(codes[:, second].max()) + 1
        keys = codes[:, first] * levels + codes[:, second]
        size = int(keys.max()) + 1
        count = np.bincount(keys[asked_rows], minlength=size)
        trusted = np.bincount(keys[known_rows], minlength=size)
        kept = np.flatnonzero((count >= FEWEST_ROWS) & (trusted >= FEWEST_TRUSTED))
        if len(kept) == 0:
            continue
        asked_sums = _sums(keys[asked_rows], labels[asked_rows], residuals[asked_rows], kept)
        known_sums = _sums(keys[known_rows], labels[known_rows], residuals[known_rows], kept)
        rows, trusted_rows = count[kept][:, None], trusted[kept][:, None]
        # One variance for both, and half a row more: a few trusted rows that agree by chance show no certainty.
        spread = (asked_sums.squares + known_sums.squares + 0.5) / (rows + trusted_rows)
        yield _Groups(
            np.tile([first, second], (len(kept), 1)),
            np.column_stack([kept // levels, kept % levels]),
            asked_sums.residuals / rows,
            spread / rows,
            known_sums.residuals / trusted_rows,
            spread / trusted_rows,
            asked_sums.labels / rows - known_sums.labels / trusted_rows,
        )


@dataclass(frozen=True)
class _Sums:
    """Sums over the rows of each group: of labels, residuals and their squares, each of shape (g, k)."""

    labels: Array
    residuals: Array
    squares: Array


def _sums(keys: Array, labels: Array, residuals: Array, kept: Array) -> _Sums:
    size, classes = int(kept.max()) + 1, residuals.shape[1]
    reach = keys < size
    keys, labels, residuals = keys[reach], labels[reach], residuals[reach]
    counts = np.bincount(keys * classes + labels, minlength=size * classes).reshape(size, classes)
    plain = [np.bincount(keys, column, size)[kept] for column in residuals.T]
    squares = [np.bincount(keys, column**2, size)[kept] for column in residuals.T]
    return _Sums(counts[kept], np.transpose(plain), np.transpose(squares))
