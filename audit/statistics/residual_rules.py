"""Finds rare combinations of values whose labels no honest model expects: the footprint of a planted trigger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.statistics.maxima import level_beyond

Array = NDArray[Any]
MIN_ROWS = 5
MAX_SHARE = 0.06
_DECIDED = 0.9
"""Share of the carriers whose label a trigger decides; the rest may be honest rows with the same values."""
_DOUBTED_ODDS = 1.5
"""How far the odds of an expected label may be off without a trigger: honest models of clean data are that far off."""
_FEWEST_EXPECTED = 0.01
_OVERLAP = 0.5
_LOOKED_AT = 4000
_FEW_LEVELS = 40
_QUANTILES = 8


@dataclass(frozen=True)
class Patterns:
    """Every value of one column and pair of values of two that enough rows carry, but not too many.

    Attributes:
        columns: for each column or pair of columns that has such patterns, its one or two positions.
        of: for each pattern, its place in `columns`, shape (m,), int.
        sizes: rows that carry each pattern, shape (m,), int.
        pattern: pattern of each (pattern, row) that belong together, shape (e,), int32, in the order of `columns`.
        row: row of each of them, shape (e,), int32.
        starts: for each of `columns` the first of its entries in `row`, and the end, shape (len(columns) + 1,), int.
    """

    columns: tuple[tuple[int, ...], ...]
    of: Array
    sizes: Array
    pattern: Array
    row: Array
    starts: Array

    def carriers(self, pattern: int) -> Array:
        """Positions of the rows that carry a pattern, ascending."""
        part = slice(self.starts[self.of[pattern]], self.starts[self.of[pattern] + 1])
        return np.asarray(self.row[part][self.pattern[part] == pattern])


@dataclass(frozen=True)
class Rule:
    """A pattern whose rows have one label more often than expected.

    Attributes:
        columns: positions of the one or two columns.
        label: code of the label.
        evidence: log-likelihood ratio of "the pattern decides the label" against what is expected, nats.
        carriers: positions of the rows with these values, shape (c,), int.
        rows: those of them that have the label, shape (r,), int.
    """

    columns: tuple[int, ...]
    label: int
    evidence: float
    carriers: Array
    rows: Array

    @property
    def z(self) -> float:
        """The evidence in standard errors: the signed root of the deviance."""
        return float(np.sqrt(2 * max(self.evidence, 0.0)))


@dataclass(frozen=True)
class Levels:
    """Columns as small whole numbers, in the order of their values.

    Attributes:
        codes: levels from 0 without gaps, NaN last, shape (n, d), int64.
        exact: whether a level is one value, not a bin of values that hardly repeat, shape (n, d), bool.
    """

    codes: Array
    exact: Array


def levels(values: Array) -> Levels:
    """Values that are few or that repeat exactly keep a level each, the rest of a column is binned.

    Args:
        values: shape (n, d), float, d at least 1; NaN is a level of its own.
    """
    found = [_levels(values[:, column]) for column in range(values.shape[1])]
    return Levels(
        np.column_stack([column.codes for column in found]).astype(np.int64),
        np.column_stack([column.exact for column in found]),
    )


def patterns(columns_as: Levels) -> Patterns:
    """All patterns of exact values that 5 rows or more and at most 6 % of all rows carry.

    A trigger is a value that somebody typed, the same each time: bins of values are no patterns.
    """
    of: list[Array] = []
    sizes: list[Array] = []
    pattern: list[Array] = []
    row: list[Array] = []
    columns: list[tuple[int, ...]] = []
    starts, found, n = [0], 0, len(columns_as.codes)
    for chosen, key in _keys(columns_as.codes):
        exact = columns_as.exact[:, list(chosen)].all(axis=1)
        counts = np.bincount(key[exact], minlength=int(key.max()) + 1)
        rare = (counts >= MIN_ROWS) & (counts <= MAX_SHARE * n)
        if not rare.any():
            continue
        members = np.flatnonzero(rare[key] & exact)
        pattern.append((np.cumsum(rare) - 1 + found)[key[members]].astype(np.int32))
        row.append(members.astype(np.int32))
        sizes.append(counts[rare])
        of.append(np.full(len(sizes[-1]), len(columns)))
        columns.append(chosen)
        starts.append(starts[-1] + len(members))
        found += len(sizes[-1])
    return Patterns(tuple(columns), _flat(of), _flat(sizes), _flat(pattern), _flat(row), np.array(starts))


def evidence(found: Patterns, labels: Array, expectations: Sequence[Array]) -> Array:
    """How much better "this pattern gives nine of ten carriers the label" explains the labels than each expectation.

    The log-likelihood ratio of a row with the label is log((.9 + .1 p) / p), of one without it log .1, where p is the
    expected probability after its odds were raised by half, which forgives models that are somewhat off. Evidence of
    x nats has a probability of at most exp(-x) where the expectation is right, however few the rows are.

    Args:
        found: the patterns, m of them.
        labels: codes, shape (n,), int in 0..k-1.
        expectations: probabilities of models that did not see the row's label, each of shape (n, k), float.

    Returns:
        Shape (m, k), float, nats; of each pattern and label the least over the expectations.

    Source:
        Our own; the idea of searching residuals for subgroups is that of slice finding (Chung et al., ICDE 2019).
    """
    k = expectations[0].shape[1]
    key = found.pattern.astype(np.int64) * k + labels[found.row]
    ratios = [
        np.bincount(key, _gains(expected, labels)[found.row], minlength=len(found.sizes) * k)
        for expected in expectations
    ]
    least = np.minimum.reduce(ratios).reshape(-1, k)
    return np.asarray(least + np.log(1 - _DECIDED) * found.sizes[:, None])


def strongest(found: Patterns, labels: Array, expectations: Sequence[Array], *, most: int) -> list[Rule]:
    """The strongest rules whose rows hardly overlap, strongest first.

    Args:
        found: the patterns.
        labels: codes, shape (n,), int in 0..k-1.
        expectations: as for `evidence`.
        most: largest number of rules.
    """
    if len(found.sizes) == 0:
        return []
    scores = evidence(found, labels, expectations)
    best = scores.max(axis=1)
    gains = [_gains(expected, labels) for expected in expectations]
    taken = np.zeros(len(labels), dtype=bool)
    rules: list[Rule] = []
    for pattern in np.argsort(-best, kind="stable")[:_LOOKED_AT].tolist():
        if best[pattern] <= 0 or len(rules) == most:
            break
        carriers, label = found.carriers(pattern), int(scores[pattern].argmax())
        rows = carriers[labels[carriers] == label]
        left = rows[~taken[rows]]
        if len(left) < MIN_ROWS or len(left) < (1 - _OVERLAP) * len(rows):
            continue
        # Rows of a stronger rule are no evidence for this one too.
        missed = len(carriers) - len(rows) + len(left)
        remaining = min(float(gain[left].sum()) for gain in gains) + np.log(1 - _DECIDED) * missed
        if remaining <= 0:
            continue
        taken[rows] = True
        rules.append(Rule(found.columns[found.of[pattern]], label, float(remaining), carriers, rows))
    return rules


def decided_by(
    columns: tuple[int, ...], carriers: Array, label: int, labels: Array, expectations: Sequence[Array]
) -> Rule:
    """The rule that a pattern decides a label, with its evidence.

    Args:
        columns: positions of the columns of the pattern.
        carriers: positions of the rows that carry it, shape (c,), int.
        label: code of the label.
        labels: codes, shape (n,), int in 0..k-1.
        expectations: as for `evidence`.
    """
    rows = carriers[labels[carriers] == label]
    gained = min(float(_gains(expected, labels)[rows].sum()) for expected in expectations)
    return Rule(columns, label, gained + float(np.log(1 - _DECIDED)) * len(carriers), carriers, rows)


def chance_level(
    found: Patterns, expectations: Sequence[Array], *, seed: int, draws: int = 40, beyond: float = 0.01
) -> float:
    """Evidence that the strongest rule reaches by chance in one of 100 tables, nats.

    Labels are drawn from the last expectation, which holds the structure of the real data; the largest evidence of
    each draw follows a Gumbel distribution, whose upper end is fitted by moments.

    Args:
        found: the patterns.
        expectations: as for `evidence`.
        seed: of the draws.
        draws: how many sets of labels are drawn, 2 or more.
        beyond: share of clean tables over the level.
    """
    if len(found.sizes) == 0:
        return 0.0
    rng = np.random.default_rng(seed)
    cumulated = expectations[-1].cumsum(axis=1)
    largest = []
    for _ in range(draws):
        labels = (rng.random((len(cumulated), 1)) > cumulated).sum(axis=1).clip(max=cumulated.shape[1] - 1)
        largest.append(float(evidence(found, labels, expectations).max()))
    return level_beyond(largest, beyond=beyond, ddof=1)


def tail_level(others: Sequence[float], *, beyond: float = 0.01) -> float:
    """Evidence that one more rule would reach in one of 100 tables whose rules are as strong as the others are, nats.

    Where many values of a table each decide the label, such as tickets bought in one port, none of them is a trigger.
    Excesses over the weakest rule follow an exponential distribution, whose mean is that of the others.

    Args:
        others: evidence of the rules beside the strongest, nats.
        beyond: share of tables over the level.
    """
    if len(others) < 2:
        return 0.0
    least = min(others)
    return float(least + (np.mean(others) - least) * np.log((len(others) + 1) / beyond))


def _gains(expected: Array, labels: Array) -> Array:
    """What each row adds to the evidence for its own label, over that of a row without it, shape (n,), nats."""
    own = np.clip(expected[np.arange(len(labels)), labels], _FEWEST_EXPECTED, 1.0)
    own = _DOUBTED_ODDS * own / (1 + (_DOUBTED_ODDS - 1) * own)
    return np.asarray(np.log((_DECIDED + (1 - _DECIDED) * own) / own) - np.log(1 - _DECIDED))


def _flat(parts: list[Array]) -> Array:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def _keys(codes: Array) -> Iterator[tuple[tuple[int, ...], Array]]:
    """One whole number a row for each column and pair of columns that have more than one level."""
    widths = codes.max(axis=0) + 1
    used = np.flatnonzero(widths > 1).tolist()
    for column in used:
        yield (column,), codes[:, column]
    for first, second in combinations(used, 2):
        yield (first, second), codes[:, first] * widths[second] + codes[:, second]


def _levels(column: Array) -> Levels:
    known, codes, counts = np.unique(column, return_inverse=True, return_counts=True)
    if len(known) <= _FEW_LEVELS:
        return Levels(codes, np.ones(len(codes), dtype=bool))
    repeated = counts[codes] >= MIN_ROWS
    lower_ends = np.append(-np.inf, np.nanquantile(column, np.linspace(0, 1, _QUANTILES + 1)[1:-1]))
    bins = np.searchsorted(known, lower_ends)[np.searchsorted(lower_ends[1:], np.nan_to_num(column))]
    in_order = np.where(repeated | np.isnan(column), codes, bins - 0.5)
    return Levels(np.unique(in_order, return_inverse=True)[1], repeated)
