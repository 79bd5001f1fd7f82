"""Proofs about real models of the libraries that people use, tried by every attack that needs no more than answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from attacks.evasion import (
    coordinate,
    exact_linear,
    exact_trees,
    finite_difference,
    hop_skip_jump,
    nearest_row,
    rays,
    square,
    uniform_noise,
)
from attacks.structure import Linear, read
from attacks.target import Target
from audit.models._structure import inside_of

QUICK = (uniform_noise, coordinate, square)
EVERY = (*QUICK, nearest_row, finite_difference, rays, hop_skip_jump)


def _xgboost(**settings: Any) -> Any:
    return pytest.importorskip("xgboost").XGBClassifier(n_jobs=1, **settings)


def _lightgbm(**settings: Any) -> Any:
    return pytest.importorskip("lightgbm").LGBMClassifier(n_jobs=1, verbose=-1, **settings)


MODELS: dict[str, Callable[[], Any]] = {
    "random forest": lambda: RandomForestClassifier(15, random_state=0),
    "pruned forest": lambda: RandomForestClassifier(15, min_samples_leaf=5, random_state=0),
    "extra trees": lambda: ExtraTreesClassifier(10, max_depth=6, random_state=0),
    "gradient boosting": lambda: GradientBoostingClassifier(n_estimators=10, random_state=0),
    "histogram boosting": lambda: HistGradientBoostingClassifier(max_iter=10, random_state=0),
    "xgboost": lambda: _xgboost(n_estimators=10, max_depth=4),
    "lightgbm": lambda: _lightgbm(n_estimators=10),
    "scaled xgboost": lambda: make_pipeline(StandardScaler(), _xgboost(n_estimators=10, max_depth=4)),
    "scaled forest": lambda: make_pipeline(MinMaxScaler(), RandomForestClassifier(15, random_state=0)),
    "logistic regression": lambda: LogisticRegression(),
    "scaled logistic regression": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
}


def fitted(name: str, classes: int, dtype: type) -> Any:
    x, y = make_classification(300, 5, n_informative=4, n_redundant=0, n_classes=classes, random_state=classes)
    x = ((x - x.min(axis=0)) / np.ptp(x, axis=0)).astype(dtype)
    model = MODELS[name]().fit(x[:200], y[:200])
    right = np.flatnonzero(model.predict(x) == y)
    return model, x[right][-40:], y[right][-40:]


def target_of(model: Any, max_rows: int | None = None) -> Target:
    inside = inside_of(model)
    assert inside is not None
    arrays = inside.arrays()
    return Target(
        lambda rows: model.predict(rows).astype(np.int64), len(model.classes_), scores=model.predict_proba,
        structure=read(arrays, inside.inputs, arrays["source"]), max_rows=max_rows,
    )  # fmt: skip


def proven(model: Any, x: np.ndarray, y: np.ndarray, epsilon: float, norm: str) -> Any:
    target = target_of(model)
    attack = exact_linear if isinstance(target.structure.kind, Linear) else exact_trees
    return attack.run(target, x, y, epsilon=epsilon, norm=norm, seed=0)


def check(name: str, classes: int, dtype: type, norm: str, queries: int, attacks: Any = QUICK) -> None:
    model, x, y = fitted(name, classes, dtype)
    epsilon = 0.06 if norm == "linf" else 0.1
    outcome = proven(model, x, y, epsilon, norm)
    assert outcome.success.any()
    assert outcome.certified.any()
    assert not (outcome.success & outcome.certified).any()
    assert (outcome.success | outcome.certified).mean() >= 0.9
    assert outcome.adversarial.dtype == x.dtype
    assert (model.predict(outcome.adversarial[outcome.success]) != y[outcome.success]).all()
    rows = np.flatnonzero(outcome.certified)
    for attack in attacks:
        tried = attack.run(target_of(model, queries * len(rows)), x[rows], y[rows], epsilon=epsilon, norm=norm, seed=1)
        assert not tried.success.any(), attack.__name__


@pytest.mark.parametrize("name", MODELS)
def test_certified_rows_survive_and_broken_ones_are_broken(name):
    check(name, 2, np.float64, "linf", 60)


@pytest.mark.parametrize("name", ["random forest", "xgboost", "logistic regression"])
def test_three_classes_in_single_precision(name):
    check(name, 3, np.float32, "linf", 60)


@pytest.mark.parametrize("name", ["gradient boosting", "scaled logistic regression"])
def test_euclidean_balls(name):
    check(name, 3, np.float64, "l2", 60)


@pytest.mark.slow
@pytest.mark.parametrize("norm", ["linf", "l2"])
@pytest.mark.parametrize("name", MODELS)
def test_certified_rows_survive_hundreds_of_questions(name, norm):
    check(name, 3, np.float32, norm, 600, EVERY)
