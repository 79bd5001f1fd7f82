"""Looks at the waivers: those applied must have been valid on the day of the audit, and none hides its state."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from audit.bundle.canonical import BUNDLE, RUN, WAIVERS
from audit.bundle.finding import Finding, cut
from audit.policy.waivers import day, waiver_states, waiver_uses
from audit.records import Bundle, Entry, Policy, Verdict, Waiver


def problems(bundle: Bundle, policy: Policy) -> Iterator[Finding]:
    """Why the waivers of a bundle may not be believed.

    Args:
        policy: the one that judged.
    """
    applied = {use.waiver for use in bundle.waivers if use.state == "applied"}
    for position, entry in enumerate(bundle.entries):
        if entry.waiver is None:
            continue
        place = f"entries[{position}].waiver"
        if problem := _problem(entry, entry.waiver, bundle):
            yield Finding(BUNDLE, f'rule "{entry.id}": {problem}', place=place)
        if entry.waiver not in applied:
            told = f'rule "{entry.id}" is waived, but the waiver of {BUNDLE} is not listed as applied'
            yield Finding(WAIVERS, told, expected=cut(entry.waiver.reason))
    yield from _states(bundle, policy)


def _problem(entry: Entry, waiver: Waiver, bundle: Bundle) -> str:
    if waiver.rule != entry.id:
        return "waived by a waiver for another rule"
    if waiver.model_sha256 is not None and waiver.model_sha256 not in _models(bundle):
        return "waived by a waiver for another model"
    judged = day_of(bundle)
    if judged is None:
        return "waived, and run.json does not say on which day"
    created, expires = day(waiver.created), day(waiver.expires)
    if created is not None and expires is not None and not created <= judged <= expires:
        return f"waived on {judged} by a waiver valid from {created} to {expires}"
    return ""


def _states(bundle: Bundle, policy: Policy) -> Iterator[Finding]:
    """Waivers that are no waivers under this policy, and those that read another state than they had."""
    known, judged, sound = {rule.id for rule in policy.rules}, day_of(bundle), True
    for use in bundle.waivers:
        if problem := _unsound(use.waiver, known, policy.max_waiver_days):
            sound = False
            yield Finding(WAIVERS, f'waiver for rule "{use.waiver.rule}": {problem}')
    if bundle.waivers and judged is None:
        yield Finding(RUN, "does not say on which day the waivers were judged", place="started")
    if not sound or judged is None:
        return
    states = waiver_states([use.waiver for use in bundle.waivers], policy, _models(bundle), judged)
    waived = [entry.id for entry in bundle.entries if entry.verdict is Verdict.WAIVED]
    wanted = {use.waiver: use.state for use in waiver_uses(states, waived)}
    for use in bundle.waivers:
        if use.state != wanted[use.waiver]:
            told = f'waiver for rule "{use.waiver.rule}" is not what became of it'
            yield Finding(WAIVERS, told, expected=wanted[use.waiver], found=use.state)


def _unsound(waiver: Waiver, known: set[str], most: int) -> str:
    created, expires = day(waiver.created), day(waiver.expires)
    if blank := [name for name in ("reason", "owner", "approved_by") if not getattr(waiver, name).strip()]:
        return f"{blank[0]} is blank"
    if waiver.rule not in known:
        return "the policy has no such rule"
    if created is None or expires is None:
        return f"from {waiver.created!r:.40} to {waiver.expires!r:.40}, which are no two days"
    days = (expires - created).days
    if days < 0:
        return f"expires on {expires}, before it was created on {created}"
    return f"lasts {days} days; the policy allows {most}" if days > most else ""


def _models(bundle: Bundle) -> set[str]:
    return {file.sha256 for file in bundle.subject.files if file.role == "model"}


def day_of(bundle: Bundle) -> datetime.date | None:
    """The UTC day of the audit; None where the bundle does not tell it."""
    started = began(bundle)
    return started.date() if started else None


def began(bundle: Bundle) -> datetime.datetime | None:
    """When the audit began, in UTC; None where the bundle does not tell it."""
    try:
        started = datetime.datetime.fromisoformat(bundle.run.started) if bundle.run else None
        return started.astimezone(datetime.UTC) if started and started.tzinfo else None
    except (ValueError, OverflowError):
        return None
