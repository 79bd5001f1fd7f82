"""The process that runs checks for its parent: `python -m audit.engine._worker COMMANDS ANSWERS`.

It reads one message a line from the pipe COMMANDS and answers on the pipe ANSWERS, never on standard output, which
libraries write to. An error that a user can act on is an answer; anything else ends the process, and the parent reads
the traceback from its standard error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from audit.engine import _messages, _work
from audit.errors import AuditError
from audit.records import CheckResult, Task
from audit.subject import Subject


class _Worker:
    """Serves one parent: at most one task at a time, one subject for its whole life."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._subject: Subject | None = None
        self._task: Task | None = None
        self._results: Iterator[CheckResult] = iter(())

    def serve(self, message: dict[str, Any]) -> None:
        """Carry out one command and answer it."""
        try:
            self._say(**getattr(self, f"_{message['kind']}")(message))
        except AuditError as error:
            self._say(kind="error", message=f"{error}", type=type(error).__name__, files=self._files())

    def _subject_of(self, message: dict[str, Any]) -> dict[str, Any]:
        self._subject = Subject.load(Path(message["path"]), allow_outside=message["allow_outside"])
        return {"kind": "ready"}

    def _begin(self, message: dict[str, Any]) -> dict[str, Any]:
        self._task = _messages.to_task(message["task"])
        self._results = _work.results(self._opened(), self._task)
        return {"kind": "ready"}

    def _next(self, message: dict[str, Any]) -> dict[str, Any]:
        result = next(self._results, None)
        if result is None:
            return {"kind": "end", "files": self._files()}
        return {"kind": "result", "result": _messages.from_result(result), "files": self._files()}

    def _power(self, message: dict[str, Any]) -> dict[str, Any]:
        if self._task is None:
            raise AuditError("power was asked for before a task began")
        measure = _work.power(self._opened(), self._task)
        return {"kind": "power", "measure": _messages.from_measure(measure), "files": self._files()}

    def _opened(self) -> Subject:
        if self._subject is None:
            raise AuditError("a task was begun before the subject was named")
        return self._subject

    def _files(self) -> list[dict[str, Any]]:
        return [asdict(file) for file in self._subject.files] if self._subject else []

    def _say(self, kind: str, **content: Any) -> None:
        self._answers.write(_messages.write(kind, **content))
        self._answers.flush()


def main() -> None:
    """Serve commands until the parent closes the pipe."""
    commands, answers = (int(word) for word in sys.argv[1:3])
    with os.fdopen(commands, "rb") as incoming, os.fdopen(answers, "wb") as outgoing:
        worker = _Worker(outgoing)
        for line in incoming:
            worker.serve(_messages.read(line))


if __name__ == "__main__":
    main()
