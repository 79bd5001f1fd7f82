"""Markdown for pull requests: a headline, a table of rules, and more on each that is not a pass."""

from __future__ import annotations

import re
from collections.abc import Iterator

from audit.records import Bundle, Entry, Verdict
from audit.reports._plain import plain_record
from audit.reports._wording import (
    SCOPE,
    TRUSTED_STATES,
    criteria_locked,
    gravest_first,
    isolation_reached,
    limit_text,
    measure_text,
    next_step,
    outcome,
    power_text,
    standing,
)

FILE = "report.md"

MOST_RULES = 150
"""Rules in the table; GitHub refuses comments over 65,536 characters."""
MOST_DETAILS = 20
_LONGEST_CELL = 220

_MARKS = re.compile(r"([\\`*_{}\[\]()|~$!])")
# a blank that is not seen keeps GitHub from calling a person, linking an issue or linking an address
_LINKS = re.compile(r"@|#(?=\w)|:(?=//)|(?<=www)\.|(?<=GH)-(?=\d)", re.IGNORECASE)


def render(bundle: Bundle) -> str:
    """The report for a comment; names in it call nobody and link nowhere."""
    bundle = plain_record(bundle)
    result = outcome(bundle)
    entries = gravest_first(bundle)
    subject = inline(f"{bundle.subject.name} {bundle.subject.version}".strip())
    policy = inline(f"{bundle.policy.name} {bundle.policy.version}".strip())
    locked = inline(criteria_locked(bundle))
    lines = [f"## {result.word}: {subject}", "", f"{result.sentence} Policy: {policy}.", ""]
    lines += [f"Criteria locked before the run: {locked}.", ""]
    lines += ["| Verdict | Rule | Severity | Finding |", "| --- | --- | --- | --- |"]
    lines += [_row(entry) for entry in entries[:MOST_RULES]]
    if len(entries) > MOST_RULES:
        lines += ["", f"{len(entries) - MOST_RULES} more rules are in the bundle's report.html."]
    open_entries = [entry for entry in entries if entry.verdict is not Verdict.PASS]
    for entry in open_entries[:MOST_DETAILS]:
        lines += ["", *_details(entry, bundle)]
    if len(open_entries) > MOST_DETAILS:
        lines += ["", f"{len(open_entries) - MOST_DETAILS} more that did not pass are in the bundle's report.html."]
    lines += ["", *_trusted_types(bundle)] if bundle.policy.trusted_types else []
    return "\n".join([*lines, "", f"<sub>{SCOPE}</sub>"]) + "\n"


def _row(entry: Entry) -> str:
    cells = (f"**{entry.verdict}**", inline(entry.id), inline(standing(entry)), inline(_short(entry.sentence)))
    return f"| {' | '.join(cells)} |"


def _details(entry: Entry, bundle: Bundle) -> Iterator[str]:
    yield f"<details><summary><b>{entry.verdict}</b> {_safe_html(entry.id)} ({_safe_html(entry.check)})</summary>"
    yield ""
    yield inline(entry.sentence)
    if entry.limits:
        yield ""
        yield "| Measure | Measured | Required |"
        yield "| --- | --- | --- |"
    for limit in entry.limits:
        measured = entry.measures.get(limit.measure)
        found = measure_text(measured) if measured else "not measured"
        yield f"| {inline(limit.measure)} | {inline(found)} | {inline(limit_text(limit))} |"
    yield ""
    yield from (f"- {label}: {inline(text)}" for label, text in _facts(entry, bundle) if text)
    yield ""
    yield "</details>"


def _facts(entry: Entry, bundle: Bundle) -> Iterator[tuple[str, str]]:
    yield from (("Doubt", doubt) for doubt in entry.doubts)
    yield "Power", power_text(entry)
    if entry.waiver:
        yield "Waiver", f"{entry.waiver.reason} ({entry.waiver.approved_by}, until {entry.waiver.expires})"
    yield "Why", entry.why
    yield "Controls", ", ".join(entry.controls)
    yield "Evidence", ", ".join(entry.evidence)
    yield "Isolation", isolation_reached(entry, bundle)
    yield "To do", next_step(entry)


def _trusted_types(bundle: Bundle) -> Iterator[str]:
    uses = bundle.policy.trusted_types
    yield "Names that the policy trusts in a model file:"
    yield ""
    for use in uses[:MOST_DETAILS]:
        words = f"{use.trusted.name} ({use.trusted.owner}, until {use.trusted.expires}): "
        yield f"- {inline(words + TRUSTED_STATES.get(use.state, use.state))}"
    if len(uses) > MOST_DETAILS:
        yield f"- {len(uses) - MOST_DETAILS} more are in the bundle's report.html."


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 4].rstrip() + " ..."


def inline(text: str) -> str:
    """Foreign text inside a paragraph, a cell or a heading: shown as it is, never obeyed."""
    escaped = _MARKS.sub(r"\\\1", _entities(text))
    if escaped[:1] in ("#", "+", "-", "="):  # would open a heading or a list at the start of a line
        escaped = "\\" + escaped
    return _unlinked(escaped)


def _safe_html(text: str) -> str:
    """Foreign text on a line that Markdown hands on as HTML, where a backslash would be seen."""
    return _unlinked(_entities(text))


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _unlinked(text: str) -> str:
    return _LINKS.sub(lambda match: f"{match[0]}&#8203;", text)
