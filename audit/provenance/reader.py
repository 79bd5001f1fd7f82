"""Recognises the kind of a provenance record and takes it apart; each file in `formats` is one kind."""

from __future__ import annotations

from types import ModuleType

from audit import plugins
from audit.provenance.record import MAX_BYTES, Malformed, Record
from audit.provenance.record_file import RecordFile

FORMATS = "audit.provenance.formats"
_KINDS = (FORMATS, "audit.provenance.predicates")


def kinds() -> tuple[str, ...]:
    """Every kind that a record may be of, sorted."""
    return tuple(sorted({plugins.load(package, name).KIND for package in _KINDS for name in plugins.names(package)}))


def read(path: str, content: bytes) -> tuple[Record, ...]:
    """The records in one file: at least one.

    Args:
        path: relative to the folder of the subject; messages and relative names go by it.
        content: its bytes.

    Raises:
        Malformed: it is damaged, ambiguous, too large, empty or of a kind that is not read.
    """
    if len(content) > MAX_BYTES:
        raise Malformed(f"{path}: larger than {MAX_BYTES:,} bytes")
    file = RecordFile(path, content)
    found = _format_of(file)
    if found is None:
        raise Malformed(f"{path}: {'JSON, but ' if file.is_json else ''}no kind of record that is read here")
    records: tuple[Record, ...] = found.read(file)
    return records


def _format_of(file: RecordFile) -> ModuleType | None:
    """The format whose file it is."""
    modules = (plugins.load(FORMATS, name) for name in plugins.names(FORMATS))
    return next((module for module in modules if module.recognises(file)), None)
