"""Whether opening the model file would run code, found by reading it without opening it.

Why: a pickle, and every format that holds one, can run any command on the machine that loads it, so a model file from
elsewhere is a program from elsewhere. Names outside a list of exact, reviewed names count, and so do unreadable parts.
Blind to: harm that needs no foreign name, such as numbers that crash the library that reads them, and a model that is
harmless to open and answers wrongly on purpose.
Source: own symbolic reader of the pickle opcodes and of the container formats, with an allow-list; nothing is executed.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from audit import artifact, spreadsheet
from audit.artifact import ArtifactReport, planted, second_opinions
from audit.artifact.report import Place
from audit.artifact.view import Source
from audit.errors import NotMeasurable, UnknownName
from audit.isolation.process import importable
from audit.records import CheckResult, Doubt, Evidence, Measure
from audit.subject import Subject

NEEDS = ("model",)
MEASURES = {
    "unsafe_globals": "number of names that the file imports or calls and that are not on the list, 0 upwards",
    "unreadable_parts": "number of parts of the file that could not be read, 0 upwards",
}
_OFFLINE = (
    "import json,os,sys; sys.path[:] = json.loads(sys.argv[1]); from audit.isolation.restrict import go_offline; "
    "go_offline(); os.execv(sys.argv[2], sys.argv[2:])"
)
"""Starts another scanner where the kernel has taken the network away, which it then cannot get back."""


def run(subject: Subject, *, second_opinions: tuple[str, ...] = ()) -> CheckResult:
    """Read the model file from the first byte to the last.

    Args:
        second_opinions: other scanners to ask too, `picklescan` or `modelaudit`; they may add names, never clear one.

    Raises:
        NotMeasurable: the model is no file.
        UnknownName: a second opinion is asked of a scanner that is not known.
        MissingExtra: a scanner is not installed.
    """
    path = _path(subject)
    with subject.stream(path, "model") as source:
        report = artifact.scan_file(source, path, trusted=subject.trusted_types)
        others = [_asked(name, source, path, report, subject.trusted_types) for name in second_opinions]
    report = _joined(report, others)
    doubts = [f"what cannot be read may hide names: {sentence}" for sentence in report.unreadable]
    doubts += [doubt for other in others for doubt in other.doubts]
    notes = [f"format: {report.format}", f"{len(report.globals)} names in the file", *report.unreadable]
    notes += [note for other in others for note in other.notes]
    return CheckResult(
        {
            "unsafe_globals": Measure(float(len(report.unknown)), "globals", 1),
            "unreadable_parts": Measure(float(len(report.unreadable)), "parts", 1),
        },
        evidence=(_evidence(report),),
        notes=tuple(notes),
        doubts=tuple(map(Doubt, doubts)),
        sentence=report.sentence,
    )


@dataclass(frozen=True)
class _Second:
    """What another scanner adds: findings, notes for the reader, and doubts."""

    found: tuple[Place, ...]
    notes: tuple[str, ...]
    doubts: tuple[str, ...]


def _asked(name: str, source: Source, path: str, report: ArtifactReport, trusted: Collection[str]) -> _Second:
    known = tuple(second_opinions.SCANNERS)
    if name not in known:
        raise UnknownName("second opinion", name, known, get_close_matches(name, known))
    offline = (sys.executable, "-P", "-c", _OFFLINE, json.dumps(importable()))
    with tempfile.TemporaryDirectory(prefix="auditgate-") as folder:
        opinion = second_opinions.ask(name, source, path, folder=Path(folder), launcher=offline)
    found = tuple(place for place in opinion.found if place.name not in trusted)
    doubts = [f"{opinion.scanner} gives no full second opinion: {opinion.problem}"] if opinion.problem else []
    if opinion.names is not None:
        unseen = sorted(set(opinion.names) - set(report.globals) - {place.name for place in found} - set(trusted))
        if unseen:
            doubts.append(f"{opinion.scanner} sees names that were not seen here: {', '.join(unseen[:5])}")
        if report.globals and not opinion.names and not opinion.problem:
            doubts.append(f"{opinion.scanner} sees none of the names that the file holds")
    return _Second(found, (f"{opinion.scanner}: {len(found)} findings", *doubts), tuple(doubts))


def _joined(report: ArtifactReport, others: Sequence[_Second]) -> ArtifactReport:
    """The report with all findings of the others beside its own."""
    places = {place.name: place for other in others for place in other.found}
    places |= {place.name: place for place in report.places}
    return replace(report, unknown=tuple(sorted(places)), places=tuple(places[name] for name in sorted(places)))


def plant(subject: Subject, *, confidence: float) -> Measure:
    """Put known malicious parts into copies of the model's bytes and count how many of the copies are called unsafe.

    The copies combine 14 ways of making a pickle act with 13 places to hide one. A copy counts only if the scan says
    something of it that it does not say of the model itself. No copy is written to disk or loaded.
    """
    from audit.statistics import intervals

    path = _path(subject)
    with subject.stream(path, "model") as source:
        before = artifact.scan_file(source, path, trusted=subject.trusted_types)
        found = [
            _new(artifact.scan_file(copy.content, path, trusted=subject.trusted_types), before)
            for copy in planted.variants(source)
        ]
    ends = intervals.share(sum(found), len(found), confidence=confidence)
    return Measure(sum(found) / len(found), "share", len(found), ends.low, ends.high)


def _path(subject: Subject) -> str:
    entry = subject.declaration.model
    if entry is None or entry.path is None:
        raise NotMeasurable("the model is no file: it answers from elsewhere or was given in memory")
    return entry.path


def _new(report: ArtifactReport, before: ArtifactReport) -> bool:
    return bool(set(report.unknown) - set(before.unknown) or set(report.unreadable) - set(before.unreadable))


def _evidence(report: ArtifactReport) -> Evidence:
    rows = [(place.name, place.where) for place in report.places]
    rows += [("(unreadable)", sentence) for sentence in report.unreadable]
    return Evidence(
        "unsafe_globals.csv",
        spreadsheet.table(("name", "where"), rows),
        "Names that the model file makes Python import or call and that are not on the list, with the first place.",
    )
