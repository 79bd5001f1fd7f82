"""Compares an audit that was run again with what a bundle says of the first run.

What the bundle says decides nothing of how it is compared: which measures are those of a machine (seconds, bytes, rates
of them) is read off the units that were measured now. They are told and not compared, but a limit that they certainly
miss now is a finding. Where libraries have other versions, words may differ and are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from audit import judge
from audit.bundle.canonical import BUNDLE
from audit.bundle.finding import Finding, cut
from audit.bundle.measured_again import Pair, pairs, shown
from audit.records import Bundle, Entry, Verdict

_WORDS = ("finding", "doubts", "notes", "lineage", "blind_to", "version")
"""What a check says beside its numbers."""
_OF_THE_MACHINE_TOO = ("finding", "doubts", "notes")
"""Words that may repeat how long something took."""


@dataclass(frozen=True)
class Replay:
    """What came of it.

    Attributes:
        findings: verdicts, measures and words that are not what the bundle says.
        compared: numbers and words of scales that were compared, verdicts not among them.
        notes: measures of the machine, then and now, libraries that have another version, and words that differ there.
    """

    findings: tuple[Finding, ...]
    compared: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """One of the two audits.

    Attributes:
        evidence: SHA-256, hexadecimal, by path in the bundle.
    """

    bundle: Bundle
    evidence: Mapping[str, str] = field(default_factory=dict)


def compare(then: Run, now: Run) -> Replay:
    """Compare two audits of the same bytes by the same policy."""
    same = dict(then.bundle.environment) == dict(now.bundle.environment)
    findings = list(_subject(then.bundle, now.bundle))
    notes: list[str] = []
    compared = 0
    again = {entry.id: entry for entry in now.bundle.entries}
    for position, entry in enumerate(then.bundle.entries):
        place, measured = f"entries[{position}]", again.pop(entry.id, None)
        if measured is None:
            findings.append(Finding(BUNDLE, f'rule "{entry.id}" was not run again', place=place))
            continue
        rule = _Rule(entry, measured, place, same)
        findings += rule.verdicts(then.bundle.policy.confidence)
        if entry.error or measured.error:
            continue
        compared += len(rule.compared)
        findings += rule.measures()
        notes += rule.of_the_machine()
        differing = [*rule.words(), *_evidence(rule, then.evidence, now.evidence)]
        if same:
            findings += differing
        else:
            notes += [f"{one.message}; the libraries are not the same, so this is no finding" for one in differing]
    findings += [Finding(BUNDLE, f'rule "{name}" ran again and is not in the bundle') for name in again]
    if not compared:
        findings.append(Finding(BUNDLE, "no measure could be compared, so another run shows nothing"))
    return Replay(tuple(findings), compared, (*_libraries(then.bundle, now.bundle), *notes))


@dataclass(frozen=True)
class _Rule:
    """One rule, then and now.

    Attributes:
        place: of its entry in the bundle.
        same: whether both runs had the same libraries.
    """

    then: Entry
    now: Entry
    place: str
    same: bool

    @property
    def machine(self) -> list[Pair]:
        return [pair for pair in pairs(self.then, self.now) if pair.of_the_machine]

    @property
    def compared(self) -> list[Pair]:
        return [pair for pair in pairs(self.then, self.now) if not pair.of_the_machine]

    def verdicts(self, confidence: float) -> Iterator[Finding]:
        """Whether both runs come to one verdict, the machine's own numbers taken from the first."""
        verdict, place, told = self.now.verdict, f"{self.place}.verdict", f'rule "{self.then.id}"'
        if self.machine and not self.now.error:
            missed = self.now.verdict in (Verdict.FAIL, Verdict.WAIVED)
            if missed and self.then.verdict in (Verdict.PASS, Verdict.INCONCLUSIVE):
                message = f"{told}: fails on this machine ({self.now.sentence})"
                yield Finding(BUNDLE, message, None, place, str(self.then.verdict), str(self.now.verdict))
                return
            verdict = judge.decide(
                self.now.limits,
                {**self.now.measures, **{pair.name: pair.then for pair in self.machine if pair.then is not None}},
                doubts=self.now.doubts,
                power=self.now.power,
                min_power=self.now.min_power,
                confidence=confidence,
                waived=self.then.waiver is not None,
            ).verdict
        if self.then.verdict is not verdict:
            message = f"{told}: another run gives another verdict ({self.now.sentence})"
            yield Finding(BUNDLE, message, None, place, str(self.then.verdict), str(verdict))
        elif bool(self.then.error) != bool(self.now.error):
            message = f"{told}: only one of two runs could measure it"
            yield Finding(BUNDLE, message, None, f"{self.place}.error", cut(self.then.error), cut(self.now.error))

    def measures(self) -> Iterator[Finding]:
        """Numbers that are not what they were."""
        for pair in self.compared:
            if not pair.agrees(same_libraries=self.same):
                message = f'rule "{self.then.id}", {pair.name}: another run gives another result'
                wanted = pair.wanted(same_libraries=self.same)
                yield Finding(BUNDLE, message, None, f"{self.place}.{pair.place}", wanted, shown(pair.now))

    def of_the_machine(self) -> Iterator[str]:
        """What a machine was busy with, then and now."""
        for pair in self.machine:
            both = f"{shown(pair.then)} then, {shown(pair.now)} now"
            yield f'rule "{self.then.id}", {pair.name}: {both}; not compared'

    def words(self) -> Iterator[Finding]:
        """What a check says beside its numbers, where it says something else."""
        for name in _WORDS:
            old, new = getattr(self.then, name), getattr(self.now, name)
            if old != new and not (self.machine and name in _OF_THE_MACHINE_TOO):
                message = f'rule "{self.then.id}": another run gives another {name}'
                yield Finding(BUNDLE, message, None, f"{self.place}.{name}", cut(old), cut(new))


def _evidence(rule: _Rule, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Finding]:
    """Evidence with other bytes, which may repeat how long something took."""
    if rule.machine:
        return
    for path in dict.fromkeys([*rule.then.evidence, *rule.now.evidence]):
        old, new = (
            run.get(path, "no digest") if path in entry.evidence else "no such file"
            for run, entry in ((then, rule.then), (now, rule.now))
        )
        if old != new:
            yield Finding(path, f'rule "{rule.then.id}": another run gives other evidence', expected=old, found=new)


def _subject(then: Bundle, now: Bundle) -> Iterator[Finding]:
    for name in ("name", "version", "task"):
        old, new = getattr(then.subject, name), getattr(now.subject, name)
        if old != new:
            yield Finding(BUNDLE, "not what the subject says", None, f"subject.{name}", cut(old), cut(new))


def _libraries(then: Bundle, now: Bundle) -> Iterator[str]:
    for name in dict.fromkeys([*then.environment, *now.environment]):
        old, new = (run.environment.get(name, "not told") for run in (then, now))
        if old != new:
            yield f"{name} was {old} then, and is {new} now"
