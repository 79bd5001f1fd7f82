"""Records of whole folders: every file that lies there must be listed, and every one that is listed must lie there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from audit.provenance.record import Record


@dataclass(frozen=True)
class Listing:
    """What lies below a folder.

    Attributes:
        files: paths of regular files, relative to the folder of the subject, sorted.
        odd: paths of symbolic links, devices and the like, which no digest can cover.
    """

    files: tuple[str, ...]
    odd: tuple[str, ...] = ()


class Surroundings(Protocol):
    """The folder of the subject, as far as records speak of it."""

    def below(self, folder: str) -> Listing:
        """What lies below a folder; empty where there is no such folder."""

    def digest(self, path: str, algorithm: str) -> str | None:
        """Digest of a regular file, hexadecimal; None where there is none."""


def faults(record: Record, around: Surroundings | None) -> Iterator[str]:
    """Why a record of a whole folder does not fit what lies there, one sentence each."""
    if not record.complete:
        return
    if around is None:
        yield f"{record.path}: lists a whole folder, which cannot be looked at here"
        return
    listed = {record.place(claim.name): claim for claim in record.claims}
    left_aside = {record.path, *(record.place(name) for name in record.ignored)}
    found = around.below(record.folder)
    for path in (*found.files, *found.odd):
        inside = any(path == name or path.startswith(f"{name}/") for name in left_aside)
        if path not in listed and not inside:
            yield f"{record.path}: {path} lies in the folder and is not listed"
    for path in sorted(listed.keys() & set(found.odd)):
        yield f"{record.path}: {path} is a symbolic link or no regular file"
    for path, claim in listed.items():
        if path in found.files and around.digest(path, claim.algorithm) != claim.digest:
            yield f"{record.path}: {path} is not the file that is listed: its bytes have changed"
        elif path not in found.files and path not in found.odd:
            yield f"{record.path}: {path} is listed and does not lie there"
