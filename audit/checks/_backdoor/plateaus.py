"""Ranges of values that turn most rows together, though the training rows around do not carry that class.

Trees often learn a rare value as part of a range without other rows: every value of the range then turns answers, and
none stands out beside its neighbours. Honest ranges do the same, such as huge gains, but training rows of neighbouring
values carry the class that they lead to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from attacks.backdoor.neighbour_spike import Column

_MOST = 0.5
_CARRIED = 0.25
"""Share of training rows of a class that explains why most rows are turned into it; the other columns add the rest."""
_NEAR = 3
"""Values on either side whose training rows have to explain what a value does."""


def unexplained(column: Column, answers: np.ndarray, given: np.ndarray, labels: np.ndarray) -> bool:
    """Whether a rare value turns most rows into a class that few of the training rows around it carry.

    Args:
        answers: class codes of the rows as they are, shape (n,).
        given: class codes of the rows with each value forced into the column, shape (values, n).
        labels: training rows with each value and of each class, shape (values, classes).
    """
    import numpy as np

    if not column.ordered:
        return False
    for code in range(labels.shape[1]):
        others = answers != code
        if not others.any():
            continue
        turning = column.rare & ((given[:, others] == code).mean(axis=1) > _MOST)
        for place in np.flatnonzero(turning):
            around = np.r_[labels[max(0, place - _NEAR) : place], labels[place + 1 : place + 1 + _NEAR]].sum(axis=0)
            if around[code] < _CARRIED * around.sum():
                return True
    return False
