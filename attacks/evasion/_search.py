"""The state that all evasion attacks share: which rows still stand, the closest row that fools the model, its cost.

An attack asks the model only through a `Search`. So every row that it happens to see and that fools the model counts,
rows that are broken cost nothing any more, and the budget ends an attack without losing what it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from attacks.distance import Array, Norm, between, flat
from attacks.outcome import TOLERANCE, Outcome, allowed, confirm
from attacks.target import QueryBudgetExceeded, Target


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
        clipped = self.target.clip(points)
        if self.target.constraints is None:
            return clipped
        return self.target.constraints.project(self.x[rows], clipped)

    def project(self, rows: Array, points: Array) -> Array:
        """Points moved into epsilon, bounds and constraints."""
        return self.bounded(rows, self.into_ball(rows, points))

    def into_ball(self, rows: Array, points: Array) -> Array:
        """Points moved into epsilon alone; a change of category has no length."""
        base = self.x[rows]
        change = flat(points - base)
        budgeted = slice(None) if self.columns is None else self.columns
        part = change[:, budgeted]
        if self.norm == "linf":
            part = np.clip(part, -self.epsilon, self.epsilon)
        else:
            length = np.sqrt((part * part).sum(axis=1, keepdims=True))
            part = part * np.minimum(1.0, self.epsilon / np.maximum(length, 1e-12))
        change[:, budgeted] = part
        return np.asarray((base + change.reshape(base.shape)).astype(self.x.dtype, copy=False))

    def labels(self, rows: Array, points: Array) -> Array:
        """Which points fool the model, shape (m,), bool; costs one query each."""
        self._afford(len(points))
        wrong: Array = self.target.predict(points) != self.y[rows]
        self._count(rows, points)
        self._record(rows[wrong], points[wrong])
        return wrong

    def margins(self, rows: Array, points: Array) -> Array:
        """Score of the true class less the best other score, shape (m,); below 0 fools the model."""
        self._afford(len(points))
        scores = np.array(self.target.scores(points), dtype=np.float64)
        self._count(rows, points)
        labels = self.y[rows]
        own = scores[np.arange(len(rows)), labels]
        wrong = scores.argmax(axis=1) != labels
        scores[np.arange(len(rows)), labels] = -np.inf
        self._record(rows[wrong], points[wrong])
        return np.asarray(own - scores.max(axis=1))

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
        np.logical_or.at(self._signal, rows, seen)

    def outcome(self) -> Outcome:
        """The result, checked again on the real model."""
        blind = self._asked_signal & ~self._signal & (self.distance > self.epsilon + TOLERANCE)
        return confirm(
            self.target, self.x, self.y, self.best, epsilon=self.epsilon, norm=self.norm,
            queries=self.queries, blind=blind, moved=self._moved, exhausted=self._exhausted,
        )  # fmt: skip

    def _afford(self, rows: int) -> None:
        remaining = self.target.remaining
        if remaining is not None and remaining - rows < len(self.x):
            raise QueryBudgetExceeded(f"{remaining} rows are left and {len(self.x)} are kept for the confirmation")

    def _count(self, rows: Array, points: Array) -> None:
        self._moved[rows[flat(points != self.x[rows]).any(axis=1)]] = True
        self.queries += np.bincount(rows, minlength=len(self.x))

    def _record(self, rows: Array, points: Array) -> None:
        if not len(rows):
            return
        lengths = between(self.x[rows], points, self.norm, self.columns)
        fine = (lengths < self.distance[rows]) & allowed(self.target, self.x[rows], points)
        rows, points, lengths = rows[fine], points[fine], lengths[fine]
        # longest first, so that of several points of one row the closest is the one that stays
        order = np.argsort(-lengths, kind="stable")
        self.best[rows[order]] = points[order]
        self.distance[rows[order]] = lengths[order]


def repeat(rows: Array, times: int) -> Array:
    """Each row position `times` times in a row, for several proposals a row in one call."""
    return np.repeat(rows, times)


def resample_categories(search: Search, rows: Array, points: Array, rng: np.random.Generator, share: float) -> Array:
    """Give a share of the points one random change of category each; unchanged where none is declared."""
    constraints = search.target.constraints
    if constraints is None or not len(constraints.switches) or not len(rows):
        return points
    chosen = constraints.switches[rng.integers(0, len(constraints.switches), len(rows))]
    kept = np.isnan(chosen) | (rng.random(len(rows)) >= share)[:, None]
    return np.where(kept, points, chosen).astype(points.dtype)


def other_class_rows(search: Search, rows: Array, count: int) -> Array:
    """Nearest known rows that an attacker expects to be answered otherwise.

    Args:
        rows: positions, shape (m,).
        count: how many for each.

    Returns:
        Shape (m, count, ...). The rows come from the attacked rows of another class and, where the target has one, from
        its pool, whose labels are unknown. Fewer than `count` known rows are repeated; empty (m, 0, ...) if there is
        none.
    """
    known, labels = search.x, search.y
    if search.target.pool is not None and len(search.target.pool):
        known = np.concatenate([known, search.target.pool.astype(known.dtype)])
        labels = np.concatenate([labels, np.full(len(search.target.pool), -1)])
    numeric = flat(known).astype(np.float64)
    if search.columns is not None:
        numeric = numeric[:, search.columns]
    squares = (numeric * numeric).sum(axis=1)
    gaps = squares[None] - 2 * numeric[rows] @ numeric.T
    gaps[labels[None] == search.y[rows][:, None]] = np.inf
    gaps[np.arange(len(rows)), rows] = np.inf
    nearest = np.argsort(gaps, axis=1, kind="stable")[:, :count]
    found = np.isfinite(np.take_along_axis(gaps, nearest, axis=1))
    nearest = np.where(found, nearest, nearest[:, :1])
    if not len(rows) or not found[:, 0].all():
        return np.zeros((len(rows), 0, *known.shape[1:]), dtype=known.dtype)
    return np.asarray(known[nearest])
