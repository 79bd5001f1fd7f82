"""Opens the files of one subject and keeps a record of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audit.data import files
from audit.data.files import FileDigest, OpenedFile
from audit.data.sealed import SealedFile
from audit.errors import SubjectError
from audit.records import FileRecord


@dataclass(frozen=True)
class Wanted:
    """A file that is to be hashed.

    Attributes:
        role: what the subject calls it.
        sha256: digest that it has to have; None for any.
    """

    path: str
    role: str
    sha256: str | None = None


class Opener:
    """Opens files below one folder; every file that was opened is in `records`."""

    def __init__(self, folder: Path, *, allow_outside: bool = False) -> None:
        self.folder = folder
        self.allow_outside = allow_outside
        self._records: dict[tuple[str, str], FileRecord] = {}

    @property
    def records(self) -> tuple[FileRecord, ...]:
        """Every file opened so far, sorted by role and path."""
        return tuple(sorted(self._records.values(), key=lambda record: (record.role, record.path)))

    def read(self, path: str, role: str, *, sha256: str | None = None) -> OpenedFile:
        """Read one file.

        Args:
            path: relative to the folder.
            role: what the subject calls it.
            sha256: digest that it has to have.

        Raises:
            SubjectError: the path is not allowed, the file cannot be read, its digest is another one, or it changed
                since it was first opened.
        """
        opened = files.read(self.folder, files.checked_path(path, allow_outside=self.allow_outside))
        self._record(FileRecord(opened.path, role, opened.sha256, len(opened.content)), sha256)
        return opened

    @contextmanager
    def stream(self, path: str, role: str, *, sha256: str | None = None) -> Iterator[SealedFile]:
        """Open one file for reading in pieces, all of them the bytes that were hashed; errors as `read`."""
        with files.sealed(self.folder, files.checked_path(path, allow_outside=self.allow_outside)) as opened:
            self._record(FileRecord(opened.path, role, opened.sha256, opened.size), sha256)
            yield opened

    def digest(self, path: str, role: str, *, sha256: str | None = None) -> FileRecord:
        """Hash one file without keeping its bytes; errors as `read`."""
        found = files.digest(self.folder, files.checked_path(path, allow_outside=self.allow_outside))
        record = FileRecord(found.path, role, found.sha256, found.bytes)
        self._record(record, sha256)
        return record

    def digest_all(self, wanted: Sequence[Wanted]) -> None:
        """Hash several files, several at a time, each once whatever its roles; errors as `read`, of the first one."""
        paths = [files.checked_path(file.path, allow_outside=self.allow_outside) for file in wanted]
        found: dict[str, FileDigest] = {}
        hashed = files.digests(self.folder, tuple(dict.fromkeys(paths)))
        for path, file in zip(paths, wanted, strict=True):
            if path not in found:
                found[path] = next(hashed)
            one = found[path]
            self._record(FileRecord(one.path, file.role, one.sha256, one.bytes), file.sha256)

    def check(self, path: str, sha256: str) -> None:
        """Compare the digest of a file with a declared one, before anything runs; errors as `read`."""
        found = files.digest(self.folder, files.checked_path(path, allow_outside=self.allow_outside))
        _compare(found.path, found.sha256, sha256)

    def read_folder(self, path: str, role: str) -> list[OpenedFile]:
        """Read every file of a folder, in the order of their names; errors as `read`."""
        checked = files.checked_path(path, allow_outside=self.allow_outside)
        return [self.read(member, role) for member in files.members(self.folder, checked)]

    def _record(self, record: FileRecord, sha256: str | None) -> None:
        if sha256 is not None:
            _compare(record.path, record.sha256, sha256)
        before = next((known for known in self._records.values() if known.path == record.path), record)
        if before.sha256 != record.sha256:
            raise SubjectError(f'"{record.path}" changed while the audit was running; start again with a file at rest')
        self._records[(record.role, record.path)] = record


def _compare(path: str, found: str, declared: str) -> None:
    if found != declared:
        raise SubjectError(f'"{path}" has the sha256 {found}, and {declared} is declared; it is not the declared file')
