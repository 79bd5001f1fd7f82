"""What a worker and its parent say to each other: one JSON object a line.

The worker runs foreign code, so the parent believes no type: `audit.plain` converts each field on arrival, and a
message that does not fit is an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from audit import plain
from audit.errors import WorkerFailed
from audit.plain import from_isolation, from_power, from_result, from_task, to_task
from audit.records import CheckResult, FileRecord, Isolation, Power

__all__ = [
    "from_isolation",
    "from_power",
    "from_result",
    "from_task",
    "read",
    "to_files",
    "to_isolation",
    "to_power",
    "to_result",
    "to_task",
    "write",
]

_Record = TypeVar("_Record")


def write(kind: str, **content: Any) -> bytes:
    """One message as a line of JSON. NaN stays NaN: the judge must see it."""
    return plain.canonical({"kind": kind, **content}) + b"\n"


def read(line: bytes) -> dict[str, Any]:
    """One message.

    Raises:
        WorkerFailed: the line is no message.
    """
    try:
        message = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WorkerFailed("the worker process answered with something that is not JSON") from error
    if not isinstance(message, dict) or not isinstance(message.get("kind"), str):
        raise WorkerFailed("the worker process answered with something that is not a message")
    return message


def to_result(content: Mapping[str, Any]) -> CheckResult:
    """The result in a message.

    Raises:
        WorkerFailed: a field is missing or has another type; so do the other `to_...` below.
    """
    return _read(plain.to_result, content)


def to_power(content: Mapping[str, Any]) -> Power:
    """The power in a message."""
    return _read(plain.to_power, content)


def to_files(content: Any) -> tuple[FileRecord, ...]:
    """The opened files in a message."""
    return _read(plain.to_files, content)


def to_isolation(content: Any) -> Isolation:
    """What isolated the worker, in its own words."""
    return _read(plain.to_isolation, content)


def _read(reader: Callable[[Any], _Record], content: Any) -> _Record:
    try:
        return reader(content)
    except ValueError as error:
        raise WorkerFailed(f"the worker process sent something that cannot be read: {error}") from error
