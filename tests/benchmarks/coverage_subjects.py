"""One subject on disk for each kind of model that people ship, each with real data or a task made up of words."""

from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

EPSILON = 0.1
IMAGE_SIDE = 8


@dataclass(frozen=True)
class Written:
    """A subject on disk, and the same model as other tools take it.

    Attributes:
        path: of its audit.yaml.
        model: the estimator, a torch module, or a function from rows to probabilities.
        x: test rows: a frame or an array.
        y: codes of their classes.
        epsilon: largest change; characters for text.
    """

    path: Path
    model: Any
    x: Any
    y: np.ndarray
    epsilon: float = EPSILON


Write = Callable[[Path, ExitStack], Written]


@dataclass(frozen=True)
class Split:
    """Training and test rows, features and codes."""

    train: Any
    train_codes: np.ndarray
    test: Any
    test_codes: np.ndarray
    features: str = field(default="")


def subjects() -> dict[str, Write]:
    """How to write each subject, by the name of its kind of model."""
    return {
        "LogisticRegression": _sklearn(lambda: LogisticRegression(max_iter=500)),
        "SVC": _sklearn(lambda: SVC()),
        "SVC(probability=True)": _sklearn(lambda: SVC(probability=True, random_state=0)),
        "RandomForest": _sklearn(lambda: RandomForestClassifier(100, random_state=0)),
        "HistGradientBoosting": _sklearn(lambda: HistGradientBoostingClassifier(random_state=0)),
        "MLPClassifier": _sklearn(lambda: MLPClassifier((32,), max_iter=400, random_state=0)),
        "Pipeline, mixed columns": _mixed,
        "XGBoost": _xgboost,
        "LightGBM": _lightgbm,
        "ONNX": _onnx,
        "TorchScript CNN": _torchscript,
        "text pipeline": _text,
        "HTTP endpoint": _endpoint,
    }


@cache
def cancer() -> Split:
    """Breast cancer, 30 columns scaled to 0..1, so that epsilon means the same to every tool."""
    x, y = load_breast_cancer(return_X_y=True, as_frame=True)
    x.columns = [name.replace(" ", "_") for name in x.columns]
    x = (x - x.min()) / (x.max() - x.min())
    order = np.random.default_rng(0).permutation(len(x))
    x, codes = x.iloc[order].reset_index(drop=True), y.to_numpy()[order]
    return Split(x[:400], codes[:400], x[400:].reset_index(drop=True), codes[400:])


@cache
def digits() -> Split:
    """Digits as images, shape (n, 1, 8, 8), 0..1."""
    images, codes = load_digits(return_X_y=True)
    x = (images / 16).astype(np.float32).reshape(-1, 1, IMAGE_SIDE, IMAGE_SIDE)
    return Split(x[:1300], codes[:1300], x[1300:], codes[1300:])


@cache
def loans() -> Split:
    """A made-up table of numbers, words and limits on what can be changed."""
    rng, n = np.random.default_rng(0), 700
    x = pd.DataFrame(
        {
            "age": rng.integers(18, 80, n),
            "income": np.exp(rng.normal(8, 0.5, n)).round(0),
            "duration": rng.integers(1, 11, n) * 6,
            "amount": rng.integers(250, 12_000, n),
            "purpose": rng.choice(["car", "home", "trip"], n),
            "town": rng.choice(["north", "south"], n),
        }
    )
    risk = x["amount"] / x["income"] + 1.2 * (x["purpose"] == "trip") + rng.normal(0, 0.3, n)
    codes = (risk > risk.median()).to_numpy().astype(int)
    features = (
        "features:\n  age: {type: integer, mutable: false}\n  amount: {type: integer, range: [0, 20000], step: 10}\n"
        "  purpose: {type: category, transitions: {trip: [car]}}\nrules: ['amount <= 2000 * duration']\n"
    )
    return Split(x[:500], codes[:500], x[500:].reset_index(drop=True), codes[500:], features)


@cache
def letters() -> Split:
    """Made-up letters to two departments."""
    rng, n = np.random.default_rng(0), 500
    words = (["charged", "invoice", "refund", "price", "paid"], ["broken", "restart", "screen", "update", "crashes"])
    shared = ["hello", "please", "help", "my", "order", "since", "monday", "thanks", "again", "the", "box", "team"]
    codes = rng.integers(0, 2, n)
    texts = [
        " ".join(rng.permutation([*rng.choice(shared, 7), *rng.choice(words[code], 3), rng.choice(words[1 - code])]))
        for code in codes
    ]
    x = pd.DataFrame({"text": texts})
    return Split(x[:350], codes[:350], x[350:].reset_index(drop=True), codes[350:], "features: {text: {type: text}}\n")


@contextmanager
def served(answer: Callable[[list[Any]], list[list[float]]]) -> Iterator[str]:
    """The address of an endpoint on this machine that answers rows with probabilities."""

    class Asked(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["inputs"]
            content = json.dumps({"probabilities": answer(rows)}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the table is all that is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/score"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _sklearn(build: Callable[[], Any]) -> Write:
    def write(folder: Path, held: ExitStack) -> Written:
        model = build().fit(cancer().train, cancer().train_codes)
        skops.io.dump(model, folder / "model.skops")
        return _table(folder, "path: model.skops", model, cancer())

    return write


def _mixed(folder: Path, held: ExitStack) -> Written:
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["purpose", "town"]),
        (StandardScaler(), ["age", "income", "duration", "amount"]),
    )
    model = make_pipeline(columns, HistGradientBoostingClassifier(max_iter=40, random_state=0))
    model.fit(loans().train, loans().train_codes)
    skops.io.dump(model, folder / "model.skops")
    return _table(folder, "path: model.skops", model, loans())


def _xgboost(folder: Path, held: ExitStack) -> Written:
    import xgboost

    model = xgboost.XGBClassifier(n_estimators=50, max_depth=4, n_jobs=1, random_state=0)
    model.fit(cancer().train, cancer().train_codes).save_model(folder / "model.ubj")
    return _table(folder, "path: model.ubj", model, cancer())


def _lightgbm(folder: Path, held: ExitStack) -> Written:
    import lightgbm

    model = lightgbm.LGBMClassifier(n_estimators=50, n_jobs=1, random_state=0, verbose=-1)
    model.fit(cancer().train, cancer().train_codes).booster_.save_model(folder / "model.txt")
    return _table(folder, "path: model.txt", model, cancer())


def _onnx(folder: Path, held: ExitStack) -> Written:
    to_onnx: Any = importlib.import_module("skl2onnx").to_onnx
    one = cancer()
    model = make_pipeline(StandardScaler(), MLPClassifier((32,), max_iter=400, random_state=0))
    model.fit(one.train.to_numpy(), one.train_codes)
    first = one.train.to_numpy(dtype=np.float32)[:1]
    graph = to_onnx(model, first, options={id(model): {"zipmap": False}}, target_opset=17)
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    return _table(folder, "path: model.onnx", lambda rows: model.predict_proba(np.asarray(rows)), one)


def _torchscript(folder: Path, held: ExitStack) -> Written:
    import torch

    torch.manual_seed(0)
    layers = [torch.nn.Conv2d(1, 16, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(16 * 36, 10)]
    net = torch.nn.Sequential(*layers)
    optimiser = torch.optim.Adam(net.parameters(), 3e-3)
    inputs, labels = torch.tensor(digits().train), torch.tensor(digits().train_codes)
    with torch.enable_grad():
        for _ in range(15):
            for batch in torch.randperm(len(inputs)).split(100):
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(net(inputs[batch]), labels[batch]).backward()
                optimiser.step()
    torch.jit.save(torch.jit.script(net.eval()), folder / "model.pt")
    np.savez(folder / "test.npz", x=digits().test, y=digits().test_codes)
    _declare(folder, "path: model.pt, classes: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "test: {path: test.npz}")
    return Written(folder / "audit.yaml", net, digits().test, digits().test_codes)


def _text(folder: Path, held: ExitStack) -> Written:
    columns = make_column_transformer((TfidfVectorizer(), "text"))
    model = make_pipeline(columns, LogisticRegression()).fit(letters().train, letters().train_codes)
    skops.io.dump(model, folder / "model.skops")
    return _table(folder, "path: model.skops", model, letters(), epsilon=2)


def _endpoint(folder: Path, held: ExitStack) -> Written:
    model = RandomForestClassifier(20, random_state=0).fit(cancer().train, cancer().train_codes)

    def answer(rows: list[Any]) -> list[list[float]]:
        found = model.predict_proba(pd.DataFrame(rows)[list(cancer().train.columns)])
        return [[float(value) for value in row] for row in found]

    url = held.enter_context(served(answer))
    names = list(cancer().train.columns)

    def ask(rows: np.ndarray) -> np.ndarray:
        return np.array(answer([dict(zip(names, map(float, row), strict=True)) for row in rows]))

    return _table(folder, f"url: '{url}', protocol: json, classes: [0, 1]", ask, cancer())


def _table(folder: Path, model: str, estimator: Any, one: Split, epsilon: float = EPSILON) -> Written:
    one.train.assign(target=one.train_codes).to_csv(folder / "train.csv", index=False)
    one.test.assign(target=one.test_codes).to_csv(folder / "test.csv", index=False)
    _declare(folder, model, "train: {path: train.csv}, test: {path: test.csv}", one.features)
    return Written(folder / "audit.yaml", estimator, one.test, one.test_codes, epsilon)


def _declare(folder: Path, model: str, data: str, more: str = "") -> None:
    head = "subject: trial\nversion: '1'\ntask: classification\ntarget: target\n"
    (folder / "audit.yaml").write_text(f"{head}model: {{{model}}}\ndata: {{{data}}}\n{more}")
