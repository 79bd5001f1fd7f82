"""Moves each row towards the nearest known rows of another class, as far as epsilon allows.

Needs nothing but labels and works on tables, where a step towards real rows keeps columns plausible together.

Source: the starting point of decision-based attacks (Brendel et al., "Decision-Based Adversarial Attacks", ICLR 2018),
here cut at epsilon, followed by the corner of the ball in the same direction and by the corner towards the mean of the
nearest rows.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._known_rows import other_class_rows
from attacks.evasion._search import Search
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "labels"
_NEIGHBOURS = 16


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Try three points for each of the sixteen nearest rows of another class.

    Args:
        target: the model under attack; its `pool` adds rows that an attacker knows.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: unused, since nothing here is random.

    Returns:
        The outcome, confirmed on the real model.
    """
    del seed
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    with search.within_budget():
        rows = search.active
        kinds = 3 if norm == "linf" else 2
        count = max(1, min(_NEIGHBOURS, search.per_row(kinds * _NEIGHBOURS) // kinds))
        others = np.moveaxis(other_class_rows(search, rows, count), 1, 0)
        if len(others):
            search.labels(rows, search.project(rows, others))
            # the mean of the first one, two, three ... rows leads away from what is odd about each of them
            counts = np.arange(1, len(others) + 1).reshape(-1, *(1,) * x.ndim)
            means = (others.cumsum(axis=0) / counts).astype(x.dtype)
            for towards in (others, means) if norm == "linf" else (means,):
                still = search.standing(rows)
                if not still.any():
                    break
                left = rows[still]
                points = _corner(search, left, towards[:, still]) if norm == "linf" else towards[:, still]
                search.labels(left, search.project(left, points))
    return search.outcome()


def _corner(search: Search, rows: Array, towards: Array) -> Array:
    base = search.x[rows]
    corner = np.where(towards >= base, search.upper[rows], search.lower[rows])
    corner = np.where(towards == base, base, corner)
    return corner if search.columns is None else np.where(search.columns, corner, towards)
