"""Runs an audit again as it ran then, and compares what it measures with what a bundle says.

The policy, the seed, the confidence, the rules and the day are those of the bundle; nothing is reused of earlier runs.
A number has to lie inside the interval that the bundle states for it, and the two intervals have to overlap; a number
without an interval has to be equal. What a machine was busy with (seconds, bytes, rates of them) is told and not
compared.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from audit import api, judge
from audit.bundle.canonical import BUNDLE
from audit.bundle.finding import Finding
from audit.bundle.judged_by import policy_of
from audit.bundle.read import read
from audit.bundle.waivers import day_of
from audit.records import Bundle, Entry, Measure, Verdict
from audit.runner import Outcome

_EXACT = 1e-9
"""Relative difference below which two numbers that were counted are one: sums may be added up in another order."""
_OF_THE_MACHINE = re.compile(r"\b((milli|micro|nano)?seconds?|ms|minutes?|\w*bytes?|[kmgt]i?b)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Replay:
    """What came of it.

    Attributes:
        findings: verdicts and measures that are not what the bundle says.
        compared: numbers and words that were compared, verdicts not among them.
        notes: measures of the machine, then and now, and libraries that have another version.
    """

    findings: tuple[Finding, ...]
    compared: int
    notes: tuple[str, ...]


def replay(
    folder: Path,
    subject: Path,
    *,
    allow_outside: bool = False,
    engine: str = "local",
    progress: Callable[[Outcome], None] = lambda outcome: None,
) -> Replay:
    """Audit a subject again as a bundle says that it was audited.

    Args:
        folder: a bundle that verifies, and whose files are those of the subject.
        subject: path of its `audit.yaml`, or of a bare file.
        allow_outside: whether the subject may name files outside its folder.
        engine: as in `api.Options`.
        progress: called after each rule.

    Raises:
        BundleError: the folder is no bundle, or the checks that are installed here cannot run its policy.
        SubjectError: the subject cannot be opened.
    """
    then, rules = read(folder), policy_of(folder)
    known = {rule.id for rule in rules.rules}
    options = api.Options(
        waivers=tuple(use.waiver for use in then.waivers if use.waiver.rule in known),
        only=then.policy.only,
        engine=engine,
        allow_outside=allow_outside,
        today=day_of(then),
    )
    return compare(then, api.run(subject, rules, options, progress))


def compare(then: Bundle, now: Bundle) -> Replay:
    """Compare two audits of the same bytes by the same policy."""
    findings: list[Finding] = []
    notes: list[str] = []
    compared = 0
    again = {entry.id: entry for entry in now.entries}
    for position, entry in enumerate(then.entries):
        place, measured = f"entries[{position}]", again.get(entry.id)
        if measured is None:
            findings.append(Finding(BUNDLE, f'rule "{entry.id}" was not run again', place=place))
            continue
        findings += _verdicts(entry, measured, place, then.policy.confidence)
        if entry.verdict is Verdict.ERROR and measured.verdict is Verdict.ERROR:
            continue
        for pair in _pairs(entry, measured):
            told = f'rule "{entry.id}", {pair.name}'
            if pair.of_the_machine:
                notes.append(f"{told}: {_shown(pair.then)} then, {_shown(pair.now)} now; not compared")
                continue
            compared += 1
            if not pair.agrees:
                message = f"{told}: another run gives another result"
                findings.append(Finding(BUNDLE, message, None, f"{place}.{pair.place}", pair.wanted, _shown(pair.now)))
    for name, version in then.environment.items():
        if now.environment.get(name, version) != version:
            notes.append(f"{name} was {version} then, and is {now.environment[name]} now")
    return Replay(tuple(findings), compared, tuple(notes))


@dataclass(frozen=True)
class _Pair:
    """One measure of one rule, then and now."""

    name: str
    place: str
    then: Measure | None
    now: Measure | None

    @property
    def of_the_machine(self) -> bool:
        return any(one is not None and _OF_THE_MACHINE.search(one.unit) for one in (self.then, self.now))

    @property
    def agrees(self) -> bool:
        """Whether what is measured now is what was measured then."""
        if self.then is None or self.now is None:
            return self.then is self.now
        value, again = self.then.value, self.now.value
        if isinstance(value, str) or isinstance(again, str):
            return value == again
        if not (self.then.finite and self.now.finite):
            return repr(_numbers(self.then)) == repr(_numbers(self.now))
        (low, high), (low_now, high_now) = _ends(self.then, value), _ends(self.now, again)
        slack = _EXACT * max(abs(low), abs(high), abs(again))
        return low - slack <= again <= high + slack and low_now <= high + slack and low <= high_now + slack

    @property
    def wanted(self) -> str:
        """What should have been measured, in words."""
        if self.then is None:
            return "nothing of that name"
        if isinstance(self.then.value, str) or (self.then.low is None and self.then.high is None):
            return _shown(self.then)
        low, high = _ends(self.then, self.then.value)
        return f"{low!r} to {high!r}"


def _pairs(then: Entry, now: Entry) -> Iterator[_Pair]:
    for name in dict.fromkeys([*then.measures, *now.measures]):
        yield _Pair(name, f"measures.{name}", then.measures.get(name), now.measures.get(name))
    if then.power is not None or now.power is not None:
        yield _Pair("power", "power", then.power, now.power)


def _verdicts(then: Entry, now: Entry, place: str, confidence: float) -> Iterator[Finding]:
    """Whether both runs come to one verdict, the machine's own numbers taken from the first."""
    measures = {pair.name: pair.then for pair in _pairs(then, now) if pair.of_the_machine and pair.then is not None}
    verdict = now.verdict
    if measures:
        verdict = judge.decide(
            now.limits,
            {**now.measures, **measures},
            doubts=now.doubts,
            power=now.power,
            min_power=now.min_power,
            error=now.error,
            confidence=confidence,
            waived=now.waiver is not None,
        ).verdict
    if then.verdict is not verdict:
        told = f'rule "{then.id}": another run gives another verdict ({now.sentence})'
        yield Finding(BUNDLE, told, None, f"{place}.verdict", str(then.verdict), str(verdict))


def _ends(measure: Measure, value: float) -> tuple[float, float]:
    return (value if measure.low is None else measure.low, value if measure.high is None else measure.high)


def _numbers(measure: Measure) -> tuple[object, ...]:
    return (measure.value, measure.low, measure.high)


def _shown(measure: Measure | None) -> str:
    if measure is None:
        return "nothing"
    value = measure.value
    number = value if isinstance(value, str) or not math.isfinite(value) else f"{value!r}"
    return f"{number} {measure.unit}".strip() if measure.unit not in ("", "share") else str(number)
