"""Whatever is wrong with the inputs of the next audit, the last bundle stays whole, or a whole one replaces it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from audit.cli import root

LOOKS = """
def run(subject: Subject) -> CheckResult:
    return CheckResult({"share": Measure(1.0, n=subject.test.rows)})
"""
SUBJECT = "subject: s\ntarget: kind\ndata: {test: {path: rows.csv}}\n"
POLICY = "policy: p\nversion: '1'\nrules:\n- {id: r, check: looking, require: {share: {min: 0.5}}, why: w}\n"
ROWS = "a,kind\n1,x\n2,y\n"


def audit(*words: str | Path) -> Result:
    result = CliRunner().invoke(root, [str(word) for word in words], catch_exceptions=False)
    assert "Traceback" not in result.output
    return result


def kept(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def last(tmp_path: Path, foreign_check: Callable[[str, str], None]) -> Path:
    """A good subject and policy, and the bundle of an audit of them."""
    foreign_check("looking", LOOKS)
    for name, content in (("audit.yaml", SUBJECT), ("p.yaml", POLICY), ("rows.csv", ROWS)):
        (tmp_path / name).write_text(content)
    assert run(tmp_path).exit_code == 0
    return tmp_path / "out"


def run(folder: Path) -> Result:
    return audit("run", folder, "--policy", folder / "p.yaml", "--out", folder / "out", "--engine", "inline")


NOTHING_RAN = {
    "row_3": ("p.yaml", POLICY + "seed: 1\nseed: 2\n", "p.yaml:6:1"),
    "row_6": ("p.yaml", POLICY.replace("0.5", ".nan"), "p.yaml:4:50"),
    "row_10": ("p.yaml", "", "empty"),
    "row_11": ("p.yaml", POLICY.replace("looking", "lookin"), 'did you mean "looking"'),
    "row_12": ("p.yaml", "policy: p\nrules: []\n", "p.yaml:1:1"),
    "row_14": ("p.yaml", POLICY.encode("utf-16"), "byte order mark"),
    "row_1": ("audit.yaml", SUBJECT + "groups: &a [a]\nrules: *a\n", "audit.yaml:4:9"),
    "row_9": ("audit.yaml", SUBJECT + "---\n" + SUBJECT, "audit.yaml:4:1"),
    "row_22": ("audit.yaml", SUBJECT + "groups: [b]\n", "audit.yaml:4:10"),
    "row_13": ("audit.yaml", SUBJECT + "#" * 1_000_001, "1000000 are read"),
}


@pytest.mark.parametrize("row", NOTHING_RAN)
def test_where_nothing_runs_nothing_is_touched(last: Path, row: str) -> None:
    name, content, says = NOTHING_RAN[row]
    before = kept(last)
    (last.parent / name).write_bytes(content.encode() if isinstance(content, str) else content)
    result = run(last.parent)
    assert result.exit_code == 2, result.output
    assert says in result.output
    assert kept(last) == before
    assert audit("verify", last).exit_code == 0
    assert sorted(os.listdir(last.parent)) == ["audit.yaml", "out", "p.yaml", "rows.csv", "site"]


UNDECIDED = {
    "row_18": ("rows.csv", b"a,kind\n", "no rows"),
    "row_25": ("rows.csv", b"a,kind\n1,x\n2\n3\n", "rows.csv:3: 1 fields where the header has 2; 1 more row"),
    "row_26": ("rows.csv", b'a,kind\n1,x\n"2,y\n', "rows.csv:3: a quoted cell"),
    "row_27": ("rows.csv", b"a,kind\n1,x\n\xe9,y\n", "rows.csv:3: byte 11"),
    "row_29": ("rows.csv", b"a,kind\n1,x\0\n", "rows.csv:2: a cell holds a NUL"),
}


@pytest.mark.parametrize("row", UNDECIDED)
def test_what_cannot_be_decided_is_a_whole_bundle_that_says_so(last: Path, row: str) -> None:
    name, content, says = UNDECIDED[row]
    (last.parent / name).write_bytes(content)
    result = run(last.parent)
    assert result.exit_code == 3, result.output
    [entry] = json.loads((last / "bundle.json").read_text())["entries"]
    assert entry["verdict"] == "ERROR"
    assert says in entry["error"]
    assert says.split(":")[0] in result.output, "the report on standard output names the place too"
    assert audit("verify", last).exit_code == 0
    assert [name for name in os.listdir(last.parent) if name.startswith((".", "out"))] == ["out"]


def test_row_33_a_file_that_turned_into_another_kind(last: Path) -> None:
    """The same name, and an array instead of rows: an error that names the file, no guess."""
    np.savez(last.parent / "rows.npz", x=np.array([{}], dtype=object))
    (last.parent / "rows.npz").rename(last.parent / "rows.csv")
    result = run(last.parent)
    assert result.exit_code == 3, result.output
    assert "rows.csv is no text but a zip archive" in result.output
