"""Compares two readings of a policy: what became stricter, what looser, and what cannot be told.

A limit that moves, a gate that opens and a longer waiver have a direction. Another check or other parameters have none
that could be proven, so `audit.policy.extends` treats them as looser on a blocking rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from audit import signature
from audit.policy.problems import shown
from audit.policy.rules import position
from audit.records import ISOLATION, SEVERITIES, Limit, Policy, Rule, TrustedType

Direction = Literal["stricter", "looser", "changed"]


@dataclass(frozen=True)
class Change:
    """One difference.

    Attributes:
        rule: id of the rule, empty for a setting of the whole policy.
        key: where it stands: `("severity",)`, `("with", "epsilon")`, `("require", "auc", "min")` ...
            For a trusted type: `("trusted_types", NAME)`, or the same with `"expires"` or `"owner"`.
        old: the value before, in a message's words.
        new: the value after.
    """

    direction: Direction
    rule: str
    key: tuple[str, ...]
    old: str
    new: str

    @property
    def sentence(self) -> str:
        """What changed, in one line."""
        if self.key == ():
            return self.new
        name = f"{self.key[2]} of {self.key[1]}" if self.key[0] == "require" else " ".join(self.key)
        return f"{name} goes from {self.old} to {self.new}"

    @property
    def may_loosen(self) -> bool:
        """Whether the newer policy may ask for less: it does not by saying something else of what it asks for."""
        return self.direction != "stricter" and self.key not in _ABOUT


_ABOUT = (("why",), ("controls",))


def policy_changes(old: Policy, new: Policy) -> tuple[Change, ...]:
    """All differences between two policies: settings first, then rules in the order of the new one."""
    before, after = ({rule.id: rule for rule in policy.rules} for policy in (old, new))
    changes = list(setting_changes(old, new))
    for name, rule in after.items():
        if name in before:
            changes += rule_changes(before[name], rule)
            changes += _free_changes(before[name], rule)
        else:
            changes.append(Change("stricter", name, (), "", "the rule is new"))
    changes += [Change("looser", name, (), "", "the rule is gone") for name in before if name not in after]
    return tuple(changes)


def setting_changes(old: Policy, new: Policy) -> Iterator[Change]:
    """Differences in what holds for the whole policy."""
    yield from _moved("", "confidence", old.confidence, new.confidence, more="stricter")
    yield from _moved("", "max_waiver_days", old.max_waiver_days, new.max_waiver_days, more="looser")
    for key, words in (("on_inconclusive", ("warn", "fail")), ("isolation", ISOLATION)):
        was, now = getattr(old, key), getattr(new, key)
        if was != now:
            yield Change(_direction(words.index(now) - words.index(was), "stricter"), "", (key,), was, now)
    yield from _moved("", "allow_trusted_types", old.allow_trusted_types, new.allow_trusted_types, more="looser")
    yield from _type_changes(old, new)
    if old.seed != new.seed:
        yield Change("changed", "", ("seed",), shown(old.seed), shown(new.seed))


def _type_changes(old: Policy, new: Policy) -> Iterator[Change]:
    before, after = ({trusted.name: trusted for trusted in policy.trusted_types} for policy in (old, new))
    for name in sorted({*before, *after}):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            yield Change("looser" if was is None else "stricter", "", ("trusted_types", name), _trust(was), _trust(now))
            continue
        if was.expires != now.expires:
            direction: Direction = "looser" if now.expires > was.expires else "stricter"
            yield Change(direction, "", ("trusted_types", name, "expires"), was.expires, now.expires)
        if was.owner != now.owner:
            yield Change("changed", "", ("trusted_types", name, "owner"), shown(was.owner), shown(now.owner))


def _trust(trusted: TrustedType | None) -> str:
    return "not trusted" if trusted is None else f"trusted until {trusted.expires} by {shown(trusted.owner)}"


def rule_changes(old: Rule, new: Rule) -> Iterator[Change]:
    """Differences between two rules of the same id that bear on the verdict."""
    yield from _moved(old.id, "blocking", old.blocking, new.blocking, more="stricter")
    yield from _moved(old.id, "waivable", old.waivable, new.waivable, more="looser")
    yield from _moved(old.id, "allow_loosen", old.allow_loosen, new.allow_loosen, more="looser")
    if old.severity != new.severity:
        direction = _direction(SEVERITIES.index(new.severity) - SEVERITIES.index(old.severity), "stricter")
        yield Change(direction, old.id, ("severity",), old.severity, new.severity)
    if old.check != new.check:
        yield Change("changed", old.id, ("check",), old.check, new.check)
        return
    yield from _moved(old.id, "min_power", old.min_power or 0.0, new.min_power or 0.0, more="stricter")
    for name in sorted({*old.params, *new.params}):
        before, after = ((rule.params.get(name), rule.files.get(name)) for rule in (old, new))
        if before != after:
            values = [_value(*given, name) for given in (before, after)]
            yield Change("changed", old.id, ("with", name), *values)
    yield from _limit_changes(old, new)


def _free_changes(old: Rule, new: Rule) -> Iterator[Change]:
    """Differences that a policy may make in a rule which it extends: none of them changes a number or a limit."""
    if old.timeout_seconds != new.timeout_seconds:
        yield Change("changed", old.id, ("timeout_seconds",), shown(old.timeout_seconds), shown(new.timeout_seconds))
    if old.controls != new.controls:
        yield Change("changed", old.id, ("controls",), _value(old.controls, None, ""), _value(new.controls, None, ""))
    if old.why != new.why:
        yield Change("changed", old.id, ("why",), shown(old.why), shown(new.why))


def _limit_changes(old: Rule, new: Rule) -> Iterator[Change]:
    scales = signature.describe(old.check).scales
    before, after = ({limit.measure: limit for limit in rule.limits} for rule in (old, new))
    for measure in dict.fromkeys([*before, *after]):
        free = Limit(measure)
        for end, more in (("min", "stricter"), ("max", "looser")):
            was, now = (getattr(limits.get(measure, free), end) for limits in (before, after))
            if was == now:
                continue
            if was is None or now is None:
                direction: Direction = "stricter" if was is None else "looser"
            else:
                scale = scales.get(measure)
                direction = _direction((position(now, scale) or 0) - (position(was, scale) or 0), more)
            yield Change(direction, old.id, ("require", measure, end), _limit(was), _limit(now))


def _moved(rule: str, key: str, old: float, new: float, *, more: str) -> Iterator[Change]:
    if old != new:
        yield Change(_direction(new - old, more), rule, (key,), shown(old), shown(new))


def _direction(rise: float, more: str) -> Direction:
    """Direction of a change by `rise`, where `more` says what a rise means."""
    return "stricter" if (rise > 0) == (more == "stricter") else "looser"


def _limit(end: float | str | None) -> str:
    return "no limit" if end is None else shown(end)


def _value(value: Any, content: str | None, name: str) -> str:
    if content is not None:
        return f"{shown(value)} (sha256 {hashlib.sha256(content.encode()).hexdigest()[:12]}...)"
    if isinstance(value, tuple):
        return "[" + ", ".join(value) + "]"
    return "none" if value is None else shown(value, key=name)
