"""Random numbers for many points: drawn once, then read again from random places, since drawing costs more than asking.

A linear model answers a row of 30 columns in the time that takes to draw five normal numbers.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array
from attacks.evasion._search import Search

_CELLS = 65_536
_LEAST_ROWS = 512


class Draws:
    """A table of random rows.

    Args:
        rows: shape (r, d); every block of `fill` starts at a random one of them.
        rng: where blocks start.
    """

    def __init__(self, rows: Array, rng: np.random.Generator) -> None:
        self.values, self.width, self.rng = rows.reshape(-1), max(1, rows.shape[1]), rng

    def fill(self, out: Array) -> Array:
        """The same array, filled with random rows; its size has to be a multiple of d."""
        cells = out.reshape(-1)
        # half of the table at most, so that no two blocks are likely to be the same
        longest = len(self.values) // self.width // 2 * self.width
        for start in range(0, len(cells), max(1, longest)):
            length = min(longest, len(cells) - start)
            offset = int(self.rng.integers(0, (len(self.values) - length) // self.width + 1)) * self.width
            cells[start : start + length] = self.values[offset : offset + length]
        return out


def table_rows(width: int) -> int:
    """Rows of a table of draws, so many that hardly any two proposals of one row are the same."""
    return max(_LEAST_ROWS, _CELLS // max(1, width))


def in_ball(search: Search, rng: np.random.Generator) -> Draws:
    """Steps within epsilon: in Linf every second row a corner, in L2 all on the sphere."""
    width = search.movable.shape[1]
    if search.norm == "l2":
        steps = rng.standard_normal((table_rows(width), width))
        steps *= search.epsilon / np.maximum(np.sqrt((steps * steps).sum(axis=1, keepdims=True)), 1e-12)
    else:
        steps = rng.uniform(-search.epsilon, search.epsilon, (table_rows(width), width))
        steps[::2] = np.copysign(search.epsilon, steps[::2])
    return Draws(steps.astype(search.x.dtype), rng)


def resample_categories(search: Search, points: Array, rng: np.random.Generator, share: float) -> Array:
    """Give a share of the points, shape (k, m, ...), one random change of category each, where any is declared."""
    constraints = search.target.constraints
    if constraints is None or not len(constraints.switches) or not points.size:
        return points
    lead = points.shape[:-1]
    chosen = constraints.switches[rng.integers(0, len(constraints.switches), lead)]
    kept = np.isnan(chosen) | (rng.random(lead) >= share)[..., None]
    return np.where(kept, points, chosen).astype(points.dtype)
