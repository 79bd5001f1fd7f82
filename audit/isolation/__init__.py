"""Opens model files whose format can run code: only after the static scan, and from the bytes that were scanned.

What holds today: every check runs in a worker process of the engine, so a crash or a time-out of a model ends that
worker and nothing else. No kernel restriction is in force, and `level` says so.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from audit import models
from audit.errors import SubjectError
from audit.models import Model, Source

_SHOWN = 10


def level() -> str:
    """What separates a model from the auditor: `process`, a worker process without kernel restrictions."""
    return "process"


def open_model(path: Path, content: bytes, format: str, trusted: tuple[str, ...] = ()) -> Model:
    """Open a model from bytes that were hashed.

    Args:
        path: for messages and the suffix; it is not opened.
        content: the bytes of the file.
        format: name of the format.
        trusted: globals, as `module.name`, that a reviewer allows beyond the list of the scan.

    Raises:
        SubjectError: the format can run code and the scan found a global that is not on the list, or a part that it
            could not read; or the bytes are no model.
        MissingExtra: the library that reads the format is not installed.
    """
    return open_source(Source(path=path, content=content), format, trusted=trusted)


def open_source(source: Source, format: str, trusted: tuple[str, ...] = ()) -> Model:
    """As `open_model`, with settings for the format in `source`."""
    if not models.runs_code(format):
        return models.load(source, format)
    _refuse_unsafe(source, trusted)
    if format == "skops":
        from audit.models.skops import untrusted_types

        # the scan looked at every type of the file and knows each of them, so skops' own, shorter list may be widened
        source = replace(source, trusted=untrusted_types(source.content))
    return models.load(source, format)


def _refuse_unsafe(source: Source, trusted: Collection[str]) -> None:
    """Scan exactly the bytes that will be loaded; the file at the path may be another by now."""
    from audit import artifact

    name = source.path.name
    report = artifact.scan_bytes(source.content, name, trusted=trusted)
    if report.unknown:
        more = f" and {len(report.unknown) - _SHOWN} more" if len(report.unknown) > _SHOWN else ""
        raise SubjectError(
            f"{name} was not opened: it uses {', '.join(report.unknown[:_SHOWN])}{more}, which the scan does "
            "not know as harmless; have them reviewed, or save the model in a format that runs no code, such as ONNX"
        )
    if not report.safe:
        parts = "; ".join(report.unreadable[:3])
        raise SubjectError(f"{name} was not opened: the static scan could not read all of it: {parts}")
