"""Records of whole folders: every file that lies there must be listed, and every one that is listed must lie there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from audit.errors import SubjectError
from audit.provenance import digests
from audit.provenance.audited_file import AuditedFile
from audit.provenance.record import Record

_MOST_COMPARED = 4
"""Folders with equal names whose bytes are compared, to find the one that a record means."""


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
        """What lies below a folder, empty for that of the subject; nothing where there is no such folder.

        Raises:
            SubjectError: it cannot be listed, or holds too much.
        """

    def digest(self, path: str, algorithm: str) -> str | None:
        """Digest of a regular file by a name that `digests` knows, hexadecimal; None where there is no such file."""


def placed(record: Record, around: Surroundings | None, files: Sequence[AuditedFile] = ()) -> Record:
    """The record with the folder to which its names are relative.

    Of a record that does not say where that lies it is its own folder, if that has all that is listed; else that of the
    model, or of other files of the subject, if those are listed there, whatever their bytes; else any in which most of
    the listed files lie. Of several the one counts in which more digests fit, then one near the record, then the
    shortest path. A wrong folder ties no file: whatever is taken, a name has to be the path of a file and the digest
    its own.

    Args:
        files: the model and data files of the subject.
    """
    if not record.floating:
        return record
    if not record.names_are_paths:
        return _one_file(record, files)
    if around is None:
        return record
    home = record.path.rpartition("/")[0]
    if all(around.digest(_below(home, claim.name), claim.algorithm) is not None for claim in record.claims):
        return replace(record, root=home)
    names = {claim.name for claim in record.claims}
    for some in ([file.path for file in files if file.is_model], [file.path for file in files]):
        if counts := _folders(some, names):
            return replace(record, root=_best(record, counts, around))
    try:
        everything = around.below("")
    except SubjectError as problem:
        return replace(record, root=home, complete=False, caps=(*record.caps, f"{record.path}: {problem}"))
    counts = _folders((*everything.files, *everything.odd), names)
    return replace(record, root=_best(record, counts, around) if counts else home)


def _one_file(record: Record, files: Sequence[AuditedFile]) -> Record:
    """A record of one file, or of a folder of the same name with that file in it: of the folder where there is one."""
    for claim in record.claims:
        within = [file.path for file in files if _is_in_namesake(file.path, claim.name)]
        if within:
            folder = within[0][: -len(claim.name) - 1]
            return replace(record, root=folder, names_are_paths=True, complete=True)
    return replace(record, floating=False)


def _is_in_namesake(path: str, name: str) -> bool:
    return bool(name) and f"/{path}".endswith(f"/{name}/{name}")


def _folders(paths: Iterable[str], names: Container[str]) -> Counter[str]:
    """Folders in which paths go by one of the names, with the number of such paths."""
    return Counter(path[: -len(name)].rstrip("/") for path in paths for name in _endings(path) if name in names)


def _best(record: Record, counts: Counter[str], around: Surroundings) -> str:
    most = max(counts.values())
    home = record.path.rpartition("/")[0]
    near = f"{home}/" if home else ""

    def distance(folder: str) -> tuple[bool, int, str]:
        return not (folder == home or folder.startswith(near)), folder.count("/") + bool(folder), folder

    def fitting(folder: str) -> int:
        return sum(around.digest(_below(folder, one.name), one.algorithm) == one.digest for one in record.claims)

    tied = sorted((folder for folder, count in counts.items() if count == most), key=distance)[:_MOST_COMPARED]
    return tied[0] if len(tied) == 1 else max(tied, key=fitting)


def _below(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def faults(record: Record, around: Surroundings | None, beside: Iterable[str] = ()) -> Iterator[str]:
    """Why a record of a whole folder does not fit what lies there, one sentence each.

    Args:
        beside: files that may lie there without being listed, such as another signature of as much weight.
    """
    if not record.complete:
        return
    if around is None:
        yield f"{record.path}: lists a whole folder, which cannot be looked at here"
        return
    listed = {record.place(claim.name): claim for claim in record.claims}
    left_aside = {record.path, *beside, *(record.place(name) for name in record.ignored)}
    try:
        found = around.below(record.folder)
    except SubjectError as problem:
        yield f"{record.path}: lists a whole folder: {problem}"
        return
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
