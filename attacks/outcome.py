"""What an attack achieved, checked on the real model by one function for all attacks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array, Norm, between, flat
from attacks.target import Target

TOLERANCE = 1e-6
"""How far a float32 row may lie outside epsilon or the bounds."""


@dataclass(frozen=True)
class Outcome:
    """The result of one attack on n rows.

    Attributes:
        adversarial: changed rows, shape (n, ...); the closest one that fools the model, the original row where none
            was found.
        success: shape (n,), bool: within epsilon, bounds and constraints, and the real model answers wrongly.
        queries: rows asked of the model for each row, shape (n,), int.
        distances: distance of `adversarial` from the original, shape (n,), float; inf where nothing fools the model.
        blind: shape (n,), bool: the attack had no signal to follow (every gradient, or every change of score, was
            zero).
        moved: shape (n,), bool: the model was asked about a changed form of the row. An attack that moved nothing
            proves nothing.
        exhausted: whether the query budget ended the attack.
        certified: shape (n,), bool: proven that nothing within epsilon, bounds and constraints fools the model; None
            where the attack proves nothing.
    """

    adversarial: Array
    success: Array
    queries: Array
    distances: Array
    blind: Array
    moved: Array
    exhausted: bool = False
    certified: Array | None = None

    @property
    def success_share(self) -> float:
        """Share of rows that the attack broke, 0..1; 0 for no rows."""
        return float(self.success.mean()) if len(self.success) else 0.0


def allowed(target: Target, x: Array, candidates: Array) -> Array:
    """Which candidates lie within the target's bounds and constraints, shape (n,), bool.

    A value that was not changed is always allowed, also where the data itself is outside of its declared range.
    """
    same = candidates == x
    inside = same | ((candidates >= target.low - TOLERANCE) & (candidates <= target.high + TOLERANCE))
    fine = np.asarray(flat(inside).all(axis=1))
    if target.constraints is not None:
        fine = fine & ~target.constraints.violations(x, candidates)
    return fine


def confirm(
    target: Target,
    x: Array,
    y: Array,
    adversarial: Array,
    *,
    epsilon: float,
    norm: Norm = "linf",
    queries: Array | None = None,
    blind: Array | None = None,
    moved: Array | None = None,
    exhausted: bool = False,
) -> Outcome:
    """Ask the real model about the changed rows and keep what counts.

    Args:
        target: the model; its budget pays one row for each changed row.
        x: rows before the attack, shape (n, ...).
        y: their true labels, shape (n,).
        adversarial: rows after the attack, same shape as `x`.
        epsilon: largest allowed distance.
        norm: "linf" or "l2"; measured over the columns that the constraints call budgeted.
        queries: rows asked for each row so far.
        blind: rows on which the attack had no signal.
        moved: rows of which a changed form was asked about already.
        exhausted: whether the budget has already ended the attack.

    Returns:
        Rows that break a bound or a constraint, or that the model still answers correctly, are reset to the original.
    """
    n = len(x)
    queries = np.zeros(n, dtype=np.int64) if queries is None else queries.copy()
    changed = flat(adversarial != x).any(axis=1) & flat(np.isfinite(adversarial)).all(axis=1)
    rows = np.flatnonzero(changed)
    rows = rows[allowed(target, x[rows], adversarial[rows])] if len(rows) else rows
    if target.remaining is not None and target.remaining < len(rows):
        rows, exhausted = rows[: max(0, target.remaining)], True
    fooled = np.zeros(n, dtype=bool)
    if len(rows):
        fooled[rows] = target.predict(adversarial[rows]) != y[rows]
        queries[rows] += 1
    kept = np.where(fooled.reshape((n,) + (1,) * (x.ndim - 1)), adversarial, x)
    columns = None if target.constraints is None else target.constraints.budgeted
    distances = np.where(fooled, between(x, kept, norm, columns), np.inf)
    success = fooled & (distances <= epsilon + TOLERANCE)
    nothing = np.zeros(n, dtype=bool)
    unseen, tried = nothing if blind is None else blind, nothing if moved is None else moved
    return Outcome(kept, success, queries, distances, unseen, np.asarray(tried | changed), exhausted)
