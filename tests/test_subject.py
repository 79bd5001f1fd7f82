"""audit.yaml is read whole or refused with every mistake; features go by name; every answer of a model is looked at."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline

from audit.errors import NotMeasurable, SubjectError, UnknownName
from audit.models import Model
from audit.subject import FeatureSpec, Subject


def iris() -> pd.DataFrame:
    x, y = load_iris(return_X_y=True, as_frame=True)
    x.columns = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    frame: pd.DataFrame = x.assign(kind=y.map({0: "setosa", 1: "versicolor", 2: "virginica"}))
    return frame


def fitted(frame: pd.DataFrame, target: str = "kind") -> LogisticRegression:
    return LogisticRegression(max_iter=500).fit(frame.drop(columns=target), frame[target])


def folder(tmp_path: Path, text: str, **extra: str) -> Path:
    """A folder with a table, a model file whose content does not matter, and an audit.yaml."""
    iris().to_csv(tmp_path / "test.csv", index=False)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    (tmp_path / "train.py").write_text("def fit(x, y, seed):\n    return None\n")
    for name, content in extra.items():
        (tmp_path / name.replace("__", ".")).write_text(content)
    path = tmp_path / "audit.yaml"
    path.write_text(text)
    return path


def problems(path: Path, **options: Any) -> list[str]:
    with pytest.raises(SubjectError) as caught:
        Subject.load(path, **options)
    return str(caught.value).splitlines()


# audit.yaml

WHOLE = """\
subject: iris
version: 1.10
task: classification
model: {path: model.onnx, classes: [setosa, versicolor, virginica]}
data:
  test: {path: test.csv}
  current: {path: test.csv, encoding: latin-1}
target: kind
positive: setosa
groups: [sepal_width]
features:
  sepal_length: {type: number, range: [4, 8], step: 0.1, direction: up, mutable: false}
  petal_length: {type: number}
  kind_of_soil: {type: category, group: soil, transitions: {clay: [sand], sand: []}, personal: true}
rules: ["sepal_length <= 40 * petal_length"]
training: {recipe: "train.py:fit"}
provenance: [test.csv]
documents: {model_card: train.py}
"""


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    path = folder(tmp_path, WHOLE)
    iris().assign(kind_of_soil="clay").to_csv(tmp_path / "test.csv", index=False)
    subject = Subject.load(path)
    assert (subject.name, subject.version, subject.target, subject.positive) == ("iris", "1.10", "kind", "setosa")
    assert subject.features["sepal_length"] == FeatureSpec(
        "sepal_length", "number", mutable=False, range=(4.0, 8.0), step=0.1, direction="up"
    )
    soil = subject.features["kind_of_soil"]
    assert (soil.group, soil.transitions, soil.personal) == ("soil", {"clay": ("sand",), "sand": ()}, True)
    assert subject.missing(("model", "data.train|data.test", "training", "provenance", "data.trusted")) == (
        "data.trusted",
    )
    assert subject.model_path == tmp_path / "model.onnx"
    assert subject.rules
    assert not subject.remote


def test_every_mistake_is_reported_at_once_with_its_place(tmp_path: Path) -> None:
    text = """\
subject: iris
taks: classification
model: {path: modle.onnx, sha256: 12}
data:
  tset: {path: test.csv}
  train: {path: tset.csv, encoding: klingon, delimiter: x}
  trusted: {path: ../test.csv}
  reference: {path: /etc/passwd}
  current: {paht: test.csv}
groups: sex
features:
  a: {type: numbr}
  b: {type: number, range: [2, 1], step: 0, mutable: maybe}
rules: ["a is big"]
training: {recipe: train.py}
provenance: [nowhere.sig]
documents: {model_card: model.onnx, datasheet: audit.yml}
"""
    expected = [
        ("2:1", 'did you mean "task"'),
        ("3:15", 'did you mean "model.onnx"'),
        ("3:35", "64 hexadecimal"),
        ("5:3", 'did you mean "test"'),
        ("6:17", 'did you mean "test.csv"'),
        ("6:37", "klingon"),
        ("6:57", "delimiter"),
        ("7:19", "leaves the folder"),
        ("8:21", "not relative"),
        ("9:3", "no path"),
        ("9:13", 'did you mean "path"'),
        ("10:9", "a list"),
        ("12:13", 'did you mean "number"'),
        ("13:28", "smaller number comes first"),
        ("13:42", "above 0"),
        ("13:54", "true or false"),
        ("14:9", "relation"),
        ("15:20", "FILE.py:FUNCTION"),
        ("16:14", "does not exist"),
        ("17:48", 'did you mean "audit.yaml"'),
    ]
    found = problems(folder(tmp_path, text))
    assert [line.split(": ")[0].removeprefix("audit.yaml:") for line in found] == [place for place, _ in expected]
    for line, (_, words) in zip(found, expected, strict=True):
        assert words in line


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("subject: x\n", "nothing to audit"),
        ("model: {path: model.onnx}\n", '"subject" is missing'),
        ("subject: x\nsubject: y\nmodel: {path: model.onnx}\n", "twice"),
        ("subject: x\nmodel: model.onnx\n", "write it as a mapping"),
        ("subject: x\nmodel: {path: model.onnx, url: 'http://h/'}\n", "one of path, url and command"),
        ("subject: x\nmodel: {path: test.csv}\n", "format: NAME"),
        ("subject: x\nmodel: {path: model.onnx, format: onxn}\n", 'did you mean "onnx"'),
        ("subject: x\nmodel: {url: 'ftp://h/'}\n", "http://"),
        ("subject: x\nmodel: {url: 'https://me:secret@h/'}\n", "environment variable"),
        ("subject: x\nmodel: {url: 'https://h/', headers_from_env: {Authorization: 'Bearer abc'}}\n", "NAME"),
        ("subject: x\nmodel: {url: 'https://h/', rows_per_request: 0}\n", "above 0"),
        ("subject: x\nmodel: {command: python}\n", "a list"),
        ("subject: x\ntask: regression\npositive: 1\ndata: {test: {path: test.csv}}\n", "names a class"),
        (
            "subject: x\ndata: {test: {path: test.csv}}\ntarget: a\nfeatures: {a: {type: number}}\n",
            "cannot be a feature",
        ),
    ],
)
def test_one_mistake(tmp_path: Path, text: str, words: str) -> None:
    found = "\n".join(problems(folder(tmp_path, text)))
    assert words in found
    assert "secret" not in found


def test_a_declared_digest_has_to_match(tmp_path: Path) -> None:
    path = folder(tmp_path, "")
    digest = hashlib.sha256((tmp_path / "test.csv").read_bytes()).hexdigest()
    path.write_text(f"subject: x\ndata: {{test: {{path: test.csv, sha256: {digest}}}}}\n")
    assert Subject.load(path).test.rows == 150
    path.write_text(f"subject: x\ndata: {{test: {{path: test.csv, sha256: {'f' * 64}}}}}\n")
    assert digest in problems(path)[0]
    path.write_text(f"subject: x\nmodel: {{path: model.onnx, sha256: {'f' * 64}}}\n")
    assert "audit.yaml:2:15" in problems(path)[0]


def test_row_37_links_pipes_and_folders_are_found_before_anything_runs(tmp_path: Path) -> None:
    path = folder(tmp_path, "subject: x\nmodel: {path: m.onnx}\ndata: {test: {path: t.csv}, train: {path: sub}}\n")
    (tmp_path / "m.onnx").symlink_to(tmp_path / "model.onnx")
    os.mkfifo(tmp_path / "t.csv")
    (tmp_path / "sub").mkdir()
    found = problems(path)
    assert "symbolic link" in found[0]
    assert "named pipe" in found[1]
    assert "without Parquet files" in found[2]


def test_row_37_a_file_that_is_swapped_during_the_audit_is_noticed(tmp_path: Path) -> None:
    subject = Subject.load(folder(tmp_path, "subject: x\ndata: {test: {path: test.csv}, train: {path: test.csv}}\n"))
    assert subject.test.rows == 150
    (tmp_path / "test.csv").write_text("a\n1\n")
    with pytest.raises(SubjectError, match="changed while the audit"):
        _ = subject.train


def test_paths_may_leave_the_folder_only_where_that_is_allowed(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    iris().to_csv(tmp_path / "t.csv", index=False)
    (inner / "audit.yaml").write_text("subject: x\ndata: {test: {path: ../t.csv}}\n")
    assert "leaves the folder" in problems(inner / "audit.yaml")[0]
    assert Subject.load(inner / "audit.yaml", allow_outside=True).test.rows == 150


def test_every_opened_file_is_recorded_with_the_digest_of_its_bytes(tmp_path: Path) -> None:
    subject = Subject.load(folder(tmp_path, WHOLE.replace("kind_of_soil", "sepal_width")))
    assert {file.role for file in subject.files} == {"subject"}
    subject.table("data.test")
    subject.read("train.py", "documents.model_card")
    for file in subject.files:
        content = (tmp_path / file.path).read_bytes()
        assert (file.sha256, file.bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    roles = {file.role for file in subject.digests()}
    assert {"model", "data.test", "data.current", "training", "provenance", "documents.model_card"} <= roles
    with pytest.raises(SubjectError, match="leaves the folder"):
        subject.read("../x", "documents.model_card")


def test_bare_files(tmp_path: Path) -> None:
    folder(tmp_path, "subject: x\nmodel: {path: model.onnx}\n")
    data = Subject.load(tmp_path / "test.csv")
    assert data.missing(("data.test", "data.train", "model")) == ("model",)
    assert data.train.rows == data.test.rows == 150
    model = Subject.load(tmp_path / "model.onnx")
    assert model.missing(("data.test|data.train", "model")) == ("data.test|data.train",)
    assert Subject.load(tmp_path).name == "x"
    (tmp_path / "weights.bin").write_bytes(b"?")
    strange = Subject.load(tmp_path / "weights.bin")
    assert strange.model_path == tmp_path / "weights.bin"
    with pytest.raises(UnknownName):
        _ = strange.model
    with pytest.raises(SubjectError, match=r"test\.csv"):
        Subject.load(tmp_path / "tset.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "test.csv")
    with pytest.raises(SubjectError, match="symbolic link"):
        Subject.load(tmp_path / "link.csv")


def test_a_bare_file_keeps_wide_numbers_as_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("iban\n12345678901234567890\n")
    assert Subject.load(tmp_path / "t.csv").test.features["iban"].tolist() == ["12345678901234567890"]


def test_a_table_lacks_a_declared_column(tmp_path: Path) -> None:
    text = "subject: x\ndata: {test: {path: test.csv}}\nfeatures: {sepal_lenght: {type: number}}\n"
    assert problems(folder(tmp_path, text)) == [
        'audit.yaml:3:12: "sepal_lenght" is no column of the data; did you mean "sepal_length"?'
    ]
    both = text.replace("}}\nf", "}, train: {path: train.csv}}\nf")  # it may be that only one table lacks it
    subject = Subject.load(folder(tmp_path, both, train__csv="sepal_lenght,kind\n1,a\n"))
    with pytest.raises(SubjectError, match='there is "sepal_length"'):
        _ = subject.test


# labels


def test_row_19_labels_are_matched_by_value_and_noted() -> None:
    frame = iris().assign(kind=lambda table: table["kind"].map({"setosa": 1, "versicolor": 2, "virginica": 3}))
    text = frame.assign(kind=frame["kind"].astype(str))
    subject = Subject.in_memory(model=fitted(frame), test=text, target="kind")
    assert subject.classes == (1, 2, 3)
    np.testing.assert_array_equal(subject.codes(subject.test), frame["kind"] - 1)
    assert "matched by their text" in " ".join(subject.notes)
    floats = Subject.in_memory(model=fitted(frame), test=frame.assign(kind=frame["kind"].astype(float)), target="kind")
    np.testing.assert_array_equal(floats.codes(floats.test), frame["kind"] - 1)
    assert floats.notes == ()


def test_row_19_labels_that_no_class_matches_show_both_sides() -> None:
    frame = iris()
    numbers = frame.assign(kind=frame["kind"].map({"setosa": 0, "versicolor": 1, "virginica": 2}))
    subject = Subject.in_memory(model=fitted(frame), test=numbers, target="kind")
    with pytest.raises(SubjectError, match=r"\[0, 1, 2\].*\['setosa', 'versicolor', 'virginica'\]"):
        subject.codes(subject.test)


def test_row_19_an_ambiguous_spelling_is_no_match() -> None:
    model = Model(predict=lambda x: np.array([1] * len(x)), classes=(1, "1"), frames=True)
    subject = Subject.in_memory(model=model, test=pd.DataFrame({"a": [1.0], "y": [True]}), target="y")
    assert subject.codes(subject.test).tolist() == [0], "True equals 1 in Python"
    text = Subject.in_memory(model=model, test=pd.DataFrame({"a": [1.0], "y": ["true"]}), target="y")
    with pytest.raises(SubjectError):
        text.codes(text.test)


def test_true_and_false_are_matched_with_0_and_1() -> None:
    frame = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "y": [0, 0, 1, 1]})
    text = frame.assign(y=["false", "false", "true", "true"])
    subject = Subject.in_memory(model=fitted(frame, "y"), test=text, target="y", positive="true")
    assert subject.codes(subject.test).tolist() == [0, 0, 1, 1]
    assert subject.positive_code == 1


def test_a_missing_label_names_its_row() -> None:
    frame = iris()
    gap = frame.assign(kind=frame["kind"].where(frame.index != 7))
    subject = Subject.in_memory(model=fitted(frame), test=gap, target="kind")
    with pytest.raises(SubjectError, match="row 7"):
        subject.codes(subject.test)


def test_no_labels_no_classes_no_table() -> None:
    subject = Subject.in_memory(test=iris().drop(columns="kind"), target="kindd")
    with pytest.raises(NotMeasurable, match="no labels"):
        subject.codes(subject.test) if subject.has("model") else subject.values(subject.test)
    with pytest.raises(NotMeasurable, match="classes"):
        _ = subject.classes
    with pytest.raises(NotMeasurable, match=r"data\.train"):
        _ = subject.train
    with pytest.raises(NotMeasurable, match="no model"):
        subject.predict(subject.test)
    with pytest.raises(UnknownName):
        subject.has("data.tset")


def test_classes_without_a_model_are_the_sorted_labels() -> None:
    assert Subject.in_memory(test=iris(), target="kind").classes == ("setosa", "versicolor", "virginica")


# columns by name


def test_row_22_order_does_not_matter_and_more_columns_are_left_alone() -> None:
    frame = iris()
    subject = Subject.in_memory(model=fitted(frame), test=frame, target="kind")
    shuffled = frame[["petal_width", "kind", "sepal_width", "petal_length", "sepal_length"]].assign(extra="x")
    np.testing.assert_array_equal(subject.predict(shuffled), subject.predict(subject.test))
    np.testing.assert_array_equal(subject.probabilities(shuffled), subject.probabilities(subject.test))


def test_row_22_missing_columns_are_listed_with_near_names() -> None:
    frame = iris()
    subject = Subject.in_memory(model=fitted(frame), test=frame, target="kind")
    with pytest.raises(SubjectError, match=r'"petal_width" .*there is "petal_widht"'):
        subject.predict(frame.rename(columns={"petal_width": "petal_widht"}))


def test_row_22_a_model_without_names_takes_the_columns_in_the_order_of_the_training_data() -> None:
    frame = iris()
    model = LogisticRegression(max_iter=500).fit(frame.drop(columns="kind").to_numpy(), frame["kind"])
    test = frame[frame.columns[::-1]]
    subject = Subject.in_memory(model=model, train=frame, test=test, target="kind")
    assert subject.model_columns == tuple(frame.columns[:-1])
    assert (subject.predict(subject.test) == subject.codes(subject.test)).mean() > 0.95
    declared = {name: FeatureSpec(name, "number") for name in frame.columns[:-1]}
    alone = Subject.in_memory(model=model, test=test, target="kind", features=declared)
    np.testing.assert_array_equal(alone.predict(alone.test), subject.predict(subject.test))


def test_row_22_a_model_without_names_and_another_number_of_columns() -> None:
    frame = iris()
    model = LogisticRegression(max_iter=500).fit(frame.drop(columns="kind").to_numpy(), frame["kind"])
    subject = Subject.in_memory(model=model, test=frame.assign(extra=1.0), target="kind")
    with pytest.raises(SubjectError, match="takes 4 values"):
        subject.predict(subject.test)
    with pytest.raises(SubjectError, match="4 values a row"):
        subject.predict(np.zeros((2, 5)))


def test_a_text_model_takes_its_only_column_as_texts() -> None:
    frame = pd.DataFrame({"text": ["good day", "bad day", "good night", "bad night"] * 5, "y": [1, 0, 1, 0] * 5})
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(frame["text"], frame["y"])
    subject = Subject.in_memory(model=model, test=frame, target="y")
    np.testing.assert_array_equal(subject.predict(subject.test), frame["y"])
    np.testing.assert_array_equal(subject.predict(np.array(["good", "bad"], dtype=object)), [1, 0])


def test_an_array_takes_the_names_of_the_model() -> None:
    frame = iris()
    subject = Subject.in_memory(model=fitted(frame), test=frame, target="kind")
    np.testing.assert_array_equal(subject.predict(subject.test.features.to_numpy()), subject.predict(subject.test))


# answers


def answering(answer: Any, scores: Any = None) -> Subject:
    frame = pd.DataFrame({"a": [0.0, 1.0, 2.0], "y": ["n", "p", "n"]})
    model = Model(
        predict=lambda x: answer,
        classes=("n", "p"),
        scores=None if scores is None else lambda x: scores,
        frames=True,
    )
    return Subject.in_memory(model=model, test=frame, target="y")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (["n", "p"], r"shape \(2,\) for 3 rows"),
        ([["n", "p"]] * 3, r"shape \(3, 2\)"),
        (["n", None, "p"], "row 1"),
        (np.array([0.0, np.nan, 1.0]), "row 1"),
        (["n", "p", "q"], "'q'"),
    ],
)
def test_row_20_labels_are_looked_at(answer: Any, words: str) -> None:
    subject = answering(answer)
    with pytest.raises(SubjectError, match=words):
        subject.predict(subject.test)


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ([[0.5, 0.5]] * 2, r"shape \(2, 2\)"),
        ([[0.2, 0.3, 0.5]] * 3, r"shape \(3, 3\); expected \(3, 2\)"),
        ([0.5] * 3, r"shape \(3,\)"),
        ([[0.5, 0.5], [np.nan, 1.0], [0.5, 0.5]], "row 1"),
        ([[0.5, 0.5], [np.inf, 0.0], [0.5, 0.5]], "row 1"),
        ([[1.5, -0.5]] * 3, "negative"),
        ([[0.5, 0.5], [0.5, 0.5], [0.9, 0.2]], "sums to 1.1.*row 2"),
        ([["a", "b"]] * 3, "not numbers"),
    ],
)
def test_row_20_probabilities_are_looked_at(scores: Any, words: str) -> None:
    subject = answering(["n"] * 3, scores)
    with pytest.raises(SubjectError, match=words):
        subject.probabilities(subject.test)


def test_rounded_probabilities_are_scaled_to_one() -> None:
    subject = answering(["n"] * 3, [[0.3335, 0.6660]] * 3)
    np.testing.assert_allclose(subject.probabilities(subject.test).sum(axis=1), 1.0, atol=1e-15)


def test_row_20_regression_answers_are_looked_at() -> None:
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    frame = x.assign(y=y)
    subject = Subject.in_memory(model=LinearRegression().fit(x, y), test=frame, target="y", task="regression")
    np.testing.assert_allclose(subject.predict(subject.test), LinearRegression().fit(x, y).predict(x))
    np.testing.assert_array_equal(subject.values(subject.test), y)
    assert not subject.has_probabilities
    with pytest.raises(NotMeasurable):
        _ = subject.classes
    broken = Subject.in_memory(model=lambda x: np.full(len(x), np.inf), test=frame, target="y", task="regression")
    with pytest.raises(SubjectError, match="NaN or infinity"):
        broken.predict(broken.test)


def test_no_rows_need_no_model() -> None:
    subject = answering([], [])
    assert subject.predict(subject.test.take([])).shape == (0,)
    assert subject.probabilities(subject.test.take([])).shape == (0, 2)


def test_a_decision_function_is_no_probability() -> None:
    from sklearn.svm import LinearSVC

    frame = iris()
    model = LinearSVC().fit(frame.drop(columns="kind"), frame["kind"])
    subject = Subject.in_memory(model=model, test=frame, target="kind")
    assert not subject.has_probabilities
    with pytest.raises(NotMeasurable):
        subject.probabilities(subject.test)


# copies and retraining


def test_replaced_leaves_the_original_alone() -> None:
    frame = iris()
    subject = Subject.in_memory(model=fitted(frame), train=frame, test=frame, target="kind")
    planted = subject.replaced(test=subject.test.take([0, 1]))
    assert (planted.test.rows, subject.test.rows, planted.train.rows) == (2, 150, 150)
    assert planted.model is subject.model
    with pytest.raises(UnknownName):
        subject.replaced(tset=subject.test)


def test_retrained_runs_the_hashed_recipe(tmp_path: Path) -> None:
    recipe = (
        "from sklearn.linear_model import LogisticRegression\n"
        "def fit(x, y, seed):\n    return LogisticRegression(max_iter=500, C=1 / (1 + seed)).fit(x, y)\n"
    )
    text = 'subject: x\ndata: {train: {path: test.csv}}\ntarget: kind\ntraining: {recipe: "recipe.py:fit"}\n'
    subject = Subject.load(folder(tmp_path, text, recipe__py=recipe))
    half = subject.train.take(np.arange(0, 150, 2))
    trained = subject.retrained(half, seed=1)
    direct = LogisticRegression(max_iter=500, C=0.5).fit(half.features, half.labels)
    np.testing.assert_allclose(trained.probabilities(half), direct.predict_proba(half.features))
    assert "recipe.py" in {file.path for file in subject.files if file.role == "training"}
    (tmp_path / "audit.yaml").write_text(text.replace(":fit", ":fti"))
    with pytest.raises(SubjectError, match='did you mean "fit"'):
        Subject.load(tmp_path / "audit.yaml").retrained(half, seed=1)
    (tmp_path / "recipe.py").write_text("def fit(:\n")
    with pytest.raises(SubjectError, match="line 1"):
        Subject.load(tmp_path / "audit.yaml").retrained(half, seed=1)


def test_no_recipe_no_retraining() -> None:
    subject = Subject.in_memory(train=iris(), target="kind")
    with pytest.raises(NotMeasurable, match="training"):
        subject.retrained(subject.train, seed=0)


def test_in_memory_refuses_what_a_file_could_not_hold() -> None:
    with pytest.raises(SubjectError, match="no rows"):
        Subject.in_memory(test=pd.DataFrame({"a": []}))
    with pytest.raises(SubjectError, match="two columns"):
        Subject.in_memory(test=pd.DataFrame([[1, 2]], columns=["a", "a"]))
    with pytest.raises(SubjectError, match="labels of shape"):
        Subject.in_memory(test=(np.zeros((3, 2)), np.zeros(2)))


def test_arrays_go_through_as_they_are() -> None:
    x, y = load_breast_cancer(return_X_y=True)
    model = LogisticRegression(max_iter=5000).fit(x, y)
    subject = Subject.in_memory(model=model, test=(x, y), positive=1)
    np.testing.assert_array_equal(subject.predict(subject.test), model.predict(x))
    assert subject.model_columns == ()
    assert subject.positive_code == 1


def test_a_model_that_names_no_classes_is_asked_once_for_their_number() -> None:
    frame = pd.DataFrame({"a": [0.0, 1.0], "y": [0, 1]})
    model = Model(predict=lambda x: np.zeros(len(x)), scores=lambda x: np.full((len(x), 2), 0.5), frames=True)
    assert Subject.in_memory(model=model, test=frame, target="y").classes == (0, 1)
    words = Subject.in_memory(model=model, test=frame.assign(y=["a", "b"]), target="y")
    with pytest.raises(SubjectError, match="name the classes"):
        words.codes(words.test)


def test_inferred_features_say_so() -> None:
    specs = Subject.in_memory(test=iris(), target="kind").feature_specs(
        Subject.in_memory(test=iris(), target="kind").test
    )
    assert {spec.type for spec in specs.values()} == {"number"}
    assert not any(spec.declared for spec in specs.values())


def test_a_recipe_may_take_images(tmp_path: Path) -> None:
    """scikit-learn says that a pipeline which flattens images takes as many values as there are channels."""
    from audit import shipped

    subject = Subject.load(shipped.folder("sample_models") / "digits" / "audit.yaml")
    few = subject.train.take(np.arange(300))
    again = subject.retrained(few, seed=0)
    assert (again.predict(few) == again.codes(few)).mean() > 0.8


def test_of_several_wrong_files_the_first_declared_is_named(tmp_path: Path) -> None:
    """They are hashed at the same time, and the answer is the same each time."""
    names = [f"record{number}.json" for number in range(12)]
    for name in (*names, "rows.csv"):
        (tmp_path / name).write_bytes(b"a,b\n1,0\n" * (len(names) if name == names[0] else 1))
    path = tmp_path / "audit.yaml"
    listed = ", ".join(names)
    path.write_text(
        "subject: s\nversion: '1'\ntask: classification\ntarget: b\n"
        f"data: {{train: {{path: rows.csv}}, test: {{path: rows.csv}}}}\nprovenance: [{listed}]\n"
    )
    subject = Subject.load(path)
    digests = {(file.role, file.path): file.sha256 for file in subject.digests()}
    for name in names:
        assert digests[("provenance", name)] == hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
    assert digests[("data.train", "rows.csv")] == digests[("data.test", "rows.csv")]
    subject = Subject.load(path)
    for name in (names[7], names[3]):
        (tmp_path / name).unlink()
    for _ in range(5):
        with pytest.raises(SubjectError, match=f'"{names[3]}" does not exist'):
            subject.digests()
