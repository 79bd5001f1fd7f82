"""The trees of an ensemble on a grid of cells, walked for many rows at once."""

from __future__ import annotations

import numpy as np

from attacks.distance import Array
from attacks.exact.span import Span
from attacks.structure import Trees

_FLAGS = 32_000_000
"""Nodes times rows of one step."""


class Forest:
    """An ensemble whose nodes compare whole numbers.

    Args:
        trees: the ensemble.
        rank: a row goes left at a node where its cell is at most that, shape (m,).

    Attributes:
        parent: node above each node, -1 above roots, shape (m,).
        is_left: whether a node is the left child, shape (m,), bool.
        tree: number of the tree of each node, shape (m,).
        levels: nodes by depth, the roots first.
        leaf: shape (m,), bool.
    """

    def __init__(self, trees: Trees, rank: Array) -> None:
        self.trees, self.rank = trees, rank
        count = len(trees.feature)
        self.leaf = trees.feature < 0
        self.parent = np.full(count, -1, dtype=np.int64)
        self.is_left = np.zeros(count, dtype=bool)
        self.tree = np.zeros(count, dtype=np.int64)
        self.tree[trees.roots] = np.arange(len(trees.roots))
        self.levels: list[Array] = []
        level = np.asarray(trees.roots, dtype=np.int64)
        while len(level):
            self.levels.append(level)
            inner = level[~self.leaf[level]]
            left, right = trees.left[inner], trees.right[inner]
            self.parent[left], self.parent[right], self.is_left[left] = inner, inner, True
            self.tree[left], self.tree[right] = self.tree[inner], self.tree[inner]
            level = np.concatenate([left, right])

    @property
    def size(self) -> float:
        """How large scores, and the sums on the way to them, can be."""
        value = np.where(self.leaf[:, None], np.abs(self.trees.value), 0.0)
        largest = np.zeros((len(self.trees.roots), value.shape[1]))
        np.maximum.at(largest, self.tree, value)
        return float((np.abs(self.trees.base) + largest.sum(axis=0)).max())

    def scores(self, cells: Array) -> Array:
        """Scores of rows by their cells, shape (n, k), float64."""
        trees, found = self.trees, np.empty((len(cells), len(self.trees.base)))
        size = max(1, _FLAGS // 8 // max(1, len(trees.roots) * len(trees.base)))
        for start in range(0, len(cells), size):
            part = cells[start : start + size]
            node = np.broadcast_to(trees.roots, (len(part), len(trees.roots))).copy()
            every = np.arange(len(part))[:, None]
            for _ in range(len(self.levels) - 1):
                goes_left = part[every, np.maximum(trees.feature[node], 0)] <= self.rank[node]
                node = np.where(self.leaf[node], node, np.where(goes_left, trees.left[node], trees.right[node]))
            found[start : start + size] = trees.base + trees.value[node].sum(axis=1)
        return found

    def reachable(self, box: Span) -> Array:
        """Nodes that some row within its box of cells gets to, shape (m, n), bool; n rows fit the memory of a step."""
        trees, low, high = self.trees, np.ascontiguousarray(box.low.T), np.ascontiguousarray(box.high.T)
        found = np.zeros((len(trees.feature), len(box.low)), dtype=bool)
        found[trees.roots] = True
        for level in self.levels[1:]:
            above = self.parent[level]
            feature, rank = trees.feature[above], self.rank[above][:, None]
            passes = np.where(self.is_left[level][:, None], low[feature] <= rank, high[feature] > rank)
            found[level] = found[above] & passes
        return found

    @property
    def rows_per_step(self) -> int:
        """How many rows `reachable` should be asked about at once."""
        return max(1, _FLAGS // max(1, len(self.trees.feature)))

    def lower_bounds(self, reachable: Array, y: Array) -> Array:
        """What the margin of each row's class over every other one is at least, tree by tree.

        Args:
            reachable: as of `reachable`, shape (m, n).
            y: class codes, shape (n,).

        Returns:
            Shape (n, k); inf for the row's own class.
        """
        leaves = np.flatnonzero(self.leaf)
        leaves = leaves[np.argsort(self.tree[leaves], kind="stable")]
        starts = np.searchsorted(self.tree[leaves], np.arange(len(self.trees.roots)))
        bounds = np.full((len(y), len(self.trees.base)), np.inf)
        for code in np.unique(y):
            rows = np.flatnonzero(y == code)
            seen = reachable[np.ix_(leaves, rows)]
            for other in range(len(self.trees.base)):
                if other == code:
                    continue
                gap = self.trees.value[leaves, code] - self.trees.value[leaves, other]
                least = np.minimum.reduceat(np.where(seen, gap[:, None], np.inf), starts, axis=0)
                bounds[rows, other] = self.trees.base[code] - self.trees.base[other] + least.sum(axis=0)
        return bounds
