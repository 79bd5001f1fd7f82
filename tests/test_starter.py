"""`audit init` writes files that the other commands accept, and asks rather than guesses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit import api, policy, shipped, starter
from audit.errors import SubjectError
from audit.subject import Subject

SAMPLE = "model.skops", "train.csv", "test.csv", "current.parquet", "SHA256SUMS", "build.intoto.jsonl", "MODEL_CARD.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "credit"
    made.mkdir()
    for name in SAMPLE:
        shutil.copy(shipped.folder("sample_models") / "credit" / name, made / name)
    return made


def test_what_it_writes_can_be_run(folder: Path) -> None:
    started = starter.start(folder, target="risk", positive="bad")
    subject = Subject.load(started.subject)
    assert (subject.task, subject.target, subject.positive) == ("classification", "risk", "bad")
    assert subject.provenance == ("SHA256SUMS", "build.intoto.jsonl")
    assert subject.documents == {"model_card": "MODEL_CARD.md"}
    rules = policy.load(started.policy)
    assert [rule.check for rule in rules.rules] == ["unsafe_file", "performance", "leakage"]
    verdicts = {entry.check: entry.verdict for entry in api.run(subject, rules).entries}
    assert verdicts["unsafe_file"] == "PASS"
    assert verdicts["leakage"] == "PASS"


def test_it_asks_for_the_target(folder: Path) -> None:
    with pytest.raises(SubjectError, match="which column is the target"):
        starter.start(folder)


def test_it_overwrites_nothing(folder: Path) -> None:
    starter.start(folder, target="risk")
    before = (folder / "audit.yaml").read_bytes()
    with pytest.raises(SubjectError, match="exists"):
        starter.start(folder, target="risk")
    assert (folder / "audit.yaml").read_bytes() == before


def test_two_models_are_not_one(folder: Path) -> None:
    shutil.copy(folder / "model.skops", folder / "other_model.skops")
    with pytest.raises(SubjectError, match="several models"):
        starter.start(folder, target="risk")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SubjectError, match="holds no model"):
        starter.start(tmp_path)


@pytest.mark.parametrize(
    ("rows", "task"), [("1.5\n2.25\n", "regression"), ("1\n0\n", "classification"), ("a\nb\n", "classification")]
)
def test_the_task_is_read_off_the_target(tmp_path: Path, rows: str, task: str) -> None:
    values = "\n".join(f"{index},{value}" for index, value in enumerate(rows.split()))
    (tmp_path / "test.csv").write_text(f"a,target\n{values}\n")
    assert Subject.load(starter.start(tmp_path).subject).task == task


def test_the_command_says_what_is_next(folder: Path, command: Callable[..., Any]) -> None:
    ended = command("init", folder, "--target", "risk")
    assert ended.code == 0, ended.error
    assert "next: audit run" in ended.output
