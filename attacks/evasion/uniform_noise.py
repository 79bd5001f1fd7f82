"""Random points within epsilon, half of them corners: the weakest attack, and the only one that nothing can blind.

Source: a plain random search; nothing smarter should ever find less.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._search import Search, repeat, resample_categories
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
    with search.within_budget():
        tries = min(_TRIES, search.per_row(_TRIES))
        while tries > 0 and len(active := search.active):
            count = min(tries, search.per_call(len(active), _PER_CALL, _TRIES))
            rows = repeat(active, count)
            search.labels(rows, _random_points(search, rows, rng))
            tries -= count
    return search.outcome()


def _random_points(search: Search, rows: Array, rng: np.random.Generator) -> Array:
    shape = search.x[rows].shape
    step = rng.uniform(-1.0, 1.0, shape)
    corner = (np.arange(len(rows)) % 2 == 0).reshape((-1,) + (1,) * (len(shape) - 1))
    step = np.where(corner, np.sign(step), step)
    if search.norm == "l2":
        length = np.sqrt((step * step).reshape(len(rows), -1).sum(axis=1))
        step = step / length.reshape(corner.shape)
    points = (search.x[rows] + search.epsilon * step).astype(search.x.dtype)
    return search.project(rows, resample_categories(search, rows, points, rng, 0.75))
