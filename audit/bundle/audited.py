"""Compares the files that were audited with those of the subject as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from audit.bundle.canonical import BUNDLE
from audit.bundle.finding import Finding
from audit.records import Bundle, FileRecord


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
    audited = {(file.role, file.path): file.sha256 for file in bundle.subject.files}
    for file in files.declared:
        if file.role == "subject":  # the declaration itself: in the bundle it is compared above
            continue
        if (file.role, file.path) not in audited:
            yield Finding(f"{file.path} ({file.role})", "declared by the subject, and not in the bundle")
        elif audited[(file.role, file.path)] != file.sha256:
            yield _another(file, audited[(file.role, file.path)], file.sha256)


def _another(file: FileRecord, wanted: str, found: str) -> Finding:
    return Finding(f"{file.path} ({file.role})", "not the file that was audited", None, "", wanted, found)
