"""Croissant data cards: the digest of each FileObject under `distribution`.

Source: Croissant format specification 1.0 and 1.1, section on FileObject; `contentUrl` is relative to the card.
"""

from __future__ import annotations

from typing import Any

from audit.provenance.json_text import objects
from audit.provenance.record import Claim, Malformed, Record, checked_name, claim
from audit.provenance.record_file import RecordFile

KIND = "croissant"
_DIGESTS = ("sha256", "md5")
_FILE = ("cr:FileObject", "FileObject", "sc:FileObject", "http://mlcommons.org/croissant/FileObject")


def recognises(file: RecordFile) -> bool:
    """Whether the document is JSON-LD of a dataset with a distribution."""
    return file.is_json and all("@context" in document and "distribution" in document for document in file.documents)


def read(file: RecordFile) -> tuple[Record, ...]:
    """Every digest of every file; sets of files carry none.

    Raises:
        Malformed: a digest is none, a path is unsafe or given twice, or there is no digest at all.
    """
    path, document = file.path, file.documents[0]
    claims: list[Claim] = []
    notes: list[str] = []
    names: set[str] = set()
    for entry in objects(document.get("distribution"), f"{path}: distribution"):
        if entry.get("@type") not in _FILE:
            continue
        name = _name(entry, path)
        if name in names:
            raise Malformed(f"{path}: {name!r} is listed twice")
        names.add(name)
        given = [claim(name, word, entry[word], path) for word in _DIGESTS if word in entry]
        claims += [found for found in given if found is not None]
        if not given:
            notes.append(f"{path}: {name!r} has no digest")
    if not claims:
        raise Malformed(f"{path}: no file has a digest")
    return (Record(path, KIND, tuple(claims), names_are_paths=True, notes=tuple(notes)),)


def _name(entry: dict[str, Any], path: str) -> str:
    """Where the file lies; a file that is fetched from elsewhere goes by its name."""
    for key in ("contentUrl", "name", "@id"):
        value = entry.get(key)
        if isinstance(value, str) and value and "://" not in value:
            return checked_name(value, path)
    raise Malformed(f"{path}: a file of the distribution has no name")
