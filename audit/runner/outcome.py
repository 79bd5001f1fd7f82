"""What became of one rule: its entry in the bundle, and why one that was judged may still turn into an ERROR."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from audit import judge, plugins, signature
from audit.records import Entry, Evidence, FileRecord, Isolation, Measured, Policy, Rule, Verdict, Waiver


@dataclass(frozen=True)
class Outcome:
    """What became of one rule.

    Attributes:
        evidence: files for the bundle.
        files: files of the subject that were opened for it.
        seconds: wall-clock time.
        isolation: what separated the model from the auditor while it was measured.
        cached: whether an earlier run measured it.
    """

    entry: Entry
    evidence: tuple[Evidence, ...]
    files: tuple[FileRecord, ...]
    seconds: float
    isolation: Isolation
    cached: bool = False


def entry_of(
    rule: Rule,
    policy: Policy,
    spec: signature.CheckSpec,
    seed: int,
    measured: Measured,
    waiver: Waiver | None,
) -> Entry:
    """The entry of a rule that was measured."""
    result = measured.result
    doubts = tuple(doubt.text for doubt in result.doubts)
    judgement = judge.decide(
        rule.limits,
        result.measures,
        doubts=doubts,
        power=measured.power,
        min_power=rule.min_power,
        error=measured.error,
        finding=result.sentence,
        confidence=policy.confidence,
        waived=waiver is not None,
    )
    return Entry(
        id=rule.id,
        check=rule.check,
        version=plugins.origin(signature.CHECKS, rule.check),
        params=rule.params,
        severity=rule.severity,
        blocking=rule.blocking,
        verdict=judgement.verdict,
        sentence=judgement.sentence,
        measures=result.measures,
        limits=rule.limits,
        power=measured.power,
        min_power=rule.min_power,
        doubts=doubts,
        notes=result.notes + measured.notes,
        reasons=judgement.reasons,
        controls=rule.controls,
        evidence=(),
        seed=seed,
        why=rule.why,
        blind_to=spec.sections.get("Blind to", ""),
        location=rule.location,
        waiver=waiver if judgement.verdict is Verdict.WAIVED else None,
        error=measured.error,
        finding=result.sentence,
        lineage=result.lineage,
    )


def changed_files(opened: Iterable[FileRecord]) -> tuple[str, ...]:
    """Files that did not have the same bytes each time they were opened."""
    seen: dict[str, set[str]] = {}
    for file in opened:
        seen.setdefault(file.path, set()).add(file.sha256)
    return tuple(sorted(path for path, digests in seen.items() if len(digests) > 1))


def spoiled(outcome: Outcome, reason: str, confidence: float) -> Outcome:
    """The same outcome as an ERROR, for a reason that was found after the check ended."""
    known = outcome.entry
    judgement = judge.decide(known.limits, known.measures, error=reason, finding=known.finding, confidence=confidence)
    entry = replace(
        known,
        verdict=judgement.verdict,
        sentence=judgement.sentence,
        reasons=judgement.reasons,
        error=reason,
        waiver=None,
    )
    return replace(outcome, entry=entry)
