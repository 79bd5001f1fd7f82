"""What is read of a model's inside answers as the model itself does, and what cannot be read is said to be unknown."""

from __future__ import annotations

import json
import pickle
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from attacks.structure import Linear, Structure, Trees, read
from audit import models
from audit.errors import NotMeasurable
from audit.models import Model, Source

xgboost = pytest.importorskip("xgboost")
lightgbm = pytest.importorskip("lightgbm")


def known(model: Model) -> Structure:
    assert model.inside is not None
    arrays = model.inside.arrays()
    assert arrays
    return read(arrays, model.inside.inputs, arrays["source"])


def scores(structure: Structure, x: Any) -> np.ndarray:
    """The plainest evaluation of what was read: each row walks down each tree."""
    rows = structure.inputs(x)
    kind = structure.kind
    if isinstance(kind, Linear):
        return np.asarray(rows @ kind.weights.T + kind.bias)
    found = np.tile(kind.base, (len(rows), 1))
    if kind.single:
        rows = rows.astype(np.float32)
    for place, row in enumerate(rows):
        for node in kind.roots:
            while kind.feature[node] >= 0:
                value = float(row[kind.feature[node]])
                goes_left = value < kind.threshold[node] if kind.strict else value <= kind.threshold[node]
                node = (kind.left if goes_left else kind.right)[node]
            found[place] += kind.value[node]
    return found


CANCER = load_breast_cancer(return_X_y=True)
DIGITS = load_digits(return_X_y=True)
ESTIMATORS: dict[str, Any] = {
    "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
    "sgd": make_pipeline(MinMaxScaler(), SGDClassifier(random_state=0)),
    "ridge": RidgeClassifier(),
    "linear svc": make_pipeline(StandardScaler(), LinearSVC()),
    "discriminant": LinearDiscriminantAnalysis(),
    "tree": DecisionTreeClassifier(max_depth=6, random_state=0),
    "forest": RandomForestClassifier(8, random_state=0),
    "extra trees": make_pipeline(SimpleImputer(), ExtraTreesClassifier(8, random_state=0)),
    "boosting": GradientBoostingClassifier(n_estimators=6, random_state=0),
    "histogram boosting": HistGradientBoostingClassifier(max_iter=6, random_state=0),
    "xgboost": xgboost.XGBClassifier(n_estimators=6, max_depth=4, n_jobs=1),
    "xgboost forest": xgboost.XGBRFClassifier(n_estimators=6, max_depth=4),
    "lightgbm": make_pipeline(StandardScaler(), lightgbm.LGBMClassifier(n_estimators=6, n_jobs=1, verbose=-1)),
}


@pytest.mark.parametrize("data", [CANCER, DIGITS], ids=["two classes", "ten classes"])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_what_was_read_answers_as_the_model(name: str, data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    estimator = ESTIMATORS[name].fit(x[::2], y[::2])
    model = models.load(Source(estimator=estimator), "callable")
    found = scores(known(model), x[1::2][:25])
    assert (found.argmax(axis=1) == estimator.predict(x[1::2][:25])).mean() == 1
    if model.scores is not None and "forest" in name and "xgboost" not in name:
        shares = found / found.sum(axis=1, keepdims=True)  # whole votes are counted, not averaged
        np.testing.assert_allclose(shares, estimator.predict_proba(x[1::2][:25]), atol=1e-9)


@pytest.mark.parametrize("data", [CANCER, DIGITS], ids=["two classes", "ten classes"])
def test_boosters_of_their_own_formats_are_read(data: tuple[np.ndarray, np.ndarray]) -> None:
    x, y = data
    trees = xgboost.XGBClassifier(n_estimators=9, max_depth=4, n_jobs=1, early_stopping_rounds=2)
    trees.fit(x[::2], y[::2], eval_set=[(x[1::2], y[1::2])], verbose=False)
    content = bytes(trees.get_booster().save_raw("ubj"))
    found = known(models.load(Source(content=content), "xgboost"))
    assert (scores(found, x[:25]).argmax(axis=1) == trees.predict(x[:25])).all()
    light = lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1).fit(x[::2], y[::2])
    found = known(models.load(Source(content=light.booster_.model_to_string().encode()), "lightgbm"))
    assert isinstance(found.kind, Trees)
    assert (scores(found, x[:25]).argmax(axis=1) == light.predict(x[:25])).all()


def test_a_pipeline_on_a_mixed_frame_is_read_with_the_column_behind_each_input() -> None:
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "job": generator.choice(["a", "b", "c"], 200),
            "age": generator.integers(20, 60, 200),
            "flag": generator.choice(["no", "yes"], 200),
            "sum": generator.normal(size=200),
        }
    )
    y = (frame["age"] > 40) ^ (frame["job"] == "b")
    encoder = ColumnTransformer(
        [("one", OneHotEncoder(), ["job"]), ("scaled", StandardScaler(), ["age"]), ("order", OrdinalEncoder(), [2])],
        remainder="passthrough",
    )
    estimator = make_pipeline(encoder, RandomForestClassifier(8, random_state=0)).fit(frame, y)
    structure = known(models.load(Source(estimator=estimator), "callable"))
    assert structure.source.tolist() == [0, 0, 0, 1, 2, 3]
    model = models.load(Source(estimator=estimator), "callable")
    assert model.inside is not None
    assert model.inside.arrays()["coded"].tolist() == [True, True, True, False, True, False]
    found = scores(structure, frame)
    np.testing.assert_allclose(found / found.sum(axis=1, keepdims=True), estimator.predict_proba(frame), atol=1e-9)


UNKNOWN: dict[str, Any] = {
    "kernel": SVC(),
    "mixed columns": make_pipeline(PCA(5), LogisticRegression(max_iter=3000)),
    "dart": xgboost.XGBClassifier(n_estimators=3, booster="dart"),
    "linear booster": xgboost.XGBClassifier(n_estimators=3, booster="gblinear"),
    "categories": HistGradientBoostingClassifier(max_iter=3, categorical_features=[0]),
    "a number that means missing": xgboost.XGBClassifier(n_estimators=3, missing=0),
    "a number that is imputed": make_pipeline(SimpleImputer(missing_values=0), RandomForestClassifier(3)),
    "lines in leaves": lightgbm.LGBMClassifier(n_estimators=3, linear_tree=True, n_jobs=1, verbose=-1),
    "zero as missing": lightgbm.LGBMClassifier(n_estimators=3, zero_as_missing=True, n_jobs=1, verbose=-1),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_cannot_be_read_is_unknown(name: str) -> None:
    x, y = CANCER
    x = np.column_stack([np.arange(len(x)) % 5, x])
    model = models.load(Source(estimator=UNKNOWN[name].fit(x, y)), "callable")
    assert model.inside is None or not model.inside.arrays()


def test_a_class_that_computes_something_else_is_unknown() -> None:
    class Shifted(LogisticRegression):
        pass

    assert models.load(Source(estimator=Shifted(max_iter=5000).fit(*CANCER)), "callable").inside is None


def backwards(model: Any, x: np.ndarray) -> np.ndarray:
    return 1 - np.asarray(type(model).predict(model, x))


@pytest.mark.parametrize("part", ["model", "pipeline", "step", "tree"])
def test_a_function_in_place_of_a_method_is_seen(part: str) -> None:
    x, y = CANCER
    pipeline = make_pipeline(StandardScaler(), RandomForestClassifier(3, random_state=0)).fit(x, y)
    parts = {"pipeline": pipeline, "step": pipeline[0], "model": pipeline[-1], "tree": pipeline[-1].estimators_[1]}
    assert known(models.load(Source(estimator=pipeline), "callable"))
    found = parts[part]
    name = "transform" if part == "step" else "predict"
    setattr(found, name, partial(backwards, found))
    model = models.load(Source(estimator=pickle.loads(pickle.dumps(pipeline))), "callable")
    assert model.inside is None or not model.inside.arrays()


def test_single_precision_widens_what_is_undecided() -> None:
    x, y = CANCER
    single = models.load(Source(estimator=RidgeClassifier().fit(x.astype(np.float32), y)), "callable")
    double = models.load(Source(estimator=RidgeClassifier().fit(x, y)), "callable")
    assert known(single).slack > 1e-6 > known(double).slack


@pytest.mark.parametrize("base", [0.5, 0.999, 0.999999, 1e-6])
def test_the_start_of_a_booster_is_that_of_single_precision(base: float) -> None:
    x, y = CANCER
    model = xgboost.XGBClassifier(n_estimators=3, max_depth=2, base_score=base, n_jobs=1).fit(x, y)
    found = scores(known(models.load(Source(estimator=model), "callable")), x[:20])
    margins = model.predict(x[:20], output_margin=True)
    np.testing.assert_allclose(found[:, 1] - found[:, 0], margins, rtol=2e-6, atol=2e-6)


def test_text_among_the_inputs_is_told_without_the_text() -> None:
    frame = pd.DataFrame(CANCER[0][:, :3], columns=["a", "b", "c"])
    model = lightgbm.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1).fit(frame, CANCER[1])
    inside = models.load(Source(estimator=model), "callable").inside
    assert inside is not None
    with pytest.raises(NotMeasurable) as problem:
        inside.inputs(frame.assign(a="Bob"))
    assert "Bob" not in str(problem.value)
    gaps = inside.inputs(frame.assign(a=pd.array([None, *range(len(frame) - 1)], dtype="Int64")))
    assert np.isnan(gaps[0, 0])


def plain_trees() -> dict[str, np.ndarray]:
    values = {
        "feature": [0, -1, -1], "threshold": [0.5, 0, 0], "left": [1, -1, -1], "right": [2, -1, -1],
        "value": [[0, 0], [0, 1], [1, 0]], "roots": [0], "base": [0, 0], "strict": False, "single": True, "slack": 0,
    }  # fmt: skip
    return {name: np.array(value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("left", [0, -1, -1]), ("left", [2, -1, -1]), ("right", [7, -1, -1]), ("right", [-1, -1, -1]),
        ("roots", [0, 0]), ("roots", [5]), ("feature", [3, -1, -1]), ("threshold", [np.nan, 0, 0]),
        ("value", [[0, 0], [0, np.inf], [1, 0]]), ("base", [0]), ("feature", [0.5, -1, -1]), ("slack", -1),
        ("feature", ["a", "b", "c"]),
    ],
)  # fmt: skip
def test_nodes_that_are_no_trees_are_refused(name: str, value: Any) -> None:
    arrays = plain_trees()
    read(arrays, np.asarray, np.arange(1))
    with pytest.raises(ValueError, match=r"\w"):
        read({**arrays, name: np.array(value)}, np.asarray, np.arange(1))


def test_a_loop_beside_the_tree_is_refused() -> None:
    arrays = plain_trees()
    arrays |= {
        "feature": np.array([0, -1, -1, 0, -1]), "threshold": np.zeros(5), "value": np.zeros((5, 2)),
        "left": np.array([1, -1, -1, 3, -1]), "right": np.array([2, -1, -1, 4, -1]),
    }  # fmt: skip
    with pytest.raises(ValueError, match="reached from no root"):
        read(arrays, np.asarray, np.arange(1))


def test_arrays_survive_json() -> None:
    """They hold plain numbers only, so nothing of the object leaves its process."""
    model = models.load(Source(estimator=RandomForestClassifier(3).fit(*CANCER)), "callable")
    assert model.inside is not None
    json.dumps({name: array.tolist() for name, array in model.inside.arrays().items()})


def test_whole_votes_are_told_without_rounding() -> None:
    x, y = DIGITS
    whole = models.load(Source(estimator=RandomForestClassifier(8, random_state=0).fit(x, y)), "callable")
    part = models.load(Source(estimator=RandomForestClassifier(8, max_depth=3, random_state=0).fit(x, y)), "callable")
    assert known(whole).slack == 0
    assert known(part).slack > 0
