"""Random points within epsilon, half of them corners: the weakest attack, and the only one that nothing can blind.

Source: a plain random search; nothing smarter should ever find less. Points of different rows share their random steps.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._draws import in_ball, resample_categories
from attacks.evasion._search import Search
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "labels"
_TRIES = 48
_PER_CALL = 12


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Try up to 48 random points a row.

    Args:
        target: the model under attack.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    rng = np.random.default_rng(seed)
    draws = in_ball(search, rng)
    with search.within_budget():
        tries = min(_TRIES, search.per_row(_TRIES))
        while tries > 0 and len(rows := search.active):
            count = min(tries, search.per_call(len(rows), _PER_CALL, _TRIES))
            points = draws.fill(search.room((count, *x[rows].shape)))
            points += x[rows]
            points = resample_categories(search, points, rng, 0.75)
            search.labels(rows, search.into_box(rows, points) if norm == "linf" else search.project(rows, points))
            tries -= count
    return search.outcome()
