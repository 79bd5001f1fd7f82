"""Folders that are made to break the reader: names, sizes and numbers that no audit gives."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from audit.bundle import manifest, verify
from audit.bundle.layout import distinct, policy_paths
from audit.bundle.read import MOST_KEPT
from audit.cli import root
from audit.dsse import new_private_key


def command(*words: object) -> int:
    return CliRunner().invoke(root, [str(word) for word in words], catch_exceptions=False).exit_code


@pytest.mark.parametrize("inside", ["", "evidence", "policy"])
def test_a_name_that_is_not_utf8(inside: str, written: Path, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(new_private_key().pem())
    with open(os.fsencode(written / inside) + b"/\xff", "wb"):
        pass
    assert any("not UTF-8" in problem and "\\xff" in problem for problem in verify(written).problems)
    assert command("verify", written) == 4
    assert command("verify", written, "--json") == 4
    assert command("diff", written, written) == 4
    assert command("sign", written, "--key", tmp_path / "key.pem", "--role", "reviewer") == 4


def _sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def test_a_large_bundle_json_is_not_parsed(written: Path) -> None:
    _sparse(written / "bundle.json", MOST_KEPT + 1)
    assert any("bundle.json" in problem and "larger" in problem for problem in verify(written).problems)
    assert command("diff", written, written) == 4


def test_a_large_report_is_compared_by_its_digest(written: Path) -> None:
    _sparse(written / "reports" / "report.txt", MOST_KEPT + 1)
    assert any(
        "report.txt" in problem and "not what the bundle says" in problem for problem in verify(written).problems
    )


def test_all_files_together_have_a_bound(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["audit.bundle.read"], "MOST_IN_ALL", 10_000)
    assert any("than is read" in problem for problem in verify(written).problems)


def test_thousands_of_one_name_take_linear_time() -> None:
    began = time.process_time()
    names = distinct(["p.yaml"] * 20_000)
    assert len(set(names)) == 20_000
    assert (names[1], names[-1]) == ("p-2.yaml", "p-20000.yaml")
    assert distinct(["a-2", "a", "a", "A"]) == ["a-2", "a", "a-3", "A-4"]
    assert len(policy_paths(["x/p.yaml"] * 3)) == 3
    assert time.process_time() - began < 20


def test_a_manifest_of_junk_is_told_in_few_words(written: Path) -> None:
    found = manifest.differences({}, b"x\n" * 300_000)
    assert len(found) == 101
    assert "more than 100" in found[-1].message
    (written / "MANIFEST.sha256").write_bytes(b"x\n" * 300_000)
    assert len(verify(written).findings) < 200
