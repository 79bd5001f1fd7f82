"""A model that is a program: one JSON row a line on standard input, one JSON answer a line on standard output.

The program is started for each batch and reads until its input ends, so it may buffer its output as it likes. Rows
count in the query budget when it is started. What it prints is read only up to a limit, and nothing of its output is
shown; of its complaints the last line is, without what it quotes and without values of the environment.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit import trace
from audit.errors import SubjectError
from audit.models import Model, Source
from audit.models._answers import Answer, Remote, from_json, most_bytes, rows_of, to_json
from audit.models._budget import Budget
from audit.models._pace import LONGEST_TIMEOUT_SECONDS, Batch

SUFFIXES: tuple[str, ...] = ()
RUNS_CODE = False
"""No file is opened here; the program is one that the author of audit.yaml chose to run."""
_ROWS_PER_RUN, _TIMEOUT_SECONDS = 10_000, 120.0
_PIECE_BYTES = 1 << 16
_SHORTEST_SECRET = 8


def load(source: Source) -> Model:
    """The program in `source.settings`: command, timeout_seconds, query_budget, rows_per_request."""
    settings = source.settings
    budget = Budget(settings.get("query_budget"), "\0".join(settings["command"]))
    seconds = min(settings.get("timeout_seconds", _TIMEOUT_SECONDS), LONGEST_TIMEOUT_SECONDS)
    program = _Program(tuple(settings["command"]), source.launcher, source.folder, seconds, budget)
    batch = Batch(settings.get("rows_per_request", _ROWS_PER_RUN))
    return Remote(program.ask, budget, batch, source.regression, source.classes).model()


@dataclass(frozen=True)
class _Printed:
    """All of standard output, and the end of standard error."""

    output: bytes
    complaints: bytes


@dataclass(frozen=True)
class _Program:
    """Starts the program and reads its answers."""

    command: tuple[str, ...]
    launcher: tuple[str, ...]
    folder: Path
    timeout_seconds: float
    budget: Budget

    def ask(self, x: Any) -> Answer:
        """One run of the program."""
        rows = b"".join(to_json(row) + b"\n" for row in rows_of(x))
        self.budget.take(len(x))
        output = self._run(rows, most_bytes(len(x)))
        lines = [_line(number, line) for number, line in enumerate(output.splitlines(), 1) if line.strip()]
        if len(lines) != len(x):
            raise SubjectError(f"{self.command[0]} answered {len(lines)} lines for {len(x)} rows")
        if all(isinstance(line, dict) and isinstance(line.get("probabilities"), list) for line in lines):
            labels = [line["prediction"] for line in lines if "prediction" in line]
            return Answer(labels if len(labels) == len(lines) else None, [line["probabilities"] for line in lines])
        if all(isinstance(line, dict) and "prediction" in line for line in lines):
            return Answer(predictions=[line["prediction"] for line in lines])
        raise SubjectError(f'{self.command[0]} answered lines without "prediction" or "probabilities"')

    def _run(self, rows: bytes, longest: int) -> bytes:
        deadline = time.monotonic() + self.timeout_seconds
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
            printed = self._printed(process, rows, deadline, longest)
            process.wait(max(0.0, deadline - time.monotonic()))
        except (TimeoutError, subprocess.TimeoutExpired):
            raise SubjectError(f"{self.command[0]} gave no answer within {self.timeout_seconds:g} seconds") from None
        finally:
            _end(process)
        if process.returncode != 0:
            raise SubjectError(
                trace.raised(
                    f"{self.command[0]} ended with status {process.returncode}", _last_words(printed.complaints)
                )
            )
        return printed.output

    def _printed(self, process: subprocess.Popen[bytes], rows: bytes, deadline: float, longest: int) -> _Printed:
        """Feed and read by turns: a program may answer before it has read everything, or read nothing at all."""
        output, complaints, unread = bytearray(), bytearray(), memoryview(rows)
        with selectors.DefaultSelector() as selector:
            for stream, kept in ((process.stdout, output), (process.stderr, complaints)):
                if stream is not None:
                    selector.register(stream, selectors.EVENT_READ, kept)
            if process.stdin is not None:
                os.set_blocking(process.stdin.fileno(), False)
                selector.register(process.stdin, selectors.EVENT_WRITE)
            # rows that are still unread once it prints no more are not waited for
            while any(key.events == selectors.EVENT_READ for key in selector.get_map().values()):
                left = deadline - time.monotonic()
                ready = selector.select(left) if left > 0 else []
                if not ready:
                    raise TimeoutError
                for key, _ in ready:
                    if key.events == selectors.EVENT_WRITE:
                        unread = _fed(key.fd, unread)
                        if not unread and process.stdin is not None:
                            selector.unregister(process.stdin)
                            process.stdin.close()
                        continue
                    piece = os.read(key.fd, _PIECE_BYTES)
                    key.data.extend(piece)
                    if not piece:
                        selector.unregister(key.fileobj)
                if len(output) > longest:
                    raise SubjectError(f"{self.command[0]} printed more than {longest:,} bytes")
                del complaints[:-_PIECE_BYTES]
        return _Printed(bytes(output), bytes(complaints))


def _line(number: int, line: bytes) -> Any:
    try:
        return from_json(line)
    except SubjectError as error:
        raise SubjectError(f"line {number} of the output: {error}") from None


def _fed(descriptor: int, unread: memoryview) -> memoryview:
    """What is left of the rows; nothing for a program that wants no more, which is judged by its answers."""
    try:
        return unread[os.write(descriptor, unread[:_PIECE_BYTES]) :]
    except BlockingIOError:
        return unread
    except OSError:
        return unread[:0]


def _last_words(complaints: bytes) -> str:
    lines = complaints.decode("utf-8", "replace").strip().splitlines()
    line = lines[-1] if lines else "no message"
    for value in sorted(os.environ.values(), key=len, reverse=True):
        if len(value) >= _SHORTEST_SECRET:
            line = line.replace(value, "...")
    return "".join(mark for mark in line[:200] if mark.isprintable())


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started, if anything is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()
