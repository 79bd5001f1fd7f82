"""Whether the model card and the datasheet say what is asked, and only what is true of this model.

Why: people decide by what the documents say; a card that leaves out what the model must not be used for, or that claims
more than was measured, misleads everyone who never sees the model itself.
Blind to: whether a text is sensible or true where no number is claimed; numbers that are spelled out in words, drawn in
pictures or given for data that the subject does not hold (those that are seen count as unchecked_claims).
Source: Mitchell et al., "Model Cards for Model Reporting" (FAT* 2019); Gebru et al., "Datasheets for Datasets" (CACM
2021); claims are compared with the intervals that `performance` uses, each widened by the rounding of the claim.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from audit import documents
from audit.checks._documentation.finding import Finding, look
from audit.checks._documentation.measurements import Measurements
from audit.checks._documentation.planted import Planted, faults
from audit.checks._documentation.wording import contradiction, evidence, sentence
from audit.documents import Document, Malformed
from audit.errors import NotMeasurable, SubjectError
from audit.records import CheckResult, Doubt, Measure
from audit.subject import Subject

NEEDS = ("documents",)
MEASURES = {
    "missing_fields": "number of demanded fields that are absent or say nothing, 0 upwards",
    "contradicted_claims": "number of claimed metrics, counts, versions and classes that are not what was measured or "
    "declared, 0 upwards",
    "unchecked_claims": "number of claimed metrics that could not be compared: other data or metric, a demand, no "
    "model, 0 upwards",
}
MODEL_CARD = (
    "owner", "version", "licence", "intended use", "out-of-scope use", "training data", "evaluation data", "metrics",
    "results", "limitations", "ethical considerations",
)  # fmt: skip
DATASHEET = (
    "motivation", "composition", "collection process", "preprocessing", "uses", "distribution", "maintenance",
    "licence",
)  # fmt: skip
_FEWEST, _MOST = 20, 60


@dataclass(frozen=True)
class _Read:
    """The documents of a subject by kind, with their fields demanded and what was measured."""

    documents: Mapping[str, Document]
    demanded: Mapping[str, tuple[str, ...]]
    measurements: Measurements


def run(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    limited: tuple[str, ...] = (),
    model_card: tuple[str, ...] = MODEL_CARD,
    datasheet: tuple[str, ...] = DATASHEET,
) -> CheckResult:
    """Look for every demanded field, and compare every claim with the test data.

    Args:
        limited: names of the measures that the rule limits; only a limit on what is claimed needs something to compare
            the claims with.
        model_card: fields that the model card has to fill in; none demands no model card. A field that is not known
            by name is looked for by its own words in titles.
        datasheet: fields that the datasheet has to fill in; none demands no datasheet.

    Raises:
        SubjectError: a document cannot be read, or is none that can be understood.
    """
    read = _read(subject, seed, confidence, model_card, datasheet)
    finding = look(read.documents, read.demanded, read.measurements)
    compared = sum(claim.state != "unchecked" for claim in finding.claims)
    facts = sum(fact.state != "unchecked" for fact in finding.facts)
    wrong = len(finding.contradicted) + len(finding.wrong)
    return CheckResult(
        {
            "missing_fields": Measure(float(len(finding.missing)), "fields", len(finding.fields)),
            "contradicted_claims": Measure(float(wrong), "claims", compared + facts),
            "unchecked_claims": Measure(float(len(finding.unchecked)), "claims", len(finding.claims)),
        },
        evidence=(evidence(finding),),
        notes=tuple(_notes(read, finding)),
        doubts=tuple(_doubts(read, finding, limited)),
        sentence=sentence(finding),
    )


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    model_card: tuple[str, ...] = MODEL_CARD,
    datasheet: tuple[str, ...] = DATASHEET,
) -> Measure:
    """Share of faults that are found when they are put into copies of the documents, at least 20 where there is room.

    Each field that says something is taken out, and replaced by words that only hold its place; each number that fits
    is moved above and below what was measured. Where no number is claimed, sentences with wrong numbers are added. No
    copy is written to disk.

    Raises:
        NotMeasurable: the documents say nothing that could be taken out or changed.
    """
    from audit.statistics import intervals

    read = _read(subject, seed, confidence, model_card, datasheet)
    before = look(read.documents, read.demanded, read.measurements)
    planted = faults(read.documents, before, read.measurements, fewest=_FEWEST, seed=seed)
    if not planted:
        raise NotMeasurable("the documents say nothing that could be taken out or changed")
    if len(planted) > _MOST:
        planted = random.Random(seed).sample(planted, _MOST)
    found = sum(_is_found(read, before, fault) for fault in planted)
    ends = intervals.share(found, len(planted), confidence=confidence)
    return Measure(found / len(planted), "share", len(planted), ends.low, ends.high)


def _read(
    subject: Subject, seed: int, confidence: float, model_card: tuple[str, ...], datasheet: tuple[str, ...]
) -> _Read:
    read = {kind: _document(subject, kind, path) for kind, path in subject.documents.items()}
    measurements = Measurements(subject, seed=seed, confidence=confidence)
    return _Read(read, {"model_card": model_card, "datasheet": datasheet}, measurements)


def _document(subject: Subject, kind: str, path: str) -> Document:
    try:
        return documents.read(path, subject.read(path, f"documents.{kind}"))
    except Malformed as problem:
        raise SubjectError(str(problem)) from problem


def _is_found(read: _Read, before: Finding, fault: Planted) -> bool:
    """Whether the same look at a faulty copy notices its fault."""
    path = read.documents[fault.kind].path
    try:
        copy = documents.read(path, fault.content)
    except Malformed:
        return True  # what cannot be read is an error, so it does not pass
    copies = {kind: copy if document.path == path else document for kind, document in read.documents.items()}
    after = look(copies, read.demanded, read.measurements)
    if fault.field is None:
        return len(after.contradicted) > len(before.contradicted)
    wanted = (fault.field.kind, fault.field.name)
    return any((field.kind, field.name) == wanted for field in after.missing)


def _notes(read: _Read, finding: Finding) -> list[str]:
    notes = [
        f"{document.path}: {len(document.entries)} titles, {len(document.claims)} numbers for metrics"
        for document in read.documents.values()
    ]
    notes += [contradiction(claim) for claim in finding.contradicted[:20]]
    reasons = dict.fromkeys(claim.reason for claim in finding.unchecked)
    notes += [f"not compared: {reason}" for reason in list(reasons)[:20]]
    return notes


def _doubts(read: _Read, finding: Finding, limited: tuple[str, ...]) -> list[Doubt]:
    """Claims that nothing was there to compare with would pass as true, so a limit on them cannot be passed."""
    asked = not limited or "contradicted_claims" in limited
    if not asked or not finding.claims or not read.measurements.missing:
        return []
    count = len(finding.claims)
    return [
        Doubt(f"the documents claim {count} metrics, and the subject has {read.measurements.missing} to compare with")
    ]
