"""What all rows of one verification share: the grid, the trees on it, and how far each row gets."""

from __future__ import annotations

import numpy as np

from attacks.distance import Array
from attacks.evasion._search import Search
from attacks.exact.cells import Cells
from attacks.exact.forest import Forest
from attacks.exact.limits import Group, Limits
from attacks.exact.mapping import flat_rows, mapping
from attacks.exact.ranges import extent, ranges, usable
from attacks.exact.reach import places, reach
from attacks.outcome import TOLERANCE
from attacks.structure import Structure, Trees

_FLOOR = 1e-11
"""Margins up to this, relative to the size of scores, are ties whatever the structure says."""


class Field:
    """Rows that can be reasoned about.

    Args:
        search: gives rows, labels, epsilon and norm.
        structure: of the model.
        trees: its ensemble.
        rows: positions of rows that the model answers right.

    Attributes:
        rows: those of them whose numbers are finite all over their reach, shape (n,).
        y: their labels.
        stored: the rows, flat, shape (n, D), float64.
        reach: their limits.
        way: from stored values to what the trees compare.
        cells: the grid.
        forest: the trees on it.
        box: cells that each row gets to.
        tolerance: margin of a class, by row, over another, by column, up to which the other may win, shape (k, k).
    """

    def __init__(self, search: Search, structure: Structure, trees: Trees, rows: Array) -> None:
        self.search = search
        self.rows = rows[usable(search, structure, rows)] if len(rows) else rows
        self.y = search.y[self.rows].astype(np.int64)
        x = search.x[self.rows]
        self.stored = flat_rows(x)
        if not len(self.rows):
            return
        self.reach = reach(search.target, x, search.epsilon)
        wide = extent(self.reach, self.stored)
        self.way = mapping(structure, x.shape[1:], self.stored[0], wide, places(search.target, self.reach, self.stored))
        self._even = self.way.rising & ~np.isin(self.way.source, list(self.reach.choices))
        self.cells = Cells(trees, self.way, self.stored[0], wide, self._even)
        self.forest = Forest(trees, self.cells.rank)
        self.box = self.cells.around(ranges(self.way, self.reach, self.stored))
        self.tolerance = _tolerance(structure, self.forest)

    def agrees(self) -> bool:
        """Whether the trees answer these rows as the model did; what is known of the inside is worthless otherwise."""
        return bool((self._margins(np.arange(len(self.rows)), self.cells.of(self.stored)) > -np.inf).all())

    def fools(self, rows: Array, x: Array) -> Array:
        """Which points the trees answer wrongly, or nearly, shape (m,), bool."""
        cells = self.cells.of(flat_rows(x))
        return np.asarray((self._gaps(rows, cells) <= self.tolerance[self.y[rows]]).any(axis=1))

    def limits(self, row: int) -> Limits:
        """Limits of one row beside its box."""
        source, reach = self.way.source, self.reach
        first = np.zeros(len(source), dtype=bool)
        first[np.unique(source, return_index=True)[1]] = True
        l2 = self.search.norm == "l2"
        return Limits(
            (self.search.epsilon + 2 * TOLERANCE) ** 2 if l2 else np.inf,
            self.stored[row][source], first & self._even & reach.budgeted[source], self.cells.offsets[:-1],
            self.cells.left_end, self.cells.right_start, self.cells.counts,
            tuple(self._group(row, group) for group in reach.groups if np.isin(source, group).any()),
        )  # fmt: skip

    def _group(self, row: int, group: Array) -> Group:
        """The states of a one-hot group: as it is, or any one of its columns that may be 1."""
        states = [self.stored[row]]
        for column in group.tolist():
            if column in self.reach.choices:
                choice = self.reach.choices[column]
                if choice.allowed[row][choice.values == 1.0].any():
                    states.append(self.stored[row].copy())
                    states[-1][group] = group == column
        inputs = np.flatnonzero(np.isin(self.way.source, group))
        return Group(inputs, self.cells.of(np.stack(states))[:, inputs])

    def _gaps(self, rows: Array, cells: Array) -> Array:
        scores = self.forest.scores(cells)
        gaps = scores[np.arange(len(rows)), self.y[rows]][:, None] - scores
        gaps[np.arange(len(rows)), self.y[rows]] = np.inf
        return np.asarray(gaps)

    def _margins(self, rows: Array, cells: Array) -> Array:
        """Least margin of each row; -inf where another class clearly wins."""
        gaps = self._gaps(rows, cells)
        lost = (gaps < -np.abs(self.tolerance[self.y[rows]])).any(axis=1)
        return np.where(lost, -np.inf, gaps.min(axis=1))


def _tolerance(structure: Structure, forest: Forest) -> Array:
    """Margins up to which another class may win.

    Where scores are whole numbers and computed as such, as votes are, nothing is lost: the first class wins a tie.
    """
    classes, trees = len(forest.trees.base), forest.trees
    whole = (np.rint(trees.value[forest.leaf]) == trees.value[forest.leaf]).all() and (
        np.rint(trees.base) == trees.base
    ).all()
    if structure.slack == 0 and whole and forest.size < 2**24:
        first = np.arange(classes)[:, None] < np.arange(classes)
        return np.where(first, -0.5, 0.5)
    return np.full((classes, classes), (structure.slack + _FLOOR) * max(forest.size, 1e-300) + 1e-300)
