"""XGBoost and LightGBM files answer as the estimators that wrote them, columns in any order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.datasets import load_diabetes, load_wine

from audit.errors import SubjectError
from audit.models import Source, load
from audit.subject import Subject

SMALL: dict[str, Any] = {"n_estimators": 4, "max_depth": 3, "n_jobs": 1, "random_state": 0}


def wine(*, kinds: int = 3, category: bool = False) -> pd.DataFrame:
    x, y = load_wine(return_X_y=True, as_frame=True)
    frame = x[["alcohol", "malic_acid", "ash", "hue"]].assign(kind=np.minimum(y, kinds - 1))
    if category:
        frame["shade"] = np.where(frame["hue"] > 0.9, "dark", np.where(frame["hue"] > 0.7, "mid", "pale"))
    return frame


def split(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    return frame.drop(columns="kind"), frame["kind"]


def written_xgboost(folder: Path, model: Any, suffix: str = "ubj") -> str:
    (folder / f"model.{suffix}").write_bytes(model.get_booster().save_raw("json" if suffix == "json" else "ubj"))
    return f"model.{suffix}"


def written_lightgbm(folder: Path, model: Any) -> str:
    model.booster_.save_model(folder / "model.txt")
    return "model.txt"


def subject_of(folder: Path, frame: pd.DataFrame, name: str, task: str = "classification", extra: str = "") -> Subject:
    frame[frame.columns[::-1]].to_csv(folder / "test.csv", index=False)  # columns in another order than in training
    (folder / "audit.yaml").write_text(
        f"subject: s\ntask: {task}\nmodel: {{path: {name}{extra}}}\ndata: {{test: {{path: test.csv}}}}\ntarget: kind\n"
    )
    return Subject.load(folder / "audit.yaml")


@pytest.mark.parametrize("kinds", [2, 3])
@pytest.mark.parametrize("suffix", ["ubj", "json", "xgb"])
def test_xgboost_round_trip(tmp_path: Path, suffix: str, kinds: int) -> None:
    x, y = split(wine(kinds=kinds))
    model = xgboost.XGBClassifier(**SMALL).fit(x, y)
    subject = subject_of(tmp_path, wine(kinds=kinds), written_xgboost(tmp_path, model, suffix))
    np.testing.assert_array_equal(subject.predict(subject.test), model.predict(x))
    np.testing.assert_allclose(subject.probabilities(subject.test), model.predict_proba(x), atol=1e-6)
    assert subject.classes == tuple(range(kinds))
    assert subject.model_columns == ("alcohol", "malic_acid", "ash", "hue")
    assert not subject.has_gradient


@pytest.mark.parametrize("kinds", [2, 3])
def test_lightgbm_round_trip(tmp_path: Path, kinds: int) -> None:
    x, y = split(wine(kinds=kinds))
    model = lightgbm.LGBMClassifier(**SMALL, verbose=-1).fit(x, y)
    subject = subject_of(tmp_path, wine(kinds=kinds), written_lightgbm(tmp_path, model))
    np.testing.assert_array_equal(subject.predict(subject.test), model.predict(x))
    np.testing.assert_allclose(subject.probabilities(subject.test), model.predict_proba(x), atol=1e-9)


def test_categories_are_those_of_the_training_whatever_the_batch_holds(tmp_path: Path) -> None:
    frame = wine(category=True)
    x, y = split(frame)
    x["shade"] = x["shade"].astype("category")
    for model, written in (
        (xgboost.XGBClassifier(**SMALL, enable_categorical=True).fit(x, y), written_xgboost),
        (lightgbm.LGBMClassifier(**SMALL, verbose=-1).fit(x, y), written_lightgbm),
    ):
        write: Callable[[Path, Any], str] = written
        subject = subject_of(tmp_path, frame, write(tmp_path, model))
        pale = np.flatnonzero((frame["shade"] == "pale").to_numpy())
        expected = model.predict_proba(x)[pale]
        np.testing.assert_allclose(subject.probabilities(subject.test.take(pale)), expected, atol=1e-6)


def test_regression_answers_numbers(tmp_path: Path) -> None:
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    frame = x.assign(kind=y)
    for model, written in (
        (xgboost.XGBRegressor(**SMALL).fit(x, y), written_xgboost),
        (lightgbm.LGBMRegressor(**SMALL, verbose=-1).fit(x, y), written_lightgbm),
    ):
        write: Callable[[Path, Any], str] = written
        subject = subject_of(tmp_path, frame, write(tmp_path, model), task="regression")
        np.testing.assert_allclose(subject.predict(subject.test), model.predict(x), rtol=1e-6)


def test_early_stopping_is_kept(tmp_path: Path) -> None:
    x, y = split(wine())
    model = xgboost.XGBClassifier(n_estimators=60, learning_rate=0.9, early_stopping_rounds=2, n_jobs=1)
    model.fit(x[::2], y[::2], eval_set=[(x[1::2], y[1::2])], verbose=False)
    assert model.best_iteration < 55
    subject = subject_of(tmp_path, wine(), written_xgboost(tmp_path, model))
    np.testing.assert_allclose(subject.probabilities(subject.test), model.predict_proba(x), atol=1e-6)


@pytest.mark.parametrize("objective", ["multi:softmax", "multi:softprob"])
def test_softmax_files_give_probabilities_too(tmp_path: Path, objective: str) -> None:
    x, y = split(wine())
    data = xgboost.DMatrix(x, label=y)
    booster = xgboost.train({"objective": objective, "num_class": 3, "nthread": 1}, data, num_boost_round=3)
    (tmp_path / "m.ubj").write_bytes(booster.save_raw("ubj"))
    subject = subject_of(tmp_path, wine(), "m.ubj")
    margin = booster.predict(data, output_margin=True).reshape(-1, 3)
    expected = np.exp(margin) / np.exp(margin).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(subject.probabilities(subject.test), expected, atol=1e-6)
    np.testing.assert_array_equal(subject.predict(subject.test), expected.argmax(axis=1))


def test_words_need_declared_classes(tmp_path: Path) -> None:
    frame = wine()
    x, y = split(frame)
    model = xgboost.XGBClassifier(**SMALL).fit(x, y)
    words = frame.assign(kind=frame["kind"].map({0: "b", 1: "c", 2: "a"}))
    name = written_xgboost(tmp_path, model)
    unnamed = subject_of(tmp_path, words, name)
    with pytest.raises(SubjectError, match="name the classes"):
        unnamed.codes(unnamed.test)
    subject = subject_of(tmp_path, words, name, extra=", classes: [b, c, a]")
    np.testing.assert_array_equal(subject.predict(subject.test), model.predict(x))
    np.testing.assert_array_equal(subject.codes(subject.test), y)


def test_lightgbm_writes_spaces_as_underscores(tmp_path: Path) -> None:
    frame = wine().rename(columns={"malic_acid": "malic acid"})
    x, y = split(frame)
    model = lightgbm.LGBMClassifier(**SMALL, verbose=-1).fit(x, y)
    subject = subject_of(tmp_path, frame, written_lightgbm(tmp_path, model))
    assert subject.model_columns == tuple(x.columns)
    np.testing.assert_array_equal(subject.predict(subject.test), model.predict(x))
    np.testing.assert_array_equal(subject.predict(x.to_numpy()), model.predict(x))


def test_arrays_without_names(tmp_path: Path) -> None:
    x, y = split(wine())
    model = xgboost.XGBClassifier(**SMALL).fit(x.to_numpy(), y)
    opened = load(Source(path=Path("m.ubj"), content=bytes(model.get_booster().save_raw("ubj"))), "xgboost")
    assert opened.columns == ()
    assert opened.n_inputs == 4
    np.testing.assert_array_equal(opened.predict(x.to_numpy()), model.predict(x.to_numpy()))


@pytest.mark.parametrize("format", ["xgboost", "lightgbm"])
@pytest.mark.parametrize("content", [b"", b"{}", b"{", b"tree\nend of trees\n", b"\xff\xfe\x00"])
def test_damaged_files_are_errors(format: str, content: bytes) -> None:
    with pytest.raises(SubjectError) as caught:
        load(Source(path=Path("m.x"), content=content), format)
    assert "m.x" in str(caught.value)
    assert ":0" not in str(caught.value), "no time of day in a message that lands in the bundle"
