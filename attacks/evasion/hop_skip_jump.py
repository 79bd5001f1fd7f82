"""HopSkipJump: walks along the decision boundary towards the row, from labels alone.

Source: Chen, Jordan and Wainwright, "HopSkipJumpAttack: A Query-Efficient Decision-Based Attack", IEEE S&P 2020,
algorithm 2. Differs in that all rows advance together and share the directions of their probes; several points of a
line are asked at once where the paper bisects; an estimated direction leans on those of earlier steps; the starting
point is a known row of another class where there is one; and the last step is projected onto the boundary again
(without that, the returned point lies a fifth further away than needed). In Linf, probes are at least as wide as
epsilon, and each direction is also tried from the row itself. A row is left alone once it is broken within epsilon.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm, between
from attacks.evasion._known_rows import other_class_rows
from attacks.evasion._search import Search
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "labels"
_QUERIES = 1500
_STEPS = 10
_FIRST_SAMPLES = 400
_NEIGHBOURS = 4
_NOISE = 8
_NOISE_CALLS = 3
_CELLS = 600_000
_CACHED = 16_384
_TURNS = (0.25, 0.5, 1.0, 2.0, 4.0, 16.0)
_SHARES = (0.98, 0.9, 0.75)
_FINE = 10
_REFINEMENTS = 1
_PROBE = 0.06
_MEMORY = 0.4


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "l2", seed: int) -> Outcome:
    """Walk up to ten steps, with the target's budget, or about 1,500 queries a row where that is unlimited.

    Args:
        target: the model under attack; its bounds should be about 1 apart.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: a row counts as broken, and is left alone, within this distance.
        norm: "l2" or "linf".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model; `distances` of rows that are not broken are those of the closest wrong
        answer that was found.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    walk = _Walk(search, np.random.default_rng(seed))
    with search.within_budget():
        walk.start()
        for number in range(_STEPS):
            if not len(rows := walk.rows):
                break
            walk.step(rows, number)
    return search.outcome()


class _Walk:
    """The point on the boundary that each row has reached and the direction out of its class there."""

    def __init__(self, search: Search, rng: np.random.Generator) -> None:
        self.search, self.rng = search, rng
        self.state = search.x.copy()
        self.slopes = np.zeros(search.movable.shape)
        self.scale = np.ones(len(search.x))
        self.columns = np.asarray(search.movable.any(axis=0))
        self.budget = search.per_row(_QUERIES)

    @property
    def rows(self) -> Array:
        """Rows that some point fools the model for, but none within epsilon yet."""
        rows = self.search.active
        return np.asarray(rows[np.isfinite(self.search.distance[rows]) & self.search.movable[rows].any(axis=1)])

    def start(self) -> None:
        """A point of another class for each row: a known row, else noise; then along the line to it."""
        search = self.search
        rows = search.active
        others = np.moveaxis(other_class_rows(search, rows, _NEIGHBOURS), 1, 0)
        if len(others):
            search.labels(rows, search.bounded(rows, others))
        for _ in range(_NOISE_CALLS):
            rows = np.flatnonzero(~np.isfinite(search.distance))
            if not len(rows):
                break
            shape = (_NOISE, *search.x[rows].shape)
            noise = self.rng.uniform(np.asarray(search.target.low), np.asarray(search.target.high), shape)
            search.labels(rows, search.bounded(rows, noise.astype(search.x.dtype)))
        rows = self.rows
        if len(rows):
            self.state[rows] = search.best[rows]
            gap = self.state[rows] - search.x[rows]
            self._narrow(rows, gap, np.zeros(len(rows)), self._lengths(gap), 3)

    def step(self, rows: Array, number: int) -> None:
        """Measure where the boundary faces, and turn the line from the row to it that way."""
        slopes = self._measured(rows, self._samples(rows, number), first=number == 0)
        length = np.sqrt((slopes * slopes).sum(axis=1, keepdims=True))
        # a boundary faces about the same way a little further on, so that earlier answers still count
        self.slopes[rows] = _MEMORY * self.slopes[rows] + slopes / np.maximum(length, 1e-12)
        if len(rows := self.rows):
            self._turn(rows)

    def _samples(self, rows: Array, number: int) -> int:
        """Random probes of a step: they grow with the root of its number and fill the budget."""
        turn = len(_TURNS) * len(_SHARES) + _FINE * _REFINEMENTS + 1
        spare = self.budget - int(self.search.queries[rows].max()) - turn * (_STEPS - number)
        growth = np.sqrt(np.arange(number + 1, _STEPS + 1))
        return max(4, min(int(_FIRST_SAMPLES * growth[0]), int(spare * growth[0] / growth.sum())))

    def _lengths(self, gaps: Array) -> Array:
        """Length of changes of shape (..., *row) in the norm of the search."""
        flat = gaps.reshape(*gaps.shape[: gaps.ndim - self.search.x.ndim + 1], -1)
        flat = flat if self.search.columns is None else flat[..., self.search.columns]
        if self.search.norm == "linf":
            return np.asarray(np.abs(flat).max(axis=-1, initial=0.0))
        return np.asarray(np.sqrt(np.einsum("...d,...d->...", flat, flat)))

    def _along(self, rows: Array, gaps: Array, reach: Array) -> Array:
        """Points in the directions of `gaps`, at most `reach` (of shape (k, m)) away from their rows."""
        wide = reach.astype(gaps.dtype).reshape(*reach.shape, *(1,) * (self.search.x.ndim - 1))
        if self.search.norm == "linf":
            points = np.clip(gaps, -wide, wide)
        else:
            lengths = np.maximum(self._lengths(gaps), 1e-12).astype(gaps.dtype)
            points = gaps * (wide / lengths.reshape(*lengths.shape, *(1,) * (self.search.x.ndim - 1)))
        points += self.search.x[rows]
        return self.search.into_bounds(rows, points)

    def _narrow(self, rows: Array, gap: Array, low: Array, high: Array, calls: int) -> None:
        """Find how near to their rows the directions `gap` fool the model, between two lengths; moves the states."""
        shares = (np.arange(1, _FINE + 1) / (_FINE + 1))[:, None]
        every = np.arange(len(rows))
        for _ in range(calls):
            ways = low + (high - low) * shares
            points = self._along(rows, gap, ways)
            wrong = self.search.labels(rows, points, keep=False)
            first = wrong.argmax(axis=0)
            some = wrong[first, every]
            self.state[rows[some]] = points[first[some], every[some]]
            low = np.where(some, np.where(first > 0, ways[first - 1, every], low), ways[-1])
            high = np.where(some, ways[first, every], high)
        self.search.keep(rows, self.state[rows])

    def _measured(self, rows: Array, samples: int, *, first: bool) -> Array:
        """Direction out of the true class at each state, from the labels of random points around it, shape (m, d)."""
        search = self.search
        cells = int(self.columns.sum())
        distance = between(search.x[rows], self.state[rows], search.norm, search.columns)
        scale = _PROBE if search.norm == "l2" else _PROBE * np.sqrt(cells)
        radius = np.full(len(rows), 0.1) if first else np.maximum(distance * scale, 1e-4)
        if search.norm == "linf":
            # finer noise than epsilon follows detail that does not matter, and is lost where a model rounds its input
            radius = np.maximum(radius, search.epsilon * np.sqrt(cells))
        state, kind = self.state[rows], self.state.dtype
        wide = radius.astype(kind)[:, None]
        draws: Array = self.rng.standard_normal((samples, len(self.columns)), dtype=np.float32).astype(kind)
        draws *= self.columns
        draws /= np.maximum(np.sqrt((draws * draws).sum(axis=1, keepdims=True)), 1e-12)
        slabs = draws[:, None]
        # in Linf, a probe that moves every value is hardly ever within epsilon
        near = (distance - radius <= search.epsilon) & (search.norm == "l2")
        votes = np.empty((samples, len(rows)), dtype=kind)
        size = max(16, _CELLS // (len(rows) * len(self.columns)))
        # a few probes at a time while they are made, since what leaves the processor's cache comes back slowly
        few = max(1, _CACHED // state.size)
        for start in range(0, samples, size):
            count = min(size, samples - start)
            points = search.room((count, *state.shape))
            for first_one in range(0, count, few):
                probes = points[first_one : first_one + few]
                flat = probes.reshape(len(probes), len(rows), -1)
                place = start + first_one
                np.multiply(slabs[place : place + len(probes)], wide, out=flat)
                probes += state
                fitted = search.into_bounds(rows, probes)
                if fitted is not probes:
                    probes[...] = fitted
            wrong = search.labels(rows, points, keep=False)
            votes[start : start + size] = wrong
            if near.any():
                # only these probes can be within epsilon
                number, row = np.nonzero(wrong & near)
                search.keep(rows[row], points[number, row])
        mean = votes.mean(axis=0)
        votes -= np.where((mean == 0) | (mean == 1), 0.5, mean).astype(kind)
        # where a value is at its bound already, only draws into the range have moved it
        inside = (state > search.target.low, state < search.target.high)
        down, up = (np.where(mask.reshape(len(rows), -1) & search.movable[rows], 1, 0) for mask in inside)
        return np.asarray((votes.T @ np.minimum(draws, 0)) * down + (votes.T @ np.maximum(draws, 0)) * up)

    def _turn(self, rows: Array) -> None:
        """Turn the line from each row to its state towards the slope, by several angles and to several lengths at once.

        HopSkipJump's own step out of the class and the way back to the row end on such a line.
        """
        search, state = self.search, self.state[rows]
        base, slopes = search.x[rows], self.slopes[rows]
        gap = state - base
        distance = self._lengths(gap)
        if search.norm == "linf":
            unit = np.sign(slopes)
        else:
            unit = slopes / np.maximum(np.sqrt((slopes * slopes).sum(axis=1, keepdims=True)), 1e-12)
        unit = (unit * distance[:, None]).reshape(state.shape).astype(state.dtype)
        turns = np.multiply.outer(np.repeat(_TURNS, len(_SHARES)), self.scale[rows]).astype(state.dtype)
        gaps = unit * turns.reshape(*turns.shape, *(1,) * (base.ndim - 1))
        gaps += gap
        shares = np.tile(_SHARES, len(_TURNS))[:, None]
        points = self._along(rows, gaps, distance * shares)
        if search.norm == "linf":
            # where the boundary is flat, the corner of epsilon in that direction is the best point there is
            corner = base + (search.epsilon * np.sign(slopes)).reshape(base.shape).astype(base.dtype)
            points = np.concatenate([points, search.project(rows, corner)[None]])
        wrong = search.labels(rows, points, keep=False)
        if search.norm == "linf":
            search.keep(rows[wrong[-1]], points[-1][wrong[-1]])
            wrong, points = wrong[:-1], points[:-1]
        lengths = np.where(wrong, self._lengths(points - base), np.inf)
        best, every = lengths.argmin(axis=0), np.arange(len(rows))
        better = lengths[best, every] < distance
        self.scale[rows] *= np.where(better, 1.2, 0.5)
        kept, best, every = rows[better], best[better], every[better]
        self.state[kept] = points[best, every]
        search.keep(kept, self.state[kept])
        still = search.standing(kept)
        kept, best, every = kept[still], best[still], every[still]
        if len(kept):
            below = np.append(_SHARES, 0.5 * _SHARES[-1])[best % len(_SHARES) + 1]
            high = distance[every] * np.asarray(_SHARES)[best % len(_SHARES)]
            self._narrow(kept, gaps[best, every], distance[every] * below, high, _REFINEMENTS)
