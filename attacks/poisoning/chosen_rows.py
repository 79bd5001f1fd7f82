"""Which decisions an attacker turns by adding copies of a row with a false label.

Source: targeted poisoning in its plainest form; Koh and Liang, "Understanding Black-box Predictions via Influence
Functions", ICML 2017, turn single decisions by a few training rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array


@dataclass(frozen=True)
class Victims:
    """Decisions that are to be turned.

    Attributes:
        rows: positions in the test data, shape (m,), int64.
        wanted: the false class for each, shape (m,), int64.
    """

    rows: Array
    wanted: Array


def draw(answers: Array, codes: Array, n_classes: int, *, count: int, seed: int) -> Victims:
    """Draw rows whose answer is right and does not depend on the training's luck, each with a false class.

    Args:
        answers: of several clean models, shape (models, n), int.
        codes: true class codes, shape (n,), int.
        n_classes: number of classes, at least 2.
        count: rows to draw; fewer where fewer are answered right by every model.
    """
    rng = np.random.default_rng(seed)
    steady = np.flatnonzero((np.asarray(answers) == codes).all(axis=0))
    rows = rng.permutation(steady)[:count]
    return Victims(rows, (np.asarray(codes)[rows] + rng.integers(1, n_classes, len(rows))) % n_classes)
