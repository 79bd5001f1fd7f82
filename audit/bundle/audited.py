"""Compares the files that were audited with those of the subject as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.bundle.canonical import BUNDLE
from audit.bundle.finding import Finding
from audit.records import Bundle, FileRecord

_DECLARATION = "subject"
"""Role of the `audit.yaml`."""
_NOT_THERE = "declared by the subject, and not in the bundle"


@dataclass(frozen=True)
class FilesNow:
    """What a reader has of the subject.

    Attributes:
        digests: SHA-256, hexadecimal, by the path that the bundle gives; None where the reader has no subject.
        declared: the files that its `audit.yaml` declares.
    """

    digests: Mapping[str, str] | None = None
    declared: Sequence[FileRecord] = ()


def problems(bundle: Bundle, files: FilesNow) -> Iterator[Finding]:
    """Files of the subject that are not what was audited."""
    if files.digests is None and not files.declared:
        return
    if not bundle.subject.files:
        yield Finding(BUNDLE, "names no file, so it does not say what was audited", place="subject.files")
    for file in bundle.subject.files if files.digests is not None else ():
        now = (files.digests or {}).get(file.path)
        if now is None:
            yield Finding(f"{file.path} ({file.role})", "not there any more", expected=file.sha256)
        elif now != file.sha256:
            yield _another(file, file.sha256, now)
    yield from _declarations(bundle, files)
    audited = {(file.role, file.path): file.sha256 for file in bundle.subject.files}
    for file in files.declared:
        if file.role == _DECLARATION:
            continue
        if (file.role, file.path) not in audited:
            yield Finding(f"{file.path} ({file.role})", _NOT_THERE)
        elif audited[(file.role, file.path)] != file.sha256:
            yield _another(file, audited[(file.role, file.path)], file.sha256)


def _declarations(bundle: Bundle, files: FilesNow) -> Iterator[Finding]:
    """The `audit.yaml` itself: what it says of the model and its data was audited too, wherever it lies now."""
    audited = {file.sha256 for file in bundle.subject.files if file.role == _DECLARATION}
    for file in files.declared:
        if file.role != _DECLARATION or file.sha256 in audited:
            continue
        if not audited:
            yield Finding(f"{file.path} ({file.role})", _NOT_THERE)
        elif file.path not in {known.path for known in bundle.subject.files}:  # of those, the digests are compared
            yield Finding(f"{file.path} ({file.role})", "not the declaration that was audited", found=file.sha256)


def _another(file: FileRecord, wanted: str, found: str) -> Finding:
    return Finding(f"{file.path} ({file.role})", "not the file that was audited", None, "", wanted, found)
