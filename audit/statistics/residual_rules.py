"""Finds rare combinations of values whose labels a plain model cannot explain: the footprint of a planted trigger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MIN_ROWS = 8
MAX_SHARE = 0.06
MIN_PURITY = 0.85
_FEW_LEVELS = 40
_QUANTILES = 8
_ROOM = 1.3
_LOWEST_ALARM = 5.0


@dataclass(frozen=True)
class ResidualRule:
    """Rows that share one or two values and nearly all have one label.

    Attributes:
        columns: positions of the one or two columns.
        label: code of the label.
        z: how many standard errors more rows have that label than the plain model expects.
        rows: positions of the rows with these values and this label, shape (m,), int.
        purity: share of the rows with these values that have the label.
    """

    columns: tuple[int, ...]
    label: int
    z: float
    rows: Array
    purity: float


@dataclass(frozen=True)
class Mined:
    """What mining found.

    Attributes:
        strongest: the strongest rule, None where no combination of values is rare and pure enough.
        scores: for each row the z of the strongest rule that it carries, 0 if none, shape (n,), float.
    """

    strongest: ResidualRule | None
    scores: Array

    @property
    def z(self) -> float:
        """z of the strongest rule, 0 if there is none."""
        return self.strongest.z if self.strongest else 0.0


def levels(values: Array) -> Array:
    """Columns as small whole numbers: values that are few or that repeat exactly keep a level each, the rest is binned.

    Args:
        values: shape (n, d), float; NaN is a level of its own.

    Returns:
        Shape (n, d), int64, levels from 0 without gaps.
    """
    return np.column_stack([_levels(values[:, column]) for column in range(values.shape[1])]).astype(np.int64)


def mine(codes: Array, labels: Array, expected: Array, *, pairs: bool = True) -> Mined:
    """Look at every value of one column and every pair of values of two columns.

    A combination counts if 8 rows or more carry it and at most 6 % of all do, and if more than 85 % of those have one
    label.

    Args:
        codes: levels, shape (n, d), int.
        labels: codes, shape (n,), int in 0..k-1.
        expected: probabilities from a model of low capacity that did not see the row, shape (n, k), float. A stronger
            model would learn the trigger from the other rows that carry it and find it normal.
        pairs: whether to look at pairs of columns too.

    Source:
        Our own; the idea of searching residuals for subgroups is that of slice finding (Chung et al., ICDE 2019).
    """
    n, k = expected.shape
    variances = expected * (1 - expected)
    scores = np.zeros(n)
    strongest: ResidualRule | None = None
    for columns, key in _keys(codes, pairs):
        table = np.bincount(key * k + labels, minlength=(int(key.max()) + 1) * k).reshape(-1, k)
        counts, purest = table.sum(axis=1), table.argmax(axis=1)
        hits = table[np.arange(len(table)), purest]
        candidates = (counts >= MIN_ROWS) & (counts <= MAX_SHARE * n) & (hits > MIN_PURITY * counts)
        for label in np.unique(purest[candidates]).tolist():
            surplus = hits - np.bincount(key, expected[:, label], minlength=len(table))
            z = surplus / np.sqrt(np.bincount(key, variances[:, label], minlength=len(table)) + 0.5)
            z = np.where(candidates & (purest == label), z, 0.0)
            scores = np.maximum(scores, np.where(labels == label, z[key], 0.0))
            top = int(z.argmax())
            if z[top] > (strongest.z if strongest else 0.0):
                carriers = np.flatnonzero((key == top) & (labels == label))
                strongest = ResidualRule(columns, label, float(z[top]), carriers, float(hits[top] / counts[top]))
    return Mined(strongest, scores)


def alarm_level(codes: Array, expected: Array, *, seed: int, draws: int = 20, pairs: bool = True) -> float:
    """z that no rule of clean data reaches: from labels drawn from the plain model itself, with room for real patterns.

    Labels drawn from the model hold no pattern beyond it; the strongest rule among them shows what searching so many
    combinations finds by chance. Real data holds patterns that a plain model misses, so the level is 1.3 times the
    largest of these and never under 5.

    Args:
        codes: levels, shape (n, d), int.
        expected: probabilities of the plain model, shape (n, k), float.
        draws: how many sets of labels are drawn.
    """
    rng = np.random.default_rng(seed)
    cumulated = expected.cumsum(axis=1)
    largest = 0.0
    for _ in range(draws):
        labels = (rng.random((len(codes), 1)) > cumulated).sum(axis=1).clip(max=expected.shape[1] - 1)
        largest = max(largest, mine(codes, labels, expected, pairs=pairs).z)
    return max(_ROOM * largest, _LOWEST_ALARM)


def _keys(codes: Array, pairs: bool) -> Iterator[tuple[tuple[int, ...], Array]]:
    """One whole number a row for each column and each pair of columns that have more than one level."""
    widths = codes.max(axis=0) + 1
    used = np.flatnonzero(widths > 1).tolist()
    for column in used:
        yield (column,), codes[:, column]
    for first, second in combinations(used, 2) if pairs else ():
        yield (first, second), codes[:, first] * widths[second] + codes[:, second]


def _levels(column: Array) -> Array:
    known, codes, counts = np.unique(column, return_inverse=True, return_counts=True)
    if len(known) <= _FEW_LEVELS:
        return codes
    edges = np.nanquantile(column, np.linspace(0, 1, _QUANTILES + 1)[1:-1])
    bins = np.where(np.isnan(column), _QUANTILES, np.searchsorted(edges, column))
    # Exact repeats keep a level of their own: a trigger is a value that somebody typed, the same each time.
    repeated = counts[codes] >= MIN_ROWS
    return np.unique(np.where(repeated, _QUANTILES + 1 + codes, bins), return_inverse=True)[1]
