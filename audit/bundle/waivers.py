"""Looks at the waivers that were applied: each must have been valid for its rule on the day of the audit."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from audit.policy.waivers import day
from audit.records import Bundle, Entry, Waiver


def problems(bundle: Bundle) -> Iterator[str]:
    """Why the waived entries of a bundle may not be believed, one sentence each."""
    applied = [use.waiver for use in bundle.waivers if use.state == "applied"]
    for waiver in applied:
        if not any(entry.waiver == waiver for entry in bundle.entries):
            yield f'waiver for rule "{waiver.rule}" reads applied, but no rule is waived by it'
    for entry in bundle.entries:
        if entry.waiver is None:
            continue
        if problem := _problem(entry, entry.waiver, bundle):
            yield f'rule "{entry.id}": {problem}'
        if entry.waiver not in applied:
            yield f'rule "{entry.id}": waived, but waivers.json does not list its waiver as applied'


def _problem(entry: Entry, waiver: Waiver, bundle: Bundle) -> str:
    if waiver.rule != entry.id:
        return "waived by a waiver for another rule"
    if waiver.model_sha256 is not None and waiver.model_sha256 != bundle.subject.model_sha256:
        return "waived by a waiver for another model"
    created, expires = day(waiver.created), day(waiver.expires)
    if created is None or expires is None:
        return f"waived from {waiver.created!r:.40} to {waiver.expires!r:.40}, which are no two days"
    days, most = (expires - created).days, bundle.policy.max_waiver_days
    if days < 0:
        return f"waived by a waiver that expires on {expires}, before it was created on {created}"
    if days > most:
        return f"waived for {days} days; the policy allows {most}"
    judged = day_of(bundle)
    if judged is None:
        return "waived, and run.json does not say on which day"
    if not created <= judged <= expires:
        return f"waived on {judged} by a waiver valid from {created} to {expires}"
    return ""


def day_of(bundle: Bundle) -> datetime.date | None:
    """The UTC day of the audit; None where the bundle does not tell it."""
    try:
        started = datetime.datetime.fromisoformat(bundle.run.started) if bundle.run else None
        return started.astimezone(datetime.UTC).date() if started and started.tzinfo else None
    except (ValueError, OverflowError):
        return None
