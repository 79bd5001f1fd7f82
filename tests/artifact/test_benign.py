"""Files of ordinary models: a scan that refuses them would be switched off."""

from __future__ import annotations

import collections
import datetime
import io
import json
import pickle
import struct
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    AdaBoostClassifier,
    ExtraTreesClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from audit import artifact

ROWS = np.random.default_rng(0).normal(size=(60, 4))
LABELS = (ROWS[:, 0] > 0).astype(int)
FRAME = pd.DataFrame(ROWS, columns=list("abcd")).assign(word=np.where(LABELS, "u", "v"))


def estimators() -> dict[str, Any]:
    columns = make_column_transformer(
        (StandardScaler(), ["a", "b"]), (OneHotEncoder(), ["word"]), (FunctionTransformer(np.sinh), ["c"])
    )
    untrained: dict[str, Any] = {
        "logistic": LogisticRegression(),
        "ridge": Ridge(),
        "sgd": SGDClassifier(),
        "forest": RandomForestClassifier(3, random_state=np.random.RandomState(0)),
        "extra trees": ExtraTreesClassifier(3),
        "boosting": GradientBoostingRegressor(n_estimators=3, loss="huber"),
        "histogram boosting": HistGradientBoostingClassifier(max_iter=3),
        "ada": AdaBoostClassifier(n_estimators=3),
        "isolation forest": IsolationForest(n_estimators=3),
        "neighbours": KNeighborsClassifier(algorithm="kd_tree"),
        "ball tree": KNeighborsClassifier(algorithm="ball_tree", metric="manhattan"),
        "svc": SVC(probability=False),
        "bayes": GaussianNB(),
        "mlp": MLPClassifier((4,), max_iter=5),
        "gaussian process": GaussianProcessClassifier(RBF() + WhiteKernel()),
        "calibrated": CalibratedClassifierCV(SVC(), method="isotonic", cv=2),
        "grid": GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, scoring="f1", cv=2),
        "voting": VotingClassifier([("a", GaussianNB()), ("b", LogisticRegression())]),
        "stacking": StackingClassifier([("a", GaussianNB())], LogisticRegression(), cv=2),
        "pipeline": make_pipeline(SelectKBest(k=2), PCA(2), LogisticRegression()),
        "kmeans": KMeans(2, n_init=1),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = {name: model.fit(ROWS, LABELS) for name, model in untrained.items()}
        fitted["columns"] = make_pipeline(columns, LogisticRegression()).fit(FRAME, np.where(LABELS, "good", "bad"))
        fitted["text"] = make_pipeline(TfidfVectorizer(), SGDClassifier()).fit(["a bb", "cc dd"] * 30, LABELS)
        fitted["isotonic"] = IsotonicRegression().fit(ROWS[:, 0], LABELS)
    return fitted


def objects() -> dict[str, Any]:
    return {
        "arrays": [np.asfortranarray(ROWS), np.empty((0, 3)), np.array(["a", "bc"]), np.array(3.0), np.float32(1)],
        "records": np.array([(1, 2.0)], dtype="i4,f8"),
        "objects": np.array([None, "a", (1,), np.zeros(2)], dtype=object),
        "dates": [np.datetime64("2020-01-01"), datetime.datetime(2020, 1, 1), np.array(["2020"], "M8[D]")],
        "masked": np.ma.array([1, 2], mask=[0, 1]),
        "sparse": [sparse.csr_matrix(ROWS), sparse.csc_array(ROWS)],
        "random": [np.random.default_rng(1), np.random.RandomState(1)],
        "containers": [collections.OrderedDict(a=1), collections.defaultdict(list, {1: [2]}), {1, 2}, frozenset([3])],
    }


def written(model: Any) -> Iterator[tuple[str, bytes]]:
    """The same object in every way in which people store scikit-learn models."""
    for protocol in (0, 2, 4, 5):
        yield f"pickle {protocol}", pickle.dumps(model, protocol=protocol)
    for compression in (0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)):
        target = io.BytesIO()
        joblib.dump(model, target, compress=compression)
        yield f"joblib {compression}", target.getvalue()
    for protocol in (2, 3):
        target = io.BytesIO()
        joblib.dump(model, target, protocol=protocol)
        yield f"joblib protocol {protocol}", target.getvalue()


def test_at_most_two_per_cent_of_ordinary_files_are_refused() -> None:
    refused, files = [], 0
    for name, model in {**estimators(), **objects()}.items():
        for way, content in written(model):
            files += 1
            report = artifact.scan_bytes(content, "model")
            if not report.safe:
                refused.append((name, way, report.unknown, report.unreadable))
    assert files > 300
    assert len(refused) / files <= 0.02, refused


def test_skops_files_are_safe() -> None:
    for name, model in estimators().items():
        report = artifact.scan_bytes(skops.io.dumps(model), "model.skops")
        assert report.safe, (name, report.unknown, report.unreadable)
        assert report.format == "skops"
        assert any(known.startswith("sklearn.") for known in report.globals), "the names were read"


def test_arrays_are_safe() -> None:
    for array in (ROWS, np.array(["a", 1, None], dtype=object), np.array([(1, 2.0)], dtype="i4,f8"), np.array("x")):
        single, many = io.BytesIO(), io.BytesIO()
        np.save(single, array, allow_pickle=True)
        np.savez_compressed(many, x=array, y=ROWS)
        for target in (single, many):
            report = artifact.scan_bytes(target.getvalue(), "data")
            assert (report.safe, report.format) == (True, "numpy"), report


def test_safetensors_are_safe() -> None:
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    content = struct.pack("<Q", len(header)) + header + bytes(8)
    assert artifact.scan_bytes(content, "m.safetensors").format == "safetensors"
    assert artifact.scan_bytes(content, "m.safetensors").safe
    assert not artifact.scan_bytes(content + b"extra", "m.safetensors").safe
    assert not artifact.scan_bytes(content.replace(b"[0, 8]", b"[4, 8]"), "m.safetensors").safe


def test_xgboost_files_are_safe() -> None:
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(n_estimators=2).fit(ROWS, LABELS)
    for way, content in written(model):
        assert artifact.scan_bytes(content, "m").safe, way
    for way in ("json", "ubj"):
        raw = bytes(model.get_booster().save_raw(way))
        report = artifact.scan_bytes(raw, f"m.{way}")
        assert (report.safe, report.format) == (True, "xgboost"), report
        assert not artifact.scan_bytes(raw[:-4], f"m.{way}").safe
        assert not artifact.scan_bytes(raw + b"}", f"m.{way}").safe


def test_lightgbm_files_are_safe() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    model = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit(ROWS, LABELS)
    for way, content in written(model):
        assert artifact.scan_bytes(content, "m").safe, way
    report = artifact.scan_bytes(model.booster_.model_to_string().encode(), "m.txt")
    assert (report.safe, report.format) == (True, "lightgbm")


def torch_files() -> dict[str, tuple[str, Callable[[io.BytesIO], None]]]:
    import torch

    net = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.LSTM(3, 2)).eval()
    state = net.state_dict()
    tensors = [torch.zeros(2, dtype=kind) for kind in (torch.float16, torch.bfloat16, torch.bool, torch.complex64)]
    linear = torch.nn.Sequential(torch.nn.Linear(4, 2), torch.nn.ReLU()).eval()
    return {
        "state": ("torch", lambda target: torch.save(state, target)),
        "module": ("torch", lambda target: torch.save(net, target)),
        "tensors": ("torch", lambda target: torch.save(tensors, target)),
        "old": ("torch", lambda target: torch.save(state, target, _use_new_zipfile_serialization=False)),
        "old module": ("torch", lambda target: torch.save(net, target, _use_new_zipfile_serialization=False)),
        "script": ("torchscript", lambda target: torch.jit.save(torch.jit.script(linear), target)),
        "trace": ("torchscript", lambda target: torch.jit.save(torch.jit.trace(linear, torch.zeros(1, 4)), target)),
    }


def test_torch_files_are_safe() -> None:
    pytest.importorskip("torch")
    for name, (format_name, write) in torch_files().items():
        target = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            write(target)
        report = artifact.scan_bytes(target.getvalue(), "m.pt")
        assert (report.safe, report.format) == (True, format_name), (name, report)


def test_torchscript_that_reaches_files_is_unsafe() -> None:
    torch = pytest.importorskip("torch")

    class Reader(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + torch.from_file("/etc/passwd", False, 1)

    target = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(Reader()), target)
    assert artifact.scan_bytes(target.getvalue(), "m.pt").unknown == ("torch.from_file",)


@pytest.mark.parametrize("seed", range(3))
def test_a_class_of_ones_own_is_unknown_until_it_is_trusted(seed: int) -> None:
    content = pickle.dumps(collections.Counter([seed])) + b""
    foreign = content.replace(b"\x8c\x0bcollections", b"\x8c\x0bmy.packages")
    report = artifact.scan_bytes(foreign, "m.pkl")
    assert report.unknown == ("my.packages.Counter",)
    assert report.places[0].where.startswith("m.pkl, byte ")
    assert artifact.scan_bytes(foreign, "m.pkl", trusted=("my.packages.Counter",)).safe
    assert not artifact.scan_bytes(foreign, "m.pkl", trusted=("my.packages", "my.packages.*", "Counter")).safe
