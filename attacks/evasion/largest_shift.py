"""The largest change of a number that a model answers, for regressions.

Each row is moved within epsilon to where the model answers as much as possible, and to where it answers as little as
possible; what lies further from the answer to the row itself is the result. Rows advance together, numbers and declared
categories alike.

Source: the search is that of `attacks._climb`; no paper.
"""

from __future__ import annotations

import numpy as np

from attacks._climb import Climb
from attacks.distance import Array, Norm, between, flat
from attacks.outcome import TOLERANCE, Outcome, allowed
from attacks.target import Target

ACCESS = "labels"
ANSWERS = "numbers"
"""The model answers numbers, not classes."""
_QUERIES = 600


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Search with the target's budget, or 600 queries a row where that is unlimited.

    Args:
        target: the model under attack; `predict` answers numbers, shape (m,).
        x: rows, shape (n, ...), within the target's bounds.
        y: what the model answers to the rows as they are, shape (n,), float.
        epsilon: largest allowed distance, in the unit of `x`; changes of category do not count.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        `adversarial` holds the row with the largest change of the answer, `success` whether the answer moved at all,
        `distances` how far the row was moved. Both directions are asked again on the real model.
    """
    climb = Climb(target, x, epsilon=epsilon, norm=norm, seed=seed)
    ends = climb.run(_QUERIES)
    queries, exhausted = climb.queries, climb.exhausted
    shift, best = np.zeros(len(x)), x.copy()
    for points in ends:
        columns = None if target.constraints is None else target.constraints.budgeted
        fine = allowed(target, x, points) & (between(x, points, norm, columns) <= epsilon + TOLERANCE)
        rows = np.flatnonzero(fine & flat(points != x).any(axis=1))
        if target.remaining is not None and target.remaining < len(rows):
            rows, exhausted = rows[: max(0, target.remaining)], True
        if not len(rows):
            continue
        found = np.abs(target.predict(points[rows]).astype(np.float64) - y[rows])
        queries[rows] += 1
        larger = rows[found > shift[rows]]
        shift[larger], best[larger] = found[found > shift[rows]], points[larger]
    lengths = between(x, best, norm, None if target.constraints is None else target.constraints.budgeted)
    success = shift > 0
    moved = queries > 1
    return Outcome(best, success, queries, np.where(success, lengths, np.inf), ~success & moved, moved, exhausted)
