"""Projected gradient descent with restarts, also towards each likely wrong class.

A network that hides its gradient by saturated scores has no slope of its own class's loss, but its loss of any other
class is steep there. So after the usual steps, the attack descends the loss of the most likely other classes.

Source: Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018; the targeted restarts
follow Gowal et al., "An Alternative Surrogate Loss for PGD-based Adversarial Testing", 2019. Differs in that the step
shrinks by a cosine and that the classes for restarts are those of the scores where there are any.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._search import Search
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "gradients"
_STEPS = 20
_TARGETS = 9


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Follow the gradient for 20 steps, from the row, from a random point, and towards up to nine other classes.

    Args:
        target: the model under attack; has to give gradients.
        x: rows, shape (n, ...), float, within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model; `blind` marks rows whose every gradient was zero.

    Raises:
        ValueError: the target gives no gradients.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    rng = np.random.default_rng(seed)
    with search.within_budget():
        _descend(search, search.active, None, rng, random_start=False)
        _descend(search, search.active, None, rng, random_start=True)
        order = _likely_classes(search, search.active)
        ranks = np.arange(len(x))
        ranks[search.active] = np.arange(len(order))
        for place in range(min(_TARGETS, target.n_classes - 1)):
            rows = search.active
            _descend(search, rows, order[ranks[rows], place], rng, random_start=place > 0)
    return search.outcome()


def _descend(
    search: Search, rows: Array, towards: Array | None, rng: np.random.Generator, *, random_start: bool
) -> None:
    """Steps from each row; `towards` are class codes to descend to, None ascends the true class's loss."""
    if not len(rows):
        return
    points = search.x[rows].copy()
    if random_start:
        step = rng.uniform(-1, 1, points.shape) * search.epsilon
        points = search.project(rows, (points + step).astype(points.dtype))
    codes = search.y[rows] if towards is None else towards
    sign = 1.0 if towards is None else -1.0
    for number in range(_STEPS):
        if not len(rows):
            return
        # half a cosine: long steps first, and the last ones settle at the border
        length = search.epsilon * (0.05 + 0.5 * (1 + np.cos(np.pi * number / _STEPS)))
        direction = sign * _unit(search.gradients(rows, points, codes), search.norm)
        points = search.project(rows, (points + length * direction).astype(points.dtype))
        if number % 4 == 3:
            search.labels(rows, points)
            still = np.isin(rows, search.active)
            rows, points, codes = rows[still], points[still], codes[still]


def _unit(gradient: Array, norm: Norm) -> Array:
    if norm == "linf":
        return np.sign(gradient)
    flat = gradient.reshape(len(gradient), -1).astype(np.float64)
    # scaled by the largest value first: squares of a steep network's gradient overflow
    flat = flat / np.maximum(np.abs(flat).max(axis=1, keepdims=True), 1e-300)
    length = np.sqrt((flat * flat).sum(axis=1, keepdims=True))
    return np.asarray((flat / np.maximum(length, 1e-12)).reshape(gradient.shape))


def _likely_classes(search: Search, rows: Array) -> Array:
    """Other classes of each row, most likely first, shape (m, n_classes - 1)."""
    classes = search.target.n_classes
    scores = np.zeros((len(rows), classes))
    if search.target.has_scores and len(rows):
        scores = np.array(search.target.scores(search.x[rows]), dtype=np.float64)
    scores[np.arange(len(rows)), search.y[rows]] = -np.inf
    return np.argsort(-scores, axis=1, kind="stable")[:, : classes - 1]
