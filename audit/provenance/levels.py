"""How far the records of a subject carry: from no record at all to fresh records of signers that the policy trusts.

The level of the whole is that of its weakest file. A record that cannot be read, that contradicts a file or whose
signature is wrong leaves `present`: a subject that keeps a wrong record beside a right one has a question to answer
first.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from audit.provenance.keys import KeyRing
from audit.provenance.record import STRONG, Claim, Record
from audit.provenance.signers import Signatures, examine
from audit.provenance.surroundings import Surroundings, faults
from audit.provenance.window import Window

LEVELS = ("absent", "present", "well_formed", "bound", "signed", "trusted", "fresh")
"""Weakest first.

`bound`: strong digests equal the bytes. `signed`: a signature over those digests is valid. `trusted`: the policy pins
the signer. `fresh`: what was signed says that it was made inside the policy's window.
"""

FIRM = LEVELS[LEVELS.index("bound") :]
"""Levels at which a file is tied to its bytes."""


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
        state: `contradicted`, `unmentioned`, `weak` (only by md5 or sha1, or by a record that counts for no more), or
            one of `FIRM`.
        records: the records that say so.
        sentence: in plain words.
    """

    path: str
    state: str
    records: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class RecordState:
    """What became of one record.

    Attributes:
        level: `present` where it may not be believed, `well_formed` where it ties no file of the subject, else the
            level that the files which it ties have by it.
        signers: names of those whose signatures are valid.
        problems: why it may not be believed, one sentence each.
        notes: what keeps it from a higher level, one sentence each.
    """

    record: Record
    level: str
    signers: tuple[str, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Assessment:
    """The level of a subject and what it rests on.

    Attributes:
        level: one of `LEVELS`.
        files: one state a file, in the order given.
        records: one state a record, in the order given.
        unused: names that records list and the subject does not use, one sentence a record.
    """

    level: str
    files: tuple[FileState, ...]
    records: tuple[RecordState, ...]
    unused: tuple[str, ...]

    @property
    def unverified(self) -> int:
        """Number of files that no record ties to their bytes."""
        return sum(state.state not in FIRM for state in self.files)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why records may not be believed, one sentence each."""
        return tuple(problem for state in self.records for problem in state.problems)


@dataclass(frozen=True)
class Demands:
    """What the policy says of records.

    Attributes:
        ring: keys that signatures are verified with.
        window: when something must have been made to be fresh; None where the policy does not say, so nothing is.
        weak_digests: whether md5 and sha1 may tie a file to its bytes.
    """

    ring: KeyRing = field(default_factory=KeyRing)
    window: Window | None = None
    weak_digests: bool = False


def fingerprint(path: str, content: bytes) -> AuditedFile:
    """A file of which the bytes are at hand."""
    return AuditedFile(path, lambda algorithm: hashlib.new(algorithm, content, usedforsecurity=False).hexdigest())


def assess(
    records: Sequence[Record],
    files: Sequence[AuditedFile],
    *,
    unreadable: int = 0,
    demands: Demands | None = None,
    around: Surroundings | None = None,
) -> Assessment:
    """Compare records with files, and verify who signed them.

    Args:
        records: those that could be read.
        files: the model and data files, each once; at least one.
        unreadable: number of records that could not be read.
        demands: what the policy says; None for nothing.
        around: what else lies in the folder of the subject; None where records of whole folders cannot be checked.
    """
    demands = demands or Demands()
    names = Counter(file.path.rpartition("/")[2] for file in files)
    weighed = tuple(_Weighed(record, examine(record, demands.ring), demands, names) for record in records)
    states = tuple(_state(file, weighed) for file in files)
    judged = tuple(_record_state(one, files, around) for one in weighed)
    found = {state.state for state in states}
    if not records and not unreadable:
        level = "absent"
    elif unreadable or "contradicted" in found or any(state.problems for state in judged):
        level = "present"
    else:
        level = min((state if state in FIRM else "well_formed" for state in found), key=LEVELS.index)
    return Assessment(level, states, judged, tuple(_unused(weighed, files)))


@dataclass(frozen=True)
class _Weighed:
    """One record with what its signatures are worth.

    Attributes:
        names: how many files of the subject share a last part of their path.
    """

    record: Record
    signatures: Signatures
    demands: Demands
    names: Counter[str]

    @property
    def firm_level(self) -> str:
        """The level of a file that this record ties to its bytes."""
        if not self.signatures.signers:
            return "bound"
        if not any(signer.pinned for signer in self.signatures.signers):
            return "signed"
        window = self.demands.window
        return "fresh" if window is not None and not window.problem(self.record) else "trusted"

    def speaks_of(self, claim: Claim, file: AuditedFile) -> bool:
        """Whether a claim names this file; a free name may be the last part of a path if only one has it."""
        if not claim.name:
            return False
        if self.record.place(claim.name) == file.path:
            return True
        last = file.path.rpartition("/")[2]
        free = not self.record.names_are_paths
        return free and (claim.name == file.path or (claim.name == last and self.names[last] == 1))

    def verdict(self, file: AuditedFile) -> str:
        """What the record says of a file: as `FileState.state`."""
        named = [claim for claim in self.record.claims if self.speaks_of(claim, file)]
        if _contradicts(named, file):
            return "contradicted"
        free = [] if self.record.names_are_paths else self.record.claims
        counting = [
            claim for claim in dict.fromkeys([*named, *free]) if self.demands.weak_digests or claim.algorithm in STRONG
        ]
        if any(_fits(claim, file) for claim in counting):
            return "weak" if self.record.caps or self.signatures.problems else self.firm_level
        return "weak" if named else "unmentioned"


def _contradicts(named: Sequence[Claim], file: AuditedFile) -> bool:
    """Whether some kind of digest is given for the file and none of that kind fits."""
    fitting = {claim.algorithm for claim in named if _fits(claim, file)}
    return bool({claim.algorithm for claim in named} - fitting)


def _fits(claim: Claim, file: AuditedFile) -> bool:
    return file.digest(claim.algorithm) == claim.digest


_SAID = {
    "contradicted": "is not the file that was recorded: its bytes have changed",
    "unmentioned": "is in no record",
    "weak": "fits only a digest that does not count: md5 or sha1, for which a second file can be made, or in a record "
    "with a fault",
    "bound": "is byte for byte the file that was recorded",
    "signed": "is byte for byte the file that was recorded, and the record is signed",
    "trusted": "is byte for byte the file that a signer recorded whom the policy trusts",
    "fresh": "is byte for byte the file that a signer recorded whom the policy trusts, inside the policy's window",
}


def _state(file: AuditedFile, weighed: Iterable[_Weighed]) -> FileState:
    """The strongest word that records have for a file; one contradiction outweighs all."""
    said: dict[str, list[str]] = {}
    for one in weighed:
        said.setdefault(one.verdict(file), []).append(one.record.path)
    order = ("contradicted", *reversed(FIRM), "weak")
    state = next((word for word in order if word in said), "unmentioned")
    records = () if state == "unmentioned" else tuple(dict.fromkeys(said[state]))
    by = f" ({', '.join(records)})" if records else ""
    return FileState(file.path, state, records, f"{file.path} {_SAID[state]}{by}.")


def _record_state(one: _Weighed, files: Sequence[AuditedFile], around: Surroundings | None) -> RecordState:
    verdicts = {one.verdict(file) for file in files}
    problems = [*one.signatures.problems, *faults(one.record, around)]
    notes = [*one.record.notes, *one.record.caps, *one.signatures.notes]
    if "contradicted" in verdicts:
        problems.append(f"{one.record.path}: a file of the subject is not the one that it records")
    if one.firm_level == "trusted" and one.demands.window is not None:
        notes.append(one.demands.window.problem(one.record))
    firm = any(word in FIRM for word in verdicts)
    level = "present" if problems else one.firm_level if firm else "well_formed"
    signers = tuple(signer.name for signer in one.signatures.signers)
    return RecordState(one.record, level, signers, tuple(problems), tuple(notes))


def _unused(weighed: Iterable[_Weighed], files: Sequence[AuditedFile]) -> Iterator[str]:
    for one in weighed:
        names = {claim.name for claim in one.record.claims if claim.name}
        used = {claim.name for claim in one.record.claims for file in files if one.speaks_of(claim, file)}
        if names - used:
            yield f"{one.record.path} also lists {len(names - used)} files or parts that the subject does not use"
