"""The only file that imports ART: shows a Target to ART's attacks as an estimator with loss gradients.

ART is imported inside the function, since it loads 2,700 modules in four seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from attacks.distance import Array, Norm
from attacks.target import Target


def projected_gradient(
    target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm, steps: int, restarts: int, seed: int
) -> Array:
    """ART's projected gradient descent (`ProjectedGradientDescentNumpy`).

    Args:
        target: has to give gradients.
        x: rows, shape (n, ...), float.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance.
        norm: "linf" or "l2".
        steps: gradient steps of each restart.
        restarts: random starting points a row.
        seed: of every random choice.

    Returns:
        ART's points, same shape and dtype as `x`; not checked against anything.

    Raises:
        QueryBudgetExceeded: the target's budget does not last for all steps.
    """
    from art.attacks.evasion import ProjectedGradientDescentNumpy

    attack = ProjectedGradientDescentNumpy(
        _estimator(target, x), norm=np.inf if norm == "linf" else 2, eps=epsilon, eps_step=2.5 * epsilon / steps,
        max_iter=steps, num_random_init=restarts, batch_size=len(x), verbose=False,
    )  # fmt: skip
    # ART draws from numpy's global state; it is put back, so that nobody else sees the seed
    state = np.random.get_state()
    try:
        np.random.seed(seed)
        found = attack.generate(x=x, y=np.eye(target.n_classes, dtype=np.float32)[y])
    finally:
        np.random.set_state(state)
    return np.asarray(found, dtype=x.dtype)


def _estimator(target: Target, x: Array) -> Any:
    from art.estimators import BaseEstimator, LossGradientsMixin
    from art.estimators.classification.classifier import ClassifierMixin

    def predict(self: Any, rows: Array, **_: Any) -> Array:
        answers = target.predict(np.asarray(rows, dtype=x.dtype))
        return np.eye(target.n_classes, dtype=np.float32)[answers]

    def loss_gradient(self: Any, rows: Array, labels: Array, **_: Any) -> Array:
        return target.gradient(np.asarray(rows, dtype=x.dtype), np.asarray(labels).argmax(axis=1))

    def nothing_to_train(self: Any, *_: Any, **__: Any) -> None:
        raise NotImplementedError("a target answers; it cannot be trained")

    members = {
        "predict": predict,
        "loss_gradient": loss_gradient,
        "fit": nothing_to_train,
        "input_shape": property(lambda self: x.shape[1:]),
    }
    kind = type("TargetEstimator", (ClassifierMixin, LossGradientsMixin, BaseEstimator), members)
    estimator = kind(model=None, clip_values=(np.min(target.low), np.max(target.high)))
    estimator.nb_classes = target.n_classes
    return estimator
