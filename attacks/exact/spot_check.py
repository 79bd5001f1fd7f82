"""Asks the real model about certified rows all the same: one wrong answer shows that its inside is another one."""

from __future__ import annotations

import numpy as np

from attacks.distance import Array
from attacks.evasion._search import Search


def spot_checked(search: Search, certified: Array, *, seed: int) -> Array:
    """Certified rows, or none of them where the model answers a random corner of one of them wrongly.

    Args:
        search: rows, labels, epsilon and norm; what is found is recorded there, with one question a certified row.
        certified: shape (n,), bool.
        seed: of the corners.

    Raises:
        QueryBudgetExceeded: the target's budget does not allow it.
    """
    rows = np.flatnonzero(certified)
    if not len(rows) or not search.epsilon:
        return certified
    x = search.x[rows]
    sides = np.random.default_rng([seed, 3]).choice([-1.0, 1.0], size=x.shape)
    # in L2 a random corner is cut back to the ball
    corners = search.project(rows, (x + search.epsilon * sides).astype(x.dtype))
    return certified & ~search.labels(rows, corners).any()
