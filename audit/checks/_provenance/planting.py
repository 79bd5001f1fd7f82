"""Plants faults in copies of files, records and folders, and counts how many the assessment notices."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from audit import provenance
from audit.checks._provenance import content, forgery
from audit.checks._provenance.content import OnDisk, digest_of
from audit.checks._provenance.reading import Reading
from audit.data.sealed import SealedFile
from audit.dsse import PrivateKey, new_private_key
from audit.errors import NotMeasurable
from audit.provenance import (
    FIRM,
    LEVELS,
    Assessment,
    AuditedFile,
    Demands,
    Listing,
    Record,
    Surroundings,
    fingerprint,
)
from audit.records import Measure, Power
from audit.subject import Subject

_FEWEST, _MOST, _EACH = 20, 60, 5
"""Changed bytes at least and at most; faults of every other kind at most."""


@dataclass(frozen=True)
class _Planted:
    """One fault.

    Attributes:
        kind: in words.
        noticed: whether what it touches counts for less afterwards.
    """

    kind: str
    noticed: bool


@dataclass(frozen=True)
class _Case:
    """All that an assessment looks at."""

    records: Sequence[Record]
    files: Sequence[AuditedFile]
    demands: Demands
    around: Surroundings
    unreadable: int

    def assess(self) -> Assessment:
        return provenance.assess(
            self.records, self.files, unreadable=self.unreadable, demands=self.demands, around=self.around
        )


def power(subject: Subject, given: Reading, demands: Demands, *, seed: int, confidence: float) -> Power:
    """Share of the planted faults that are noticed.

    Raises:
        NotMeasurable: no file is bound, so there is nothing to break.
    """
    from audit.statistics import intervals

    disk = OnDisk(subject)
    files = [disk.audited(file) for file in content.model_and_data(subject)]
    case = _Case(given.records, files, demands, disk, given.unreadable)
    before = case.assess()
    if all(state.state not in FIRM for state in before.files):
        raise NotMeasurable("no record binds a file, so a changed byte would go unnoticed; add a SHA256SUMS file")
    draw = random.Random(seed)
    planted = [
        *_changed_files(case, before, disk, draw),
        *_removed_records(case, before),
        *_added_files(case, before),
        *_late(case, before),
    ]
    noticed = sum(fault.noticed for fault in planted)
    ends = intervals.share(noticed, len(planted), confidence=confidence)
    return Power(Measure(noticed / len(planted), "share", len(planted), ends.low, ends.high), tuple(_told(planted)))


def _told(planted: Sequence[_Planted]) -> Iterator[str]:
    every, found = Counter(fault.kind for fault in planted), Counter(fault.kind for fault in planted if fault.noticed)
    yield "planted faults noticed: " + ", ".join(f"{kind} {found[kind]} of {every[kind]}" for kind in every)


def _changed_files(case: _Case, before: Assessment, disk: OnDisk, draw: random.Random) -> Iterator[_Planted]:
    """A byte is changed; then also the digests in every record; then a stranger signs those."""
    by_path = {file.path: file for file in case.files}
    bound = [state for state in before.files if state.state in FIRM]
    tries = min(max(_FEWEST, len(bound)), _MOST)
    turns = Counter(bound[turn % len(bound)].path for turn in range(tries))
    stranger = new_private_key()
    for place, state in enumerate(bound[:tries]):
        file = by_path[state.path]
        with disk.opened(file.path) as opened:
            for turn in range(turns[file.path]):
                changed = _changed(state.path, opened, draw, is_model=file.is_model)
                after = replace(case, files=[changed if twin is file else twin for twin in case.files])
                yield _Planted("a changed byte", _word(after, file) not in FIRM)
                if turn == 0 and place < _EACH:
                    yield from _forged(after, file, changed, state.state, stranger)


def _forged(
    after: _Case, file: AuditedFile, changed: AuditedFile, level: str, stranger: PrivateKey
) -> Iterator[_Planted]:
    place = LEVELS.index(level)
    for least, kind, signer in (
        ("signed", "a file and its digest in a signed record", None),
        ("trusted", "a file and its record, signed by a stranger", stranger),
    ):
        if place >= LEVELS.index(least):
            records = forgery.forged(after.records, file, changed, signer)
            word = _word(replace(after, records=records), file)
            yield _Planted(kind, word not in FIRM or LEVELS.index(word) < LEVELS.index(least))


def _removed_records(case: _Case, before: Assessment) -> Iterator[_Planted]:
    """The records of one file are taken away, where no other record gives some file its level."""
    alone = {state.records[0]: state for state in before.files if state.state in FIRM and len(state.records) == 1}
    for path, state in list(alone.items())[:_EACH]:
        file = next(file for file in case.files if file.path == state.path)
        word = _word(replace(case, records=[record for record in case.records if record.path != path]), file)
        yield _Planted("a removed record", word not in FIRM or LEVELS.index(word) < LEVELS.index(state.state))


def _added_files(case: _Case, before: Assessment) -> Iterator[_Planted]:
    """A file is put into a folder that a record lists as a whole."""
    whole = [place for place, state in enumerate(before.records) if state.record.complete and state.level in FIRM]
    for place in whole[:_EACH]:
        folder = before.records[place].record.folder
        path = f"{folder}/a file that nobody listed" if folder else "a file that nobody listed"
        after = replace(case, around=_WithOneMore(case.around, path)).assess()
        yield _Planted("a file added to a listed folder", after.records[place].level not in FIRM)


def _late(case: _Case, before: Assessment) -> Iterator[_Planted]:
    """The day of the audit is moved until every fresh record is too old."""
    window = case.demands.window
    if window is None or before.level != "fresh":
        return
    late = replace(window, today=window.today + datetime.timedelta(days=window.days + 3))
    after = replace(case, demands=replace(case.demands, window=late)).assess()
    for state in after.records[:_EACH]:
        yield _Planted("a record after its time", state.level != "fresh")


def _word(case: _Case, file: AuditedFile) -> str:
    return next(state.state for state in case.assess().files if state.path == file.path)


def _changed(path: str, file: SealedFile, draw: random.Random, *, is_model: bool) -> AuditedFile:
    """A copy of a file in which one byte is another; an empty file gains one."""
    if not file.size:
        return fingerprint(path, b"\0", is_model=is_model)
    place, mask = draw.randrange(file.size), draw.randrange(1, 256)
    changes = {place: file.read_at(place, 1)[0] ^ mask}

    @cache
    def digest(algorithm: str) -> str:
        return digest_of(file, algorithm, changes)

    return AuditedFile(path, digest, is_model)


@dataclass(frozen=True)
class _WithOneMore:
    """A folder with one more file in it."""

    around: Surroundings
    path: str

    def below(self, folder: str) -> Listing:
        """What lies below a folder, with the file where it lies there."""
        found = self.around.below(folder)
        inside = not folder or self.path.startswith(f"{folder}/")
        return replace(found, files=tuple(sorted((*found.files, self.path)))) if inside else found

    def digest(self, path: str, algorithm: str) -> str | None:
        """Digest of any file."""
        return (
            fingerprint(path, b"added").digest(algorithm) if path == self.path else self.around.digest(path, algorithm)
        )
