"""Records of whole folders: every file that lies there must be listed, and every one that is listed must lie there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from audit.provenance import digests
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
        """What lies below a folder, empty for that of the subject; nothing where there is no such folder."""

    def digest(self, path: str, algorithm: str) -> str | None:
        """Digest of a regular file by a name that `digests` knows, hexadecimal; None where there is no such file."""


def placed(record: Record, around: Surroundings | None) -> Record:
    """The record with the folder to which its names are relative.

    Of a record that does not say where that lies it is the folder in which most of the listed files lie; of several
    such folders one that holds the record or lies beside it, then the shortest path. A wrong folder ties no file:
    whatever folder is taken, a name has to be the path of a file and the digest its own.
    """
    if not record.floating or around is None:
        return record
    names = {claim.name for claim in record.claims}
    counts: Counter[str] = Counter()
    listing = around.below("")
    for path in (*listing.files, *listing.odd):
        counts.update(path[: -len(name)].rstrip("/") for name in _endings(path) if name in names)
    home = record.path.rpartition("/")[0]
    near = f"{home}/" if home else ""

    def rank(folder: str) -> tuple[int, bool, int, str]:
        beside = folder == home or folder.startswith(near)
        return -counts[folder], not beside, folder.count("/") + bool(folder), folder

    return replace(record, root=min(counts, key=rank, default=home))


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
    parts = next((claim.algorithm for claim in record.claims if digests.is_sharded(claim.algorithm)), "")
    for path in found.odd:
        if path in listed or not is_inside(path, left_aside):
            yield f"{record.path}: {path} is a symbolic link or no regular file"
    for path in found.files:
        if path in listed or is_inside(path, left_aside):
            continue
        # an empty file has no part that could be listed
        if not parts or around.digest(path, parts) != "":
            yield f"{record.path}: {path} lies in the folder and is not listed"
    lying, odd = set(found.files), set(found.odd)
    for path, claim in listed.items():
        if path in lying and around.digest(path, claim.algorithm) != claim.digest:
            yield f"{record.path}: {path} is not the file that is listed: its bytes have changed"
        elif path not in lying and path not in odd:
            yield f"{record.path}: {path} is listed and does not lie there"


def is_inside(path: str, folders: Container[str]) -> bool:
    """Whether a path is one of the folders or files, or lies below one."""
    while path:
        if path in folders:
            return True
        path = path.rpartition("/")[0]
    return False


def _endings(path: str) -> Iterator[str]:
    """A path without its first folder, without its first two and so on, and the whole path before all."""
    rest = path
    while rest:
        yield rest
        _, _, rest = rest.partition("/")
