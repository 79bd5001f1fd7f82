"""Compares measures with limits. Pure: no file, no clock, no model, so anyone can judge a bundle again.

One limit: the whole interval on the right side is PASS, the whole interval on the wrong side is FAIL, a limit inside
the interval is INCONCLUSIVE, a number that is missing or not finite is ERROR. One rule: FAIL if any limit fails, else
ERROR, else INCONCLUSIVE, else PASS. A doubt, or less power than the rule asks for, turns PASS into INCONCLUSIVE and
never changes FAIL: what was found stays found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.records import Limit, Measure, Verdict

_ROUNDING = 1e-9
"""How far a value may lie outside its own interval, since both were computed with floating-point numbers."""
_GRAVEST_FIRST = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.PASS)


@dataclass(frozen=True)
class Judgement:
    """What the judge says of one rule.

    Attributes:
        sentence: the finding and the verdict on it, for a reader who knows no ML.
        reasons: one line a limit, and one for each thing that holds a pass back.
    """

    verdict: Verdict
    sentence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class _Ruling:
    verdict: Verdict
    reason: str


def decide(
    limits: Sequence[Limit],
    measures: Mapping[str, Measure],
    *,
    doubts: Sequence[str] = (),
    power: Measure | None = None,
    min_power: float | None = None,
    error: str = "",
    finding: str = "",
    confidence: float = 0.95,
    waived: bool = False,
) -> Judgement:
    """Judge one rule.

    Args:
        limits: what the policy asks for; none at all is an ERROR, since a rule that asks nothing proves nothing.
        measures: what the check returned.
        doubts: why the numbers may flatter.
        power: share of planted faults that the check found; None where it was not shown.
        min_power: the share that a pass needs; None where the check plants no fault.
        error: why the check did not finish; the verdict is then ERROR whatever was measured.
        finding: the check's own sentence.
        confidence: of the intervals, for the wording.
        waived: whether a valid waiver covers the rule; it counts only where the rule would not pass.
    """
    rulings = [_rule(limit, measures.get(limit.measure), confidence) for limit in limits]
    if not rulings:
        rulings = [_Ruling(Verdict.ERROR, "the rule has no limit, so nothing was decided")]
    if error:
        rulings = [_Ruling(Verdict.ERROR, error), *rulings]
        verdict = Verdict.ERROR
    else:
        verdict = next(verdict for verdict in _GRAVEST_FIRST if any(r.verdict is verdict for r in rulings))
    held_back = _held_back(doubts, power, min_power) if verdict is Verdict.PASS else []
    if held_back:
        verdict = Verdict.INCONCLUSIVE
        rulings += [_Ruling(verdict, reason) for reason in held_back]
    telling = [ruling.reason for ruling in rulings if ruling.verdict is verdict]
    if waived and verdict is not Verdict.PASS:
        telling = [f"{_OPENING[verdict]} {telling[0]}", *telling[1:]]
        verdict = Verdict.WAIVED
    sentence = f"{_OPENING[verdict]} {'; '.join(telling)}."
    return Judgement(verdict, f"{finding} {sentence}".strip(), tuple(ruling.reason for ruling in rulings))


def settled(limits: Sequence[Limit], measures: Mapping[str, Measure]) -> bool:
    """Whether more data cannot change the verdict: one limit certainly fails, or all certainly hold."""
    verdicts = {_rule(limit, measures.get(limit.measure), 0.0).verdict for limit in limits}
    return Verdict.FAIL in verdicts or verdicts == {Verdict.PASS}


def seed_of(policy_seed: int, rule_id: str) -> int:
    """Seed of one rule, 0..2^32-1: it does not change when other rules come or go."""
    digest = hashlib.sha256(f"{policy_seed}:{rule_id}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


_OPENING = {
    Verdict.PASS: "Passed:",
    Verdict.FAIL: "Failed:",
    Verdict.INCONCLUSIVE: "Not decided:",
    Verdict.ERROR: "Could not be measured:",
    Verdict.WAIVED: "Waived:",
}


def _rule(limit: Limit, measure: Measure | None, confidence: float) -> _Ruling:
    if measure is None:
        return _Ruling(Verdict.ERROR, f"{limit.measure} was not measured")
    if not measure.finite:
        return _Ruling(Verdict.ERROR, f"{limit.measure} is not a finite number ({measure.value})")
    low, high = _ends(measure)
    if low > high:
        return _Ruling(Verdict.ERROR, f"{limit.measure} has an interval that ends before it begins ({low} to {high})")
    value = _position(measure.value, measure)
    if value is not None and not low - _ROUNDING <= value <= high + _ROUNDING:
        spread = f"{number(low)} to {number(high)}"
        return _Ruling(
            Verdict.ERROR, f"{limit.measure} is {measure.value}, which lies outside its own interval ({spread})"
        )
    shown = f"{limit.measure} is {_show(measure, confidence)}; the policy asks for {_wish(limit)}"
    if measure.n <= 0:
        return _Ruling(Verdict.INCONCLUSIVE, f"{shown}, but no data stands behind the number")
    floor = _position(limit.min, measure)
    ceiling = _position(limit.max, measure)
    if (floor is not None and high < floor) or (ceiling is not None and low > ceiling):
        return _Ruling(Verdict.FAIL, shown)
    if (floor is None or low >= floor) and (ceiling is None or high <= ceiling):
        return _Ruling(Verdict.PASS, shown)
    return _Ruling(Verdict.INCONCLUSIVE, f"{shown}, which lies inside that interval: more data is needed")


def _ends(measure: Measure) -> tuple[float, float]:
    value = _position(measure.value, measure)
    if value is None:
        raise TypeError("a measure has a value")
    return (value if measure.low is None else measure.low, value if measure.high is None else measure.high)


def _position(end: float | str | None, measure: Measure) -> float | None:
    """A number as it is; a word as its place on the scale of the measure."""
    if isinstance(end, str):
        # a limit that is not on the scale can never hold: policy loading refuses it, a forged bundle meets this
        return float(measure.scale.index(end)) if end in measure.scale else float("nan")
    return end


def _held_back(doubts: Sequence[str], power: Measure | None, min_power: float | None) -> list[str]:
    reasons = list(doubts)
    if min_power is not None:
        if power is None or isinstance(power.value, str) or not _is_share(power, power.value):
            reasons.append("it was not shown that this check finds a planted fault in the same data")
        elif power.value < min_power or power.n <= 0:
            reasons.append(
                f"of {power.n} faults planted in the same data only {power.value:.0%} were found, "
                f"the policy asks for {min_power:.0%}"
            )
    return reasons


def _is_share(power: Measure, value: float) -> bool:
    """Whether a power can be one: a share of faults, inside its own interval."""
    if not power.finite:
        return False
    low, high = _ends(power)
    return 0 <= value <= 1 and low - _ROUNDING <= value <= high + _ROUNDING


def _show(measure: Measure, confidence: float) -> str:
    if isinstance(measure.value, str):
        return f'"{measure.value}"'
    value = number(measure.value)
    if measure.low is None and measure.high is None:
        return f"{value} ({measure.n} counted)"
    low, high = _ends(measure)
    return f"{value} (between {number(low)} and {number(high)} with {confidence:.0%} confidence, {measure.n} counted)"


def _wish(limit: Limit) -> str:
    wishes = []
    if limit.min is not None:
        wishes.append(f"at least {_word(limit.min)}")
    if limit.max is not None:
        wishes.append(f"at most {_word(limit.max)}")
    return " and ".join(wishes)


def _word(end: float | str) -> str:
    return f'"{end}"' if isinstance(end, str) else number(end)


def number(value: float) -> str:
    """A number as a person writes it: whole numbers whole, others with four significant digits."""
    return f"{value:.0f}" if abs(value) < 1e15 and value == int(value) else f"{value:.4g}"
