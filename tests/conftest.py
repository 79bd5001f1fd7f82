"""What many tests share: subjects and policies on disk, and checks that come from another package."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import pandas as pd


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test measures for itself: a result of an earlier one would prove nothing."""
    monkeypatch.setenv("AUDITGATE_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def foreign_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Installs a check as another distribution would: a module and an entry point on the path, workers included."""
    site = tmp_path / "site"
    information = site / "foreign_checks-2.0.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign-checks\nVersion: 2.0\n")
    points = information / "entry_points.txt"
    points.write_text("[audit.checks]\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("PYTHONPATH", str(site))

    def install(name: str, body: str) -> None:
        module = f"foreign_{name}_{uuid.uuid4().hex}"  # a module of an earlier test would still be imported
        (site / f"{module}.py").write_text(HEAD + textwrap.dedent(body))
        with points.open("a") as file:
            file.write(f"{name} = {module}\n")

    return install


HEAD = '''"""A check of another package.

Why: to be tried.
Blind to: all else.
Source: a test.
"""
import os
import time
from audit.records import CheckResult, Doubt, Evidence, Measure
from audit.errors import NotMeasurable
from audit.subject import Subject

NEEDS = ()
MEASURES = {"share": "a share, 0 to 1"}
'''


@pytest.fixture
def write_subject(tmp_path: Path) -> Callable[..., Path]:
    """Writes a subject to disk: a scikit-learn model as skops, its tables as CSV, and the audit.yaml."""

    def write(model: Any, train: pd.DataFrame, test: pd.DataFrame, *, extra: str = "", **names: str) -> Path:
        import skops.io

        folder = tmp_path / names.get("folder", "subject")
        folder.mkdir()
        skops.io.dump(model, folder / "model.skops")
        train.to_csv(folder / "train.csv", index=False)
        test.to_csv(folder / "test.csv", index=False)
        path = folder / "audit.yaml"
        path.write_text(
            "subject: trial\nversion: '1'\ntask: classification\ntarget: target\n"
            "model: {path: model.skops}\ndata:\n  train: {path: train.csv}\n  test: {path: test.csv}\n" + extra
        )
        return path

    return write


@pytest.fixture
def write_policy(tmp_path: Path) -> Callable[..., Path]:
    """Writes a policy of one rule, or of the rules given as YAML."""

    def write(check: str, require: str, params: str = "", more: str = "") -> Path:
        path = tmp_path / "policy.yaml"
        path.write_text(
            "policy: trial\nversion: 1.0.0\nowner: tester@example.org\nrules:\n"
            f"  - id: rule\n    check: {check}\n"
            + (f"    with: {{{params}}}\n" if params else "")
            + f"    require: {{{require}}}\n    why: To be tried.\n{more}"
        )
        return path

    return write


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    output: str
    error: str


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., Ended]:
    """Runs `audit` as a process of its own, in the temporary folder."""

    def run(*arguments: str | Path) -> Ended:
        done = subprocess.run(
            [sys.executable, "-m", "audit", *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run
