"""RayS: finds the direction in which the model errs first, from labels alone, in the Linf norm.

Every row keeps a corner of signs and the radius at which that corner fools the model. Blocks of signs are flipped, from
halves down to single columns; a flip that still fools the model at a smaller radius is kept.

Source: Chen and Gu, "RayS: A Ray Searching Method for Hard-label Adversarial Attack", KDD 2020, algorithms 1 to 3.
Differs
in that up to eight blocks are tried in one call and the best of those that work is kept, vectors shuffle their columns
after a pass, and the first directions include those towards known rows of another class.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._search import Search, other_class_rows
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "labels"
_QUERIES = 600
_BLOCKS = 8
_NARROWINGS = 4
_STARTS = 4


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Search with the target's budget, or 600 queries a row where that is unlimited, until the radius is small.

    Args:
        target: the model under attack; its bounds should be about 1 apart.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf"; with "l2" the corners are searched all the same and cut at epsilon.
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model. Categories stay as they are.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    rays = _Rays(search, seed)
    with search.within_budget():
        rays.start()
        while len(rays.rows):
            rays.step()
    return search.outcome()


class _Rays:
    """Signs and radius of every row, and the block that is flipped next."""

    def __init__(self, search: Search, seed: int) -> None:
        self.search = search
        self.rng = np.random.default_rng(seed)
        self.cells = search.movable.shape[1]
        self.signs = np.ones(search.movable.shape, dtype=np.float32)
        self.full = float(np.max(np.asarray(search.target.high) - np.asarray(search.target.low), initial=0.0))
        self.radius = np.full(len(search.x), np.inf)
        self.budget = search.per_row(_QUERIES)
        self.order = np.arange(self.cells)
        self.level, self.block = 0, 0

    @property
    def rows(self) -> Array:
        """Rows that still stand, of which some cell can move, and that have queries left."""
        active = self.search.active
        free = self.search.movable[active].any(axis=1) & (self.search.queries[active] < self.budget)
        return np.asarray(active[free])

    def start(self) -> None:
        """First directions: up, down, towards rows of another class, random."""
        rows = self.rows
        if not len(rows):
            return
        base = self.search.x[rows].reshape(len(rows), 1, -1)
        others = other_class_rows(self.search, rows, _STARTS).reshape(len(rows), -1, self.cells)
        shape = (len(rows), 1, self.cells)
        first = [np.ones(shape), -np.ones(shape), np.where(others >= base, 1.0, -1.0)]
        first.append(self.rng.choice([-1.0, 1.0], (len(rows), _STARTS, self.cells)))
        self._improve(rows, np.concatenate(first, axis=1))

    def step(self) -> None:
        """Flip the next few blocks of each row, each alone."""
        rows = self.rows
        blocks = np.array_split(self.order, min(2**self.level, self.cells))
        width = self.search.per_call(len(rows), _BLOCKS, 4 * _BLOCKS)
        chosen = blocks[self.block : self.block + width]
        flips = np.ones((len(chosen), self.cells), dtype=np.float32)
        for number, block in enumerate(chosen):
            flips[number, block] = -1
        self.block += width
        if self.block >= len(blocks):
            self.block, self.level = 0, self.level + 1
            if len(blocks) == self.cells:
                self.level = 1
                if self.search.x.ndim == 2:
                    self.order = self.rng.permutation(self.cells)
        directions = self.signs[rows][:, None] * flips[None]
        lost = ~np.isfinite(self.radius[rows])
        directions[lost] = self.rng.choice([-1.0, 1.0], directions[lost].shape)
        self._improve(rows, directions)

    def _improve(self, rows: Array, directions: Array) -> None:
        """Try directions, shape (m, k, d), just inside each row's radius, and keep the best of those that work."""
        reach = np.minimum(self.radius[rows] * 0.999, self.full)
        works = self._ask(rows, directions, np.ones(directions.shape[:2], dtype=bool), reach)
        some = works.any(axis=1) & np.isin(rows, self.search.active)
        rows, directions, works, high = rows[some], directions[some], works[some], reach[some]
        low = np.zeros(len(rows))
        for number in range(_NARROWINGS):
            if not len(rows):
                break
            middle = (low + high) / 2
            if number == 0:
                # the one radius that decides is asked first
                middle = np.where(self.search.epsilon < high, np.maximum(self.search.epsilon, 0.02 * high), middle)
            closer = self._ask(rows, directions, works, middle)
            any_closer = closer.any(axis=1)
            works[any_closer] = closer[any_closer]
            high, low = np.where(any_closer, middle, high), np.where(any_closer, low, middle)
        self.signs[rows] = directions[np.arange(len(rows)), works.argmax(axis=1)]
        self.radius[rows] = high

    def _ask(self, rows: Array, directions: Array, chosen: Array, radii: Array) -> Array:
        """Which chosen directions, mask of shape (m, k), fool the model at each row's radius."""
        place, number = np.nonzero(chosen)
        asked = rows[place]
        result = np.zeros(chosen.shape, dtype=bool)
        if len(asked):
            base = self.search.x[asked]
            change = np.where(self.search.movable[asked], directions[place, number], 0) * radii[place, None]
            points = self.search.bounded(asked, (base + change.reshape(base.shape)).astype(base.dtype))
            result[place, number] = self.search.labels(asked, points)
        return result
