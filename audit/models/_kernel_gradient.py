"""Gradient of support vector machines, from their support vectors.

Source: the decision value of two classes is `sum(dual * kernel(support, x)) + intercept`; with more classes, there is
one for each pair. Their answer counts votes, which have no slope. A class's score is taken here as the sum of the
logarithms of `expit` of its pairs instead, which orders classes as the votes do where pairs are clear.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

KERNELS = ("linear", "poly", "rbf", "sigmoid")


@dataclass(frozen=True)
class _Kernel:
    """Kernel of rows with support vectors, shape (m, s), and its derivative by what is inside it."""

    value: np.ndarray
    slope: np.ndarray


def known(model: Any) -> bool:
    """Whether this file can follow a fitted SVC or NuSVC."""
    return getattr(model, "kernel", None) in KERNELS and hasattr(getattr(model, "dual_coef_", None), "shape") and not (
        getattr(model, "_sparse", False)
    )  # fmt: skip


def gradient(model: Any, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Gradient of the cross-entropy of `softmax` of the class scores, `expit` of the decision value for two classes."""
    import numpy as np

    kernel = _kernel(model, x)
    weights = _pair_weights(model)
    values = kernel.value @ weights.T + model.intercept_
    # by how much each support vector's kernel moves the loss
    pull = (_pair_errors(values, codes, len(model.classes_)) @ weights) * kernel.slope
    found = pull @ model.support_vectors_
    if model.kernel == "rbf":
        found = found - pull.sum(axis=1, keepdims=True) * x
    return np.asarray(found)


def _kernel(model: Any, x: np.ndarray) -> _Kernel:
    import numpy as np

    support, gamma = model.support_vectors_, getattr(model, "_gamma", 1.0)
    inner = x @ support.T
    if model.kernel == "linear":
        return _Kernel(inner, np.ones_like(inner))
    if model.kernel == "rbf":
        gaps = (x * x).sum(axis=1)[:, None] - 2 * inner + (support * support).sum(axis=1)
        value = np.exp(-gamma * gaps)
        return _Kernel(value, 2 * gamma * value)
    inside = gamma * inner + model.coef0
    if model.kernel == "poly":
        return _Kernel(inside**model.degree, gamma * model.degree * inside ** (model.degree - 1))
    value = np.tanh(inside)
    return _Kernel(value, gamma * (1 - value**2))


def _pair_weights(model: Any) -> np.ndarray:
    """Weight of each support vector in the decision value of each pair of classes, shape (pairs, s)."""
    import numpy as np

    dual = np.asarray(model.dual_coef_)
    if len(dual) == 1:
        return dual
    ends = np.cumsum(model.n_support_)
    of_class = [slice(end - count, end) for end, count in zip(ends, model.n_support_, strict=True)]
    weights = []
    for first, second in combinations(range(len(of_class)), 2):
        row = np.zeros(dual.shape[1])
        row[of_class[first]] = dual[second - 1, of_class[first]]
        row[of_class[second]] = dual[first, of_class[second]]
        weights.append(row)
    return np.array(weights)


def _pair_errors(values: np.ndarray, codes: np.ndarray, classes: int) -> np.ndarray:
    """Derivative of the loss by each pair's decision value, which is positive for the first class of the pair."""
    import numpy as np
    from scipy.special import expit, log_expit, softmax

    if classes == 2:  # here it is positive for the second class
        return np.asarray(expit(values) - codes[:, None])
    first, second = np.array(list(combinations(range(classes), 2))).T
    scores = np.zeros((len(values), classes))
    for pair in range(len(first)):
        scores[:, first[pair]] += log_expit(values[:, pair])
        scores[:, second[pair]] += log_expit(-values[:, pair])
    error = softmax(scores, axis=1)
    error[np.arange(len(values)), codes] -= 1.0
    return np.asarray(error[:, first] * expit(-values) - error[:, second] * expit(values))
