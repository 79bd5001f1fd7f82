"""Each kind of model answers in its restricted process as it does in this one."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from audit import models
from audit.isolation import Isolated
from audit.models import Source
from audit.subject import Subject

X, Y = load_iris(return_X_y=True)
NAMES = [f"c{position}" for position in range(4)]
FRAME = pd.DataFrame(X, columns=NAMES)
LABELS = np.array(["a", "b", "c"])[Y]


def pickled(model: Any) -> bytes:
    target = io.BytesIO()
    joblib.dump(model, target)
    return target.getvalue()


def onnx() -> bytes:
    skl2onnx = pytest.importorskip("skl2onnx")
    model = LogisticRegression(max_iter=500).fit(X, Y)
    content: bytes = skl2onnx.to_onnx(model, X[:1].astype(np.float32), target_opset=17).SerializeToString()
    return content


def xgboost() -> bytes:
    library = pytest.importorskip("xgboost")
    return bytes(library.XGBClassifier(n_estimators=4).fit(X, Y).get_booster().save_raw("json"))


def lightgbm() -> bytes:
    library = pytest.importorskip("lightgbm")
    text: str = library.LGBMClassifier(n_estimators=4, verbose=-1).fit(X, Y).booster_.model_to_string()
    return text.encode()


def torch() -> bytes:
    library = pytest.importorskip("torch")
    library.manual_seed(0)
    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library.jit.save(library.jit.script(library.nn.Linear(4, 3)), target)
    return target.getvalue()


MODELS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "pipeline": ("joblib", lambda: pickled(make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME, LABELS))),
    "forest of several jobs": ("joblib", lambda: pickled(RandomForestClassifier(9, n_jobs=4).fit(X, Y))),
    "neighbours": ("joblib", lambda: pickled(KNeighborsClassifier(n_jobs=-1).fit(X, Y))),
    "boosting": ("skops", lambda: skops.io.dumps(HistGradientBoostingClassifier(max_iter=5).fit(X, Y))),
    "onnx": ("onnx", onnx),
    "xgboost": ("xgboost", xgboost),
    "lightgbm": ("lightgbm", lightgbm),
    "torch": ("torch", torch),
}


@pytest.mark.parametrize("name", MODELS)
def test_it_answers_the_same(name: str) -> None:
    format, make = MODELS[name]
    content = make()
    isolated = Isolated("required")
    away = isolated.open(Source(path=Path(f"model.{format}"), content=content), format)
    trusted: tuple[str, ...] = ()
    if format == "skops":
        from audit.models.skops import untrusted_types

        trusted = untrusted_types(content)
    here = models.load(Source(path=Path(f"model.{format}"), content=content, trusted=trusted), format)
    rows: Any = FRAME if here.columns else X
    assert isolated.reached is not None
    assert isolated.reached.level == "kernel"
    np.testing.assert_array_equal(away.predict(rows), here.predict(rows))
    assert away.scores is not None
    assert here.scores is not None
    np.testing.assert_array_equal(away.scores(rows), here.scores(rows))
    assert (away.classes, away.columns, away.n_inputs, away.numbered, away.flat) == (
        here.classes, here.columns, here.n_inputs, here.numbered, here.flat,
    )  # fmt: skip
    assert (away.gradient is None) == (here.gradient is None)
    if away.gradient is not None and here.gradient is not None:
        np.testing.assert_array_equal(away.gradient(X, Y), here.gradient(X, Y))
    assert (away.decision is None) == (here.decision is None)
    if away.decision is not None and here.decision is not None:
        np.testing.assert_array_equal(away.decision(rows), here.decision(rows))
    assert (away.inside is None) == (here.inside is None)
    if away.inside is not None and here.inside is not None:
        there, known = away.inside.arrays(), here.inside.arrays()
        assert list(there) == list(known) != []
        for name, array in known.items():
            np.testing.assert_array_equal(there[name], array)
        np.testing.assert_array_equal(away.inside.inputs(rows), here.inside.inputs(rows))


def test_labels_of_every_kind_come_back_as_they_were(tmp_path: Path) -> None:
    recipe = (
        b"class M:\n    def __init__(self, answers): self.answers = answers\n"
        b"    def predict(self, rows): return self.answers\n"
        b"def fit(x, y, seed): return M(x)\n"
    )
    kinds: list[Any] = [
        np.array(["\u00e4", "z\U0001f600", ""]), np.array([1, "a", None], dtype=object), np.array([True, False]),
        np.array([1.5, np.nan, -np.inf]), np.arange(3, dtype=np.int8), np.arange(3, dtype=">i4"), np.zeros((3, 0)),
        np.asfortranarray(np.arange(6.0).reshape(3, 2)), np.float16([1, 2, 3]), np.arange(12.0)[::4],
    ]  # fmt: skip
    isolated = Isolated()
    for kind in kinds:
        found = isolated.train(recipe, "train.py", "fit", kind, None, 0).predict(np.zeros((3, 1)))
        assert found.shape == kind.shape
        assert found.tolist() == kind.tolist() or (np.isnan(found) == np.isnan(kind)).all()


def test_more_rows_than_the_shared_memory_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recipe = (
        b"import numpy as np\n"
        b"class M:\n    def predict(self, rows): return np.repeat(rows[:, :1], 8, axis=1)\n"
        b"def fit(x, y, seed): return M()\n"
    )
    smaller = tmp_path / "sitecustomize.py"
    smaller.write_text("import audit.isolation.wire as wire\nwire.BYTES = 1 << 16\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("audit.isolation.wire.BYTES", 1 << 16)
    monkeypatch.setattr("audit.isolation.process.shared_memory.__defaults__", (1 << 16,))
    rows = np.arange(40_000.0).reshape(-1, 2)
    found = Isolated().train(recipe, "train.py", "fit", None, None, 0).predict(rows)
    np.testing.assert_array_equal(found, np.repeat(rows[:, :1], 8, axis=1))


def test_what_was_trained_on_is_not_written_over(tmp_path: Path) -> None:
    recipe = (
        b"from sklearn.neighbors import KNeighborsClassifier\n"
        b"def fit(x, y, seed): return KNeighborsClassifier(1).fit(x, y)\n"
    )
    (tmp_path / "train.py").write_bytes(recipe)
    isolated = Isolated()
    model = isolated.train(recipe, "train.py", "fit", X, Y, 0)
    model.predict(np.zeros_like(X))
    np.testing.assert_array_equal(model.predict(X), KNeighborsClassifier(1).fit(X, Y).predict(X))
    second = isolated.train(recipe, "train.py", "fit", X + 1, Y, 0)
    np.testing.assert_array_equal(model.predict(X), second.predict(X + 1))


def test_a_trained_model_that_nobody_holds_is_forgotten() -> None:
    recipe = b"""
import sys, weakref
import numpy as np

if not hasattr(sys, "living"):
    sys.living = weakref.WeakSet()

class Counting:
    classes_ = [0]
    def predict(self, rows): return np.full(len(rows), len(sys.living))

def fit(x, y, seed):
    model = Counting()
    sys.living.add(model)
    return model
"""
    isolated = Isolated()
    first = isolated.train(recipe, "train.py", "fit", X, Y, 0)
    for seed in range(5):
        isolated.train(recipe, "train.py", "fit", X, Y, seed)
    assert first.predict(X[:1])[0] <= 2


def test_a_trusted_type_is_found_where_its_package_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere" / "gates").mkdir(parents=True)
    (tmp_path / "elsewhere" / "gates" / "__init__.py").write_text("")
    (tmp_path / "elsewhere" / "gates" / "gate.py").write_text(
        "class Gate:\n    classes_ = [0, 1]\n    def predict(self, rows): return (rows[:, 0] > 1).astype(int)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path / "elsewhere"))
    from gates.gate import Gate

    joblib.dump(Gate(), tmp_path / "model.joblib")
    np.savez(tmp_path / "test.npz", x=X, y=(X[:, 0] > 1).astype(int))
    (tmp_path / "audit.yaml").write_text(
        "subject: gate\nversion: '1'\ntask: classification\nmodel: {path: model.joblib}\n"
        "data: {test: {path: test.npz}}\n"
    )
    subject = Subject.load(tmp_path, trusted_types=("gates.gate.Gate",), isolation="required")
    assert subject.predict(subject.test).all()
