"""RayS: finds the direction in which the model errs first, from labels alone, in the Linf norm.

Every row keeps a corner of signs and the radius at which that corner fools the model. Blocks of signs are flipped, from
halves down to single columns; a flip that still fools the model at a smaller radius is kept.

Source: Chen and Gu, "RayS: A Ray Searching Method for Hard-label Adversarial Attack", KDD 2020, algorithms 1 to 3.
Differs in that no radius is bisected: a call asks about many flips at once, each row's at a radius that shrinks by
more after a success and by less after a failure, and about the kept corner at a few smaller radii. Vectors shuffle
their columns after a pass, and the first directions include those towards known rows of another class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._known_rows import other_class_rows
from attacks.evasion._search import Search
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "labels"
_QUERIES = 600
_BLOCKS = 8
_MOST_BLOCKS = 48
_STARTS = 4
_SHARES = (0.97, 0.8, 0.4, 0.0)
_FEW_SHARES = (0.8,)
"""Radii at which corners are asked about again, as shares of the row's own, but not below epsilon; where few blocks are
tried, one."""


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
        while len(rows := rays.rows):
            rays.step(rows)
    return search.outcome()


@dataclass(frozen=True)
class _Won:
    """Which steps fooled the model, shape (k, m); the shortest of each row, and whether it is shorter than before."""

    works: Array
    best: Array
    better: Array


class _Rays:
    """Signs and radius of every row, how much the next radius shrinks, and the block that is flipped next."""

    def __init__(self, search: Search, seed: int) -> None:
        self.search = search
        self.rng = np.random.default_rng(seed)
        self.cells = search.movable.shape[1]
        self.kind = search.x.dtype
        self.signs = search.movable.astype(self.kind)
        self.full = float(np.max(np.asarray(search.target.high) - np.asarray(search.target.low), initial=0.0))
        self.radius = np.full(len(search.x), np.inf)
        self.shrink = np.full(len(search.x), 0.9)
        self.joined = self.signs.copy()
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
        """First directions, as far as the bounds allow and at epsilon: up, down, to rows of another class, random."""
        rows = self.rows
        if not len(rows):
            return
        base = self.search.x[rows].reshape(len(rows), -1)
        others = np.moveaxis(other_class_rows(self.search, rows, _STARTS), 1, 0).reshape(-1, len(rows), self.cells)
        shape = (1, len(rows), self.cells)
        first = [np.ones(shape), -np.ones(shape), np.where(others >= base, 1.0, -1.0)]
        first.append(self.rng.choice([-1.0, 1.0], (_STARTS, *shape[1:])))
        directions = np.concatenate(first).astype(self.kind) * self.signs[rows]
        radii = np.repeat([self.search.epsilon, self.full], len(directions))[:, None]
        radii = np.broadcast_to(radii, (len(radii), len(rows)))
        directions = np.concatenate([directions, directions])
        points = base + directions * radii[..., None].astype(self.kind)
        points = self.search.into_bounds(rows, points.reshape(len(points), *self.search.x[rows].shape))
        won = self._improve(rows, points, radii)
        chosen = won.best[won.better]
        self.signs[rows[won.better]] = directions[chosen, np.flatnonzero(won.better)]

    def step(self, rows: Array) -> None:
        """Flip the next few blocks of each row, each alone, and look along its kept corner."""
        blocks = np.array_split(self.order, min(2**self.level, self.cells))
        width = self.search.per_call(len(rows), _BLOCKS, _MOST_BLOCKS)
        width = max(1, min(width, int((self.budget - self.search.queries[rows]).min()) - 2 * len(_SHARES)))
        shares = _SHARES if width > 2 * _BLOCKS else _FEW_SHARES
        chosen = self._next_blocks(blocks, width)
        self._redraw(rows[~np.isfinite(self.radius[rows])])
        radius = np.minimum(self.radius[rows], self.full)
        signs, joined = self.signs[rows], self.joined[rows]
        flips = np.ones((len(chosen), self.cells), dtype=self.kind)
        for number, block in enumerate(chosen):
            flips[number, block] = -1
        along = np.maximum(radius * np.repeat(shares, 2)[:, None], np.minimum(self.search.epsilon, radius))
        reach = radius * self.shrink[rows]
        radii = np.concatenate([np.broadcast_to(reach, (len(chosen), len(rows))), along])
        base = self.search.x[rows].reshape(signs.shape)
        ahead, back = (self._bounded(base + sign * signs * reach[:, None].astype(self.kind)) for sign in (1, -1))
        nothing = np.zeros(0, dtype=int)
        points = self.search.changed(rows, ahead, back, [*chosen, *[nothing] * len(along)])
        wide = along[..., None].astype(self.kind)
        corners = np.empty((len(along), *signs.shape), dtype=self.kind)
        np.multiply(signs, wide[::2], out=corners[::2])
        np.multiply(joined, wide[1::2], out=corners[1::2])
        corners += base
        points[len(chosen) :] = self.search.into_bounds(rows, corners.reshape(len(along), *points.shape[1:]))
        won = self._improve(rows, points, radii)
        flipped = won.works[: len(chosen)]
        # flips that work alone are tried together next, beside the corner that is kept
        odd = (flipped.T.astype(self.kind) @ (flips < 0).astype(self.kind)) % 2 == 1
        best = won.best
        kept = flips[np.minimum(best, len(chosen) - 1)] * signs
        kept = np.where((best < len(chosen))[:, None], kept, signs)
        kept = np.where(((best >= len(chosen)) & ((best - len(chosen)) % 2 == 1))[:, None], joined, kept)
        self.signs[rows] = np.where(won.better[:, None], kept, signs)
        self.joined[rows] = np.where(odd, -signs, signs)
        some = flipped.any(axis=0)
        shrink = self.shrink[rows]
        self.shrink[rows] = np.where(some, np.maximum(0.5, shrink**1.5), np.minimum(0.999, shrink**0.3))

    def _redraw(self, rows: Array) -> None:
        """Rows that no direction has fooled the model for start from another one."""
        if len(rows):
            drawn = self.rng.choice(np.array([-1.0, 1.0], self.kind), (len(rows), self.cells))
            self.signs[rows] = drawn * self.search.movable[rows]
            self.shrink[rows] = 1.0

    def _next_blocks(self, blocks: list[Array], width: int) -> list[Array]:
        """The next few blocks; narrow levels are asked together with the ones below them."""
        chosen = blocks[self.block : self.block + width]
        self.block += width
        while self.block >= len(blocks):
            left = self.block - len(blocks)
            self.block, self.level = 0, self.level + 1
            if len(blocks) == self.cells:
                self.level = 1
                if self.search.x.ndim == 2:
                    self.order = self.rng.permutation(self.cells)
                break
            blocks = np.array_split(self.order, min(2**self.level, self.cells))
            chosen += blocks[:left]
            self.block = left
        return chosen

    def _bounded(self, points: Array) -> Array:
        return self.search.target.clip(points.reshape(-1, *self.search.x.shape[1:])).reshape(points.shape)

    def _improve(self, rows: Array, points: Array, radii: Array) -> _Won:
        """Ask about points, shape (k, m, ...), at lengths `radii`, shape (k, m), and keep the shortest that work."""
        works = self.search.labels(rows, points, keep=False)
        reached = np.where(works, radii, np.inf)
        best, every = reached.argmin(axis=0), np.arange(len(rows))
        better = reached[best, every] < self.radius[rows]
        self.radius[rows[better]] = reached[best, every][better]
        self.search.keep(rows[better], points[best, every][better])
        return _Won(works, best, better)
