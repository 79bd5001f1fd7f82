"""Whether records tie the model and its data to their bytes: where they come from, and that nothing changed since.

Why: a model that was swapped after its tests, or data that was edited after its review, looks like the real one; only
a digest in a record that is kept with it shows the difference.
Blind to: who wrote a record (signatures are not verified yet, so no level above bound is given), records and files that
were changed together, and whether what a record says beside its digests is true.
Source: SHA256SUMS, CycloneDX, Croissant, in-toto statements (DSSE, model signatures) and DVC files; digests compared
with the bytes that the audit reads.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

from audit import provenance, spreadsheet
from audit.errors import NotMeasurable
from audit.provenance import Assessment, AuditedFile, FileState, Malformed, Record
from audit.records import CheckResult, Doubt, Evidence, FileRecord, Measure
from audit.subject import Subject

NEEDS = ("model|data.train|data.test|data.reference|data.current|data.trusted",)
MEASURES = {
    "level": "how far the records carry, a word; bound: every model and data file has a strong digest that fits it",
    "unverified_files": "number of model and data files that no strong digest ties to their bytes, 0 upwards",
}
SCALES = {"level": provenance.LEVELS}
_PLANTED = 20
_MOST_PLANTED = 60


@dataclass(frozen=True)
class _Reading:
    """The records of a subject: those that could be read, and a sentence on each that could not."""

    records: tuple[Record, ...]
    problems: tuple[str, ...]


def run(subject: Subject) -> CheckResult:
    """Compare every digest of every record with the files of the subject.

    Raises:
        NotMeasurable: the subject has no files.
        SubjectError: a file cannot be read.
    """
    files = _files(subject)
    reading = _records(subject)
    audited = [_audited(subject, file) for file in files]
    found = provenance.assess(reading.records, audited, unreadable=len(reading.problems))
    notes = [note for record in reading.records for note in record.notes]
    kinds = [f"{record.path}: {record.kind}, {len(record.claims)} digests" for record in reading.records]
    return CheckResult(
        {
            "level": Measure(found.level, "level", len(files), scale=provenance.LEVELS),
            "unverified_files": Measure(float(found.unverified), "files", len(files)),
        },
        evidence=(_evidence(found.files),),
        notes=(*kinds, *reading.problems, *found.unused, *notes),
        doubts=_doubts(subject, found),
        sentence=_sentence(found, reading, len(subject.provenance)),
    )


def plant(subject: Subject, *, seed: int, confidence: float) -> Measure:
    """Change one byte in a copy of a bound file, at least 20 times, and count how often the comparison notices.

    Raises:
        NotMeasurable: no file is bound, so there is nothing to break.
    """
    from audit.statistics import intervals

    reading = _records(subject)
    audited = {file.path: (file, _audited(subject, file)) for file in _files(subject)}
    every = [twin for _, twin in audited.values()]
    states = provenance.assess(reading.records, every, unreadable=len(reading.problems)).files
    bound = [state.path for state in states if state.state in provenance.FIRM]
    if not bound:
        raise NotMeasurable("no record binds a file, so a changed byte would go unnoticed; add a SHA256SUMS file")
    draw = random.Random(seed)
    tries = min(max(_PLANTED, len(bound)), _MOST_PLANTED)
    noticed = 0
    for path in sorted(bound[turn % len(bound)] for turn in range(tries)):
        file = audited[path][0]
        changed = _changed(path, subject.read(path, file.role), draw)
        others = [changed if twin.path == path else twin for twin in every]
        after = provenance.assess(reading.records, others, unreadable=len(reading.problems))
        noticed += next(state.state for state in after.files if state.path == path) not in provenance.FIRM
    ends = intervals.share(noticed, tries, confidence=confidence)
    return Measure(noticed / tries, "share", tries, ends.low, ends.high)


def _files(subject: Subject) -> list[FileRecord]:
    """Model and data files of the subject, each path once."""
    wanted = [file for file in subject.digests() if file.role.partition(".")[0] in ("model", "data")]
    by_path = {file.path: file for file in wanted}
    if not by_path:
        raise NotMeasurable("the subject has no model or data file: all of it answers from elsewhere or is in memory")
    return [by_path[path] for path in sorted(by_path)]


def _audited(subject: Subject, file: FileRecord) -> AuditedFile:
    known = {"sha256": file.sha256}

    def digest(algorithm: str) -> str:
        if algorithm not in known:
            known[algorithm] = provenance.fingerprint(file.path, subject.read(file.path, file.role)).digest(algorithm)
        return known[algorithm]

    return AuditedFile(file.path, digest)


def _changed(path: str, content: bytes, draw: random.Random) -> AuditedFile:
    """A copy of a file in which one byte is another; an empty file gains one."""
    place = draw.randrange(len(content)) if content else 0
    byte = bytes([content[place] ^ draw.randrange(1, 256)]) if content else b"\0"
    view = memoryview(content)

    def digest(algorithm: str) -> str:
        running = hashlib.new(algorithm, usedforsecurity=False)
        for part in (view[:place], byte, view[place + 1 :]):
            running.update(part)
        return running.hexdigest()

    return AuditedFile(path, digest)


def _records(subject: Subject) -> _Reading:
    records: list[Record] = []
    problems: list[str] = []
    for path in subject.provenance:
        try:
            records += provenance.read(path, subject.read(path, "provenance"))
        except Malformed as problem:
            problems.append(str(problem))
    return _Reading(tuple(records), tuple(problems))


def _doubts(subject: Subject, found: Assessment) -> tuple[Doubt, ...]:
    # whatever level a policy asks for, bytes that contradict their record are no evidence of an origin
    doubts = [Doubt(state.sentence) for state in found.files if state.state == "contradicted"]
    if subject.remote:
        doubts.append(
            Doubt("the model answers through a program or from elsewhere, and no digest covers all of what answers")
        )
    return tuple(doubts)


def _sentence(found: Assessment, reading: _Reading, declared: int) -> str:
    total = len(found.files)
    if declared == 0:
        return (
            f"No record says where the {total} model and data files come from or whether they changed; write one with "
            "sha256sum and name it under provenance."
        )
    wrong = [state for state in found.files if state.state == "contradicted"]
    if wrong:
        rest = f" The same holds for {len(wrong) - 1} more." if len(wrong) > 1 else ""
        return wrong[0].sentence + rest
    if reading.problems:
        return f"A provenance record cannot be used: {reading.problems[0]}."
    if found.unverified:
        loose = next(state for state in found.files if state.state not in provenance.FIRM)
        return f"{found.unverified} of {total} model and data files are not tied to their bytes: {loose.sentence}"
    return (
        f"All {total} model and data files are byte for byte those that were recorded; nobody's signature was checked."
    )


def _evidence(states: Sequence[FileState]) -> Evidence:
    rows = [(state.path, state.state, " ".join(state.records)) for state in states]
    content = spreadsheet.table(("path", "state", "records"), rows)
    return Evidence("provenance.csv", content, "What the records say of each file.")
