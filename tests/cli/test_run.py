"""The command line as a user meets it: exit codes, what goes to which stream, and that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Install = Callable[[str, str], None]
Run = Callable[..., Any]
Write = Callable[..., Path]

SHARE = "def run(subject: Subject) -> CheckResult:\n    return CheckResult({'share': Measure(%s, n=9)})\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    return path


@pytest.mark.parametrize(
    ("value", "code", "word"), [("0.9", 0, "PASSED"), ("0.1", 1, "FAILED"), ("float('nan')", 3, "NOT DECIDED")]
)
def test_exit_code_says_how_it_ended(
    table: Path, write_policy: Write, command: Run, foreign_check: Install, value: str, code: int, word: str
) -> None:
    foreign_check("trial", SHARE % value)
    ended = command("run", table, "--policy", write_policy("trial", "share: {min: 0.5}"), "--out", "out")
    assert ended.code == code, ended.error
    assert word in ended.output
    assert "out/reports/report.html" in ended.output
    assert "rule" in ended.error, "progress goes to standard error"
    assert "\x1b" not in ended.output + ended.error, "no colour when output is not a terminal"
    assert command("verify", "out").code == 0


def test_what_is_wrong_is_said_before_anything_runs(table: Path, write_policy: Write, command: Run) -> None:
    policy = write_policy("performance", "accuracy: {min: 0}")
    for arguments, word in (
        (("run", table, "--policy", "missing.yaml"), "missing.yaml"),
        (("run", "missing.csv", "--policy", policy), "missing.csv"),
        (("run", table), "--policy"),
        (("run", table, "--policy", policy, "--set", "epsilon"), "NAME=VALUE"),
        (("run", table, "--policy", policy, "--set", "epsilon=1"), "epsilon"),
        (("run", table, "--policy", policy, "--only", "rul"), 'did you mean "rule"'),
        (("run", table, "--policy", policy, "--sign", "no.pem"), "no.pem"),
        (("run", table, "--policy", policy, "--sign", policy), "key"),
        (("run", table, "--policy", policy, "--engine", "inlin"), 'did you mean "inline"'),
        (("rum", table), 'did you mean "run"'),
        (("measure", "performanc", table), 'did you mean "performance"'),
        (("measure", "leakage", table, "nonsense"), "NAME=VALUE"),
        (("measure", "leakage", table, "columns=a", "colums=b"), "colums"),
        (("verify", "nowhere"), "nowhere"),
    ):
        ended = command(*arguments)
        assert ended.code in (2, 4), f"{arguments}: {ended}"
        assert ended.code == 2 or arguments[0] == "verify"
        assert word in ended.error + ended.output
        assert "Traceback" not in ended.error
    assert not (table.parent / "audit-bundle").exists()


def test_one_rule_of_several_makes_a_partial_bundle(
    table: Path, write_policy: Write, command: Run, foreign_check: Install
) -> None:
    foreign_check("good", SHARE % "0.9")
    foreign_check("bad", SHARE % "0.1")
    more = "  - {id: other, check: bad, require: {share: {min: 0.5}}, why: To be tried.}\n"
    policy = write_policy("good", "share: {min: 0.5}", more=more)
    ended = command("run", table, "--policy", policy, "--out", "out", "--only", "rule")
    assert ended.code == 0
    assert "partial" in ended.output.lower()
    assert command("verify", "out", "--policy", policy).code == 4, "it does not stand for the whole policy"
    assert command("run", table, "--policy", policy, "--out", "whole").code == 1


def test_a_waiver_is_applied_until_it_expires(
    table: Path, write_policy: Write, command: Run, foreign_check: Install, tmp_path: Path
) -> None:
    import datetime

    foreign_check("bad", SHARE % "0.1")
    policy = write_policy("bad", "share: {min: 0.5}")
    today = datetime.datetime.now(datetime.UTC).date()
    waivers = tmp_path / "waivers.yaml"

    def ended_with(first: int, last: int) -> Any:
        days = [(today + datetime.timedelta(days=offset)).isoformat() for offset in (first, last)]
        waivers.write_text(
            "waivers:\n  - {rule: rule, reason: Being fixed., owner: a@example.org, approved_by: b@example.org, "
            f'created: "{days[0]}", expires: "{days[1]}"}}\n'
        )
        return command("run", table, "--policy", policy, "--waivers", waivers, "--out", "out")

    assert ended_with(-1, 5).code == 0
    assert json.loads((tmp_path / "out" / "bundle.json").read_text())["entries"][0]["verdict"] == "WAIVED"
    listed = json.loads((tmp_path / "out" / "waivers.json").read_text())
    assert [use["waiver"]["rule"] for use in listed["applied"]] == ["rule"]
    assert listed["expired"] == listed["unused"] == []
    assert command("verify", "out").code == 0
    assert ended_with(0, 0).code == 0, "its last day still counts"
    assert ended_with(-5, -1).code == 1, "an expired waiver counts for nothing"
    assert ended_with(1, 5).code == 1, "one that has not begun neither"


def test_a_signed_bundle_verifies_with_its_key_alone(
    table: Path, write_policy: Write, command: Run, foreign_check: Install, tmp_path: Path
) -> None:
    foreign_check("good", SHARE % "0.9")
    for name in ("ours", "theirs"):
        assert command("keygen", "--out", name).code == 0
    keys = {path.name: path for path in tmp_path.glob("*.p*")}
    private = next(path for name, path in keys.items() if name.startswith("ours") and "pub" not in name)
    public = {word: next(path for name, path in keys.items() if name.startswith(word) and "pub" in name) for word in
              ("ours", "theirs")}  # fmt: skip
    policy = write_policy("good", "share: {min: 0.5}")
    assert command("run", table, "--policy", policy, "--out", "out", "--sign", private).code == 0
    assert command("verify", "out", "--key", public["ours"]).code == 0
    assert command("verify", "out", "--key", public["theirs"]).code == 4


def test_measure_prints_one_json_object(table: Path, command: Run, foreign_check: Install, tmp_path: Path) -> None:
    foreign_check(
        "trial",
        """
        def run(subject: Subject, *, rows: int = 3) -> CheckResult:
            print("noise of a library", flush=True)
            share = Measure(0.5, n=rows, low=0.4, high=0.6)
            return CheckResult({"share": share}, (Evidence("a.csv", b"row\\n", "A."),))

        def plant(subject: Subject) -> Measure:
            return Measure(1.0, n=20)
        """,
    )
    ended = command("measure", "trial", table, "rows=7", "--json", "--power", "--out", "kept")
    assert ended.code == 0, ended.error
    found = json.loads(ended.output)
    assert found["measures"] == {"share": {"value": 0.5, "unit": "share", "n": 7, "low": 0.4, "high": 0.6}}
    assert found["params"] == {"rows": 7}
    assert found["power"]["value"] == 1.0
    assert found["doubts"] == []
    assert found["evidence"] == ["kept/evidence/trial/a.csv"]
    assert (tmp_path / "kept/evidence/trial/a.csv").read_bytes() == b"row\n"


def test_what_cannot_be_measured_exits_3(table: Path, command: Run, foreign_check: Install) -> None:
    foreign_check("trial", "def run(subject: Subject) -> CheckResult:\n    raise NotMeasurable('nothing to see')\n")
    ended = command("measure", "trial", table)
    assert ended.code == 3
    assert "nothing to see" in ended.error


def test_an_error_that_nobody_foresaw_is_no_verdict(tmp_path: Path, command: Run) -> None:
    site = tmp_path / "site" / "audit_broken"
    site.mkdir(parents=True)
    import subprocess
    import sys

    program = (
        "import audit.api, sys\n"
        "def broken(*arguments, **more): raise KeyError('unforeseen')\n"
        "audit.api.measure = broken\n"
        "sys.argv = ['audit', 'measure', 'leakage', 'rows.csv']\n"
        "from audit.cli import main\nmain()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 3, "1 would read as the verdict FAIL"
    assert "unforeseen" in done.stderr


def test_a_terminal_sees_how_far_it_got(table: Path, write_policy: Write, foreign_check: Install) -> None:
    import os
    import pty
    import subprocess
    import sys

    foreign_check("trial", SHARE % "0.9")
    policy = write_policy("trial", "share: {min: 0.5}")
    terminal, end = pty.openpty()
    command = [sys.executable, "-m", "audit", "run", str(table), "--policy", str(policy), "--out", "out"]
    done = subprocess.run(command, cwd=table.parent, stdout=subprocess.PIPE, stderr=end, timeout=120)
    os.close(end)
    seen = os.read(terminal, 65536).decode()
    os.close(terminal)
    assert done.returncode == 0
    assert "1/1" in seen
    assert b"PASSED" in done.stdout
