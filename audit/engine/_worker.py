"""The process that runs checks for its parent: `python -m audit.engine._worker COMMANDS ANSWERS`.

It reads one message a line from the pipe COMMANDS and answers on the pipe ANSWERS, never on standard output, which
libraries write to. An error that a user can act on is an answer; anything else ends the process, and the parent reads
the traceback from its standard error.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from audit.engine import _messages, _work
from audit.errors import AuditError, WorkerFailed
from audit.isolation import memory_bytes
from audit.isolation.restrict import go_offline
from audit.records import CheckResult, Isolation, Task
from audit.subject import Subject


class _Worker:
    """Serves one parent: at most one task at a time, one subject for its whole life."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._subject: Subject | None = None
        self._task: Task | None = None
        self._serial: int | None = None
        self._results: Iterator[CheckResult] = iter(())

    def serve(self, message: dict[str, Any]) -> None:
        """Carry out one command and answer it."""
        self._serial = message.get("serial")
        try:
            self._say(**getattr(self, f"_{message['kind']}")(message))
        except AuditError as error:
            report = error.trace if isinstance(error, WorkerFailed) else ""
            named = {"message": str(error), "type": type(error).__name__, "trace": report}
            self._say(kind="error", **named, **self._opened_so_far())

    def _subject_of(self, message: dict[str, Any]) -> dict[str, Any]:
        _limit_memory(message["memory_bytes"] or memory_bytes())
        self._subject = Subject.load(
            Path(message["path"]),
            allow_outside=message["allow_outside"],
            isolation=message["isolation"],
            trusted_types=tuple(message["trusted_types"]),
            memory_bytes=message["memory_bytes"],
        )
        if message["isolation"] != "off" and not self._subject.remote:
            go_offline()
        return {"kind": "ready"}

    def _begin(self, message: dict[str, Any]) -> dict[str, Any]:
        self._task = _messages.to_task(message["task"])
        self._results = _work.results(self._opened(), self._task)
        return {"kind": "ready"}

    def _next(self, message: dict[str, Any]) -> dict[str, Any]:
        result = next(self._results, None)
        if result is None:
            return {"kind": "end", **self._opened_so_far()}
        return {"kind": "result", "result": _messages.from_result(result), **self._opened_so_far()}

    def _power(self, message: dict[str, Any]) -> dict[str, Any]:
        if self._task is None:
            raise AuditError("power was asked for before a task began")
        power = _work.power(self._opened(), self._task)
        return {"kind": "power", "power": _messages.from_power(power), **self._opened_so_far()}

    def _opened(self) -> Subject:
        if self._subject is None:
            raise AuditError("a task was begun before the subject was named")
        return self._subject

    def _opened_so_far(self) -> dict[str, Any]:
        """The files that the subject opened, and what separates its code from this process."""
        if self._subject is None:
            return {}
        reached = self._subject.isolation or Isolation("process")
        return {
            "files": [asdict(file) for file in self._subject.files],
            "isolation": _messages.from_isolation(reached),
        }

    def _say(self, kind: str, **content: Any) -> None:
        self._answers.write(_messages.write(kind, serial=self._serial, **content))
        self._answers.flush()


def _limit_memory(allowed: int | None) -> None:
    """End this process, rather than another one, where a check takes too much."""
    try:
        import resource
    except ImportError:
        return  # not on this system
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if allowed is not None and (hard == resource.RLIM_INFINITY or allowed < hard):
        resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))


def _end_with(commands: int) -> None:
    """End this process and all that it started once nobody can give it commands any more, however busy it is."""
    watch = select.poll()
    watch.register(commands, 0)
    watch.poll()
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Serve commands until the parent closes the pipe."""
    commands, answers = (int(word) for word in sys.argv[1:3])
    os.set_inheritable(commands, False)  # what a program of the subject is started with is its own affair
    os.set_inheritable(answers, False)
    threading.Thread(target=_end_with, args=(commands,), daemon=True).start()
    with os.fdopen(commands, "rb") as incoming, os.fdopen(answers, "wb") as outgoing:
        worker = _Worker(outgoing)
        for line in incoming:
            worker.serve(_messages.read(line))


if __name__ == "__main__":
    main()
