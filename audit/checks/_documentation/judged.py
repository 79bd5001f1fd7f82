"""Compares what documents claim with what was measured, one claim at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from audit.checks._documentation.measurements import Measurements, Reading
from audit.checks._documentation.parts import Unmeasured
from audit.documents import Claim, Place
from audit.documents.metric_names import LOWER_IS_BETTER
from audit.documents.numbers import Covered, covered
from audit.documents.plain_text import words
from audit.subject import Subject

_OURS = frozenset(("our", "this", "proposed", "final", "current", "selected", "chosen"))


@dataclass(frozen=True)
class Judged:
    """What became of one claim.

    Attributes:
        document: path of the document.
        state: `fits`, `contradicted` or `unchecked`.
        claim: what was compared.
        reading: what was measured, None where nothing was.
        better: whether a contradicted claim says more than was measured.
        reason: why it could not be compared.
    """

    document: str
    state: str
    claim: Claim
    reading: Reading | None = None
    better: bool = False
    reason: str = ""

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.claim.place


def judge(claims: Iterable[tuple[str, Claim]], measurements: Measurements) -> list[Judged]:
    """Compare every claim.

    Args:
        claims: each with the path of its document.
    """
    listed = list(claims)
    own = _Own.of(measurements.subject, [claim for _, claim in listed])
    return [_judged(path, claim, measurements, own) for path, claim in listed]


@dataclass(frozen=True)
class _Own:
    """Names of data sets and models, lower case, that claims about something else carry."""

    datasets: frozenset[str]
    models: frozenset[str]

    @staticmethod
    def of(subject: Subject, claims: Sequence[Claim]) -> _Own:
        """One name is that of the subject, whatever it is; of several only those that its own name tells."""
        return _Own(
            _foreign({claim.dataset for claim in claims}, subject, frozenset()),
            _foreign({claim.model for claim in claims}, subject, _OURS),
        )


def _foreign(names: set[str], subject: Subject, more: frozenset[str]) -> frozenset[str]:
    given = names - {""}
    known = {*words(subject.name), *more}
    return frozenset(name for name in given if len(given) > 1 and not known & set(words(name)))


def _judged(path: str, claim: Claim, measurements: Measurements, own: _Own) -> Judged:
    reason = next(_reasons(claim, own), "")
    if reason:
        return Judged(path, "unchecked", claim, reason=reason)
    try:
        readings = measurements.readings(claim)
    except Unmeasured as problem:
        return Judged(path, "unchecked", claim, reason=str(problem))
    said = covered(claim.number, claim.metric)
    if said is None:
        return Judged(path, "unchecked", claim, reason="it is a percentage of something that it does not name")
    first = readings[0]
    if _fits(said, first):
        return Judged(path, "fits", claim, first)
    other = next((reading for reading in readings[1:] if _fits(said, reading)), None)
    if other is not None:
        return Judged(path, "unchecked", claim, first, reason=f"it fits {other.how}, and does not say that it is that")
    above = said.low > first.high
    return Judged(path, "contradicted", claim, first, better=above != (claim.metric in LOWER_IS_BETTER))


def _reasons(claim: Claim, own: _Own) -> Iterator[str]:
    """Why a claim is about something else than the model on its test data."""
    if claim.aside:
        yield claim.aside
    if claim.data not in ("", "test"):
        yield f"it is about the {claim.data[:40]} data"
    if claim.dataset in own.datasets:
        yield f"it is about other data: {claim.dataset[:60]}"
    if claim.model in own.models:
        yield f"it is about another model: {claim.model[:60]}"


def _fits(said: Covered, reading: Reading) -> bool:
    return said.high >= reading.low and said.low <= reading.high
