"""What is stored beside plain estimators: frames, searches, checkpoints, exports; at most 2 % are refused."""

from __future__ import annotations

import argparse
import collections
import datetime
import decimal
import io
import pathlib
import pickle
import random
import types
import uuid
import warnings
import zoneinfo
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse, stats
from sklearn import base
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.decomposition import NMF, TruncatedSVD
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingRegressor,
)
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.feature_selection import RFECV, SelectKBest, mutual_info_classif
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import HuberRegressor, LogisticRegression, Ridge, SGDClassifier
from sklearn.metrics import fbeta_score, make_scorer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, RepeatedStratifiedKFold, TimeSeriesSplit
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.neighbors import KernelDensity, LocalOutlierFactor
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, OneHotEncoder, StandardScaler, TargetEncoder
from sklearn.svm import SVC

from audit import artifact

DRAW = np.random.default_rng(3)
ROWS = DRAW.normal(size=(60, 3))
LABELS = (ROWS[:, 0] > 0).astype(int)
NUMBERS = ROWS[:, 0] * 2 + 1
FRAME = pd.DataFrame(ROWS, columns=list("abc")).assign(
    kind=pd.Categorical(np.where(LABELS, "u", "v")), text=["foo bar", "bar baz qux"] * 30
)


def estimators() -> dict[str, Any]:
    numeric = make_pipeline(SimpleImputer(), StandardScaler())
    columns = ColumnTransformer(
        [
            ("numbers", numeric, make_column_selector(dtype_include="number")),
            ("kind", OneHotEncoder(handle_unknown="ignore"), ["kind"]),
            ("text", TfidfVectorizer(ngram_range=(1, 2)), "text"),
        ]
    )
    log = FunctionTransformer(np.log1p, inverse_func=np.expm1)
    search: dict[str, base.BaseEstimator] = {
        "random": RandomizedSearchCV(
            Ridge(), {"alpha": stats.loguniform(0.1, 1), "max_iter": stats.randint(5, 9)}, n_iter=2, cv=2
        ),
        "repeated": GridSearchCV(
            SVC(), {"C": [1, 2]}, cv=RepeatedStratifiedKFold(n_splits=2, n_repeats=1),
            scoring={"f": make_scorer(fbeta_score, beta=2)}, refit="f",
        ),
        "time": GridSearchCV(make_pipeline(StandardScaler(), HuberRegressor()), {"huberregressor__alpha": [1, 2]},
                             cv=TimeSeriesSplit(2)),
    }  # fmt: skip
    untrained: dict[str, base.BaseEstimator] = {
        **search,
        "union": make_pipeline(make_union(SelectKBest(mutual_info_classif, k=1), KBinsDiscretizer(3)), SVC()),
        "bagging": BaggingClassifier(SGDClassifier(loss="modified_huber"), 2),
        "boosting": GradientBoostingClassifier(n_estimators=2, init=LogisticRegression()),
        "quantiles": HistGradientBoostingRegressor(loss="quantile", quantile=0.5, max_iter=2),
        "forest": RandomForestClassifier(2, random_state=np.random.RandomState(1)),
        "calibrated": CalibratedClassifierCV(SVC(), cv=2, method="sigmoid"),
        "stacking": StackingRegressor([("a", Ridge())], HuberRegressor(), cv=2, passthrough=True),
        "rfecv": RFECV(LogisticRegression(), cv=2),
        "imputer": make_pipeline(KNNImputer(), LogisticRegression()),
        "svd": make_pipeline(TruncatedSVD(2), Ridge()),
        "density": KernelDensity(),
        "outliers": LocalOutlierFactor(novelty=True),
        "pandas": make_pipeline(StandardScaler(), Ridge()).set_output(transform="pandas"),
        "encoded": make_pipeline(TargetEncoder(cv=2), LogisticRegression()),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted = {name: model.fit(ROWS, LABELS) for name, model in untrained.items()}
        fitted["columns"] = make_pipeline(columns, RandomForestClassifier(2)).fit(FRAME, np.where(LABELS, "y", "n"))
        fitted["log"] = make_pipeline(log, Ridge()).fit(abs(ROWS), NUMBERS)
        fitted["target"] = TransformedTargetRegressor(Ridge(), func=np.log, inverse_func=np.exp).fit(ROWS, abs(NUMBERS))
        fitted["parts"] = NMF(2, max_iter=5).fit(abs(ROWS))
        fitted["bytes"] = make_pipeline(CountVectorizer(preprocessor=str.lower), ComplementNB()).fit(FRAME.text, LABELS)
        fitted["dicts"] = make_pipeline(DictVectorizer(), LogisticRegression()).fit(
            [{"a": 1}, {"b": "x"}] * 9, [0, 1] * 9
        )
        fitted["many"] = MultiOutputClassifier(LogisticRegression()).fit(ROWS, np.c_[LABELS, 1 - LABELS])
    return fitted


def frames() -> dict[str, Any]:
    days = pd.date_range("2024-01-01", periods=60, tz="Europe/Berlin")
    nullable = {
        "i": pd.array([1, None] * 30, "Int64"), "b": pd.array([True, None] * 30, "boolean"),
        "f": pd.array([1.0, None] * 30, "Float32"), "s": pd.array(["a", None] * 30, "string"),
    }  # fmt: skip
    return {
        "frame": FRAME,
        "series": FRAME.a,
        "days": FRAME.set_index(days),
        "months": pd.Series(pd.period_range("2024", periods=3, freq="M")),
        "intervals": pd.cut(FRAME.a, 3).to_frame(),
        "nullable": FRAME.assign(**nullable),
        "two levels": FRAME.groupby(["kind", "text"], observed=True).mean(numeric_only=True),
        "deltas": pd.Series(pd.to_timedelta([1, 2], unit="s")),
        "sparse": pd.DataFrame({"s": pd.arrays.SparseArray([0, 0, 1])}),
        "arrow": FRAME[["a", "text"]].convert_dtypes(dtype_backend="pyarrow"),
        "mixed": pd.DataFrame({"o": [1, "a", None, {1: 2}]}),
        "business": pd.Series(1.0, index=pd.bdate_range("2024", periods=3)),
        "empty": pd.DataFrame(),
    }


def others() -> dict[str, Any]:
    return {
        "record": {
            "model": LogisticRegression(), "when": datetime.datetime(2024, 1, 2, tzinfo=datetime.UTC),
            "path": pathlib.PurePosixPath("a/b"), "here": Path("x"), "zone": zoneinfo.ZoneInfo("Europe/Berlin"),
            "id": uuid.UUID(int=5), "price": decimal.Decimal("1.5"), "settings": types.SimpleNamespace(lr=0.1),
            "arguments": argparse.Namespace(epochs=3), "layers": collections.ChainMap({1: 2}), "any": Ellipsis,
            "large": 10**400, "counts": collections.Counter("aab"), "queue": collections.deque([1], maxlen=3),
        },
        "moments": [pd.Timestamp("2024", tz="Europe/Berlin"), pd.Timedelta(1), pd.Period("2024-01"), pd.NA, pd.NaT,
                    pd.Interval(0, 1), pd.offsets.MonthEnd(2), pd.CategoricalDtype(["a"])],
        "sparse": [kind(ROWS) for kind in (sparse.csr_array, sparse.csc_array, sparse.coo_array, sparse.lil_array,
                                           sparse.dok_array, sparse.bsr_array, sparse.dia_array)],
        "random": [np.random.Generator(kind(1)) for kind in (np.random.PCG64, np.random.Philox, np.random.SFC64)],
        "states": [np.random.get_state(), np.random.default_rng(1).bit_generator.state, random.getstate()],
        "arrays": [np.zeros(2, ">f8"), np.rec.array([(1, 2.0)], dtype="i4,f8"), np.zeros(2, [("a", "O"), ("b", "i4")]),
                   np.ma.masked_array(ROWS, ROWS > 0), np.array([{1: 2}, None], dtype=object), np.longdouble(1)],
        "distributions": [stats.norm(0, 1), stats.poisson(3), stats.beta(1, 2)],
    }  # fmt: skip


def stored() -> Iterator[tuple[str, bytes]]:
    for name, value in {**estimators(), **frames(), **others()}.items():
        for protocol in (2, 3, 4, 5):
            yield f"{name}, pickle {protocol}", pickle.dumps(value, protocol=protocol)
        for options in ({}, {"compress": 3}, {"compress": ("lzma", 1)}):
            target = io.BytesIO()
            joblib.dump(value, target, **options)
            yield f"{name}, joblib {options}", target.getvalue()


def packed(folder: Path) -> Iterator[tuple[str, bytes]]:
    for name, frame in frames().items():
        for suffix in (".gz", ".bz2", ".xz", ".zip", ".tar"):
            frame.to_pickle(folder / f"x{suffix}")
            yield f"{name}{suffix}", (folder / f"x{suffix}").read_bytes()


def checkpoints() -> Iterator[tuple[str, Callable[[Any], None]]]:
    import torch

    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.GELU(), torch.nn.Flatten(), torch.nn.Linear(72, 3))
    inputs = torch.zeros(1, 1, 8, 8)
    for name in ("Adam", "SGD", "RMSprop", "LBFGS", "AdamW"):
        optimizer = getattr(torch.optim, name)(net.parameters(), lr=0.01)

        def closure(optimizer: Any = optimizer) -> Any:
            optimizer.zero_grad()
            loss = net(inputs).pow(2).sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        state = {"epoch": 3, "state_dict": net.state_dict(), "optimizer_states": [optimizer.state_dict()],
                 "hyper_parameters": {"lr": 0.1, "root": pathlib.PosixPath("/data")}, "best": torch.tensor(0.3),
                 "rng": torch.get_rng_state(), "np": np.random.get_state()}  # fmt: skip
        yield name, lambda target, state=state: torch.save(state, target)
    half = collections.OrderedDict((f"layer.{i}", torch.zeros(3, dtype=torch.bfloat16)) for i in range(3))
    yield "half", lambda target: torch.save(half, target)
    yield "plain pickle", lambda target: target.write(pickle.dumps(net.state_dict()))
    yield "buffer", lambda target: torch.save(torch.nn.Buffer(torch.zeros(2)), target)
    layer = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    for old in (True, False):
        yield f"encoder {old}", lambda target, old=old: torch.save(layer, target, _use_new_zipfile_serialization=old)
    yield "quantised", lambda target: torch.save(torch.quantize_per_tensor(torch.rand(3), 0.1, 0, torch.qint8), target)
    net = net.eval()
    yield "script", lambda target: torch.jit.save(torch.jit.script(net), target, _extra_files={"a.json": "{}"})
    yield "frozen", lambda target: torch.jit.save(torch.jit.freeze(torch.jit.script(net)), target)
    yield "traced", lambda target: torch.jit.save(torch.jit.trace(net, inputs), target)
    yield "exported", lambda target: torch.export.save(torch.export.export(net, (inputs,)), target)


def test_at_most_two_per_cent_of_what_is_stored_beside_models_is_refused(tmp_path: Path) -> None:
    files = [*stored(), *packed(tmp_path)]
    reports = {name: artifact.scan_bytes(content, "m") for name, content in files}
    refused = {name: (report.unknown, report.unreadable) for name, report in reports.items() if not report.safe}
    assert len(files) >= 300
    assert len(refused) / len(files) <= 0.02, refused


def test_checkpoints_and_exports_are_safe() -> None:
    pytest.importorskip("torch")
    for name, write in checkpoints():
        target = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            write(target)
        report = artifact.scan_bytes(target.getvalue(), "m.pt")
        assert report.safe, (name, report)


@pytest.mark.parametrize(
    "body",
    [
        b"cbuiltins\ngetattr\n",
        b"]cbuiltins\ngetattr\na",
        b"cbuiltins\ngetattr\nq\x00cbuiltins\nstr\nX\x05\0\0\0lower\x86Rh\x00\x86",
        b"cbuiltins\ngetattr\n2cbuiltins\nstr\nX\x05\0\0\0lower\x86R\x86",
        b"ccollections\ndefaultdict\ncbuiltins\ngetattr\n\x85R",
        b"cbuiltins\ngetattr\ncbuiltins\nstr\nX\x09\0\0\0__class__\x86R",
        b"cbuiltins\ngetattr\ncbuiltins\ngetattr\nX\x08\0\0\0__call__\x86R",
        b"cbuiltins\ngetattr\nccollections\nCounter\n)\x81X\x06\0\0\0update\x86R",
    ],
)
def test_getattr_is_known_only_where_it_is_called_at_once(body: bytes) -> None:
    good = b"\x80\x02cbuiltins\ngetattr\ncbuiltins\nstr\nX\x05\0\0\0lower\x86R."
    assert artifact.scan_bytes(good, "m").globals == ("builtins.str", "builtins.str.lower")
    assert artifact.scan_bytes(good, "m").safe
    assert not artifact.scan_bytes(b"\x80\x02" + body + b".", "m").safe


def test_a_class_that_is_set_through_slots_is_refused() -> None:
    body = b"csklearn.svm._classes\nSVC\n)\x81N}X\x09\0\0\0__class__csklearn.pipeline\nPipeline\ns\x86b."
    assert not artifact.scan_bytes(b"\x80\x02" + body, "m").safe
    assert artifact.scan_bytes(b"\x80\x02" + body.replace(b"__class__", b"own_class"), "m").safe


def test_a_type_of_elements_that_hides_objects_is_refused() -> None:
    """numpy would take the bytes of such an array for pointers."""
    content = pickle.dumps(np.zeros(2), protocol=2)
    end = b"J\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00t"
    assert end in content
    assert artifact.scan_bytes(content, "m").safe
    assert not artifact.scan_bytes(content.replace(end, end[:-2] + b"\x3ft"), "m").safe
