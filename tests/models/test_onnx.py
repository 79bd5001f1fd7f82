"""ONNX files answer as the estimators that they were converted from, with the classes in the right order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from audit.errors import SubjectError
from audit.models import Model, Source, load
from audit.subject import Subject

NAMES = ["sl", "sw", "pl", "pw"]
X, Y = load_iris(return_X_y=True)
X = X.astype(np.float32)
WORDS = np.array(["c", "a", "b"])[Y]  # classes that are not in the order in which they appear
MODELS = (
    LogisticRegression(max_iter=300),
    RandomForestClassifier(5, random_state=0),
    MLPClassifier((8,), max_iter=20, random_state=0),
    KNeighborsClassifier(),
)


def opened(model: onnx.ModelProto, **settings: Any) -> Model:
    return load(Source(path=Path("model.onnx"), content=model.SerializeToString(), **settings), "onnx")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize("labels", [Y, WORDS], ids=["numbers", "words"])
@pytest.mark.parametrize("estimator", MODELS, ids=lambda model: type(model).__name__)
def test_round_trip(estimator: Any, labels: np.ndarray, zipmap: bool) -> None:
    estimator.fit(X, labels)
    model = opened(to_onnx(estimator, X[:1], options={id(estimator): {"zipmap": zipmap}}, target_opset=17))
    assert model.classes == tuple(estimator.classes_.tolist())
    assert model.n_inputs == 4
    assert model.scores is not None
    np.testing.assert_array_equal(model.predict(X), estimator.predict(X))
    np.testing.assert_allclose(model.scores(X), estimator.predict_proba(X), atol=1e-5)


def mixed() -> pd.DataFrame:
    frame = pd.DataFrame(X.astype(float), columns=NAMES)
    return frame.assign(n=np.arange(150) % 7, soil=np.where(Y == 1, "clay", "sand"), kind=WORDS)


def mixed_model(folder: Path) -> Any:
    frame = mixed()
    columns = ColumnTransformer([("n", StandardScaler(), [*NAMES, "n"]), ("c", OneHotEncoder(), ["soil"])])
    estimator = make_pipeline(columns, LogisticRegression(max_iter=500)).fit(frame.drop(columns="kind"), frame["kind"])
    types = [(name, FloatTensorType([None, 1])) for name in NAMES]
    types += [("n", Int64TensorType([None, 1])), ("soil", StringTensorType([None, 1]))]
    (folder / "model.onnx").write_bytes(to_onnx(estimator, initial_types=types, target_opset=17).SerializeToString())
    return estimator


def test_one_input_a_column_goes_by_name(tmp_path: Path) -> None:
    estimator, frame = mixed_model(tmp_path), mixed()
    frame[frame.columns[::-1]].to_csv(tmp_path / "test.csv", index=False)
    (tmp_path / "audit.yaml").write_text(
        "subject: s\nmodel: {path: model.onnx}\ndata: {test: {path: test.csv}}\ntarget: kind\n"
    )
    subject = Subject.load(tmp_path / "audit.yaml")
    features = frame.drop(columns="kind")
    assert subject.classes == ("a", "b", "c")
    assert set(subject.model_columns) == set(features.columns)
    np.testing.assert_allclose(subject.probabilities(subject.test), estimator.predict_proba(features), atol=1e-5)
    for column, value in (("soil", None), ("n", 1.5), ("n", np.nan)):
        broken = features.astype({"n": float})
        broken.loc[3, column] = value
        with pytest.raises(SubjectError, match=f'"{column}"'):
            subject.predict(broken)
    with pytest.raises(SubjectError, match='"soil"'):
        subject.predict(features.drop(columns="soil"))


def test_row_21_a_number_beyond_float32_is_an_error() -> None:
    model = opened(to_onnx(LogisticRegression(max_iter=300).fit(X, Y), X[:1], target_opset=17))
    with pytest.raises(SubjectError, match="row 1"):
        model.predict(np.array([[1.0] * 4, [1.0, 1e39, 1.0, 1.0]]))


def test_regression() -> None:
    x, y = load_diabetes(return_X_y=True)
    estimator = LinearRegression().fit(x.astype(np.float32), y)
    model = opened(to_onnx(estimator, x[:1].astype(np.float32), target_opset=17), regression=True)
    subject = Subject.in_memory(model=model, test=(x, y), task="regression")
    np.testing.assert_allclose(subject.predict(subject.test), estimator.predict(x), rtol=1e-4)


def network(last: str | None, outputs: int = 3, external: bool = False) -> onnx.ModelProto:
    """A linear layer, with an activation at its end or without."""
    weights = np.random.default_rng(0).normal(size=(4, outputs)).astype(np.float32)
    tensor = onnx.numpy_helper.from_array(weights, "w")
    if external:
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="/etc/passwd")
    nodes = [helper.make_node("MatMul", ["x", "w"], ["z"])]
    nodes.append(helper.make_node(last or "Identity", ["z"], ["out"]))
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 4])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [None, outputs])],
        [tensor],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.mark.parametrize(("last", "outputs"), [(None, 3), ("Softmax", 3), (None, 1), ("Sigmoid", 1)])
def test_logits_and_probabilities_are_told_apart(last: str | None, outputs: int) -> None:
    model = opened(network(last, outputs))
    z = X @ np.random.default_rng(0).normal(size=(4, outputs)).astype(np.float32)
    if outputs == 1:
        second = 1 / (1 + np.exp(-z))
        expected = np.hstack([1 - second, second])
    else:
        expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert model.scores is not None
    np.testing.assert_allclose(model.scores(X), expected, atol=1e-5)
    np.testing.assert_array_equal(model.predict(X), expected.argmax(axis=1))


def test_weights_in_other_files_are_refused() -> None:
    with pytest.raises(SubjectError, match="other files"):
        opened(network(None, external=True))


@pytest.mark.parametrize("content", [b"", b"{}", b"\x08\x07", b"\0" * 50])
def test_damaged_files_are_errors(content: bytes) -> None:
    with pytest.raises(SubjectError, match=r"model\.onnx"):
        load(Source(path=Path("model.onnx"), content=content), "onnx")


def test_wrong_shape_is_an_error() -> None:
    with pytest.raises(SubjectError, match="inputs of shape"):
        opened(network(None)).predict(np.zeros((2, 5)))
