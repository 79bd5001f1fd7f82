"""Records as plain JSON values and back: what a pipe, a journal or a cache holds. It believes no type.

Whoever wrote the values may be foreign code, an old version or a damaged disk, so each field is converted on arrival,
and values that do not fit are a ValueError that says which record they should have been. Nothing is ever unpickled.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from audit.records import CheckResult, Doubt, Evidence, FileRecord, Isolation, Measure, Measured, Power, Step, Task

_MISFIT = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def canonical(value: Any) -> bytes:
    """The one spelling of JSON values that digests are made of: keys sorted, no blanks, ASCII only.

    A number that is not finite is spelled `NaN` or `Infinity`, as Python reads it: a measure may be one, and the judge
    has to see it.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=_number).encode("ascii")


def from_measured(measured: Measured) -> dict[str, Any]:
    """All that is known of a check as plain JSON values."""
    return {
        "result": from_result(measured.result),
        "power": None if measured.power is None else from_measure(measured.power),
        "notes": list(measured.notes),
        "error": measured.error,
        "trace": measured.trace,
        "files": from_files(measured.files),
        "isolation": from_isolation(measured.isolation),
    }


def to_measured(content: Mapping[str, Any]) -> Measured:
    """The same, read back.

    Raises:
        ValueError: a field is missing or has another type.
    """
    try:
        return Measured(
            result=to_result(content["result"]),
            power=None if content["power"] is None else to_measure(content["power"]),
            notes=_words(content["notes"]),
            error=str(content["error"]),
            trace=str(content["trace"]),
            files=to_files(content["files"]),
            isolation=to_isolation(content["isolation"]),
        )
    except _MISFIT as error:
        raise ValueError(f"no record of a check: {error}") from error


def from_power(power: Power) -> dict[str, Any]:
    """What became of planted faults as plain JSON values."""
    evidence = [_from_evidence(file) for file in power.evidence]
    return {"share": from_measure(power.share), "notes": list(power.notes), "evidence": evidence}


def to_power(content: Mapping[str, Any]) -> Power:
    """The same, read back.

    Raises:
        ValueError: a field is missing or has another type.
    """
    try:
        evidence = tuple(map(_to_evidence, content["evidence"]))
        return Power(to_measure(content["share"]), _words(content["notes"]), evidence)
    except _MISFIT as error:
        raise ValueError(f"no power: {error}") from error


def from_result(result: CheckResult) -> dict[str, Any]:
    """A result as plain JSON values."""
    return {
        "measures": {name: from_measure(measure) for name, measure in result.measures.items()},
        "evidence": [_from_evidence(file) for file in result.evidence],
        "notes": list(result.notes),
        "doubts": [doubt.text for doubt in result.doubts],
        "sentence": result.sentence,
        "lineage": [asdict(step) for step in result.lineage],
    }


def to_result(content: Mapping[str, Any]) -> CheckResult:
    """The result that was written.

    Raises:
        ValueError: a field is missing or has another type.
    """
    try:
        return CheckResult(
            measures={str(name): to_measure(measure) for name, measure in content["measures"].items()},
            evidence=tuple(map(_to_evidence, content["evidence"])),
            notes=_words(content["notes"]),
            doubts=tuple(Doubt(doubt) for doubt in _words(content["doubts"])),
            sentence=str(content["sentence"]),
            lineage=tuple(map(_to_step, content["lineage"])),
        )
    except _MISFIT as error:
        raise ValueError(f"no result: {error}") from error


def from_measure(measure: Measure) -> dict[str, Any]:
    """A measure as plain JSON values."""
    return asdict(measure)


def to_measure(content: Mapping[str, Any]) -> Measure:
    """The measure that was written.

    Raises:
        ValueError: a field is missing or has another type.
    """
    try:
        value = content["value"]
        return Measure(
            value=value if isinstance(value, str) else float(value),
            unit=str(content["unit"]),
            n=int(content["n"]),
            low=None if content["low"] is None else float(content["low"]),
            high=None if content["high"] is None else float(content["high"]),
            scale=_words(content["scale"]),
        )
    except _MISFIT as error:
        raise ValueError(f"no measure: {error}") from error


def from_task(task: Task) -> dict[str, Any]:
    """A task as plain JSON values."""
    return asdict(task)


def to_task(content: Mapping[str, Any]) -> Task:
    """The task that was written; only a parent writes one, so its types are believed."""
    params = {name: tuple(value) if isinstance(value, list) else value for name, value in content["params"].items()}
    return Task(**{**content, "params": params, "limited": tuple(content["limited"])})


def from_files(files: Iterable[FileRecord]) -> list[dict[str, Any]]:
    """Opened files as plain JSON values."""
    return [asdict(file) for file in files]


def to_files(content: Any) -> tuple[FileRecord, ...]:
    """The opened files that were written.

    Raises:
        ValueError: a field is missing or has another type.
    """
    try:
        return tuple(FileRecord(str(f["path"]), str(f["role"]), str(f["sha256"]), int(f["bytes"])) for f in content)
    except _MISFIT as error:
        raise ValueError(f"no list of files: {error}") from error


def from_isolation(isolation: Isolation) -> dict[str, Any]:
    """What isolated a check as plain JSON values."""
    return {
        "level": isolation.level,
        "mechanisms": list(isolation.mechanisms),
        "refused": list(isolation.refused),
    }


def to_isolation(content: Any) -> Isolation:
    """What isolated a check, as it was written.

    Raises:
        ValueError: a field is missing or has another type.
    """
    try:
        return Isolation(str(content["level"]), _words(content["mechanisms"]), _words(content["refused"]))
    except _MISFIT as error:
        raise ValueError(f"no isolation: {error}") from error


def _from_evidence(file: Evidence) -> dict[str, str]:
    return {"name": file.name, "content": base64.b64encode(file.content).decode(), "sentence": file.sentence}


def _to_evidence(content: Mapping[str, Any]) -> Evidence:
    whole = base64.b64decode(content["content"], validate=True)
    return Evidence(str(content["name"]), whole, str(content["sentence"]))


def _to_step(content: Mapping[str, Any]) -> Step:
    source, target, how, record = (str(content[name]) for name in ("source", "target", "how", "record"))
    return Step(source, target, how, record, verified=content["verified"] is True)


def _words(content: Any) -> tuple[str, ...]:
    if not isinstance(content, list | tuple):
        raise TypeError(f"expected a list, found {type(content).__name__}")  # a text would fall apart into letters
    return tuple(str(word) for word in content)


def _number(value: Any) -> Any:
    """Numbers of numpy as numbers of Python."""
    return value.item()
