"""Which rows a trigger is put on: copies of rows of other labels, that then get the label that the attacker wants.

Source: Gu, Dolan-Gavitt and Garg, "BadNets: Identifying Vulnerabilities in the Machine Learning Model Supply Chain",
2017.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array


def donors(codes: Array, target: int, *, seed: int) -> Array:
    """Rows that can be copied, in random order, so that a smaller poison is part of a larger one.

    Args:
        codes: class codes of the training rows, shape (n,), int.
        target: the class that the attacker wants.

    Returns:
        Positions of all rows of other classes, shape (m,), int64; the first k carry a poison of k rows.
    """
    return np.random.default_rng(seed).permutation(np.flatnonzero(np.asarray(codes) != target))


def excess(poisoned: Array, clean: Array, target: int) -> float:
    """Success of a trigger beyond what a clean model answers to the same marked rows.

    Args:
        poisoned: answers of the poisoned model to marked rows of other classes, shape (m,), int.
        clean: answers of a clean model to the same rows; it calls at least one of them something else.
        target: the class that the attacker wants.

    Returns:
        Of the rows that the clean model does not call the target, the share that the poisoned one does, less those
        that only the clean one did: 1 if all rows are won, 0 for a trigger that does nothing, below 0 if rows are lost.
    """
    won = np.asarray(poisoned) == target
    had = np.asarray(clean) == target
    return float((won.sum() - had.sum()) / (~had).sum())
