"""Projected gradient descent as the Adversarial Robustness Toolbox implements it.

A second implementation by other people, to hold against `apgd`. It is not part of the default choice, since loading ART
takes longer than most attacks.

Source: Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018; code of ART 1.20.
"""

from __future__ import annotations

from attacks._art import projected_gradient
from attacks.distance import Array, Norm
from attacks.evasion._search import Search
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "gradients"
_STEPS = 20
_RESTARTS = 3


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Run 20 steps from three random points.

    Args:
        target: the model under attack; has to give gradients.
        x: rows, shape (n, ...), float, within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model. A budget that ends early leaves nothing, as ART keeps no partial
        result.

    Raises:
        ValueError: the target gives no gradients.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    rows = search.active
    if len(rows):
        before = target.rows
        with search.within_budget():
            found = projected_gradient(
                target, x, search.y, epsilon=epsilon, norm=norm, steps=_STEPS, restarts=_RESTARTS, seed=seed
            )
            search.queries += (target.rows - before) // len(x)
            search.labels(rows, search.project(rows, found))
    return search.outcome()
