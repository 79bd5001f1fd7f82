"""A model that is a program: one JSON row a line on standard input, one JSON answer a line on standard output.

The program is started for each batch and reads until its input ends, so it may buffer its output as it likes.
"""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.errors import SubjectError
from audit.models import Model, Source
from audit.models._answers import Answer, Budget, Remote, from_json, rows_of, to_json

SUFFIXES: tuple[str, ...] = ()
RUNS_CODE = False
"""No file is opened here; the program is one that the author of audit.yaml chose to run."""


def load(source: Source) -> Model:
    """The program in `source.settings`: command, timeout_seconds, query_budget, rows_per_request."""
    settings = source.settings
    program = _Program(
        tuple(settings["command"]), source.launcher, source.folder, settings.get("timeout_seconds", 120.0)
    )
    budget = Budget(settings.get("query_budget"))
    return Remote(
        program.ask, budget, settings.get("rows_per_request", 10_000), source.regression, source.classes
    ).model()


@dataclass(frozen=True)
class _Program:
    """Starts the program and reads its answers."""

    command: tuple[str, ...]
    launcher: tuple[str, ...]
    folder: Path
    timeout_seconds: float

    def ask(self, x: Any) -> Answer:
        """One run of the program."""
        output = self._run(b"".join(to_json(row) + b"\n" for row in rows_of(x)))
        lines = [from_json(line) for line in output.splitlines() if line.strip()]
        if len(lines) != len(x):
            raise SubjectError(f"{self.command[0]} answered {len(lines)} lines for {len(x)} rows")
        if all(isinstance(line, dict) and isinstance(line.get("probabilities"), list) for line in lines):
            labels = [line["prediction"] for line in lines if "prediction" in line]
            return Answer(labels if len(labels) == len(lines) else None, [line["probabilities"] for line in lines])
        if all(isinstance(line, dict) and "prediction" in line for line in lines):
            return Answer(predictions=[line["prediction"] for line in lines])
        raise SubjectError(f'{self.command[0]} answered lines without "prediction" or "probabilities"')

    def _run(self, rows: bytes) -> bytes:
        try:
            process = subprocess.Popen(
                (*self.launcher, *self.command),
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise SubjectError(f'the program "{self.command[0]}" cannot be started: {error.strerror}') from error
        try:
            output, complaints = process.communicate(rows, timeout=self.timeout_seconds)
        except subprocess.TimeoutExpired:
            raise SubjectError(f"{self.command[0]} gave no answer within {self.timeout_seconds:g} seconds") from None
        finally:
            _end(process)
        if process.returncode != 0:
            last = complaints.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no message"]
            shown = "".join(mark for mark in last[0][:200] if mark.isprintable())
            raise SubjectError(f"{self.command[0]} ended with status {process.returncode}: {shown}")
        return output


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started, if anything is left."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
