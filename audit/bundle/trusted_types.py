"""Looks at the names that the policy trusted: each must be one that can be trusted, on the day of the audit."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from audit.bundle.canonical import BUNDLE
from audit.bundle.finding import Finding
from audit.bundle.waivers import day_of
from audit.policy.trusted import mistake, state
from audit.policy.waivers import day
from audit.records import Bundle, TrustedTypeUse


def problems(bundle: Bundle) -> Iterator[Finding]:
    """Why the trusted types of a bundle may not be believed."""
    uses, where = bundle.policy.trusted_types, "policy.trusted_types"
    if not uses:
        return
    judged = day_of(bundle)
    if judged is None:
        yield Finding(BUNDLE, "names are trusted, and run.json does not say on which day", place=where)
        return
    names = [use.trusted.name for use in uses]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Finding(BUNDLE, f'"{name}" is trusted twice', place=where)
    for position, use in enumerate(uses):
        if problem := _problem(use, judged, bundle.policy.max_waiver_days):
            yield Finding(BUNDLE, f'"{use.trusted.name}" {problem}', place=f"{where}[{position}]")


def _problem(use: TrustedTypeUse, judged: datetime.date, most: int) -> str:
    trusted, last = use.trusted, day(use.trusted.expires)
    if wrong := mistake(trusted.name):
        return f"is trusted, and cannot be: {wrong}"
    if last is None:
        return f"is trusted until {trusted.expires!r:.40}, which is no day"
    if (last - judged).days > most:
        return f"is trusted for {(last - judged).days} days; the policy allows {most}"
    if use.state != state(trusted, judged):
        return f"reads {use.state!r:.40} on {judged}, and was trusted until {last}"
    return ""
