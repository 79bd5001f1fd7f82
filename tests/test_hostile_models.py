"""Models that mean harm, or are broken: each ends as an ERROR of its own rule, in time, and the others run on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
import numpy as np
import pytest

from audit import runner
from audit.engine.local import LocalEngine
from audit.records import Measured, Task

Start = Callable[[str], LocalEngine]
ROWS = 60
MODULE = """
import os, time
import numpy as np

class Model:
    classes_ = np.array([0, 1])
    def __init__(self, act): self.act = act
    def predict(self, rows): return self.predict_proba(rows).argmax(axis=1)
    def predict_proba(self, rows):
        fair = np.column_stack([rows[:, 0] <= 0, rows[:, 0] > 0]).astype(float)
        return globals()[self.act](fair)

def honest(fair): return fair
def sleep(fair): time.sleep(3600)
def spin(fair):
    while True: pass
def fork(fair):
    while True: os.fork()
def threads(fair):
    import threading
    held = []
    while True:
        held.append(threading.Thread(target=time.sleep, args=(3600,)))
        held[-1].start()
def memory(fair):
    held = []
    while True: held.append(np.ones(1 << 23))
def shared_memory(fair):
    import mmap
    held = []
    while True:
        held.append(mmap.mmap(-1, 1 << 26))
        held[-1].write(b"x" * (1 << 26))
def nan(fair): return fair * np.nan
def infinite(fair): return fair / 0
def few(fair): return fair[:-1]
def many(fair): return np.vstack([fair, fair])
def wide(fair): return np.column_stack([fair, fair * 0])
def flat(fair): return fair[:, 0]
def deep(fair): return fair[:, None, :]
def sums(fair): return fair * 0.9
def negative(fair): return fair * 3 - 1
def text(fair): return fair.astype(str)
def objects(fair): return np.array([[None, "x"]] * len(fair), dtype=object)
def nothing(fair): return None
def leaves(fair): os._exit(0)
def crashes(fair): raise RuntimeError("broken inside")
def segfault(fair):
    import ctypes
    ctypes.string_at(0)
def prints(fair):
    for _ in range(2000): os.write(2, b"noise" * 10000)
    return fair
def network(fair):
    import socket
    socket.create_connection(("192.0.2.1", 80))
def forge(fair):
    for descriptor in range(3, 64):
        try: os.write(descriptor, b'{"kind": "result"}' * 100)
        except OSError: pass
    return fair
def scribble(fair):
    import mmap
    for descriptor in range(3, 64):
        try: mmap.mmap(descriptor, 0)[:65536] = b"\\xff" * 65536
        except (OSError, ValueError, TypeError, IndexError): pass
    return fair
"""
EXPECTED = {
    "sleep": "time", "spin": "time", "fork": "PermissionError", "threads": "", "memory": "MemoryError",
    "shared_memory": "", "nan": "NaN or infinity", "infinite": "NaN or infinity", "few": "shape", "many": "shape",
    "wide": "shape", "flat": "shape", "deep": "shape", "sums": "sum to 1", "negative": "negative", "text": "",
    "objects": "not numbers", "nothing": "", "leaves": "exit code 0", "crashes": "RuntimeError", "segfault": "SIGSEGV",
    "network": "PermissionError", "forge": "",
}  # fmt: skip
"""What the error of each has to say."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A subject whose model acts as the file `act` says; its module is one that a reviewer trusted."""
    place = tmp_path_factory.mktemp("hostile")
    (place / "modules").mkdir()
    (place / "modules" / "hostile_model.py").write_text(MODULE)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 3))
    np.savez(place / "test.npz", x=x, y=(x[:, 0] > 0).astype(int))
    return place


@pytest.fixture(scope="module")
def engine_of(folder: Path) -> Iterator[Start]:
    """Starts an engine on a model that acts in one way."""
    patch = pytest.MonkeyPatch()
    patch.syspath_prepend(str(folder / "modules"))
    import hostile_model

    def start(act: str) -> LocalEngine:
        joblib.dump(hostile_model.Model(act), folder / f"{act}.joblib")
        (folder / f"{act}.yaml").write_text(
            f"subject: hostile\nversion: '1'\ntask: classification\nmodel: {{path: {act}.joblib}}\n"
            "data: {test: {path: test.npz}}\n"
        )
        return LocalEngine(
            folder / f"{act}.yaml", trusted_types=("hostile_model.Model",), isolation="required", memory_bytes=2 << 30
        )

    yield start
    patch.undo()


def measured(engine: LocalEngine, timeout_seconds: float = 60.0) -> Measured:
    task = Task("calibration", "calibration", {}, 0, 0.95, timeout_seconds)
    return runner.measure(task, engine)


def test_an_honest_model_is_measured(engine_of: Start) -> None:
    for act in ("honest", "prints"):
        engine = engine_of(act)
        found = measured(engine)
        engine.close()
        assert found.error == ""
        assert found.isolation.level == "kernel"


ENDLESS = ("sleep", "spin", "threads")
QUICK = ("crashes", "nan", "sums")
CASES = [act if act in QUICK else pytest.param(act, marks=pytest.mark.slow) for act in EXPECTED]


@pytest.mark.parametrize("act", CASES)
def test_it_ends_in_an_error_in_time(engine_of: Start, act: str) -> None:
    engine = engine_of(act)
    started = time.monotonic()
    # only what never ends has to wait for the end of its time
    found = measured(engine, 8.0 if act in ENDLESS else 60.0)
    seconds = time.monotonic() - started
    engine.close()
    assert found.error
    assert EXPECTED[act] in found.error
    assert seconds < 60


@pytest.mark.slow
def test_the_next_rule_gets_a_new_worker(engine_of: Start) -> None:
    engine = engine_of("crashes")
    assert "RuntimeError" in measured(engine).error
    task = Task("leak", "leakage", {}, 0, 0.95, 60.0)
    assert "crashed" not in runner.measure(task, engine).error
    assert "RuntimeError" in measured(engine).error
    engine.close()


@pytest.mark.slow
def test_scribbling_into_the_shared_memory_changes_nothing_that_was_checked(engine_of: Start) -> None:
    engine, honest = engine_of("scribble"), engine_of("honest")
    assert measured(engine).result.measures == measured(honest).result.measures
    engine.close()
    honest.close()
