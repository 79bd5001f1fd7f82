"""Plain text: what the terminal shows, and a log file keeps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from audit.records import Bundle, Entry, TrustedTypeUse, Verdict
from audit.reports._plain import plain, plain_record, without_commands
from audit.reports._wording import (
    TRUSTED_STATES,
    VERDICT_WORDS,
    criteria_locked,
    isolation_reached,
    limit_text,
    measure_text,
    next_step,
    outcome,
    power_text,
    standing,
)

__all__ = ["FILE", "headline", "measure_text", "one_line", "render"]

FILE = "report.txt"

WIDTH = 100
_INDENT = " " * 16


def headline(bundle: Bundle) -> str:
    """PASSED, PASSED WITH DOUBTS (undecided rules of which the policy only warns), FAILED, NOT DECIDED or PARTIAL."""
    return outcome(bundle).word


def one_line(text: str) -> str:
    """A text that may hold foreign words, safe to print as one line of a terminal or a CI log."""
    return without_commands(plain(text))


def render(bundle: Bundle) -> str:
    """One line a rule, then more on each that is not a plain pass; no colour codes."""
    bundle = plain_record(bundle)
    lines = [*_head(bundle), "", *_overview(bundle)]
    for entry in bundle.entries:
        if entry.verdict is not Verdict.PASS:
            lines += ["", *_details(entry, bundle)]
    unused = [use for use in bundle.waivers if use.state != "applied"]
    if unused:
        lines += ["", "Waivers that count for nothing"]
        lines += [f"  {use.waiver.rule}: {use.state.replace('_', ' ')} ({use.waiver.owner})" for use in unused]
    if bundle.policy.trusted_types:
        lines += ["", "Names that the policy trusts in a model file"]
        lines += [line for use in bundle.policy.trusted_types for line in _trusted(use)]
    return without_commands("\n".join(line.rstrip() for line in lines)) + "\n"


def _head(bundle: Bundle) -> Iterator[str]:
    result = outcome(bundle)
    yield f"{result.word}  {bundle.subject.name} {bundle.subject.version}".rstrip()
    yield f"{result.sentence} Policy: {bundle.policy.name} {bundle.policy.version}".rstrip() + "."
    yield f"Criteria locked before the run: {criteria_locked(bundle)}."


def _overview(bundle: Bundle) -> Iterator[str]:
    width = max((len(entry.id) for entry in bundle.entries), default=0)
    for entry in bundle.entries:
        first = f"{entry.verdict:<14}{entry.id:<{min(width, 40)}}  "
        mark = "" if entry.blocking else "(not blocking) "
        yield from textwrap.wrap(
            mark + (entry.sentence or VERDICT_WORDS[entry.verdict]),
            width=max(WIDTH, len(first) + 40),
            initial_indent=first,
            subsequent_indent=_INDENT,
            break_on_hyphens=False,
        )


def _details(entry: Entry, bundle: Bundle) -> Iterator[str]:
    yield f"{entry.verdict:<14}{entry.id}  ({entry.check}, {standing(entry)})"
    for limit in entry.limits:
        measured = entry.measures.get(limit.measure)
        found = measure_text(measured) if measured else "not measured"
        yield from _line("Measured", f"{limit.measure} {found}; required: {limit_text(limit)}")
    if entry.error:
        yield from _line("Cause", entry.error)
    for doubt in entry.doubts:
        yield from _line("Doubt", doubt)
    if power := power_text(entry):
        yield from _line("Power", power)
    if entry.waiver:
        waiver = entry.waiver
        yield from _line(
            "Waiver",
            f"{waiver.reason} (asked by {waiver.owner}, approved by {waiver.approved_by}, to {waiver.expires})",
        )
    if entry.why:
        yield from _line("Why", entry.why)
    if entry.controls:
        yield from _line("Controls", ", ".join(entry.controls))
    if entry.evidence:
        yield from _line("Evidence", ", ".join(entry.evidence))
    if isolated := isolation_reached(entry, bundle):
        yield from _line("Isolation", isolated)
    if entry.location:
        yield from _line("Rule", entry.location)
    if step := next_step(entry):
        yield from _line("To do", step)


def _trusted(use: TrustedTypeUse) -> list[str]:
    trusted = use.trusted
    return textwrap.wrap(
        f"{trusted.name}: until {trusted.expires} ({trusted.owner}); {TRUSTED_STATES.get(use.state, use.state)}",
        width=WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _line(label: str, text: str) -> list[str]:
    # long paths and names are never broken: a reader copies them
    return textwrap.wrap(
        text,
        width=WIDTH,
        initial_indent=f"    {label:<12}",
        subsequent_indent=_INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
