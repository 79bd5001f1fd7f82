"""The files of a subject on disk, as provenance records are compared with them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from audit.data import files
from audit.data.sealed import BLOCK, SealedFile
from audit.errors import NotMeasurable, SubjectError
from audit.provenance import AuditedFile, Listing, digests
from audit.records import FileRecord
from audit.subject import Subject

MOST_FILES = 100_000
"""Files of one folder that are looked at; a folder with more is not listed, which is an error."""


def model_and_data(subject: Subject) -> list[FileRecord]:
    """Model and data files of the subject, each path once.

    Raises:
        NotMeasurable: there are none.
        SubjectError: one cannot be read.
    """
    wanted = [file for file in subject.digests() if file.role.partition(".")[0] in ("model", "data")]
    # a file that is both is the model, of which more is asked
    by_path = {file.path: file for file in sorted(wanted, key=lambda file: file.role)}
    if not by_path:
        raise NotMeasurable("the subject has no model or data file: all of it answers from elsewhere or is in memory")
    return [by_path[path] for path in sorted(by_path)]


class OnDisk:
    """What lies in the folder of a subject; every file that is looked into is hashed and recorded once.

    It serves as the surroundings of records of whole folders: files that only those list become part of what the audit
    opened.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._listings: dict[str, Listing | SubjectError] = {}
        self._digests: dict[tuple[str, str], str | None] = {}

    def audited(self, file: FileRecord) -> AuditedFile:
        """A model or data file."""
        self._digests[file.path, "sha256"] = file.sha256

        def digest(algorithm: str) -> str:
            found = self.digest(file.path, algorithm)
            if found is None:
                raise SubjectError(f'"{file.path}" cannot be read any more')
            return found

        return AuditedFile(file.path, digest, file.role.partition(".")[0] == "model")

    def below(self, folder: str) -> Listing:
        """What lies below a folder; empty where there is no such folder.

        Raises:
            SubjectError: it holds more than `MOST_FILES`.
        """
        if folder not in self._listings:
            try:
                found = files.below(self._subject.folder, folder, most=MOST_FILES)
                self._listings[folder] = Listing(found.files, found.odd)
            except SubjectError as problem:
                self._listings[folder] = problem
        listing = self._listings[folder]
        if isinstance(listing, SubjectError):
            raise listing
        return listing

    def digest(self, path: str, algorithm: str) -> str | None:
        """Digest of a regular file, hexadecimal; None where there is none."""
        key = (path, algorithm)
        if key not in self._digests:
            if not self._may_be_opened(path):
                return None
            try:
                with self.opened(path) as file:
                    self._digests[path, "sha256"] = file.sha256
                    if algorithm != "sha256":
                        self._digests[key] = digest_of(file, algorithm)
            except SubjectError:
                self._digests[key] = None
        return self._digests[key]

    def _may_be_opened(self, path: str) -> bool:
        """Whether a name that a record chose is a regular file in the folder, or a file that the subject declares."""
        if any(file.path == path for file in self._subject.files):
            return True
        try:
            inside = files.checked_path(path) == path
            return inside and stat.S_ISREG(os.lstat(self._subject.folder / path).st_mode)
        except (SubjectError, OSError, ValueError):
            return False

    @contextmanager
    def opened(self, path: str) -> Iterator[SealedFile]:
        """A file, open for reading in pieces; recorded as part of what records speak of where nothing else names it."""
        role = next((file.role for file in self._subject.files if file.path == path), "provenance")
        with self._subject.stream(path, role) as file:
            yield file


def digest_of(file: SealedFile, algorithm: str, changes: Mapping[int, int] | None = None) -> str:
    """Digest of a file, read in pieces.

    Args:
        changes: other values of some of its bytes, by place.
    """
    running = digests.new(algorithm)
    for start in range(0, file.size, BLOCK):
        block = bytearray(file.read_at(start, min(BLOCK, file.size - start)))
        for place, value in (changes or {}).items():
            if start <= place < start + len(block):
                block[place - start] = value
        running.update(bytes(block))
    return running.hexdigest()
