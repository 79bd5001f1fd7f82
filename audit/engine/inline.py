"""Runs checks in this process: for notebooks, for subjects that exist only in memory, and for one measure.

A time-out is looked at between two results, so a check that hangs is not stopped here; worker processes do that.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from audit.engine import _work
from audit.errors import TimedOut
from audit.records import CheckResult, FileRecord, Isolation, Power, Task
from audit.subject import Subject


class InlineEngine:
    """Runs one task after the other on one subject."""

    name = "inline"
    jobs = 1

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def open(self, task: Task) -> InlineWork:
        """Begin a task; nothing is computed before its results are asked for."""
        return InlineWork(self._subject, task)

    def stop(self) -> None:
        """Nothing runs beside the caller."""

    def close(self) -> None:
        """Nothing to give back."""


class InlineWork:
    """One task under way."""

    def __init__(self, subject: Subject, task: Task) -> None:
        self._subject, self._task = subject, task
        self._started = time.monotonic()

    def results(self) -> Iterator[CheckResult]:
        """Results as they sharpen.

        Raises:
            TimedOut: the time of the task is over; results handed out before stay valid.
        """
        for result in _work.results(self._subject, self._task):
            yield result
            if time.monotonic() - self._started > self._task.timeout_seconds:
                raise TimedOut(self._task.timeout_seconds)

    def power(self) -> Power:
        """What became of the planted faults."""
        return _work.power(self._subject, self._task)

    @property
    def files(self) -> tuple[FileRecord, ...]:
        """Every file that the subject opened so far."""
        return self._subject.files

    @property
    def isolation(self) -> Isolation:
        """What separates the model from this process."""
        return self._subject.isolation or Isolation()

    def close(self) -> None:
        """Nothing to give back."""
