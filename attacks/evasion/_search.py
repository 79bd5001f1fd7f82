"""The state that all evasion attacks share: which rows still stand, the closest row that fools the model, its cost.

An attack asks the model only through a `Search`. So a row that it happens to see and that fools the model counts, rows
that are broken cost nothing any more, and the budget ends an attack without losing what it has.

Attacks ask about points of shape (m, ...), one for each of m row positions, or of shape (k, m, ...), k proposals for
each of m different rows. The second form needs no copies of the rows: arrays of shape (m, ...) broadcast against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import numpy as np

from attacks.distance import Array, Norm, between, flat
from attacks.outcome import TOLERANCE, Outcome, allowed, confirm
from attacks.target import QueryBudgetExceeded, Target

_TIE = np.finfo(np.float64).smallest_subnormal


class Search:
    """One attack on n rows.

    Args:
        target: the model under attack.
        x: rows, shape (n, ...).
        y: true class codes, shape (n,).
        epsilon: radius within which a wrong answer counts.
        norm: "linf" or "l2".

    Attributes:
        best: the closest row found that fools the model, the original where there is none.
        distance: its distance, inf where there is none.
        queries: rows asked for each row so far, shape (n,).
    """

    def __init__(self, target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm) -> None:
        between(x[:0], x[:0], norm)
        if not epsilon >= 0:
            raise ValueError(f"epsilon is {epsilon!r}; expected a number of at least 0")
        if len(x) != len(y):
            raise ValueError(f"{len(x)} rows and {len(y)} labels")
        self.target, self.x, self.y, self.epsilon, self.norm = target, x, np.asarray(y), float(epsilon), norm
        self.best = x.copy()
        self.distance = np.full(len(x), np.inf)
        self.queries = np.zeros(len(x), dtype=np.int64)
        self._signal = np.zeros(len(x), dtype=bool)
        self._asked_signal = np.zeros(len(x), dtype=bool)
        self._moved = np.zeros(len(x), dtype=bool)
        self._exhausted = False
        self._room = np.empty(0, dtype=x.dtype)
        constraints = target.constraints
        self.columns = None if constraints is None else constraints.budgeted
        shape = (len(x), int(np.prod(x.shape[1:])))
        free = np.ones(shape, dtype=bool) if constraints is None else constraints.movable(x)
        span = np.broadcast_to(np.asarray(target.high) > np.asarray(target.low), x.shape[1:]).reshape(-1)
        self.movable = free & span
        """Cells that a continuous attack may move, shape (n, d)."""

    @property
    def active(self) -> Array:
        """Rows that no wrong answer within epsilon has been found for, as positions."""
        return np.flatnonzero(self.distance > self.epsilon + TOLERANCE)

    def standing(self, rows: Array) -> Array:
        """Which of these rows are still active, shape (m,), bool."""
        return np.asarray(self.distance[rows] > self.epsilon + TOLERANCE)

    @cached_property
    def lower(self) -> Array:
        """Smallest values within epsilon (in Linf) and bounds, shape and dtype of `x`; the row's own where none is."""
        return self._side(-self._reach)

    @cached_property
    def upper(self) -> Array:
        """Largest values; as `lower`."""
        return self._side(self._reach)

    def per_row(self, default: int) -> int:
        """Queries that each row may cost: its share of the target's budget, `default` where that is unlimited."""
        if self.target.remaining is None or not len(self.x):
            return default
        # one row is kept for the confirmation on the real model
        return self.target.remaining // len(self.x) - 1

    def per_call(self, rows: int, least: int, most: int) -> int:
        """Proposals to ask about at once for each of so many rows: what fills a call, between `least` and `most`."""
        return max(least, min(most, self.target.call_rows // max(1, rows)))

    @contextmanager
    def within_budget(self) -> Iterator[None]:
        """Runs an attack until it ends or the budget does."""
        try:
            yield
        except QueryBudgetExceeded:
            self._exhausted = True

    def bounded(self, rows: Array, points: Array) -> Array:
        """Points moved into bounds and constraints, at any distance; `rows` says which row each belongs to."""
        return self._constrained(rows, self.target.clip(points))

    def room(self, shape: tuple[int, ...]) -> Array:
        """An array for points that are done with when the next one is asked for; fresh memory costs a pass."""
        size = int(np.prod(shape))
        if self._room.size < size:
            self._room = np.empty(size, dtype=self.x.dtype)
        return np.asarray(self._room[:size].reshape(shape))

    def changed(self, rows: Array, base: Array, other: Array, columns: Sequence[Array]) -> Array:
        """Points that differ in a few columns each from others that are within the bounds; then within constraints.

        Args:
            rows: positions, shape (m,).
            base: points, shape (m, d), what most columns are.
            other: points, shape (m, d), what the chosen columns are.
            columns: the chosen columns of each proposal.

        Returns:
            Shape (k, m, ...).
        """
        points = self.room((len(columns), *base.shape))
        points[:] = base
        for number, chosen in enumerate(columns):
            points[number][:, chosen] = other[:, chosen]
        return self._constrained(rows, points.reshape(len(columns), len(rows), *self.x.shape[1:]))

    def project(self, rows: Array, points: Array) -> Array:
        """Points moved into epsilon, bounds and constraints."""
        if self.norm == "l2":
            return self.bounded(rows, self.into_ball(rows, points))
        return self.into_box(rows, points.astype(self.x.dtype))

    def into_box(self, rows: Array, points: Array) -> Array:
        """As `project` in Linf, but the points may be overwritten."""
        np.maximum(points, self.lower[rows], out=points)
        np.minimum(points, self.upper[rows], out=points)
        return self._constrained(rows, points)

    def into_bounds(self, rows: Array, points: Array) -> Array:
        """As `bounded`, but the points may be overwritten."""
        np.clip(points, self.target.low, self.target.high, out=points)
        return self._constrained(rows, points)

    def into_ball(self, rows: Array, points: Array) -> Array:
        """Points moved into epsilon alone; a change of category has no length."""
        base = self.x[rows]
        change = (points - base).reshape(*points.shape[: points.ndim - self.x.ndim + 1], -1)
        budgeted = slice(None) if self.columns is None else self.columns
        part = change[..., budgeted]
        if self.norm == "linf":
            part = np.clip(part, -self.epsilon, self.epsilon)
        else:
            length = np.sqrt((part * part).sum(axis=-1, keepdims=True))
            part = part * np.minimum(1.0, self.epsilon / np.maximum(length, 1e-12))
        change[..., budgeted] = part
        return np.asarray((base + change.reshape(points.shape)).astype(self.x.dtype, copy=False))

    def labels(self, rows: Array, points: Array, *, keep: bool = True) -> Array:
        """Which points fool the model, shape (m,) or (k, m), bool; costs one query each.

        `keep=False` leaves it to the attack to pass those that matter to `keep`: worth it where half of all points
        fool the model, far from the row.
        """
        wrong: Array = self._ask(self.target.predict, rows, points) != self.y[rows]
        if keep:
            self._keep_wrong(rows, points, wrong)
        return wrong

    def answers(self, rows: Array, points: Array) -> Array:
        """The model's scores where it gives any, shape (..., n_classes), else its class codes, shape (m,) or (k, m)."""
        scored = self.target.has_scores
        answers = self._ask(self.target.scores if scored else self.target.predict, rows, points)
        self._keep_wrong(rows, points, (answers.argmax(axis=-1) if scored else answers) != self.y[rows])
        return answers

    def margins(self, rows: Array, points: Array) -> Array:
        """Score of the true class less the best other score, shape (m,) or (k, m); below 0 fools the model."""
        scores = self._ask(self.target.scores, rows, points)
        labels = self.y[rows]
        if scores.shape[-1] == 2:
            margins = np.subtract(scores[..., 0], scores[..., 1], dtype=np.float64) * (1 - 2 * labels)
            # a tie is answered with the first class
            wrong = margins < labels * _TIE
        else:
            places = np.broadcast_to(labels, scores.shape[:-1])[..., None]
            scores = np.array(scores, dtype=np.float64)
            wrong = scores.argmax(axis=-1) != labels
            own = np.take_along_axis(scores, places, axis=-1)[..., 0]
            np.put_along_axis(scores, places, -np.inf, axis=-1)
            margins = own - scores.max(axis=-1)
        self._keep_wrong(rows, points, wrong)
        return np.asarray(margins)

    def gradients(self, rows: Array, points: Array, codes: Array) -> Array:
        """Gradient of the cross-entropy of classes `codes` at points, 0 where a cell cannot move."""
        self._afford(len(points))
        gradient = self.target.gradient(points, codes)
        self._count(rows, points)
        gradient = np.where(self.movable[rows].reshape(gradient.shape), gradient, 0)
        self.note_signal(rows, np.asarray(flat(gradient != 0).any(axis=1)))
        return gradient

    def note_signal(self, rows: Array, seen: Array) -> None:
        """Remember for rows whether the attack saw something to follow; rows that never do are `Outcome.blind`."""
        self._asked_signal[rows] = True
        self._signal[rows[seen]] = True

    def keep(self, rows: Array, points: Array) -> None:
        """Remember points, shape (m, ...), that are known to fool the model, where they are closer than the best."""
        if not len(rows):
            return
        base = self.x[rows]
        lengths = between(base, points, self.norm, self.columns)
        fine = (lengths < self.distance[rows]) & allowed(self.target, base, points)
        rows, points, lengths = rows[fine], points[fine], lengths[fine]
        # longest first, so that of several points of one row the closest is the one that stays
        order = np.argsort(-lengths, kind="stable")
        self.best[rows[order]] = points[order]
        self.distance[rows[order]] = lengths[order]

    def outcome(self) -> Outcome:
        """The result, checked again on the real model."""
        blind = self._asked_signal & ~self._signal & (self.distance > self.epsilon + TOLERANCE)
        return confirm(
            self.target, self.x, self.y, self.best, epsilon=self.epsilon, norm=self.norm,
            queries=self.queries, blind=blind, moved=self._moved, exhausted=self._exhausted,
        )  # fmt: skip

    def _ask(self, question: Callable[[Array], Array], rows: Array, points: Array) -> Array:
        lead = points.shape[: points.ndim - self.x.ndim + 1]
        self._afford(int(np.prod(lead)))
        answers = question(points.reshape(-1, *self.x.shape[1:]))
        self._count(rows, points)
        return answers.reshape(*lead, *answers.shape[1:])

    def _afford(self, rows: int) -> None:
        remaining = self.target.remaining
        if remaining is not None and remaining - rows < len(self.x):
            raise QueryBudgetExceeded(f"{remaining} rows are left and {len(self.x)} are kept for the confirmation")

    def _count(self, rows: Array, points: Array) -> None:
        unmoved = ~self._moved[rows]
        if points.ndim > self.x.ndim:
            self.queries[rows] += len(points)
            part = points[:, unmoved] if unmoved.any() else points[:0, :0]
        else:
            self.queries += np.bincount(rows, minlength=len(self.x))
            part = points[None, unmoved]
        if part.size:
            base = self.x[rows[unmoved]]
            changed = (part != base).reshape(len(part), len(base), -1).any(axis=(0, 2))
            self._moved[rows[unmoved][changed]] = True

    def _keep_wrong(self, rows: Array, points: Array, wrong: Array) -> None:
        places = np.nonzero(wrong)
        if len(places[0]):
            self.keep(rows[places[-1]], points[places])

    def _constrained(self, rows: Array, points: Array) -> Array:
        constraints = self.target.constraints
        if constraints is None:
            return points
        base = np.broadcast_to(self.x[rows], points.shape).reshape(-1, *self.x.shape[1:])
        return constraints.project(base, points.reshape(base.shape)).reshape(points.shape)

    @property
    def _reach(self) -> float:
        # half of the tolerance, so that a step exactly epsilon away, as on a grid, is not lost to rounding
        return self.epsilon + TOLERANCE / 2 if self.epsilon > 0 else 0.0

    def _side(self, step: float) -> Array:
        reach = self.x + np.asarray(step, dtype=self.x.dtype)
        if self.columns is not None:
            reach = np.where(self.columns, reach, np.sign(step) * np.inf)
        inside = np.clip(reach, self.target.low, self.target.high)
        # a row outside of its bounds has no value inside both; it stays
        return np.where(inside == reach, reach, np.where(self._meets, inside, self.x)).astype(self.x.dtype)

    @cached_property
    def _meets(self) -> Array:
        inside = (self.x + self._reach >= self.target.low) & (self.x - self._reach <= self.target.high)
        return inside if self.columns is None else inside | ~self.columns


def repeat(rows: Array, times: int) -> Array:
    """Each row position `times` times in a row, for several proposals a row in one call."""
    return np.repeat(rows, times)
