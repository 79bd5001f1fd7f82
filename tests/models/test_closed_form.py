"""Gradients of scikit-learn models in closed form, against finite differences of the loss that they are named for."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from scipy.special import log_expit, log_softmax
from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression, Perceptron, RidgeClassifier, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC, NuSVC

from audit.models import callable
from audit.models._closed_form import gradient_of

Loss = Callable[[Any, np.ndarray], np.ndarray]
"""A fitted model and rows to the logarithm of each class's share, shape (n, k)."""


def rows_of(kinds: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = load_iris(return_X_y=True)
    x, y = x + np.random.default_rng(0).normal(0, 0.6, x.shape), y
    return x[y >= 3 - kinds], y[y >= 3 - kinds] - (3 - kinds)


def by_probabilities(model: Any, x: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(model.predict_proba(x)))


def by_decision(model: Any, x: np.ndarray) -> np.ndarray:
    values = model.decision_function(x)
    return np.asarray(log_softmax(np.column_stack([0 * values, values]) if values.ndim == 1 else values, axis=1))


def by_pairs(model: Any, x: np.ndarray) -> np.ndarray:
    """As the votes of a support vector machine, made smooth; from its own decision values of each pair."""
    values = model.set_params(decision_function_shape="ovo").decision_function(x)
    if values.ndim == 1:
        return by_decision(model, x)
    scores = np.zeros((len(x), 3))
    for pair, (first, second) in enumerate(combinations(range(3), 2)):
        scores[:, first] += log_expit(values[:, pair])
        scores[:, second] += log_expit(-values[:, pair])
    return np.asarray(log_softmax(scores, axis=1))


def check(model: Any, inner: Any, loss: Loss, kinds: int) -> None:
    """`inner` is what `loss` asks, for a pipeline as a whole the pipeline itself."""
    x, y = rows_of(kinds)
    gradient = callable.wrap(model).gradient
    assert gradient is not None
    rows, step = x[::7], 1e-5
    for codes in (y[::7], (y[::7] + 1) % kinds):
        found = gradient(rows, codes)
        assert np.abs(found).max() > 1e-3, "a case without a slope would show nothing"
        for column in range(4):
            shift = np.eye(4)[column] * step
            up, down = (-loss(inner, rows + sign * shift)[np.arange(len(rows)), codes] for sign in (1, -1))
            np.testing.assert_allclose(found[:, column], (up - down) / (2 * step), rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize("kinds", [2, 3])
@pytest.mark.parametrize(
    ("model", "loss"),
    [
        (LinearDiscriminantAnalysis(), by_probabilities),
        (SGDClassifier(loss="log_loss", random_state=0, alpha=0.05), by_probabilities),
        (SGDClassifier(loss="hinge", random_state=0, alpha=0.05), by_decision),
        (LinearSVC(), by_decision),
        (RidgeClassifier(), by_decision),
        (Perceptron(random_state=0, max_iter=5, tol=None), by_decision),
        (LogisticRegression(C=0.5, max_iter=500), by_probabilities),
    ],
    ids=["lda", "sgd log_loss", "sgd hinge", "LinearSVC", "ridge", "perceptron", "logistic"],
)
def test_linear_models(model: Any, loss: Loss, kinds: int) -> None:
    fitted = make_pipeline(StandardScaler(), model).fit(*rows_of(kinds))
    check(fitted, fitted, loss, kinds)


@pytest.mark.parametrize("kinds", [2, 3])
@pytest.mark.parametrize(
    "model",
    [SVC(kernel=kernel, C=0.7) for kernel in ("rbf", "linear", "poly")]
    + [SVC(kernel="sigmoid", gamma=0.05), NuSVC(nu=0.4), SVC(kernel="poly", degree=2, coef0=1.0)],
    ids=lambda model: f"{type(model).__name__} {model.kernel}",
)
def test_support_vector_machines(model: Any, kinds: int) -> None:
    fitted = model.fit(*rows_of(kinds))
    check(fitted, fitted, by_pairs, kinds)


def test_models_that_answer_otherwise_have_none() -> None:
    x, y = rows_of(3)
    others = (SVC(kernel=lambda a, b: a @ b.T), OneVsRestClassifier(LinearSVC()))
    for model in others:
        assert gradient_of(model.fit(x, y)) is None
    assert gradient_of(SVC(kernel="precomputed").fit(x @ x.T, y)) is None
    assert gradient_of(RidgeClassifier().fit(x, np.column_stack([y == 1, y == 2]))) is None
