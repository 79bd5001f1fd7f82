"""The check of unsafe files on bare files: it has to work on files that nobody would want to open."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from audit.checks import unsafe_file
from audit.errors import NotMeasurable
from audit.records import CheckResult
from audit.subject import Subject

EVIL = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x0btouch pwned\x85R."


def measured(path: Path, trusted_types: tuple[str, ...] = (), **params: Any) -> CheckResult:
    return unsafe_file.run(Subject.load(path, trusted_types=trusted_types), **params)


def values(result: CheckResult) -> tuple[float | str, float | str]:
    return result.measures["unsafe_globals"].value, result.measures["unreadable_parts"].value


def test_an_ordinary_model_is_clean(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), path, compress=3)
    result = measured(path)
    assert values(result) == (0, 0)
    assert not result.doubts
    assert result.measures["unsafe_globals"].low is None, "an exact count"
    assert "runs no code" in result.sentence


@pytest.mark.parametrize("name", ["model.pkl", "model.onnx", "model.bin", "model"])
def test_a_malicious_file_is_named_whatever_its_suffix(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(EVIL)
    result = measured(path)
    assert values(result) == (1, 0)
    assert "posix.system" in result.sentence
    assert "skops" in result.sentence, "what to do instead"
    assert result.evidence[0].content.decode() == (
        f'name,where\nposix.system,"{name}, byte 18"\n'
    )  # fmt: skip
    assert not (tmp_path / "pwned").exists()


def test_an_unreadable_file_never_passes(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"a": 1})[:-3])
    result = measured(path)
    assert values(result) == (0, 1)
    assert result.doubts, "a policy that only limits unsafe_globals must not pass it"


def test_reviewed_names_may_be_trusted(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(EVIL)
    assert values(measured(path, trusted_types=("posix.system",))) == (0, 0)
    assert values(measured(path, trusted_types=("posix",))) == (1, 0)


def test_spreadsheets_do_not_run_the_evidence(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x04\x8c\x06=cmd|x\x8c\x01y\x93.")
    assert b"\n'=cmd|x.y," in measured(path).evidence[0].content


@pytest.mark.parametrize("kind", ["pickle", "joblib", "skops"])
def test_planted_parts_are_all_found(tmp_path: Path, kind: str) -> None:
    import skops.io

    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    path = tmp_path / f"model.{kind}"
    write: dict[str, Callable[[], object]] = {
        "pickle": lambda: path.write_bytes(pickle.dumps(model)),
        "joblib": lambda: joblib.dump(model, path),
        "skops": lambda: skops.io.dump(model, path),
    }
    write[kind]()
    power = unsafe_file.plant(Subject.load(path), confidence=0.95)
    assert power.n >= 20
    assert power.value == 1.0


def test_power_falls_where_everything_is_trusted(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"a": 1}))
    trusted = ("os.system", "posix.system", "builtins.eval", "subprocess.Popen")
    assert unsafe_file.plant(Subject.load(path, trusted_types=trusted), confidence=0.95).value < 0.9


def test_a_model_in_memory_has_no_file() -> None:
    subject = Subject.in_memory(model=lambda rows: rows, test=pd.DataFrame({"a": [1], "target": [0]}))
    with pytest.raises(NotMeasurable, match="no file"):
        unsafe_file.run(subject)
