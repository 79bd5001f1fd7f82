"""What a worker and its parent say to each other: one JSON object a line.

The worker runs foreign code, so the parent believes no type: each field is converted on arrival, and a message that
does not fit is an error. Nothing is ever unpickled.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from audit.errors import WorkerFailed
from audit.records import CheckResult, Doubt, Evidence, FileRecord, Measure, Task


def write(kind: str, **content: Any) -> bytes:
    """One message as a line of JSON. NaN stays NaN: the judge must see it."""
    return json.dumps({"kind": kind, **content}, default=_plain).encode() + b"\n"


def read(line: bytes) -> dict[str, Any]:
    """One message.

    Raises:
        WorkerFailed: the line is no message.
    """
    try:
        message = json.loads(line)
    except ValueError as error:
        raise WorkerFailed("the worker process answered with something that is not JSON") from error
    if not isinstance(message, dict) or not isinstance(message.get("kind"), str):
        raise WorkerFailed("the worker process answered with something that is not a message")
    return message


def from_result(result: CheckResult) -> dict[str, Any]:
    """A result as plain JSON values."""
    return {
        "measures": {name: from_measure(measure) for name, measure in result.measures.items()},
        "evidence": [
            {"name": e.name, "content": base64.b64encode(e.content).decode(), "sentence": e.sentence}
            for e in result.evidence
        ],
        "notes": list(result.notes),
        "doubts": [doubt.text for doubt in result.doubts],
        "sentence": result.sentence,
    }


def to_result(content: Mapping[str, Any]) -> CheckResult:
    """The result in a message.

    Raises:
        WorkerFailed: a field is missing or has another type.
    """
    try:
        return CheckResult(
            measures={str(name): to_measure(measure) for name, measure in content["measures"].items()},
            evidence=tuple(
                Evidence(str(e["name"]), base64.b64decode(e["content"], validate=True), str(e["sentence"]))
                for e in content["evidence"]
            ),
            notes=tuple(str(note) for note in content["notes"]),
            doubts=tuple(Doubt(str(doubt)) for doubt in content["doubts"]),
            sentence=str(content["sentence"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorkerFailed(f"the worker process sent a result that cannot be read: {error}") from error


def from_measure(measure: Measure) -> dict[str, Any]:
    """A measure as plain JSON values."""
    return asdict(measure)


def to_measure(content: Mapping[str, Any]) -> Measure:
    """The measure in a message.

    Raises:
        WorkerFailed: a field is missing or has another type.
    """
    try:
        value = content["value"]
        return Measure(
            value=value if isinstance(value, str) else float(value),
            unit=str(content["unit"]),
            n=int(content["n"]),
            low=None if content["low"] is None else float(content["low"]),
            high=None if content["high"] is None else float(content["high"]),
            scale=tuple(str(word) for word in content["scale"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise WorkerFailed(f"the worker process sent a measure that cannot be read: {error}") from error


def from_task(task: Task) -> dict[str, Any]:
    """A task as plain JSON values."""
    return asdict(task)


def to_task(content: Mapping[str, Any]) -> Task:
    """The task in a message that the parent sent."""
    params = {name: tuple(value) if isinstance(value, list) else value for name, value in content["params"].items()}
    return Task(**{**content, "params": params})


def to_files(content: list[Mapping[str, Any]]) -> tuple[FileRecord, ...]:
    """The opened files in a message.

    Raises:
        WorkerFailed: a field is missing or has another type.
    """
    try:
        return tuple(FileRecord(str(f["path"]), str(f["role"]), str(f["sha256"]), int(f["bytes"])) for f in content)
    except (KeyError, TypeError, ValueError) as error:
        raise WorkerFailed(f"the worker process sent a list of files that cannot be read: {error}") from error


def _plain(value: Any) -> Any:
    """Numbers of numpy as numbers of Python."""
    return value.item()
