"""Moves points of many rows at once to where a number that a model answers is largest, or smallest, within epsilon.

First every column of every point is put to either end of its reach, later less far, and every allowed change of
category is tried, each alone; then the moves that gained are joined, best first, which is already the optimum where the
model adds up its columns. Where that gains nothing more, random columns are put to random places, at first many, later
few.

Source: the joined sweep is greedy coordinate search; the random part follows the schedule of Andriushchenko et al.,
"Square Attack", ECCV 2020, with the model's answer in place of a margin.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm, flat
from attacks.evasion._search import Search
from attacks.target import QueryBudgetExceeded, Target

_CELLS = 8_000_000
_MOST_SWITCHES = 96
_SWEEPS = 6
_LENGTHS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
_REACH = (1.0, 0.1, 0.5)
"""How far single columns are put, as shares of epsilon, sweep by sweep: far for steps, near for slopes."""
_PROPOSALS = 8
_FIRST_SHARE = 0.5


class Climb:
    """One point for each row and direction, all moved together.

    Args:
        target: the model; `predict` answers numbers.
        x: rows, shape (n, ...).
        epsilon: largest allowed distance.
        norm: "linf" or "l2".
        seed: of every random choice.

    Attributes:
        queries: rows asked for each row, shape (n,).
        exhausted: whether the target's budget ended it.
    """

    def __init__(self, target: Target, x: Array, *, epsilon: float, norm: Norm, seed: int) -> None:
        self._search = Search(target, x, np.zeros(len(x), dtype=np.int64), epsilon=epsilon, norm=norm)
        self._target, self._rng = target, np.random.default_rng(seed)
        self._rows = np.tile(np.arange(len(x)), 2)
        self._signs = np.repeat([1.0, -1.0], len(x))
        self._state = flat(x)[self._rows].copy()
        self._value = np.zeros(2 * len(x))
        self._left = np.zeros(2 * len(x), dtype=np.int64)
        self.queries = np.zeros(len(x), dtype=np.int64)
        self.exhausted = False

    def run(self, queries: int) -> Array:
        """The best points.

        Args:
            queries: rows that may be asked for each row, where the target's budget allows as many.

        Returns:
            Shape (2, n, ...): the points with the largest answers, then those with the smallest.
        """
        every = np.arange(len(self._rows))
        left = max(0, self._search.per_row(queries)) // 2
        try:
            if len(every) and left:
                self._value = self._ask(every, self._state[:, None])[:, 0]
                self._left[:] = left - 1
                self._climb(every)
        except QueryBudgetExceeded:
            self.exhausted = True
        return self._state.reshape(2, *self._search.x.shape)

    def _climb(self, points: Array) -> None:
        still = points
        for number in range(_SWEEPS):
            reach = self._search.epsilon * _REACH[number % len(_REACH)]
            moves = self._moves(int(self._left[still].min()) * 2 // 3) if len(still) else np.zeros((0, 2))
            if not len(moves):
                break
            before = self._value[still]
            size = max(1, _CELLS // max(1, len(moves) * self._state.shape[1]))
            for start in range(0, len(still), size):
                self._sweep(still[start : start + size], moves, reach)
            # a sweep of shorter reach may lead on where the first one did not
            still = still if number == 0 else still[self._value[still] > before]
        whole = int(self._left.max(initial=0))
        while len(points := points[self._left[points] > 0]):
            count = int(min(_PROPOSALS, self._left[points].min()))
            self._offer(points, self._random(points, count, 1 - int(self._left.max()) / whole))

    def _sweep(self, points: Array, moves: Array, reach: float) -> None:
        before, base = self._value[points], self._state[points].copy()
        alone = self._moved(points, base, moves, reach)
        gains = self._offer(points, alone) - before[:, None]
        if self._search.norm == "l2":
            self._offer(points, self._steps(base, gains, moves))
        self._offer(points, self._joined(base, gains, alone))

    def _moves(self, most: int) -> Array:
        """Moves, shape (m, 2): a column and the direction, or -1 and the number of a change of categories."""
        columns = np.flatnonzero(self._search.movable.any(axis=0)).tolist()
        found = [(column, sign) for column in columns for sign in (-1, 1)]
        constraints = self._target.constraints
        switches = 0 if constraints is None else len(constraints.switches)
        found += [(-1, number) for number in self._rng.permutation(switches)[:_MOST_SWITCHES].tolist()]
        moves = np.array(found, dtype=np.int64).reshape(-1, 2)
        return moves if len(moves) <= most else moves[np.sort(self._rng.permutation(len(moves))[: max(0, most)])]

    def _moved(self, points: Array, base: Array, moves: Array, reach: float) -> Array:
        """Each point after each move alone, shape (p, m, d); numbers move by `reach`."""
        x = flat(self._search.x)[self._rows[points]]
        origin = x if reach == self._search.epsilon and self._search.norm == "linf" else base
        found = np.repeat(base[:, None], len(moves), axis=1)
        for place, (column, what) in enumerate(moves):
            if column >= 0:
                found[:, place, column] = origin[:, column] + what * reach
            elif self._target.constraints is not None:
                switch = self._target.constraints.switches[what]
                found[:, place] = np.where(np.isnan(switch), found[:, place], switch)
        return found

    def _joined(self, base: Array, gains: Array, alone: Array) -> Array:
        """The 2, 4, 8 ... moves with the largest gain of each point together, one a column, shape (p, sizes, d)."""
        count = alone.shape[1]
        order = np.argsort(-gains, axis=1, kind="stable")
        sizes = {min(2**power, count) for power in range(1, 2 + count.bit_length())}
        state, found = base.copy(), []
        taken = np.zeros(state.shape, dtype=bool)
        every = np.arange(len(base))
        for place in range(count):
            after = alone[every, order[:, place]]
            useful = (gains[every, order[:, place]] > 0)[:, None] & (after != base)
            useful &= ~(useful & taken).any(axis=1, keepdims=True)
            state, taken = np.where(useful, after, state), taken | useful
            if place + 1 in sizes:
                found.append(state)
        return np.stack(found, axis=1)

    def _steps(self, base: Array, gains: Array, moves: Array) -> Array:
        """Steps of several lengths along the measured slope, shape (p, lengths, d)."""
        slope = np.zeros(base.shape)
        for place, (column, sign) in enumerate(moves):
            if column >= 0:
                slope[:, column] += sign * gains[:, place]
        length = np.sqrt((slope * slope).sum(axis=1, keepdims=True))
        unit = slope / np.maximum(length, 1e-300)
        wanted = base[:, None] + np.array(_LENGTHS)[:, None] * self._search.epsilon * unit[:, None]
        return np.asarray(wanted.astype(base.dtype))

    def _random(self, points: Array, count: int, progress: float) -> Array:
        """Some columns of each point put to either end of their reach or anywhere between, shape (p, count, d)."""
        x, state = flat(self._search.x)[self._rows[points]], self._state[points]
        shape = (len(points), count, x.shape[1])
        share = max(1.0 / x.shape[1], _FIRST_SHARE * (1 - progress) ** 2)
        chosen = self._rng.random(shape) < share
        chosen[np.arange(shape[0])[:, None], np.arange(count), self._rng.integers(0, shape[2], shape[:2])] = True
        low, high = (flat(side)[self._rows[points]][:, None] for side in (self._search.lower, self._search.upper))
        place = self._rng.random(shape)
        ends = self._rng.random((*shape[:2], 1)) < 0.5
        found = np.where(chosen, low + np.where(ends, np.rint(place), place) * (high - low), state[:, None])
        constraints = self._target.constraints
        if constraints is not None and len(constraints.switches):
            switch = constraints.switches[self._rng.integers(0, len(constraints.switches), shape[:2])]
            kept = np.isnan(switch) | (self._rng.random((*shape[:2], 1)) < 0.7)
            found = np.where(kept, found, switch)
        return np.asarray(found.astype(x.dtype))

    def _offer(self, points: Array, proposals: Array) -> Array:
        """Ask about proposals, shape (p, k, d), keep the best of each point; their values, shape (p, k)."""
        rows = np.repeat(self._rows[points], proposals.shape[1])
        shaped = proposals.reshape(-1, *self._search.x.shape[1:]).astype(self._search.x.dtype)
        inside = flat(self._search.project(rows, shaped)).reshape(proposals.shape)
        values = self._ask(points, inside)
        best = values.argmax(axis=1)
        every = np.arange(len(points))
        better = values[every, best] >= self._value[points]
        self._state[points[better]] = inside[every, best][better]
        self._value[points[better]] = values[every, best][better]
        return values

    def _ask(self, points: Array, proposals: Array) -> Array:
        count = proposals.shape[1]
        asked, rows = len(points) * count, len(self._search.x)
        if self._target.remaining is not None and self._target.remaining - asked < rows:
            raise QueryBudgetExceeded(
                f"{self._target.remaining} rows are left and {rows} are kept for the confirmation"
            )
        answers = self._target.predict(proposals.reshape(-1, *self._search.x.shape[1:])).astype(np.float64)
        self.queries += np.bincount(np.repeat(self._rows[points], count), minlength=rows)
        self._left[points] -= count
        return np.asarray(answers.reshape(len(points), count) * self._signs[points][:, None])
