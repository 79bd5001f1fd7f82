"""Moves points that fool a model back towards their rows, to show the smallest change rather than any."""

from __future__ import annotations

import numpy as np

from attacks.distance import Array
from attacks.target import Target

_HALVINGS = 6


def closer(target: Target, x: Array, y: Array, adversarial: Array) -> Array:
    """Bisect between each row and its adversarial point, within bounds and constraints.

    Args:
        target: the model; pays six rows for each row.
        x: rows, shape (n, ...), none equal to its adversarial point.
        y: true class codes, shape (n,).
        adversarial: points that fool the model, same shape as `x`.

    Returns:
        Points that fool the model and are no further away, same shape. A change of category stays.
    """
    best = adversarial.copy()
    if not len(x):
        return best
    low, high = np.zeros(len(x)), np.ones(len(x))
    shape = (-1,) + (1,) * (x.ndim - 1)
    counted = np.ones(x.shape[1:], dtype=bool) if target.constraints is None else target.constraints.budgeted
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        between = np.where(counted, x + middle.reshape(shape) * (adversarial - x), adversarial).astype(x.dtype)
        points = target.clip(between)
        if target.constraints is not None:
            points = target.constraints.project(x, points)
        wrong = target.predict(points) != y
        best[wrong] = points[wrong]
        low, high = np.where(wrong, low, middle), np.where(wrong, middle, high)
    return best
