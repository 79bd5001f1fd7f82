"""Looks at `run.json`: rules that ran, times that can be, and whether the isolation that was asked for was there."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator

from audit.bundle import installed
from audit.bundle.canonical import RUN
from audit.bundle.finding import Finding, cut
from audit.bundle.waivers import began
from audit.records import Bundle, Entry

_CLOCKS_DIFFER = datetime.timedelta(days=1)
"""How far the clock of the audit may be ahead of the reader's."""


def problems(bundle: Bundle, *, now: datetime.datetime) -> Iterator[Finding]:
    """What no audit would have written there.

    Args:
        now: the time of the reader, with its zone.
    """
    if bundle.run is None:
        return
    started = began(bundle)
    if started is not None and started > now + _CLOCKS_DIFFER:
        yield Finding(RUN, "begins in the future", None, "started", f"before {now.isoformat()}", bundle.run.started)
    if not _is_duration(bundle.run.seconds):
        yield Finding(RUN, "no duration", None, "seconds", "0 or more", cut(bundle.run.seconds))
    entries = {entry.id: entry for entry in bundle.entries}
    for name, facts in bundle.run.entries.items():
        place = f"entries.{name:.80}"
        if name not in entries:
            yield Finding(RUN, "facts about a rule that the bundle does not have", place=place)
            continue
        seconds, level = facts.get("seconds", 0), facts.get("isolation")
        if not _is_duration(seconds):
            yield Finding(RUN, "no duration", None, f"{place}.seconds", "0 or more", cut(seconds))
        needed = bundle.policy.isolation == "required" and not entries[name].error and not facts.get("cached")
        if needed and level == "none" and _asks_a_model(entries[name], bundle):
            told = "the policy requires isolation, and a model was asked without any"
            yield Finding(RUN, told, None, f"{place}.isolation", "kernel", "none")


def _is_duration(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _asks_a_model(entry: Entry, bundle: Bundle) -> bool:
    """Whether a check asks the model for answers; one that needs no data besides only reads its file."""
    spec = installed.spec_of(entry)
    needs = () if spec is None else spec.needs
    asked = "model" in needs and any(need.startswith("data.") for need in needs)
    return asked and any(file.role == "model" for file in bundle.subject.files)
