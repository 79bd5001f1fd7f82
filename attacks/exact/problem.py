"""One row against one other class: the leaves that trees can still come to, and which of them exclude each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array
from attacks.exact.forest import Forest
from attacks.exact.limits import Limits
from attacks.exact.span import Span

_ALL_AT_ONCE = 1500
"""Slots up to which all pairs are compared in one go."""


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The best leaf of every tree on its own, for b boxes and t trees.

    Attributes:
        bound: sum over all trees, shape (b,): the margin is nowhere less. inf where a tree has no leaf left.
        chosen: slot of each tree's best leaf, shape (b, t), int.
        regret: how much worse each tree's second best leaf is, shape (b, t); inf where there is none.
    """

    bound: Array
    chosen: Array
    regret: Array


class Problem:
    """Margin of class `y` over class `other` as a sum of leaves, one of each tree, within one box.

    Parts of a tree whose leaves all add the same are one leaf, trees that add the same everywhere a constant. A leaf
    has a slot: `k * t + tree` is the k-th best one of a tree, so that all first ones stand together; slots without a
    leaf weigh inf and are compatible with nothing.

    Args:
        forest: the ensemble.
        reachable: nodes that the row gets to, shape (m,), bool.
        low: its box of cells, shape (d,).
        high: upper end, included.
        y: its class.
        other: the class that competes.
        limits: what a box of cells cannot say.

    Attributes:
        constant: margin of all that does not change.
        trees: number of trees that change.
        slots: number of slots.
        weight: margin that each leaf adds, shape (slots,).
        exists: shape (slots,), bool.
        features: inputs that matter, shape (f,).
        box: the row's own box over those, shape (f,).
        low: boxes of the leaves, shape (slots, f), int32.
        high: upper ends, included.
        cut_feature: place in `features` of each cut that matters, shape (c,).
        cut_rank: its number; left of it are cells up to that.
        left: leaves that reach left of each cut, shape (c, slots), bool.
        right: leaves that reach right of it.
    """

    def __init__(
        self, forest: Forest, reachable: Array, low: Array, high: Array, y: int, other: int, limits: Limits
    ) -> None:
        trees = forest.trees
        gap = trees.value[:, y] - trees.value[:, other]
        same = _uniform(forest, reachable, gap)
        open_above = (forest.parent < 0) | np.isnan(same[np.maximum(forest.parent, 0)])
        leaves = np.flatnonzero(reachable & ~np.isnan(same) & open_above)
        alone = leaves[forest.parent[leaves] < 0]
        leaves = leaves[forest.parent[leaves] >= 0]
        self.constant = float(trees.base[y] - trees.base[other] + same[alone].sum())
        splits = np.flatnonzero(reachable & np.isnan(same))
        splits = splits[reachable[trees.left[splits]] & reachable[trees.right[splits]]]
        cuts = np.unique(np.stack([trees.feature[splits], forest.rank[splits]], axis=1), axis=0)
        self.features, self.cut_feature = np.unique(cuts[:, 0], return_inverse=True)
        self.cut_rank = cuts[:, 1]
        self.limits = limits.of(self.features, low, high)
        self.box = Span(low[self.features], high[self.features])
        boxes = _boxes(forest, leaves, self.features, low, high)
        fine = np.flatnonzero(~self.limits.excludes(boxes))
        self._lay_out(forest.tree[leaves[fine]], same[leaves[fine]], boxes.take(fine))
        at = self.cut_feature
        self.left = (self.low[:, at] <= self.cut_rank).T & self.exists
        self.right = (self.high[:, at] > self.cut_rank).T & self.exists
        self._compatible = np.zeros((self.slots, self.slots), dtype=bool)
        self._known = np.zeros(self.slots, dtype=bool)
        small = np.int16 if self.high.max(initial=0) < 2**15 else np.int32
        self._ends = np.ascontiguousarray(self.low.T, dtype=small), np.ascontiguousarray(self.high.T, dtype=small)

    def _lay_out(self, tree: Array, weight: Array, boxes: Span) -> None:
        order = np.lexsort((weight, tree))
        tree, weight, boxes = tree[order], weight[order], boxes.take(order)
        names, place = np.unique(tree, return_inverse=True)
        self.trees = len(names)
        turn = np.arange(len(tree)) - np.searchsorted(tree, tree)
        self.slots = int(turn.max(initial=-1) + 1) * self.trees
        slot = turn * self.trees + place
        self.weight, self.exists = np.full(self.slots, np.inf), np.zeros(self.slots, dtype=bool)
        self.low = np.ones((self.slots, boxes.low.shape[1]), dtype=np.int32)
        self.high = np.zeros((self.slots, boxes.low.shape[1]), dtype=np.int32)
        self.weight[slot], self.exists[slot], self.low[slot], self.high[slot] = weight, True, boxes.low, boxes.high

    def relaxed(self, alive: Array) -> Relaxed:
        """Every tree's best leaf among those alive.

        Args:
            alive: shape (b, slots), bool.
        """
        shape = (len(alive), self.trees)
        best, second = np.full(shape, np.inf), np.full(shape, np.inf)
        chosen = np.zeros(shape, dtype=np.int64)
        for first in range(self.slots - self.trees, -1, -self.trees) if self.trees else ():
            here = alive[:, first : first + self.trees]
            second = np.where(here, best, second)
            best = np.where(here, self.weight[first : first + self.trees], best)
            chosen = np.where(here, first, chosen)
        lost = np.isinf(best)
        regret = np.where(lost, 0.0, second - np.where(lost, 0.0, best))
        return Relaxed(self.constant + best.sum(axis=1), chosen + np.arange(self.trees), regret)

    def compatible(self, slots: Array) -> Array:
        """Which leaves some row can be in together with each of these, shape (s, slots), bool.

        Boxes that meet pairwise have a cell in common, so a set of leaves that are all compatible is a place.
        """
        missing = ~self._known if self.slots <= _ALL_AT_ONCE else np.zeros(self.slots, dtype=bool)
        missing[slots] = True
        wanted = np.flatnonzero(missing & ~self._known) if not self._known[slots].all() else slots[:0]
        if len(wanted):
            found = np.broadcast_to(self.exists, (len(wanted), self.slots)).copy()
            for low, high in zip(self._ends[0], self._ends[1], strict=True):
                found &= low <= high[wanted, None]
                found &= high >= low[wanted, None]
            self._compatible[wanted] = found
            self._known[wanted] = True
        return np.asarray(self._compatible[slots])

    def meeting(self, slots: Array) -> Span:
        """The boxes that sets of leaves have in common, shape (b, t) to (b, f)."""
        low, high = (np.broadcast_to(end, (len(slots), 1, len(end))) for end in (self.box.low, self.box.high))
        return Span(
            np.concatenate([self.low[slots], low], axis=1).max(axis=1),
            np.concatenate([self.high[slots], high], axis=1).min(axis=1),
        )


def _uniform(forest: Forest, reachable: Array, gap: Array) -> Array:
    """What every reachable leaf under a node adds, shape (m,); NaN where they differ."""
    same = np.where(reachable & forest.leaf, gap, np.nan)
    for level in reversed(forest.levels):
        inner = level[reachable[level] & ~forest.leaf[level]]
        left, right = forest.trees.left[inner], forest.trees.right[inner]
        equal = np.where(same[left] == same[right], same[left], np.nan)
        both = reachable[left] & reachable[right]
        same[inner] = np.where(both, equal, np.where(reachable[left], same[left], same[right]))
    return same


def _boxes(forest: Forest, nodes: Array, features: Array, low: Array, high: Array) -> Span:
    """Cells that lead to nodes, cut to the row's box, shape (nodes, features)."""
    lows = np.broadcast_to(low[features], (len(nodes), len(features))).copy()
    highs = np.broadcast_to(high[features], (len(nodes), len(features))).copy()
    place = np.full(int(forest.trees.feature.max(initial=0)) + 1, -1)
    place[features] = np.arange(len(features))
    every, node = np.arange(len(nodes)), np.asarray(nodes)
    while len(every):
        above = forest.parent[node]
        keep = above >= 0
        every, node, above = every[keep], node[keep], above[keep]
        column = place[forest.trees.feature[above]]
        is_left, matters, rank = forest.is_left[node], column >= 0, forest.rank[above]
        there, here = matters & is_left, matters & ~is_left
        highs[every[there], column[there]] = np.minimum(highs[every[there], column[there]], rank[there])
        lows[every[here], column[here]] = np.maximum(lows[every[here], column[here]], rank[here] + 1)
        node = above
    return Span(lows, highs)
