"""A lock fixes the criteria: whatever else runs is refused, and the bundle proves what was fixed and when."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from audit import api, bundle, policy
from audit.cli import root
from audit.errors import PolicyError
from audit.policy import lock as locks
from audit.policy.lock import lock, lock_for

NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
HOUSE = """policy: house
version: 1.0.0
params: {most: 0.5, words: [a, b]}
rules:
  - {id: no-leak, check: leakage, require: {duplicate_share: {max: "${most}"}}, why: Questions are new.}
"""
CHILD = "policy: child\nversion: '2'\nextends: [house.yaml]\nrules:\n  - {id: no-leak, severity: critical}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a policy in two files, its lock, and data."""
    monkeypatch.chdir(tmp_path)
    Path("house.yaml").write_text(HOUSE)
    Path("child.yaml").write_text(CHILD)
    rows = [f"{number},{number % 3}" for number in range(60)]
    for name, part in (("train.csv", rows[:40]), ("test.csv", rows[38:])):
        Path(name).write_text("\n".join(["a,b", *part]) + "\n")
    Path("audit.yaml").write_text(
        "subject: s\nversion: '1'\ntask: classification\ntarget: b\n"
        "data: {train: {path: train.csv}, test: {path: test.csv}}\n"
    )
    assert run("policy", "lock", "child.yaml", "--out", "policy.lock").exit_code == 0
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(root, words)


def audited(*words: str) -> Result:
    return run("run", "audit.yaml", "--policy", "child.yaml", "--engine", "inline", "--lock", "policy.lock", *words)


def test_the_locked_policy_runs_and_the_bundle_says_so(here: Path) -> None:
    result = audited("--out", "out")
    assert result.exit_code == 0, result.output
    content = Path("policy.lock").read_bytes()
    assert Path("out/policy.lock").read_bytes() == content
    found = bundle.read(Path("out"))
    assert found.policy.lock is not None
    assert found.policy.lock.sha256 == hashlib.sha256(content).hexdigest()
    assert f"  {'policy.lock'}\n" in Path("out/MANIFEST.sha256").read_text()
    verified = bundle.verify(Path("out"))
    assert verified.problems == ()
    assert any("the word of whoever made the lock" in note for note in verified.notes)
    for name in ("report.txt", "report.md", "report.html"):
        assert found.policy.lock.locked_at in Path("out/reports", name).read_text().replace("\\", "")


def test_without_a_lock_the_bundle_says_no(here: Path) -> None:
    assert run("run", "audit.yaml", "--policy", "child.yaml", "--engine", "inline", "--out", "out").exit_code == 0
    assert "Criteria locked before the run: no." in Path("out/reports/report.txt").read_text()
    assert bundle.read(Path("out")).policy.lock is None


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("house.yaml", "0.5", "0.6", "policy file house.yaml: its sha256 is"),
        ("house.yaml", "Questions", "Answers", "policy file house.yaml: its sha256 is"),
        ("child.yaml", "critical", "high", "policy file child.yaml: its sha256 is"),
        ("child.yaml", "policy: child", "policy: kid", "the name of the policy is 'kid'; locked is 'child'"),
        ("child.yaml", "'2'", "'3'", "the version of the policy is '3'; locked is '2'"),
        ("child.yaml", "house.yaml]", "house.yaml, 'builtin:baseline']", "locked is no such file"),
    ],
)
def test_another_policy_does_not_run(here: Path, file: str, old: str, new: str, told: str) -> None:
    Path(file).write_text(Path(file).read_text().replace(old, new))
    result = audited("--out", "out")
    assert result.exit_code == 2
    assert told in result.stderr
    assert not Path("out").exists()


def test_a_param_of_the_command_line_is_another_policy(here: Path) -> None:
    result = audited("--out", "out", "--set", "most=0.4")
    assert result.exit_code == 2
    assert "param most is 0.4; locked is 0.5" in result.stderr


def test_the_folder_from_which_it_is_locked_does_not_matter(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here.parent)
    name = here.name
    words = ("run", f"{name}/audit.yaml", "--policy", f"{name}/child.yaml", "--lock", f"{name}/policy.lock")
    assert run(*words, "--engine", "inline", "--out", f"{name}/out").exit_code == 0
    assert bundle.verify(here / "out").problems == ()


@pytest.mark.parametrize("most", ["1.0", "0.0", "1", "1e20", "1e-7", "0.10"])
def test_a_number_is_one_number_however_json_writes_it(most: str, here: Path) -> None:
    Path("house.yaml").write_text(Path("house.yaml").read_text().replace("0.5", most))
    Path("policy.lock").unlink()
    assert run("policy", "lock", "child.yaml", "--out", "policy.lock").exit_code == 0
    result = audited("--out", "out")
    assert Path("out").exists(), result.output
    assert bundle.verify(Path("out")).problems == ()


def test_a_lock_overwrites_nothing_and_follows_no_link(here: Path) -> None:
    Path("precious.txt").write_text("precious")
    Path("link.lock").symlink_to("precious.txt")
    for name in ("precious.txt", "link.lock"):
        result = run("policy", "lock", "child.yaml", "--out", name)
        assert result.exit_code == 2
        assert "is there already" in result.stderr
    assert Path("precious.txt").read_text() == "precious"


def test_a_lock_from_the_future_is_refused(here: Path) -> None:
    later = lock(policy.load("child.yaml"), now=datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1))
    Path("policy.lock").write_text(json.dumps(later))
    result = audited("--out", "out")
    assert result.exit_code == 2
    assert "after this audit began" in result.stderr


@pytest.mark.parametrize(
    "change",
    [
        {"lock": "auditgate-policy/2"},
        {"locked_at": "yesterday"},
        {"locked_at": "2026-11-23T12:00:00"},
        {"locked_at": 5},
        {"locked_at": "0001-01-01T00:00:00+23:59"},
        {"params": []},
        {"params": {"most": None}},
        {"params": {"most": [[1]]}},
        {"sources": {}},
        {"sources": [{"name": "x"}]},
        {"sources": [{"name": "x", "sha256": 5}]},
        {"sources": ["x"]},
        {"policy": ["x"]},
    ],
)
def test_what_is_no_lock_is_refused_in_words(here: Path, change: dict[str, Any]) -> None:
    Path("policy.lock").write_text(json.dumps({**json.loads(Path("policy.lock").read_text()), **change}))
    result = audited("--out", "out")
    assert (result.exit_code, result.stderr.count("policy.lock") > 0) == (2, True), result.output
    assert not Path("out").exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"5", b"{", b"\xff", b'{"lock": 1, "lock": 2}', b"[" * 5000])
def test_bytes_that_are_no_lock(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        locks.parse(content)
    with pytest.raises(PolicyError):
        locks.parse(b" " * (2**20 + 1))


def test_a_missing_lock_is_a_wrong_command_line(here: Path) -> None:
    Path("policy.lock").unlink()
    assert audited().exit_code == 2


def test_true_is_not_1(here: Path) -> None:
    loaded = policy.load("child.yaml")
    values = lock(loaded, now=NOW)
    values["params"]["most"] = True
    Path("other.lock").write_text(json.dumps(values))
    with pytest.raises(PolicyError, match="param most"):
        lock_for(loaded, Path("other.lock"), NOW)


def test_a_bundle_in_memory_keeps_the_lock_too(here: Path) -> None:
    found = api.run(Path("audit.yaml"), "child.yaml", api.Options(engine="inline", lock=Path("policy.lock")))
    assert found.policy.lock is not None
