"""Pickled, skops and in-memory estimators: the answers of the original, gradients that finite differences confirm."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, OneHotEncoder, StandardScaler

from audit import models
from audit.errors import SubjectError, UnknownName
from audit.isolation import Isolated
from audit.models import Source, callable, load
from audit.subject import Subject


def table() -> pd.DataFrame:
    x, y = load_iris(return_X_y=True, as_frame=True)
    x.columns = ["sl", "sw", "pl", "pw"]
    frame: pd.DataFrame = x.assign(soil=np.where(y == 1, "clay", "sand"), kind=np.array(["c", "a", "b"])[y])
    return frame


def estimator() -> Any:
    columns = ColumnTransformer([("n", StandardScaler(), ["sl", "sw", "pl", "pw"]), ("c", OneHotEncoder(), ["soil"])])
    frame = table()
    return make_pipeline(columns, RandomForestClassifier(5, random_state=0)).fit(
        frame.drop(columns="kind"), frame["kind"]
    )


def write(path: Path, model: Any) -> None:
    if path.suffix == ".skops":
        skops.io.dump(model, path)
    elif path.suffix == ".joblib":
        joblib.dump(model, path, compress=3)
    else:
        path.write_bytes(pickle.dumps(model))


@pytest.mark.parametrize("name", ["m.skops", "m.joblib", "m.pkl", "m.pickle"])
def test_round_trip_with_columns_in_another_order(tmp_path: Path, name: str) -> None:
    model, frame = estimator(), table()
    write(tmp_path / name, model)
    frame[frame.columns[::-1]].to_csv(tmp_path / "t.csv", index=False)
    text = f"subject: s\nmodel: {{path: {name}}}\ndata: {{test: {{path: t.csv}}}}\ntarget: kind\n"
    (tmp_path / "audit.yaml").write_text(text)
    subject = Subject.load(tmp_path / "audit.yaml")
    x = frame.drop(columns="kind")
    np.testing.assert_allclose(subject.probabilities(subject.test), model.predict_proba(x), atol=1e-12)
    assert [subject.classes[code] for code in subject.predict(subject.test)] == model.predict(x).tolist()
    assert subject.model_columns == tuple(x.columns)
    assert "model" in {file.role for file in subject.files}


class Runs:
    """Its pickle makes a folder when it is opened."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (self.path,)


def test_a_file_that_runs_code_is_not_opened(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    content = pickle.dumps(Runs(str(trace)))
    with pytest.raises(SubjectError, match="mkdir"):
        Isolated().open(Source(path=tmp_path / "m.pkl", content=content), "joblib")
    assert not trace.exists()
    with pytest.raises(SubjectError):
        load(Source(path=tmp_path / "m.pkl", content=content), "joblib")  # without the scan it would have run
    assert trace.exists(), "the test proves nothing if the pickle is harmless"


def test_what_the_scan_cannot_read_is_not_opened(tmp_path: Path) -> None:
    whole = pickle.dumps(estimator())
    with pytest.raises(SubjectError, match="not opened"):
        Isolated().open(Source(path=tmp_path / "m.pkl", content=whole[: len(whole) // 2]), "joblib")


def test_trusted_names_widen_the_list() -> None:
    content = pickle.dumps(urlsplit("a:b"))
    with pytest.raises(SubjectError, match="does not know as harmless") as caught:
        Isolated().open(Source(path=Path("m.pkl"), content=content), "joblib")
    names = str(caught.value).partition("it uses ")[2].partition(", which")[0].split(", ")
    with pytest.raises(SubjectError, match="has to have predict"):  # opened, and found to be no model
        Isolated(trusted=names).open(Source(path=Path("m.pkl"), content=content), "joblib")


@pytest.mark.parametrize("format", ["joblib", "skops"])
@pytest.mark.parametrize("content", [b"", b"{}", b"PK\x03\x04", b"\x80\x05."])
def test_damaged_files_are_errors(format: str, content: bytes) -> None:
    with pytest.raises(SubjectError):
        load(Source(path=Path("m.x"), content=content), format)


def test_formats_are_found_by_suffix() -> None:
    assert models.format_of("a/B.ONNX") == "onnx"
    assert models.format_of("m.bin", "joblib") == "joblib"
    with pytest.raises(UnknownName, match="skops"):
        models.format_of("m.skop")
    with pytest.raises(UnknownName, match="onnx"):
        models.format_of("m.bin", "onxn")
    assert {name for name in models.formats() if models.runs_code(name)} == {"joblib", "skops", "torch"}


@pytest.mark.parametrize(
    "scaler", [None, StandardScaler(), StandardScaler(with_mean=False), MinMaxScaler(), MaxAbsScaler()]
)
@pytest.mark.parametrize("kinds", [2, 3])
@pytest.mark.parametrize(
    "last",
    [
        LogisticRegression(max_iter=500),
        MLPClassifier((6, 5), max_iter=15, random_state=0),
        MLPClassifier((6,), activation="tanh", max_iter=15, random_state=0),
        MLPClassifier((6,), activation="logistic", max_iter=15, random_state=0),
    ],
    ids=["logistic", "relu", "tanh", "sigmoid"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_gradients_are_those_of_finite_differences(last: Any, kinds: int, scaler: Any) -> None:
    x, y = load_iris(return_X_y=True)
    x, y = x[y < kinds], y[y < kinds]
    model = (last if scaler is None else make_pipeline(scaler, last)).fit(x, y)
    gradient = callable.wrap(model).gradient
    assert gradient is not None
    rows = slice(0, len(x), 13)
    found, step = gradient(x[rows], y[rows]), 1e-5

    def loss(points: np.ndarray) -> np.ndarray:
        return np.asarray(-np.log(model.predict_proba(points)[np.arange(len(points)), y[rows]]))

    for column in range(4):
        shift = np.eye(4)[column] * step
        expected = (loss(x[rows] + shift) - loss(x[rows] - shift)) / (2 * step)
        np.testing.assert_allclose(found[:, column], expected, rtol=2e-3, atol=1e-6)


def test_no_gradient_where_there_is_no_closed_form() -> None:
    x, y = load_iris(return_X_y=True)

    class Own(LogisticRegression):
        """May compute something else than its parent."""

    for model in (
        RandomForestClassifier(2),
        Own(max_iter=500),
        make_pipeline(MinMaxScaler(clip=True), LogisticRegression()),
    ):
        assert callable.wrap(model.fit(x, y)).gradient is None


def test_a_frame_model_takes_gradients_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    frame = table().drop(columns="soil")
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame.drop(columns="kind"), frame["kind"])
    subject = Subject.in_memory(model=model, test=frame, target="kind")
    x = frame[list(subject.model_columns)].to_numpy()
    assert subject.gradient(x, subject.codes(subject.test)).shape == x.shape
    assert not recwarn.list


def test_what_is_no_model() -> None:
    with pytest.raises(SubjectError, match="has to have predict"):
        callable.wrap(7)
    buffer = io.BytesIO()
    joblib.dump({"a": 1}, buffer)
    with pytest.raises(SubjectError, match="found dict"):
        load(Source(content=buffer.getvalue()), "joblib")


def rewritten(change: Callable[[dict[str, Any]], object]) -> bytes:
    """A skops file of a fitted model whose tree somebody edited."""
    rows = table()[["sl", "sw", "pl", "pw"]]
    with zipfile.ZipFile(
        io.BytesIO(skops.io.dumps(LogisticRegression(max_iter=500).fit(rows, table()["kind"])))
    ) as zipped:
        parts = {name: zipped.read(name) for name in zipped.namelist()}
    schema = json.loads(parts["schema.json"])
    parts["schema.json"] = json.dumps(change(schema) or schema).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return target.getvalue()


def json_node(value: object) -> dict[str, Any]:
    kind = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "__id__": 1}
    return {**kind, "content": json.dumps(value), "is_json": True}


@pytest.mark.parametrize(
    "change",
    [
        lambda schema: [1, 2],
        lambda schema: schema.update(content=None),
        lambda schema: schema.update(content=[]),
        lambda schema: schema.update(protocol=999),
        lambda schema: schema["content"]["content"].pop("coef_"),
        lambda schema: schema["content"]["content"].update(classes_=json_node(5)),
        lambda schema: schema["content"]["content"].update(coef_=json_node(None)),
        lambda schema: schema["content"]["content"].update(n_features_in_=json_node([1])),
    ],
)
def test_skops_files_with_parts_missing_are_errors_of_the_file(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(SubjectError, match=r"m\.skops"):
        load(Source(path=Path("m.skops"), content=rewritten(change)), "skops").predict(
            table()[["sl", "sw", "pl", "pw"]]
        )


def test_the_unedited_file_answers() -> None:
    model = load(Source(path=Path("m.skops"), content=rewritten(lambda schema: None)), "skops")
    assert set(model.predict(table()[["sl", "sw", "pl", "pw"]])) <= set("abc")
