"""Moves each row towards the nearest known rows of another class, as far as epsilon allows.

Needs nothing but labels and works on tables, where a step towards real rows keeps columns plausible together.

Source: the starting point of decision-based attacks (Brendel et al., "Decision-Based Adversarial Attacks", ICLR 2018),
here
cut at epsilon and followed by the corner of the ball in the same direction.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._search import Search, other_class_rows, repeat
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "labels"
_NEIGHBOURS = 8


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Try two points for each of the eight nearest rows of another class.

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
        others = other_class_rows(search, search.active, max(1, min(_NEIGHBOURS, search.per_row(2 * _NEIGHBOURS) // 2)))
        if others.shape[1]:
            rows = repeat(search.active, others.shape[1])
            towards = others.reshape(len(rows), *x.shape[1:])
            search.labels(rows, search.project(rows, towards))
            still = np.isin(rows, search.active)
            rows, towards = rows[still], towards[still]
            if norm == "linf" and len(rows):
                corner = np.where(_numeric(search, towards), x[rows] + epsilon * np.sign(towards - x[rows]), towards)
                search.labels(rows, search.project(rows, corner.astype(x.dtype)))
    return search.outcome()


def _numeric(search: Search, points: Array) -> Array:
    if search.columns is None:
        return np.ones(points.shape, dtype=bool)
    return np.broadcast_to(search.columns, points.shape)
