"""Asks other scanners about the same bytes; what they find is added, and nothing that was found here is ever cleared.

picklescan is asked through its Python interface, in a process of its own; modelaudit through its command, which may be
installed anywhere on the path, because it brings 80 packages. Both read a private copy of exactly the bytes that were
scanned here, without sending anything anywhere.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from audit.artifact.report import Place, printable
from audit.artifact.view import BLOCK, Source
from audit.errors import MissingExtra

TIMEOUT_SECONDS = 300.0
_MAX_ANSWER = 64 << 20
_PURPOSE = "for a second opinion on model files"
_PICKLESCAN = """
import importlib.metadata, json, logging, sys
logging.disable(logging.CRITICAL)
from picklescan.scanner import scan_file_path
found = scan_file_path(sys.argv[1])
answer = {
    "version": importlib.metadata.version("picklescan"),
    "names": [[f"{item.module}.{item.name}", item.safety.value] for item in found.globals],
    "scanned": found.scanned_files,
    "failed": found.scan_err,
}
with open(sys.argv[2], "w", encoding="utf-8") as target:
    json.dump(answer, target)
"""
_SILENT = {
    "PROMPTFOO_DISABLE_TELEMETRY": "1", "PROMPTFOO_DISABLE_UPDATE": "1", "NO_ANALYTICS": "1", "DO_NOT_TRACK": "1",
    "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9",
}  # fmt: skip
"""Switches telemetry off, and sends whatever is sent all the same to where nothing listens."""
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Opinion:
    """What another scanner says of a file.

    Attributes:
        scanner: its name and version.
        found: names or findings that it calls dangerous, each with where it saw it.
        names: every name that it saw, dangerous or not; None where it does not tell.
        problem: why it says nothing of the file, or of a part of it; empty where it read all of it.
    """

    scanner: str
    found: tuple[Place, ...]
    names: tuple[str, ...] | None
    problem: str


def ask(name: str, source: Source, path: str, *, folder: Path, launcher: Sequence[str] = ()) -> Opinion:
    """Ask one scanner.

    Args:
        name: one of `SCANNERS`.
        source: the bytes.
        path: what the file is called; scanners go by its suffix.
        folder: an empty private folder, for the copy and for the answer.
        launcher: words put before those of the scanner, which take the network away before they start it.

    Raises:
        MissingExtra: the scanner is not installed.
    """
    scanner = SCANNERS[name]
    copy, answer = folder / f"model{Path(path).suffix}", folder / "answer.json"
    with copy.open("xb") as target:
        for start in range(0, source.size, BLOCK):
            target.write(source.read_at(start, min(BLOCK, source.size - start)))
    problem = _run([*launcher, *scanner.words(copy, answer)], folder)
    try:
        if answer.stat().st_size > _MAX_ANSWER:
            raise ValueError("its answer is too long")
        found = json.loads(answer.read_bytes())
        return scanner.read(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return Opinion(name, (), None, problem or "its answer cannot be read")


@dataclass(frozen=True)
class _Scanner:
    """How to start a scanner, and how to read its answer."""

    words: Callable[[Path, Path], list[str]]
    read: Callable[[Any], Opinion]


def _picklescan(copy: Path, answer: Path) -> list[str]:
    if find_spec("picklescan") is None:
        raise MissingExtra("picklescan", "picklescan", _PURPOSE)
    return [sys.executable, "-P", "-c", _PICKLESCAN, str(copy), str(answer)]


def _of_picklescan(found: Mapping[str, Any]) -> Opinion:
    names = [(printable(str(name)), str(safety)) for name, safety in found["names"]]
    scanner = f"picklescan {printable(str(found['version']))}"
    bad = tuple(Place(name, f"says {scanner}") for name, safety in names if safety == "dangerous")
    if found["failed"]:
        problem = "it could not read the file to the end"
    else:
        problem = "" if found["scanned"] else "it found nothing in the file that it can read"
    return Opinion(scanner, bad, tuple(name for name, _ in names), problem)


def _modelaudit(copy: Path, answer: Path) -> list[str]:
    beside = Path(sys.executable).with_name("modelaudit")
    command = shutil.which("modelaudit") or (str(beside) if beside.is_file() else None)
    if command is None:
        raise MissingExtra("modelaudit", "modelaudit", _PURPOSE)
    return [
        command,
        "scan",
        "--format",
        "json",
        "--quiet",
        "--strict",
        "--no-cache",
        "--output",
        str(answer),
        str(copy),
    ]


def _of_modelaudit(found: Mapping[str, Any]) -> Opinion:
    issues = found["issues"]
    grave = [issue for issue in issues if issue["severity"] in ("critical", "warning")]
    bad = tuple(Place(f"modelaudit {_code(issue)}", printable(str(issue["message"]))) for issue in grave)
    problem = ""
    if found["has_errors"] or not found["files_scanned"] or not (found["success"] or grave):
        told = [str(issue["message"]) for issue in issues if issue not in grave]
        problem = printable(told[0]) if told else "it could not read all of the file"
    return Opinion("modelaudit", bad, None, problem)


def _code(issue: Mapping[str, Any]) -> str:
    return printable(str(issue.get("rule_code") or issue.get("type") or "finding"))


SCANNERS = {
    "picklescan": _Scanner(_picklescan, _of_picklescan),
    "modelaudit": _Scanner(_modelaudit, _of_modelaudit),
}
"""Those that can be asked, by name."""


def _run(words: Sequence[str], folder: Path) -> str:
    """Run a scanner in a process group of its own.

    Returns:
        What went wrong, empty where it came to an end; its exit code tells what it found, not whether it worked.
    """
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment |= {"HOME": str(folder), "TMPDIR": str(folder), **_SILENT}
    with subprocess.Popen(
        words,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            process.wait(TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            return f"it did not finish within {TIMEOUT_SECONDS:g} seconds"
        finally:
            # what it started itself must not outlive it
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
    return f"it ended with the code {process.returncode}" if process.returncode else ""
