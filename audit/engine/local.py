"""Runs checks in worker processes on this machine: each can be killed, and takes nothing down with it.

One worker serves one task after the other, so libraries and data are loaded once. A worker that dies or has to be
killed is replaced for the next task. Workers compute with one thread each, which makes sums, and so results,
independent of the number of processors; `jobs` workers use the processors instead.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

from audit import errors, trace
from audit.engine import _messages
from audit.errors import AuditError, TimedOut, WorkerFailed
from audit.isolation.process import ONE_THREAD, importable
from audit.models import FOLDER_VARIABLE
from audit.records import CheckResult, FileRecord, Isolation, Power, Task

_Read = TypeVar("_Read")
_ANSWERS = {"subject_of": ("ready",), "begin": ("ready",), "next": ("result", "end"), "power": ("power",)}
"""What a worker may answer to each command, beside an error."""
_START_SECONDS = 120.0
_LONGEST_REASON = 10_000
_LAST_WORDS_SECONDS = 10.0
_LONGEST_TRACE = 65_536
_LONGEST_MESSAGE = 256 * 1024 * 1024


class LocalEngine:
    """A pool of worker processes that each hold the same subject.

    Args:
        path: the `audit.yaml`, or a bare model or data file.
        allow_outside: whether the subject may name files outside its folder.
        jobs: workers at most.
        isolation: what has to separate the model from the worker: `required`, `best_effort` or `off`.
        trusted_types: names beyond the list of the static scan that a model file may use.
        memory_bytes: how much each worker, and each process of a model, may take; None for most of what there is.
    """

    name = "local"

    def __init__(
        self,
        path: Path,
        *,
        allow_outside: bool = False,
        jobs: int = 1,
        isolation: str = "best_effort",
        trusted_types: tuple[str, ...] = (),
        memory_bytes: int | None = None,
    ) -> None:
        self.jobs = jobs
        self._subject = {
            "path": str(path),
            "allow_outside": allow_outside,
            "isolation": isolation,
            "trusted_types": list(trusted_types),
            "memory_bytes": memory_bytes,
        }
        self._counts = tempfile.TemporaryDirectory(prefix="auditgate-")
        self._idle: list[_Process] = []
        self._started: list[_Process] = []
        self._stopped = False
        self._lock = threading.Lock()

    def open(self, task: Task) -> LocalWork:
        """Begin a task on an idle worker, or on a new one."""
        with self._lock:
            if self._stopped:
                raise AuditError("the audit was interrupted")
            process = self._idle.pop() if self._idle else None
            if process is None:
                process = _Process(self._counts.name)
                self._started.append(process)
        return LocalWork(self, process, task, self._subject)

    def give_back(self, process: _Process) -> None:
        """Keep a worker that finished its task for the next one."""
        with self._lock:
            self._idle.append(process)

    def stop(self) -> None:
        """End every worker, busy or not, from any thread; no task can be begun afterwards."""
        with self._lock:
            self._stopped = True
            for process in self._started:
                process.end()

    def close(self) -> None:
        """End all workers, and free what they held."""
        with self._lock:
            started, self._started, self._idle = self._started, [], []
        for process in started:
            process.kill()
        self._counts.cleanup()


class LocalWork:
    """One task under way in a worker process."""

    def __init__(self, engine: LocalEngine, process: _Process, task: Task, subject: dict[str, Any]) -> None:
        self._engine, self._process, self._task, self._subject = engine, process, task, subject
        self._deadline = time.monotonic() + task.timeout_seconds
        self._begun = False
        self.files: tuple[FileRecord, ...] = ()
        self.isolation = Isolation("process")

    def results(self) -> Iterator[CheckResult]:
        """Results as they sharpen.

        Raises:
            TimedOut: the time of the task is over; the worker is killed.
            WorkerFailed: the worker died; its cleaned traceback is in `trace`.
            AuditError: what the check raised.
        """
        self._begin()
        none = True
        while (answer := self._ask("next"))["kind"] == "result":
            none = False
            yield self._believed(_messages.to_result, answer["result"])
        if none:
            raise WorkerFailed("the worker process ended the check without a result")

    def power(self) -> Power:
        """What became of the planted faults; raises as `results` does."""
        self._begin()
        return self._believed(_messages.to_power, self._ask("power")["power"])

    def close(self) -> None:
        """Give the worker back, if it still lives."""
        if self._process.alive:
            self._engine.give_back(self._process)

    def _begin(self) -> None:
        if self._begun:
            return
        if not self._process.subject_open:
            # reading the libraries is not the check's own time
            self._deadline = time.monotonic() + _START_SECONDS
            self._ask("subject_of", **self._subject)
            self._process.subject_open = True
            self._deadline = time.monotonic() + self._task.timeout_seconds
        self._ask("begin", task=_messages.from_task(self._task))
        self._begun = True

    def _ask(self, kind: str, **content: Any) -> dict[str, Any]:
        try:
            answer = self._process.ask(self._deadline, kind, **content)
        except TimeoutError:
            if kind == "subject_of":
                raise AuditError(f"the subject could not be opened within {_START_SECONDS:g} seconds") from None
            raise TimedOut(self._task.timeout_seconds) from None
        self.files = self._believed(_messages.to_files, answer.get("files", [])) or self.files
        if "isolation" in answer:
            self.isolation = self._believed(_messages.to_isolation, answer["isolation"])
        if answer["kind"] == "error":
            raise self._error(answer)
        return answer

    def _believed(self, reader: Callable[[Any], _Read], content: Any) -> _Read:
        """What a worker sent, read; a worker that sends nonsense is not used again."""
        whole = False
        try:
            found = reader(content)
            whole = True
        finally:
            if not whole:
                self._process.kill()
        return found

    def _error(self, answer: dict[str, Any]) -> AuditError:
        """The error that a worker reports, as the class that it was."""
        message = str(answer.get("message"))[:_LONGEST_REASON]
        if answer.get("type") == WorkerFailed.__name__:
            # the process of the model is gone, and this one with it: the next task starts afresh
            self._process.kill()
            return WorkerFailed(message, trace.clean(str(answer.get("trace"))))
        known = {kind.__name__: kind for kind in (errors.SubjectError, errors.NotMeasurable, errors.BundleError)}
        return known.get(str(answer.get("type")), AuditError)(message)


def _environment(counts: str) -> dict[str, str]:
    """That of this process, with one thread, and a folder in which all workers count queries together."""
    inherited = {name: value for name, value in os.environ.items() if name != "AUDITGATE_CACHE_KEY"}
    return {
        **inherited,
        **ONE_THREAD,
        # what this process can import, its workers can, and nothing from the folder that it was started in
        "PYTHONPATH": os.pathsep.join(importable()),
        FOLDER_VARIABLE: os.environ.get(FOLDER_VARIABLE, counts),
    }


class _Process:
    """One worker process and the two pipes to it."""

    def __init__(self, counts: str) -> None:
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        stack = self._end = contextlib.ExitStack()
        self._output: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "audit.engine._worker", str(commands), str(answers)],
            pass_fds=(commands, answers),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            env=_environment(counts),
            start_new_session=True,
        )
        os.close(commands)
        os.close(answers)
        self._received = bytearray()
        self._serial = 0
        self.alive = True
        self.subject_open = False

    def ask(self, deadline: float, kind: str, **content: Any) -> dict[str, Any]:
        """Send one command and wait for its answer. After anything but its answer the process is ended: what came later
        would be taken for the answer to something else.

        Args:
            deadline: of the monotonic clock; after it a TimeoutError is raised.
        """
        self._serial += 1
        whole = False
        try:
            os.write(self._commands, _messages.write(kind, serial=self._serial, **content))
            answer = _messages.read(self._line(deadline))
            if answer.get("serial") != self._serial or answer["kind"] not in (*_ANSWERS[kind], "error"):
                raise WorkerFailed("the worker process answered something that was not asked")
            whole = True
        except BrokenPipeError:
            raise self._failed() from None
        finally:
            if not whole:
                self.kill()
        return answer

    def end(self) -> None:
        """End the process and all that it started; whoever waits for its answer finds out."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the process and free what it held."""
        if not self.alive:
            return
        self.end()
        self.alive = False
        self._child.wait()
        os.close(self._commands)
        os.close(self._answers)
        self._end.close()

    def _line(self, deadline: float) -> bytes:
        while (end := self._received.find(b"\n")) < 0:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                raise TimeoutError
            piece = os.read(self._answers, 1 << 20)
            if not piece or len(self._received) > _LONGEST_MESSAGE:
                raise self._failed()
            self._received += piece
        line = bytes(self._received[:end])
        del self._received[: end + 1]
        return line

    def _failed(self) -> WorkerFailed:
        code = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            # the pipe closes before the traceback is printed
            code = self._child.wait(_LAST_WORDS_SECONDS)
        self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, self._output.tell() - _LONGEST_TRACE))
        report = trace.clean(self._output.read().decode(errors="replace"))
        self.kill()
        reason = report.rpartition("\n")[2] or f"its process {trace.ending(code)}"
        return WorkerFailed(f"the check crashed: {reason}", report)
