"""Gradients of scikit-learn models that have one in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.models import _kernel_gradient

if TYPE_CHECKING:
    import numpy as np

_LINEAR = (
    "LogisticRegression", "LogisticRegressionCV", "SGDClassifier", "LinearSVC", "RidgeClassifier", "RidgeClassifierCV",
    "Perceptron", "PassiveAggressiveClassifier", "LinearDiscriminantAnalysis",
)  # fmt: skip


@dataclass(frozen=True)
class _Line:
    """What a scaler does to each column: times slope, plus shift."""

    slope: Any
    shift: Any


Gradient = Callable[["np.ndarray", "np.ndarray"], "np.ndarray"]


def gradient_of(estimator: Any) -> Gradient | None:
    """Gradient of the cross-entropy with respect to the input, None where there is no closed form here.

    Known are linear classifiers, MLPClassifier, SVC and NuSVC, alone or behind scalers (StandardScaler, MinMaxScaler,
    MaxAbsScaler) in a Pipeline. Where a model gives no probabilities, or such without a slope, softmax of its decision
    values takes their place. Derived classes are left out: they may compute something else.
    """
    steps = [step for _, step in estimator.steps] if _is(estimator, "Pipeline") else [estimator]
    scales: list[Any] = []
    for step in steps[:-1]:
        if step is None or isinstance(step, str):
            continue
        if not _is(step, "StandardScaler", "MinMaxScaler", "MaxAbsScaler") or getattr(step, "clip", False):
            return None
        scales.append(step)
    last = steps[-1]
    inner = _inner(last)
    if inner is None:
        return None

    def gradient(x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        import numpy as np

        scaled = np.asarray(x, dtype=np.float64)
        factor = np.ones(scaled.shape[1])
        for scale in scales:
            line = _line(scale)
            scaled = scaled * line.slope + line.shift
            factor = factor * line.slope
        return inner(last, scaled, np.asarray(codes)) * factor

    return gradient


def _inner(model: Any) -> Callable[[Any, np.ndarray, np.ndarray], np.ndarray] | None:
    """Gradient of a fitted model without what stands before it."""
    if _is(model, *_LINEAR) and hasattr(model, "coef_") and not hasattr(model.coef_, "toarray"):
        lines = 1 if model.coef_.ndim == 1 else len(model.coef_)
        if lines != (1 if len(model.classes_) == 2 else len(model.classes_)):
            return None  # several targets at once
        rest = _is(model, "SGDClassifier") and model.loss == "log_loss"
        rest = rest or getattr(model, "multi_class", "auto") == "ovr" or getattr(model, "solver", "") == "liblinear"
        return _one_against_rest if rest and lines > 1 and hasattr(model, "predict_proba") else _linear
    if _is(model, "MLPClassifier") and hasattr(model, "coefs_"):
        return _perceptron
    if _is(model, "SVC", "NuSVC") and _kernel_gradient.known(model):
        return _kernel_gradient.gradient
    return None


def _is(estimator: Any, *names: str) -> bool:
    kind = type(estimator)
    return kind.__name__ in names and kind.__module__.startswith("sklearn.")


def _line(scale: Any) -> _Line:
    """A scaler as slope and shift, by column; its own `transform` would ask for column names."""
    kind = type(scale).__name__
    if kind == "MinMaxScaler":
        return _Line(scale.scale_, scale.min_)
    slope = 1.0 if scale.scale_ is None else 1.0 / scale.scale_
    mean = getattr(scale, "mean_", None) if getattr(scale, "with_mean", False) else None
    return _Line(slope, 0.0 if mean is None else -mean * slope)


def _linear(model: Any, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
    import numpy as np
    from scipy.special import expit, softmax

    weights = np.atleast_2d(model.coef_)
    values = x @ weights.T + model.intercept_
    if len(weights) == 1:  # two classes: one row of weights, that of the second class
        return np.asarray((expit(values) - codes[:, None]) @ weights)
    error = softmax(values, axis=1)
    error[np.arange(len(x)), codes] -= 1.0
    return np.asarray(error @ model.coef_)


def _one_against_rest(model: Any, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """One probability a class, scaled to sum to 1."""
    import numpy as np
    from scipy.special import expit

    values = x @ model.coef_.T + model.intercept_
    each = expit(values)
    error = each / np.maximum(each.sum(axis=1, keepdims=True), 1e-300)
    error[np.arange(len(x)), codes] -= 1.0
    return np.asarray((error * expit(-values)) @ model.coef_)


def _perceptron(model: Any, x: np.ndarray, codes: np.ndarray) -> np.ndarray:
    import numpy as np

    layers = [x]
    for position, (weights, bias) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        values = layers[-1] @ weights + bias
        layers.append(_activated(values, model.activation) if position < len(model.coefs_) - 1 else values)
    error = _output_error(layers[-1], codes, model.out_activation_)
    for position in range(len(model.coefs_) - 1, 0, -1):
        error = (error @ model.coefs_[position].T) * _slope(layers[position], model.activation)
    return np.asarray(error @ model.coefs_[0].T)


def _output_error(values: np.ndarray, codes: np.ndarray, activation: str) -> np.ndarray:
    import numpy as np
    from scipy.special import expit, softmax

    if activation == "logistic":
        return np.asarray(expit(values) - codes[:, None])
    error = softmax(values, axis=1)
    error[np.arange(len(values)), codes] -= 1.0
    return np.asarray(error)


def _activated(values: np.ndarray, activation: str) -> np.ndarray:
    import numpy as np
    from scipy.special import expit

    if activation == "relu":
        return np.asarray(np.maximum(values, 0.0))
    if activation == "tanh":
        return np.asarray(np.tanh(values))
    return np.asarray(expit(values)) if activation == "logistic" else values


def _slope(activated: np.ndarray, activation: str) -> Any:
    """Derivative of the activation, from its own value."""
    if activation == "relu":
        return activated > 0
    if activation == "tanh":
        return 1.0 - activated**2
    return activated * (1.0 - activated) if activation == "logistic" else 1.0
