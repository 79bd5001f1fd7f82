"""Other scanners may add findings and doubts; nothing that they say, or fail to say, clears a file.

Commands that stand in for modelaudit are real programs: what is tried here is how any program is started and believed.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from audit.artifact import second_opinions
from audit.checks import unsafe_file
from audit.errors import MissingExtra, UnknownName
from audit.records import CheckResult
from audit.subject import Subject

EVIL = b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x01x\x85R."
CLEAN: dict[str, Any] = {"issues": [], "has_errors": False, "files_scanned": 1, "success": True}


def asked(path: Path, *names: str) -> CheckResult:
    return unsafe_file.run(Subject.load(path), second_opinions=names)


def count(result: CheckResult) -> float | str:
    return result.measures["unsafe_globals"].value


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"a": 1}))
    return path


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Installs a program as the command `modelaudit`; it finds where to put its answer in `answer`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def install(body: str) -> None:
        program = folder / "modelaudit"
        head = "import json, os, socket, subprocess, sys, time\nanswer = sys.argv[sys.argv.index('--output') + 1]\n"
        clean = f"clean = json.loads({json.dumps(json.dumps(CLEAN))})\n"
        program.write_text(f"#!{sys.executable}\n{head}{clean}{body}\n", encoding="utf-8")
        program.chmod(0o755)

    return install


def test_a_finding_is_added(model: Path, command: Any) -> None:
    command(
        "clean['issues'] = [{'severity': 'critical', 'message': 'it acts', 'rule_code': 'S1'},"
        " {'severity': 'info', 'message': 'hm', 'rule_code': 'S2'}]\njson.dump(clean, open(answer, 'w'))"
    )
    result = asked(model, "modelaudit")
    assert count(result) == 1
    assert "modelaudit S1" in result.sentence
    assert b"it acts" in result.evidence[0].content
    assert not result.doubts


def test_nothing_is_cleared(model: Path, command: Any) -> None:
    command("json.dump(clean, open(answer, 'w'))")
    assert count(asked(model, "modelaudit")) == 0
    model.write_bytes(EVIL)
    result = asked(model, "modelaudit")
    assert count(result) == 1
    assert "posix.system" in result.sentence


@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(1)",
        "open(answer, 'w').write('no json')",
        "open(answer, 'w').write('[]')",
        "open(answer, 'w').write('{}')",
        "open(answer, 'w').write('[' * 100000)",
        "json.dump({**clean, 'issues': [{}]}, open(answer, 'w'))",
        "json.dump({**clean, 'issues': 3}, open(answer, 'w'))",
        "json.dump({**clean, 'files_scanned': 0}, open(answer, 'w'))",
        "json.dump({**clean, 'has_errors': True}, open(answer, 'w'))",
        "json.dump({**clean, 'success': False}, open(answer, 'w'))",
        "os.kill(os.getpid(), 9)",
    ],
)
def test_a_scanner_that_says_nothing_is_a_doubt(model: Path, command: Any, body: str) -> None:
    command(body)
    result = asked(model, "modelaudit")
    assert count(result) == 0
    assert len(result.doubts) == 1
    assert any("modelaudit" in note for note in result.notes)
    assert not asked(model).doubts, "only where it was asked for"


def test_a_scanner_that_hangs_is_ended_with_all_that_it_started(
    model: Path, command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_opinions, "TIMEOUT_SECONDS", 2.0)
    mark = tmp_path / "mark"
    command(
        "subprocess.Popen([sys.executable, '-c', 'import time, sys; time.sleep(4); open(sys.argv[1], \"w\")',"
        f" {str(mark)!r}])\ntime.sleep(60)"
    )
    began = time.monotonic()
    result = asked(model, "modelaudit")
    assert time.monotonic() - began < 20
    assert "did not finish" in str(result.doubts[0])
    time.sleep(4)
    assert not mark.exists()


def test_it_gets_a_copy_without_network_or_telemetry(model: Path, command: Any) -> None:
    command(
        "seen = {'file': open(sys.argv[-1], 'rb').read().hex(), 'telemetry': os.environ['PROMPTFOO_DISABLE_TELEMETRY'],"
        " 'path': sys.argv[-1], 'home': os.environ['HOME'], 'secret': os.environ.get('AUDIT_SECRET')}\n"
        "try:\n    socket.create_connection(('127.0.0.1', 1), 2)\n"
        "except OSError as error:\n    seen['network'] = error.errno\n"
        "clean['issues'] = [{'severity': 'warning', 'message': json.dumps(seen)[:290], 'rule_code': 'S1'}]\n"
        "json.dump(clean, open(answer, 'w'))"
    )
    os.environ["AUDIT_SECRET"] = "token"
    try:
        result = asked(model, "modelaudit")
    finally:
        del os.environ["AUDIT_SECRET"]
    row = result.evidence[0].content.decode().replace('""', '"')
    assert model.read_bytes().hex() in row
    assert '"telemetry": "1"' in row
    assert '"secret": null' in row
    assert str(model) not in row
    if sys.platform.startswith("linux"):
        assert '"network": 1}' in row, "EPERM, and no refused connection: nothing left the process"


def test_a_scanner_that_is_not_there_or_not_known(model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if not Path(sys.executable).with_name("modelaudit").exists():
        with pytest.raises(MissingExtra, match=r"auditgate\[modelaudit\]"):
            asked(model, "modelaudit")
    with pytest.raises(UnknownName, match="picklescan"):
        asked(model, "pickelscan")


def test_picklescan_adds_names_and_doubts(tmp_path: Path, model: Path) -> None:
    pytest.importorskip("picklescan")
    result = asked(model, "picklescan")
    assert (count(result), result.doubts) == (0, ())
    model.write_bytes(EVIL)
    result = asked(model, "picklescan")
    assert count(result) == 1
    assert any(note.startswith("picklescan ") and "1 findings" in note for note in result.notes)
    packed = tmp_path / "model.joblib"
    joblib.dump({"x": np.arange(9.0)}, packed, compress=3)
    result = asked(packed, "picklescan")
    assert count(result) == 0
    assert result.doubts, "it does not look into compressed files, and says that they are clean"


@pytest.mark.skipif(shutil.which("modelaudit") is None, reason="modelaudit is not installed")
def test_modelaudit_adds_findings(model: Path) -> None:
    assert not asked(model, "modelaudit").doubts
    model.write_bytes(EVIL)
    result = asked(model, "modelaudit")
    assert any(name.startswith("modelaudit ") for name in result.evidence[0].content.decode().splitlines())
