"""How far the records of a subject carry: from no record at all to records that fit every byte on disk.

The level of the whole is that of its weakest part. One record that cannot be read or that contradicts a file leaves
`present`: a subject that keeps a wrong record beside a right one has a question to answer first. Records that speak of
none of its files leave `present` too: they may be perfectly good records of something else.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from audit.provenance.record import STRONG, Claim, Record

LEVELS = ("absent", "present", "well_formed", "bound", "signed", "trusted", "fresh")
"""Weakest first. `bound`: digests equal the bytes. The last three need verified signatures."""


@dataclass(frozen=True)
class AuditedFile:
    """One file of the subject.

    Attributes:
        path: relative to the folder of the subject.
        digest: lower-case hexadecimal digest of its bytes, by the name of the algorithm in hashlib.
    """

    path: str
    digest: Callable[[str], str]


@dataclass(frozen=True)
class FileState:
    """What the records say of one file.

    Attributes:
        path: of the file.
        state: `contradicted`, `bound`, `weak` (only by md5 or sha1) or `unmentioned`.
        records: the records that say so.
        sentence: in plain words.
    """

    path: str
    state: str
    records: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Assessment:
    """The level of a subject and what it rests on.

    Attributes:
        level: one of `LEVELS`, never above `bound`.
        files: one state a file, in the order given.
        unused: names that records list and the subject does not use, one sentence a record.
    """

    level: str
    files: tuple[FileState, ...]
    unused: tuple[str, ...]

    @property
    def unverified(self) -> int:
        """Number of files that no record ties to their bytes."""
        return sum(state.state != "bound" for state in self.files)


def fingerprint(path: str, content: bytes) -> AuditedFile:
    """A file of which the bytes are at hand."""
    return AuditedFile(path, lambda algorithm: hashlib.new(algorithm, content, usedforsecurity=False).hexdigest())


def assess(records: Sequence[Record], files: Sequence[AuditedFile], *, declared: int) -> Assessment:
    """Compare records with files.

    Args:
        records: those that could be read.
        files: the model and data files, each once; at least one.
        declared: number of records that the subject names, read or not.
    """
    shared = Counter(file.path.rpartition("/")[2] for file in files)
    states = tuple(_state(file, records, shared) for file in files)
    found = {state.state for state in states}
    if declared == 0:
        level = "absent"
    elif len(records) < declared or "contradicted" in found or found <= {"unmentioned"}:
        level = "present"
    else:
        level = "bound" if found == {"bound"} else "well_formed"
    return Assessment(level, states, tuple(_unused(records, files, shared)))


def _state(file: AuditedFile, records: Iterable[Record], shared: Counter[str]) -> FileState:
    contradicting, binding, weak = [], [], []
    for record in records:
        named = [claim for claim in record.claims if _names(record, claim, file, shared)]
        free = [] if record.names_are_paths else [claim for claim in record.claims if claim.algorithm in STRONG]
        if _contradicts(named, file):
            contradicting.append(record.path)
        elif any(claim.algorithm in STRONG and _fits(claim, file) for claim in [*named, *free]):
            binding.append(record.path)
        elif named:
            weak.append(record.path)
    if contradicting:
        return _of(file, "contradicted", contradicting, "is not the file that was recorded: its bytes have changed")
    if binding:
        return _of(file, "bound", binding, "is byte for byte the file that was recorded")
    if weak:
        return _of(file, "weak", weak, "fits only an md5 or sha1 digest, for which a second file can be made")
    return _of(file, "unmentioned", [], "is in no record")


def _contradicts(named: list[Claim], file: AuditedFile) -> bool:
    """Whether some kind of digest is given for the file and none of that kind fits."""
    fitting = {claim.algorithm for claim in named if _fits(claim, file)}
    return bool({claim.algorithm for claim in named} - fitting)


def _fits(claim: Claim, file: AuditedFile) -> bool:
    return file.digest(claim.algorithm) == claim.digest


def _names(record: Record, claim: Claim, file: AuditedFile, shared: Counter[str]) -> bool:
    """Whether a claim speaks of this file by name; a free name may be the last part of a path if only one has it."""
    if not claim.name:
        return False
    folder = record.path.rpartition("/")[0]
    if (f"{folder}/{claim.name}" if folder else claim.name) == file.path:
        return True
    last = file.path.rpartition("/")[2]
    return not record.names_are_paths and (claim.name == file.path or (claim.name == last and shared[last] == 1))


def _unused(records: Iterable[Record], files: Sequence[AuditedFile], shared: Counter[str]) -> Iterable[str]:
    for record in records:
        names = {claim.name for claim in record.claims if claim.name}
        used = {claim.name for claim in record.claims for file in files if _names(record, claim, file, shared)}
        if names - used:
            yield f"{record.path} also lists {len(names - used)} files or parts that the subject does not use"


def _of(file: AuditedFile, state: str, records: list[str], what: str) -> FileState:
    by = f" ({', '.join(records)})" if records else ""
    return FileState(file.path, state, tuple(records), f"{file.path} {what}{by}.")
