"""Warns of settings that are allowed and prove next to nothing: limits that every value meets, and low demands."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from audit import signature
from audit.policy.draft import Placed
from audit.policy.extends import Resolved
from audit.policy.problems import Problems, shown
from audit.policy.trusted import state
from audit.records import Limit, Rule

LEAST_POWER = 0.5
LEAST_CONFIDENCE = 0.8
MOST_WAIVER_DAYS = 366


def warn_of_weakness(resolved: Resolved, problems: Problems, today: datetime.date) -> None:
    """Note every setting of a policy, what it extends included, that asks for less than it seems to.

    Args:
        today: the day in UTC; trusted types that ended before it count for nothing.
    """
    draft, policy = resolved.draft, resolved.policy
    if policy.confidence < LEAST_CONFIDENCE:
        message = f"confidence is {shown(policy.confidence)}; at that, one verdict in {_one_in(policy.confidence)} "
        problems.warn(_place(draft.settings, "confidence", draft.place), message + "may be an accident")
    if policy.max_waiver_days > MOST_WAIVER_DAYS:
        message = f"max_waiver_days is {policy.max_waiver_days}, more than a year; a waiver is no exception then"
        problems.warn(_place(draft.settings, "max_waiver_days", draft.place), message)
    if policy.isolation == "off":
        message = 'isolation is "off"; a model may then use network, files and programs, and change its own verdict'
        problems.warn(_place(draft.settings, "isolation", draft.place), message)
    for drafted_type in draft.trusted.values():
        if state(drafted_type.trusted, today) == "expired":
            message = f"{shown(drafted_type.trusted.name)} was trusted until {drafted_type.trusted.expires}; "
            problems.warn(drafted_type.expires_place, message + "it counts for nothing now: renew it or delete it")
    for rule in policy.rules:
        drafted = draft.rules[rule.id]
        _warn_of_limits(rule, drafted.measure_places, problems)
        if rule.min_power is not None and rule.min_power < LEAST_POWER:
            message = f"min_power is {shown(rule.min_power)}, so a check that misses most planted faults can still pass"
            problems.warn(_place(drafted.fields, "min_power", drafted.place), message, rule=rule.id)


def _warn_of_limits(rule: Rule, places: Mapping[str, str], problems: Problems) -> None:
    ranges = signature.of_rule(rule).ranges
    for limit in rule.limits:
        if limit.measure in ranges and _holds_all(limit, *ranges[limit.measure]):
            ends = " and ".join(
                f"{name} {shown(end)}" for name, end in (("min", limit.min), ("max", limit.max)) if end is not None
            )
            message = f"every possible {limit.measure} meets {ends}, so this limit can never fail"
            problems.warn(places.get(limit.measure, rule.location), message, rule=rule.id)


def _holds_all(limit: Limit, low: float | None, high: float | None) -> bool:
    """Whether no value between `low` and `high`, both possible themselves, is outside a limit."""
    below = limit.min is None or (low is not None and isinstance(limit.min, float) and limit.min <= low)
    above = limit.max is None or (high is not None and isinstance(limit.max, float) and limit.max >= high)
    return below and above


def _place(placed: Mapping[str, Placed], name: str, otherwise: str) -> str:
    return placed[name].place if name in placed else otherwise


def _one_in(confidence: float) -> str:
    return f"{1 / (1 - confidence):.0f}"
