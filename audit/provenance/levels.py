"""How far the records of a subject carry: from no record at all to fresh records of signers that the policy trusts.

The level of the whole is that of its weakest file. A record that cannot be read, that contradicts a file or whose
signature is wrong leaves `present`: a subject that keeps a wrong record beside a right one has a question to answer
first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.provenance.audited_file import AuditedFile
from audit.provenance.demands import Demands
from audit.provenance.record import Record
from audit.provenance.signers import Signer
from audit.provenance.surroundings import Surroundings, faults, placed
from audit.provenance.weighing import Said, Weighed, weigh

LEVELS = ("absent", "present", "well_formed", "bound", "signed", "trusted", "fresh")
"""Weakest first.

`bound`: strong digests equal the bytes. `signed`: a signature over those digests is valid. `trusted`: the policy pins
the signer. `fresh`: what was signed says that it was made inside the policy's window.
"""

FIRM = LEVELS[LEVELS.index("bound") :]
"""Levels at which a file is tied to its bytes."""

_ORDER = ("contradicted", *reversed(FIRM), "weak", "unmentioned")
"""Which word of the records counts for a file: one contradiction outweighs all, else the strongest."""


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
        signers: those whose signatures are valid, pinned ones first.
        problems: why it may not be believed, one sentence each.
        notes: what keeps it from a higher level, one sentence each.
        files: paths of the files that it ties to their bytes.
        late: why it is trusted and not fresh, where the policy has a window; else empty.
    """

    record: Record
    level: str
    signers: tuple[Signer, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    files: tuple[str, ...]
    late: str = ""


@dataclass(frozen=True)
class Assessment:
    """The level of a subject and what it rests on.

    Attributes:
        level: one of `LEVELS`.
        files: one state a file, in the order given.
        records: one state a record, in the order given.
        unused: names that records list and the subject does not use, one sentence a record.
        missing_kinds: kinds of records that the policy demands and that no record to be believed has.
        disagreements: digests that two records give differently, one sentence each.
    """

    level: str
    files: tuple[FileState, ...]
    records: tuple[RecordState, ...]
    unused: tuple[str, ...]
    missing_kinds: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()

    @property
    def unverified(self) -> int:
        """Number of files that no record ties to their bytes."""
        return sum(state.state not in FIRM for state in self.files)

    @property
    def problems(self) -> tuple[str, ...]:
        """Why records may not be believed, one sentence each."""
        return tuple(problem for state in self.records for problem in state.problems)


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
    weighed = weigh([placed(record, around, files) for record in records], demands)
    names = Counter(file.name for file in files)
    said = [[one.says(file, alone=names[file.name] == 1) for one in weighed] for file in files]
    states = tuple(_state(file, weighed, words) for file, words in zip(files, said, strict=True))
    judged = tuple(
        _record_state(one, files, [words[place] for words in said], around, _as_heavy(one, weighed))
        for place, one in enumerate(weighed)
    )
    of_kinds = {kind: _level_of_kind(kind, judged, weighed, around) for kind in demands.kinds}
    missing = tuple(kind for kind, level in of_kinds.items() if not level)
    found = {state.state for state in states}
    if not records and not unreadable:
        level = "absent"
    elif unreadable or missing or "contradicted" in found or any(state.problems for state in judged):
        level = "present"
    else:
        weakest = [state if state in FIRM else "well_formed" for state in found]
        level = min([*weakest, *of_kinds.values()], key=LEVELS.index)
    unused = tuple(_unused(weighed, files, names))
    return Assessment(level, states, judged, unused, missing, tuple(_disagreements(weighed)))


def _level_of_kind(
    kind: str, states: Sequence[RecordState], weighed: Sequence[Weighed], around: Surroundings | None
) -> str:
    """The best level of a demanded kind, empty for none: what anybody may add unsigned serves no demand for more.

    A record counts by the files that it ties. One that gives no digests at all, as MLflow's, counts by the records that
    tie its own bytes.
    """
    levels = []
    for state in states:
        if state.record.kind.replace("_", "-") != kind.replace("_", "-"):
            continue
        silent = state.level == "well_formed" and not state.record.claims
        levels += [state.level] if state.level in FIRM else _levels_of_itself(state.record, weighed, around) * silent
    return max(levels, key=LEVELS.index, default="")


def _levels_of_itself(record: Record, weighed: Sequence[Weighed], around: Surroundings | None) -> list[str]:
    """The levels at which other records tie the file that a record stands in."""

    def digest(algorithm: str) -> str:
        found = around.digest(record.path, algorithm) if around is not None else None
        return found or "unknown"

    file = AuditedFile(record.path, digest)
    words = [one.says(file, alone=False).word for one in weighed if one.record.path != record.path]
    return [] if "contradicted" in words else [word for word in words if word in FIRM]


_SAID = {
    "contradicted": "is not the file that was recorded: its bytes have changed",
    "unmentioned": "is in no record",
    "weak": "fits only a digest that does not count",
    "bound": "is byte for byte the file that was recorded",
    "signed": "is byte for byte the file that was recorded, and the record is signed",
    "trusted": "is byte for byte the file that a signer recorded whom the policy trusts",
    "fresh": "is byte for byte the file that a signer recorded whom the policy trusts, inside the policy's window",
}


def _state(file: AuditedFile, weighed: Sequence[Weighed], said: Sequence[Said]) -> FileState:
    """The strongest word that records have for a file."""
    state = min((one.word for one in said), key=_ORDER.index, default="unmentioned")
    if state == "unmentioned":
        return FileState(file.path, state, (), f"{file.path} {_SAID[state]}.")
    by = [(record, one.why) for record, one in zip(weighed, said, strict=True) if one.word == state]
    paths = tuple(dict.fromkeys(one.record.path for one, _ in by))
    why = f": {by[0][1]}" if by[0][1] else ""
    return FileState(file.path, state, paths, f"{file.path} {_SAID[state]}{why} ({', '.join(paths)}).")


def _record_state(
    one: Weighed, files: Sequence[AuditedFile], said: Sequence[Said], around: Surroundings | None, beside: set[str]
) -> RecordState:
    path = one.record.path
    problems = [*one.signatures.problems, *faults(one.record, around, beside)]
    problems += [
        f"{path}: {file.path} is not the file that it records"
        for file, words in zip(files, said, strict=True)
        if words.word == "contradicted"
    ]
    tied = tuple(file.path for file, words in zip(files, said, strict=True) if words.word in FIRM)
    unread = [one.record.unread] if one.record.unread else []
    notes = [*one.record.notes, *unread, *one.record.caps, *one.signatures.notes]
    for file in files:
        for name in one.twins(file):
            text = f"{path}: lists {name!r}, which is {file.path!r} where capital letters and accents do not count"
            (problems if one.differs(name, file) else notes).append(text)
    late = one.window_problem if one.firm_level == "trusted" else ""
    notes += [late] if late else []
    if any(one.record.place(claim.name) == path for claim in one.record.claims if claim.name):
        notes.append(f"{path}: lists itself, and no file can hold its own digest")
    level = "present" if problems else one.firm_level if tied else "well_formed"
    return RecordState(one.record, level, one.signatures.signers, tuple(problems), tuple(notes), tied, late)


def _as_heavy(one: Weighed, weighed: Sequence[Weighed]) -> set[str]:
    """Paths of records that are signed by somebody who is trusted as much, so that no signer has to list them."""
    lighter = {other.record.path for other in weighed if other.signatures.weight < one.signatures.weight}
    return {other.record.path for other in weighed} - lighter


def _unused(weighed: Sequence[Weighed], files: Sequence[AuditedFile], names: Counter[str]) -> Iterator[str]:
    for one in weighed:
        listed = {claim.name for claim in one.record.claims if claim.name}
        used = {name for file in files for name in one.places_of(file, alone=names[file.name] == 1)}
        if rest := len(listed - used):
            what = "one file or part" if rest == 1 else f"{rest} files or parts"
            yield f"{one.record.path} also lists {what} that the subject does not use"


def _disagreements(weighed: Sequence[Weighed]) -> Iterator[str]:
    """Files to which records give different digests of one kind, wherever both name them by a path."""
    given: dict[tuple[str, str], tuple[str, str]] = {}
    differing: dict[tuple[str, str], str] = {}
    for record in (one.record for one in weighed):
        for claim in record.claims if record.names_are_paths else ():
            key = record.place(claim.name), claim.algorithm
            digest, path = given.setdefault(key, (claim.digest, record.path))
            if digest != claim.digest:
                of = f"{path} and {record.path} give different digests ({claim.algorithm}) of {key[0]}"
                differing.setdefault(key, of)
    yield from (differing[key] for key in sorted(differing))
