"""The grid that the thresholds of trees cut the inputs into, in whole numbers: cell 0 lies left of all cuts."""

from __future__ import annotations

import numpy as np

from attacks.distance import Array
from attacks.exact.mapping import Mapping
from attacks.exact.span import Span
from attacks.structure import Trees

_HALVINGS = 60
_ROWS_PER_CALL = 8192
"""Rows that the way to the model is asked about at once: many calls cost more than many rows."""


class Cells:
    """The grid of one ensemble.

    Cuts that no stored value lies between are one cut, as several thresholds between two whole numbers are.

    Args:
        trees: the ensemble.
        way: from stored values to what the trees compare.
        row: any flat stored row, shape (D,).
        extent: stored values of interest of each column, shape (D,).
        even: inputs that rise evenly with their column; only their cuts may become one, shape (d,), bool.

    Attributes:
        rank: number of each inner node's cut within its input, shape (m,), int32; a row goes left where its cell is at
            most that. 0 at leaves.
        counts: number of cuts of each input, shape (d,).
        offsets: place of each input's first cut among all, shape (d + 1,).
        left_end: largest stored value left of each cut, shape (c,); -inf where none of interest is.
        right_start: smallest stored value right of it; inf where none of interest is.
    """

    def __init__(self, trees: Trees, way: Mapping, row: Array, extent: Span, even: Array) -> None:
        self._way, self._trees = way, trees
        inner = trees.feature >= 0
        limits = _comparable(trees)
        self._thresholds = [np.unique(limits[inner & (trees.feature == place)]) for place in range(len(way.source))]
        sides = self._stored(row, extent)
        self.rank = np.zeros(len(trees.feature), dtype=np.int32)
        self._lower, self._upper = [], []
        counts, kept_left, kept_right = [], [], []
        for place, found in enumerate(self._thresholds):
            left, right = sides.low[: len(found), place], sides.high[: len(found), place]
            starts = np.ones(len(found), dtype=bool)
            same = (left[1:] <= left[:-1]) & np.isfinite(left[1:]) & np.isfinite(right[1:])
            starts[1:] = ~(same & even[place])
            here = inner & (trees.feature == place)
            self.rank[here] = (np.cumsum(starts) - 1)[np.searchsorted(found, limits[here])]
            # by number of thresholds passed: cuts that were passed for certain, and at most
            ends = np.append(starts[1:], True)[: len(found)]
            self._lower.append(np.concatenate([[0], np.cumsum(ends)]).astype(np.int32))
            self._upper.append(np.concatenate([[0], np.cumsum(starts)]).astype(np.int32))
            counts.append(int(starts.sum()))
            kept_left.append(left[starts])
            kept_right.append(right[ends])
        self.counts = np.array(counts, dtype=np.int64)
        self.offsets = np.concatenate([[0], np.cumsum(self.counts)])
        self.left_end, self.right_start = np.concatenate(kept_left), np.concatenate(kept_right)

    def of(self, rows: Array) -> Array:
        """Cells of flat stored rows, shape (n, d), int32."""
        return self._passed(self._way.values(rows), self._lower)

    def around(self, numbers: Span) -> Span:
        """Cells of ranges of compared numbers, shape (n, d)."""
        return Span(self._passed(numbers.low, self._lower), self._passed(numbers.high, self._upper))

    def _passed(self, values: Array, cuts: list[Array]) -> Array:
        found = np.zeros(values.shape, dtype=np.int32)
        for place, limits in enumerate(self._thresholds):
            if len(limits):
                seen = self._compared(values[:, place])
                found[:, place] = cuts[place][
                    np.searchsorted(limits, seen, side="right" if self._trees.strict else "left")
                ]
        return found

    def _compared(self, values: Array) -> Array:
        if not self._trees.single:
            return values
        with np.errstate(over="ignore"):
            return values.astype(np.float32).astype(np.float64)

    def _stored(self, row: Array, extent: Span) -> Span:
        """For every threshold the stored values next to it, by halving, all inputs at once, shape (most, d)."""
        most, width = max((len(found) for found in self._thresholds), default=0), len(self._thresholds)
        left, right = np.full((most, width), -np.inf), np.full((most, width), np.inf)
        table = np.full((most, width), np.inf)
        for place, found in enumerate(self._thresholds):
            table[: len(found), place] = found
        for inputs in _one_each(self._way.source):
            columns, limits = self._way.source[inputs], table[:, inputs]
            first, last = (np.broadcast_to(end[columns], limits.shape).copy() for end in (extent.low, extent.high))
            low_goes, high_goes = self._go_left(row, columns, inputs, np.stack([first, last]), limits)
            left[:, inputs] = np.where(low_goes, np.where(high_goes, last, first), -np.inf)
            right[:, inputs] = np.where(high_goes, np.inf, np.where(low_goes, last, first))
            crossed = low_goes & ~high_goes
            bits = max(1, min(6, int(np.log2(max(2, _ROWS_PER_CALL // max(1, most))))))
            shares = np.arange(1, 2**bits)[:, None, None] / 2**bits
            for _ in range(-(-_HALVINGS // bits) if crossed.any() else 0):
                between = first + shares * (last - first)
                # up to the first place that goes right
                passed = np.logical_and.accumulate(self._go_left(row, columns, inputs, between, limits), axis=0)
                ends = np.concatenate([first[None], between, last[None]])
                place = passed.sum(axis=0)[None]
                first, last = (np.take_along_axis(ends, place + side, axis=0)[0] for side in (0, 1))
            left[:, inputs] = np.where(crossed, first, left[:, inputs])
            right[:, inputs] = np.where(crossed, last, right[:, inputs])
        return Span(left, right)

    def _go_left(self, row: Array, columns: Array, inputs: Array, stored: Array, limits: Array) -> Array:
        """Which stored values, shape (p, most, inputs), go left of limits of shape (most, inputs)."""
        rows = np.repeat(row[None], stored.shape[0] * stored.shape[1], axis=0)
        rows[:, columns] = stored.reshape(len(rows), len(columns))
        if not len(rows):
            return np.zeros(stored.shape, dtype=bool)
        seen = self._compared(self._way.values(rows)[:, inputs]).reshape(stored.shape)
        return np.asarray(seen < limits if self._trees.strict else seen <= limits)


def _comparable(trees: Trees) -> Array:
    """Thresholds as the nearest number that a compared value can have and that decides the same."""
    if not trees.single:
        return np.asarray(trees.threshold)
    with np.errstate(over="ignore"):
        near = trees.threshold.astype(np.float32)
    if trees.strict:
        return np.where(near < trees.threshold, np.nextafter(near, np.float32(np.inf)), near).astype(np.float64)
    return np.where(near > trees.threshold, np.nextafter(near, np.float32(-np.inf)), near).astype(np.float64)


def _one_each(source: Array) -> list[Array]:
    """Inputs in as many groups as needed so that no two of a group depend on the same column."""
    seen: dict[int, int] = {}
    groups: list[list[int]] = []
    for place, column in enumerate(source.tolist()):
        turn = seen.get(column, 0)
        seen[column] = turn + 1
        if turn == len(groups):
            groups.append([])
        groups[turn].append(place)
    return [np.array(group, dtype=np.int64) for group in groups]
