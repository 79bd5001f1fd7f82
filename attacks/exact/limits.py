"""What a box of cells cannot say: the length of a change in L2, and that one column of a one-hot group is 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array
from attacks.exact.span import Span


@dataclass(frozen=True, eq=False)
class Group:
    """A one-hot group that a row may switch.

    Attributes:
        inputs: inputs that read its columns, shape (g,).
        cells: their cells for each allowed state, shape (s, g).
    """

    inputs: Array
    cells: Array


@dataclass(frozen=True, eq=False)
class Limits:
    """Limits of one row beside its box; all arrays in terms of inputs, or of those in `of`.

    Attributes:
        longest: largest squared length of a change; inf in Linf.
        value: stored value behind each input, shape (d,).
        counted: inputs whose column counts for the length, each column once, shape (d,), bool.
        offsets: place of the first cut of each input, shape (d,).
        left_end: largest stored value left of each cut.
        right_start: smallest stored value right of it.
        counts: cuts of each input, shape (d,).
        groups: one-hot groups.
    """

    longest: float
    value: Array
    counted: Array
    offsets: Array
    left_end: Array
    right_start: Array
    counts: Array
    groups: tuple[Group, ...] = ()

    def of(self, features: Array, low: Array, high: Array) -> Limits:
        """The same for some inputs only.

        Args:
            features: inputs, shape (f,).
            low: the row's box, shape (d,): the others stay anywhere in it.
            high: upper end, included.
        """
        groups = []
        for group in self.groups:
            outside = ~np.isin(group.inputs, features)
            fits = (group.cells >= low[group.inputs]) & (group.cells <= high[group.inputs])
            states = group.cells[(fits | ~outside).all(axis=1)]
            kept = group.inputs[~outside]
            if len(kept):
                groups.append(Group(np.searchsorted(features, kept), states[:, ~outside]))
        return Limits(
            self.longest, self.value[features], self.counted[features], self.offsets[features],
            self.left_end, self.right_start, self.counts[features], tuple(groups),
        )  # fmt: skip

    def excludes(self, boxes: Span) -> Array:
        """Which boxes of shape (b, f) hold nothing allowed, shape (b,), bool."""
        low, high = boxes.low, boxes.high
        found = np.zeros(len(low), dtype=bool)
        if np.isfinite(self.longest) and low.shape[1]:
            found |= self.squares(boxes).sum(axis=1) > self.longest
        for group in self.groups:
            inside = (group.cells >= low[:, None, group.inputs]) & (group.cells <= high[:, None, group.inputs])
            found |= ~np.asarray(inside.all(axis=2)).any(axis=1)
        return found

    def squares(self, boxes: Span) -> Array:
        """Squared change that each input needs at least to come into a box, shape (b, f)."""
        low, high = boxes.low, boxes.high
        above = self.right_start[np.minimum(self.offsets + np.maximum(low - 1, 0), len(self.right_start) - 1)]
        below = self.left_end[np.minimum(self.offsets + high, len(self.left_end) - 1)]
        ahead = np.where(low > 0, above - self.value, 0.0)
        behind = np.where(high < self.counts, self.value - below, 0.0)
        # no value is known beyond such a cut, which only rounding could cross
        ahead, behind = (np.where(np.isfinite(way), way, 0.0) for way in (ahead, behind))
        gap = np.maximum(np.maximum(ahead, behind), 0.0) * (1 - 1e-9)
        return np.where(self.counted, gap * gap, 0.0)

    @property
    def idle(self) -> bool:
        """Whether there is nothing to exclude."""
        return not np.isfinite(self.longest) and not self.groups
