"""A subgroup whose labels were changed by majority: only rows that somebody vouches for can show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.checks._encoding import Encoded, encoded
from audit.checks._poisoned_data.finding import Finding, Planted
from audit.checks._poisoned_data.out_of_bag import out_of_bag
from audit.checks._poisoned_data.pattern_words import value_words
from audit.checks._poisoned_data.rows import FEWEST_ROWS, MOST_ROWS, Rows
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from audit.data import Table
    from audit.statistics.relabelled_groups import RelabelledGroup

_TREES = 100
_DRAWS = 6
_CHANGED = 0.7
_SMALLEST = 20
_FEWEST_CHANGED = 10
_JUST_UNDER = 0.999


def applies(rows: Rows) -> bool:
    """Rows that share a value make a subgroup, so there have to be columns of values."""
    if rows.images is not None:
        return False
    return rows.table.frame is None or len(rows.texts) < rows.table.features.shape[1]


def blind(rows: Rows) -> str:
    """Nothing but rows with labels that are known to be right shows what was changed by majority."""
    if not rows.subject.has("data.trusted"):
        return (
            "no data.trusted is given, and without it a subgroup whose labels were changed cannot be told from one "
            "that honestly differs; give data.trusted, or name the kinds that this policy fears under kinds"
        )
    trusted = _trusted(rows)
    if trusted.table.rows < FEWEST_ROWS:
        return (
            f"data.trusted has {trusted.table.rows} rows of the classes of data.train; {FEWEST_ROWS} are needed to "
            "tell a subgroup whose labels were changed"
        )
    return ""


def search(rows: Rows, *, seed: int, alarm: float | None = None) -> Finding:
    """Compare the labels of every value and pair of values with what the trusted rows let expect.

    Changes that all rows share are another balance of classes and no subgroup. The more trusted rows differ from the
    others in their features, the higher is the alarm level.
    """
    import numpy as np

    from audit.statistics import relabelled_groups

    pooled = _pooled(rows, seed)
    level = _alarm_level(pooled, seed) if alarm is None else alarm
    evidence = (pooled.values.codes, pooled.labels, pooled.expected, pooled.known)
    found = relabelled_groups.relabelled(*evidence, alarm=level)
    strongest = found or relabelled_groups.relabelled(*evidence, alarm=0.0)
    scores = np.zeros(rows.n)
    for group in strongest:
        reached = group.z / level if found else min(group.z / level, _JUST_UNDER)
        scores[group.rows] = np.maximum(scores[group.rows], reached)
    z = strongest[0].z if strongest else 0.0
    return Finding(
        scores=scores,
        alarm=level,
        z=z,
        sentence=_sentence(rows, pooled.values.names, found[0]) if found else "",
        reason="has the label that its subgroup has far more often than the trusted data lets expect",
        note=f"subgroup: strongest z {z:.1f}, alarm from {level:.1f}, {int(pooled.known.sum())} trusted rows",
    )


def plant(rows: Rows, *, share: float, seed: int) -> Planted:
    """Change 70 % of one label within a subgroup of about the share of the rows.

    Raises:
        NotMeasurable: no value or pair of values has enough rows of one label.
    """
    import numpy as np

    rng = np.random.default_rng([seed, 3])
    codes = _values(rows.subject, rows.table).codes
    wanted = max(_SMALLEST, round(share * rows.n))
    for _ in range(200):
        columns = rng.choice(codes.shape[1], size=min(int(rng.integers(1, 3)), codes.shape[1]), replace=False)
        members = (codes[:, columns] == codes[int(rng.integers(rows.n)), columns]).all(axis=1)
        label = int(rng.integers(len(rows.classes)))
        of_label = np.flatnonzero(members & (rows.labels == label))
        changed = round(_CHANGED * len(of_label))
        if not wanted / 2 <= members.sum() <= 2 * wanted or changed < _FEWEST_CHANGED:
            continue
        chosen = rng.choice(of_label, size=changed, replace=False)
        labels = rows.labels.copy()
        labels[chosen] = (label + int(rng.integers(1, len(rows.classes)))) % len(rows.classes)
        if len(np.unique(labels)) == len(rows.classes):
            return Planted(rows.changed(labels=labels, seed=int(rng.integers(2**31))), chosen)
    raise NotMeasurable(f"no subgroup of about {wanted} rows has {_FEWEST_CHANGED} rows of one label to change")


@dataclass(frozen=True, eq=False)
class _Trusted:
    """Trusted rows of classes that the training rows have.

    Attributes:
        labels: codes as in the training rows, shape (n,), int.
    """

    table: Table
    labels: np.ndarray


def _trusted(rows: Rows) -> _Trusted:
    import numpy as np

    table = rows.subject.trusted
    codes = rows.subject.codes(table)
    place = {name: code for code, name in enumerate(rows.classes)}
    labels = np.array([place.get(str(rows.subject.classes[code]), -1) for code in codes], dtype=np.int64)
    kept = np.flatnonzero(labels >= 0)[:MOST_ROWS]
    return _Trusted(table.take(kept), labels[kept])


def _values(subject: Subject, table: Table) -> Encoded:
    """A table without free text, which has no values that rows could share."""
    specs = subject.feature_specs(table)
    return encoded(subject, table.without(name for name, spec in specs.items() if spec.type == "text"))


@dataclass(frozen=True, eq=False)
class _Pooled:
    """Training rows, and after them trusted rows.

    Attributes:
        units: which rows have equal features, numbered, shape (n,), int.
        labels: codes, shape (n,), int.
        known: which rows are trusted, shape (n,), bool.
        expected: class probabilities by trees that learnt from trusted rows and saw no row equal to the one asked, for
            the training rows in their own balance of classes, shape (n, k), float.
    """

    values: Encoded
    units: np.ndarray
    labels: np.ndarray
    known: np.ndarray
    expected: np.ndarray


def _pooled(rows: Rows, seed: int) -> _Pooled:
    import numpy as np

    from audit.statistics import relabelled_groups
    from audit.statistics import rows as equal

    trusted = _trusted(rows)
    table = rows.table.concat(trusted.table)
    values, units = _values(rows.subject, table), equal.groups(table.features)
    labels = np.concatenate([rows.labels, trusted.labels])
    known = np.arange(len(labels)) >= rows.n
    expected = out_of_bag(values.full, labels, units, trees=_TREES, seed=seed, known=known)
    expected[~known] = relabelled_groups.rebalanced(expected[~known], rows.labels)
    return _Pooled(values, units, labels, known, expected)


def _alarm_level(pooled: _Pooled, seed: int) -> float:
    """What chance does not reach, the more so where the trusted rows are visibly other people."""
    import numpy as np

    from audit.statistics import relabelled_groups

    by_chance = relabelled_groups.alarm_level(
        pooled.values.codes, pooled.labels, pooled.expected, pooled.known, seed=seed, draws=_DRAWS
    )
    side = pooled.known.astype(np.int64)
    trusted = out_of_bag(pooled.values.full, side, pooled.units, trees=_TREES // 2, seed=seed)[:, 1]
    return by_chance * (1 + relabelled_groups.apart(trusted, pooled.known))


def _sentence(rows: Rows, names: tuple[str, ...], group: RelabelledGroup) -> str:
    who = " and ".join(value_words(rows, names[column], group.members) for column in group.columns)
    return (
        f"of {len(group.members)} rows with {who}, {group.share:.0%} are labelled {rows.classes[group.label]}, "
        f"in the trusted data {group.trusted_share:.0%} of {group.trusted} such rows"
    )
