"""Whether opening the model file would run code, found by reading it without opening it.

Why: a pickle, and every format that holds one, can run any command on the machine that loads it, so a model file from
elsewhere is a program from elsewhere. Names outside a list of exact, reviewed names count, and so do unreadable parts.
Blind to: harm that needs no foreign name, such as numbers that crash the library that reads them, and a model that is
harmless to open and answers wrongly on purpose.
Source: own symbolic reader of the pickle opcodes and of the container formats, with an allow-list; nothing is executed.
"""

from __future__ import annotations

from audit import artifact, spreadsheet
from audit.artifact import ArtifactReport, planted
from audit.errors import NotMeasurable
from audit.records import CheckResult, Doubt, Evidence, Measure
from audit.subject import Subject

NEEDS = ("model",)
MEASURES = {
    "unsafe_globals": "number of names that the file imports or calls and that are not on the list, 0 upwards",
    "unreadable_parts": "number of parts of the file that could not be read, 0 upwards",
}


def run(subject: Subject) -> CheckResult:
    """Read the model file from the first byte to the last.

    Raises:
        NotMeasurable: the model is no file.
    """
    path = _path(subject)
    with subject.stream(path, "model") as source:
        report = artifact.scan_file(source, path, trusted=subject.trusted_types)
    doubts = tuple(Doubt(f"what cannot be read may hide names: {sentence}") for sentence in report.unreadable)
    return CheckResult(
        {
            "unsafe_globals": Measure(float(len(report.unknown)), "globals", 1),
            "unreadable_parts": Measure(float(len(report.unreadable)), "parts", 1),
        },
        evidence=(_evidence(report),),
        notes=(f"format: {report.format}", f"{len(report.globals)} names in the file", *report.unreadable),
        doubts=doubts,
        sentence=report.sentence,
    )


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
