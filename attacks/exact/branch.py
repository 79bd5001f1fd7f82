"""Best-first branch and bound on boxes: can trees together be worse for a row than each at its best alone says?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from attacks.distance import Array
from attacks.exact.problem import Problem, Relaxed
from attacks.exact.span import Span

_BATCH = 48
_TRIED_CUTS = 6
_FIRST_ORDERS = 24
_BETTER_SIDE = 0.15
"""Weight of the better half of a split beside the worse one."""


class State(Enum):
    """What became of a search."""

    POINT = "a place that fools the model"
    PROVEN = "there is none"
    OPEN = "the budget ran out"


@dataclass(frozen=True, eq=False)
class Found:
    """Where a search stopped.

    Attributes:
        place: cells over the problem's features, shape (f,); None unless the state is POINT.
        nodes: of the solver, where it was asked.
    """

    state: State
    place: Span | None = None
    nodes: int = 0


class Branching:
    """One search, which goes on where it stopped.

    Args:
        problem: what to search.
        tolerance: a margin of at most that may fool the model.
        rng: of the orders in which leaves are joined.

    Attributes:
        boxes: boxes looked at so far.
    """

    def __init__(self, problem: Problem, tolerance: float, rng: np.random.Generator) -> None:
        self.problem, self._tolerance, self._rng = problem, tolerance, rng
        self.boxes, self._doubtful = 0, False
        self._waiting: list[Span] = []
        alive = problem.exists[None].copy()
        bound = problem.relaxed(alive).bound
        keep = bound <= tolerance
        self._bounds, self._packed = bound[keep], np.packbits(alive[keep], axis=1)
        self._low, self._high = problem.box.low[None][keep], problem.box.high[None][keep]

    def advance(self, most: int) -> Found:
        """Go on until there is a place to ask the model about, a proof, or so many boxes were looked at.

        A place that was returned and did not fool the model is not returned again; the search only ends as OPEN then.
        """
        while not self._waiting and len(self._bounds) and self.boxes < most:
            self._round()
        if self._waiting:
            return Found(State.POINT, self._waiting.pop(0))
        proven = not len(self._bounds) and not self._doubtful
        return Found(State.PROVEN if proven else State.OPEN)

    def _round(self) -> None:
        count = min(_BATCH, len(self._bounds))
        taken = np.argpartition(self._bounds, count - 1)[:count]
        alive = np.unpackbits(self._packed[taken], axis=1, count=self.problem.slots).astype(bool)
        low, high = self._low[taken], self._high[taken]
        self._bounds, self._packed, self._low, self._high = (
            np.delete(part, taken, axis=0) for part in (self._bounds, self._packed, self._low, self._high)
        )
        relaxed = self.problem.relaxed(alive)
        self._join(alive, relaxed)
        self.boxes += count
        cuts = self._cuts(alive, relaxed)
        for row in np.flatnonzero(cuts[:, 0] < 0):
            cuts[row, 0] = self._settle(relaxed.chosen[row], low[row], high[row])
        going = cuts[:, 0] >= 0
        if going.any():
            self._split(alive[going], low[going], high[going], cuts[going])

    def _settle(self, chosen: Array, low: Array, high: Array) -> int:
        """The best leaves of all trees meet: this is the least margin of its box, unless no row may go there.

        Returns:
            A cut to go on with, -1 for none.
        """
        meeting = self.problem.meeting(chosen[None])
        first, last = np.maximum(meeting.low, low), np.minimum(meeting.high, high)
        if not self.problem.limits.excludes(Span(first, last))[0]:
            self._doubtful = True
            self._waiting.append(Span(first[0], last[0]))
            return -1
        cut = self._parting(first[0], last[0], low, high)
        self._doubtful |= cut < 0
        return cut

    def _parting(self, first: Array, last: Array, low: Array, high: Array) -> int:
        """The cut that most of the way from the row to an excluded place lies behind, -1 where none is in the box."""
        problem = self.problem
        at, rank = problem.cut_feature, problem.cut_rank
        inside = (low[at] <= rank) & (high[at] > rank)
        beyond, before = inside & (first[at] > rank), inside & (last[at] <= rank)
        if not inside.any():
            return -1
        low_side, high_side = (
            np.broadcast_to(low, (len(at), len(low))).copy(),
            np.broadcast_to(high, (len(at), len(low))).copy(),
        )
        every = np.arange(len(at))
        low_side[every, at] = np.where(beyond, rank + 1, low[at])
        high_side[every, at] = np.where(before, rank, high[at])
        way = problem.limits.squares(Span(low_side, high_side))[every, at]
        score = np.where(beyond | before, 1.0 + way, np.where(inside, 0.5, -1.0))
        return int(score.argmax())

    def _cuts(self, alive: Array, relaxed: Relaxed) -> Array:
        """Cuts that part the best leaves of each box, the most promising first, shape (b, tried); -1 is none."""
        problem = self.problem
        need = (self._tolerance - relaxed.bound)[:, None]
        gain = np.minimum(relaxed.regret, np.maximum(need, 0.0) + 1e-12) + 1e-6 * (np.abs(need) + 1e-6)
        chosen = np.zeros(alive.shape, dtype=np.float32)
        np.put_along_axis(chosen, relaxed.chosen, gain.astype(np.float32), axis=1)
        if not len(problem.cut_rank):
            return np.full((len(alive), 1), -1)
        lost_left = chosen @ (~problem.left).T.astype(np.float32)
        lost_right = chosen @ (~problem.right).T.astype(np.float32)
        least = np.minimum(lost_left, lost_right)
        score = least + np.where(least > 0, 0.05 * np.maximum(lost_left, lost_right), 0.0)
        best = np.argsort(-score, axis=1, kind="stable")[:, :_TRIED_CUTS]
        return np.where(np.take_along_axis(score, best, axis=1) > 0, best, -1)

    def _split(self, alive: Array, low: Array, high: Array, cuts: Array) -> None:
        problem = self.problem
        boxes, tried = cuts.shape
        usable = np.maximum(cuts, 0)
        left = (alive[:, None] & problem.left[usable]).reshape(boxes * tried, -1)
        right = (alive[:, None] & problem.right[usable]).reshape(boxes * tried, -1)
        bounds = [problem.relaxed(side).bound.reshape(boxes, tried) for side in (left, right)]
        capped = [np.minimum(bound, self._tolerance + 1e-9) for bound in bounds]
        score = np.where(cuts >= 0, np.minimum(*capped) + _BETTER_SIDE * np.maximum(*capped), -np.inf)
        best = score.argmax(axis=1)
        every = np.arange(boxes)
        cut, taken = cuts[every, best], every * tried + best
        at, rank = problem.cut_feature[cut], problem.cut_rank[cut]
        lows, highs = np.concatenate([low, low]), np.concatenate([high, high])
        highs[every, at], lows[boxes + every, at] = rank, rank + 1
        bound = np.concatenate([bounds[0].reshape(-1)[taken], bounds[1].reshape(-1)[taken]])
        keep = (bound <= self._tolerance) & ~problem.limits.excludes(Span(lows, highs))
        children = np.concatenate([left[taken], right[taken]])[keep]
        self._bounds = np.concatenate([self._bounds, bound[keep]])
        self._packed = np.concatenate([self._packed, np.packbits(children, axis=1)])
        self._low, self._high = np.concatenate([self._low, lows[keep]]), np.concatenate([self._high, highs[keep]])

    def _join(self, alive: Array, relaxed: Relaxed) -> None:
        """Choose leaves tree by tree, always the best one that meets all chosen before."""
        problem = self.problem
        if not problem.trees:
            return
        if len(alive) == 1:
            alive = np.repeat(alive, _FIRST_ORDERS, axis=0)
        count = len(alive)
        alive = alive.copy()
        regret = relaxed.regret
        regret = np.where(np.isinf(regret), 2 * regret[np.isfinite(regret)].max(initial=1.0), regret)
        noise = self._rng.random((count, problem.trees)) * np.where(np.arange(count) == 0, 0.0, 1.0)[:, None]
        order = np.argsort(-regret * (1 + noise) - noise * 1e-9, axis=1, kind="stable")
        every, first = np.arange(count)[:, None], np.arange(0, problem.slots, problem.trees)
        total = np.full(count, problem.constant)
        meeting = Span(*(np.broadcast_to(end, (count, len(end))).copy() for end in (problem.box.low, problem.box.high)))
        for turn in range(problem.trees):
            slots = first + order[:, turn, None]
            fits = alive[every, slots]
            if not problem.limits.idle:
                fits &= self._allows(meeting, slots)
            pick = fits.argmax(axis=1)
            slot = slots[np.arange(count), pick]
            total += np.where(fits[np.arange(count), pick], problem.weight[slot], np.inf)
            np.maximum(meeting.low, problem.low[slot], out=meeting.low)
            np.minimum(meeting.high, problem.high[slot], out=meeting.high)
            alive &= problem.compatible(slot)
        best = int(total.argmin())
        if total[best] <= self._tolerance:
            self._waiting.append(Span(meeting.low[best], meeting.high[best]))

    def _allows(self, meeting: Span, slots: Array) -> Array:
        """Which leaves leave something allowed of the places so far, shape (b, k), bool."""
        problem = self.problem
        low = np.maximum(meeting.low[:, None], problem.low[slots]).reshape(-1, len(problem.features))
        high = np.minimum(meeting.high[:, None], problem.high[slots]).reshape(-1, len(problem.features))
        return np.asarray(~problem.limits.excludes(Span(low, high)).reshape(slots.shape))
