"""Compares one measure of two runs on the same bytes, by the same policy and seed.

Where the libraries are the same, so are the numbers: value, both ends of the interval, n, unit and scale. Where they
are not, each value has to lie inside the interval of the other run, and a number without an interval has to be equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from audit.records import Entry, Measure

_EXACT = 1e-9
"""Relative difference below which two numbers that were counted are one: sums may be added up in another order."""
_OF_THE_MACHINE = re.compile(r"\b((milli|micro|nano)?seconds?|ms|minutes?|\w*bytes?|[kmgt]i?b)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Pair:
    """One measure of one rule, then and now.

    Attributes:
        place: inside the entry, such as `measures.accuracy`.
    """

    name: str
    place: str
    then: Measure | None
    now: Measure | None

    @property
    def of_the_machine(self) -> bool:
        """Whether it says what a machine was busy with; the bundle has no say in that, the check has."""
        return (
            self.now is not None
            and self.then is not None
            and _OF_THE_MACHINE.search(self.now.unit) is not None
            and _kind(self.then) == _kind(self.now)
        )

    def agrees(self, *, same_libraries: bool) -> bool:
        """Whether what is measured now is what was measured then."""
        if self.then is None or self.now is None:
            return self.then is self.now
        if _kind(self.then) != _kind(self.now):
            return False
        if isinstance(self.then.value, str) or not (self.then.finite and self.now.finite):
            return repr(self.then) == repr(self.now)  # a number that is not finite never equals itself
        if same_libraries or _counted(self.then) or _counted(self.now):
            return self.then.n == self.now.n and _equal(self.then, self.now)
        return _holds(self.then, self.now) and _holds(self.now, self.then)

    def wanted(self, *, same_libraries: bool) -> str:
        """What should have been measured, in words."""
        if self.then is None or same_libraries or isinstance(self.then.value, str) or _counted(self.then):
            return shown(self.then)
        low, high = _ends(self.then)
        return f"{low!r} to {high!r}"


def pairs(then: Entry, now: Entry) -> Iterator[Pair]:
    """Every measure that one of two entries has, and the power."""
    for name in dict.fromkeys([*then.measures, *now.measures]):
        yield Pair(name, f"measures.{name}", then.measures.get(name), now.measures.get(name))
    if then.power is not None or now.power is not None:
        yield Pair("power", "power", then.power, now.power)


def shown(measure: Measure | None) -> str:
    """A measure with all its digits."""
    if measure is None:
        return "nothing of that name"
    if isinstance(measure.value, str):
        return measure.value
    number = f"{measure.value!r} {measure.unit}".strip()
    interval = "" if _counted(measure) else f" ({measure.low!r} to {measure.high!r})"
    return f"{number}{interval}, n = {measure.n}"


def _kind(measure: Measure) -> tuple[str, tuple[str, ...], bool]:
    return measure.unit, measure.scale, isinstance(measure.value, str)


def _counted(measure: Measure) -> bool:
    return measure.low is None and measure.high is None


def _equal(then: Measure, now: Measure) -> bool:
    """Whether value and both ends are the same, but for the order in which sums were added up."""
    if (then.low is None, then.high is None) != (now.low is None, now.high is None):
        return False
    both = zip((_value(then), *_ends(then)), (_value(now), *_ends(now)), strict=True)
    return all(abs(old - new) <= _EXACT * max(abs(new), abs(_value(now))) for old, new in both)


def _holds(one: Measure, other: Measure) -> bool:
    """Whether the value of one lies inside the interval of the other."""
    (low, high), value = _ends(other), _value(one)
    slack = _EXACT * abs(value)
    return low - slack <= value <= high + slack


def _ends(measure: Measure) -> tuple[float, float]:
    value = _value(measure)
    return (value if measure.low is None else measure.low, value if measure.high is None else measure.high)


def _value(measure: Measure) -> float:
    if isinstance(measure.value, str):
        raise TypeError("a word has no ends")
    return measure.value
