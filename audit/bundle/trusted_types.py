"""Looks at the names that the policy trusted: each must be one that can be trusted, on the day of the audit."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from audit.bundle.waivers import day_of
from audit.policy.trusted import mistake, state
from audit.policy.waivers import day
from audit.records import Bundle, TrustedTypeUse


def problems(bundle: Bundle) -> Iterator[str]:
    """Why the trusted types of a bundle may not be believed, one sentence each."""
    uses = bundle.policy.trusted_types
    if not uses:
        return
    judged = day_of(bundle)
    if judged is None:
        yield "names are trusted, and run.json does not say on which day"
        return
    names = [use.trusted.name for use in uses]
    yield from (f'"{name}" is trusted twice' for name in sorted({name for name in names if names.count(name) > 1}))
    for use in uses:
        if problem := _problem(use, judged, bundle.policy.max_waiver_days):
            yield f'"{use.trusted.name}" {problem}'


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
