"""One HTML file for people who sign: no script, nothing fetched, readable on screen, dark screen and paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from urllib.parse import quote

from audit.records import Bundle, Entry, Measure, Verdict, telling
from audit.reports._html_figure import number_line
from audit.reports._html_lineage import lineage_figure
from audit.reports._html_style import CSS
from audit.reports._plain import plain_record
from audit.reports._wording import (
    SCOPE,
    TRUSTED_STATES,
    WAIVER_STATES,
    criteria_locked,
    gravest_first,
    interval_text,
    isolation_reached,
    isolation_wanted,
    limit_text,
    next_step,
    outcome,
    parameter_text,
    power_text,
    standing,
    value_text,
)

FILE = "report.html"

_CLASS = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.ERROR: "open",
    Verdict.INCONCLUSIVE: "open",
    Verdict.WAIVED: "waived",
}
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def render(bundle: Bundle) -> str:
    """The whole report; every foreign text in it is escaped."""
    bundle = plain_record(bundle)
    subject = escape(f"{bundle.subject.name} {bundle.subject.version}".strip())
    entries = gravest_first(bundle)
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{outcome(bundle).word}: {subject}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>",
        _head(bundle, subject),
        "<h2>Rules</h2>",
        _summary(entries),
        "<h2>What was measured</h2>",
        *(_section(place, entry, bundle) for place, entry in enumerate(entries, start=1)),
        _waivers(bundle),
        _trusted_types(bundle),
        _files(bundle),
        _environment(bundle),
        _verify(),
        f"<footer><p>{escape(SCOPE)}</p></footer>\n</main>\n</body>\n</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _head(bundle: Bundle, subject: str) -> str:
    result = outcome(bundle)
    css = {0: "pass", 1: "fail"}.get(bundle.exit_code, "open")
    policy = bundle.policy
    facts = [
        ("Policy", f"{policy.name} {policy.version}"),
        ("Policy owner", policy.owner),
        ("Task", bundle.subject.task),
        ("Confidence of intervals", f"{policy.confidence:.4g}"),
        ("Seed", str(policy.seed)),
        ("Isolation of the model", isolation_wanted(bundle)),
        ("Criteria locked before the run", criteria_locked(bundle)),
    ]
    if bundle.run:
        facts.append(("Started", bundle.run.started.replace("T", " ").replace("+00:00", " UTC")))
    cells = "".join(f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in facts if text)
    return (
        f'<header>\n<p class="kicker">Audit of a machine-learning model and its data</p>\n<h1>{subject}</h1>\n'
        f'<div class="banner {css}" role="status"><p class="word">{result.word}</p>'
        f'<p>{escape(result.sentence)}</p></div>\n<dl class="facts">{cells}</dl>\n</header>'
    )


def _summary(entries: Sequence[Entry]) -> str:
    rows = (_summary_row(place, entry) for place, entry in enumerate(entries, start=1))
    return _table(("Verdict", "Rule", "Importance", "Finding"), rows)


def _summary_row(place: int, entry: Entry) -> Sequence[str]:
    # what a check found says enough beside PASS or FAIL; where the verdict is open, the reason is the news
    told = entry.finding and entry.verdict in (Verdict.PASS, Verdict.FAIL, Verdict.WAIVED)
    return (
        f'<td class="word">{_badge(entry)}</td>',
        f'<td class="rule-name"><a href="#rule-{place}">{escape(entry.id)}</a></td>',
        f'<td class="rank">{escape(standing(entry))}</td>',
        f"<td>{escape(entry.finding if told else entry.sentence)}</td>",
    )


def _section(place: int, entry: Entry, bundle: Bundle) -> str:
    css = _CLASS[entry.verdict]
    figures = {
        limit.measure: number_line(limit, entry.measures[limit.measure], css)
        for limit in entry.limits
        if limit.measure in entry.measures
    }
    details = "\n".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in _details(entry, bundle) if value)
    parts = [
        f'<section class="rule {css}" id="rule-{place}">',
        f'<div>{_badge(entry)} <h3>{escape(entry.id)}</h3> <span class="standing">check {escape(entry.check)}, '
        f"{escape(standing(entry))}</span></div>",
        f'<p class="finding">{escape(entry.sentence)}</p>',
        f'<p class="why">Why it matters: {escape(entry.why)}</p>' if entry.why else "",
        *figures.values(),
        lineage_figure(entry.lineage, bundle.subject.files),
        f'<p class="todo"><strong>What to do:</strong> {escape(step)}</p>' if (step := next_step(entry)) else "",
        _measures(entry, drawn={name for name, figure in figures.items() if figure}),
        f'<dl class="details">{details}</dl>',
        "</section>",
    ]
    return "\n".join(part for part in parts if part)


def _details(entry: Entry, bundle: Bundle) -> Iterator[tuple[str, str]]:
    """Name and HTML of each fact; empty ones are left out."""
    yield "Cause", escape(entry.error)
    yield "Doubts", _listed(entry.doubts)
    yield "Planted faults", escape(power_text(entry))
    if entry.waiver:
        waiver = entry.waiver
        text = f"{waiver.reason} Asked for by {waiver.owner}, approved by {waiver.approved_by}, valid from "
        yield "Waiver", escape(f"{text}{waiver.created} to {waiver.expires} (UTC).")
    yield "Blind to", escape(entry.blind_to)
    yield "Notes", _listed(entry.notes)
    links = (f'<a href="../{escape(quote(path))}">{escape(path)}</a>' for path in entry.evidence)
    yield "Evidence", "<br>".join(links)
    yield "Relevant to", escape(", ".join(entry.controls))
    params = ", ".join(f"{name} = {parameter_text(value)}" for name, value in entry.params.items())
    yield "Parameters", escape(params)
    yield "Isolation", escape(isolation_reached(entry, bundle))
    yield "Run as", escape(f"{entry.check} of {entry.version}, seed {entry.seed}")
    yield "Rule at", escape(entry.location)


def _measures(entry: Entry, *, drawn: set[str]) -> str:
    """A table of the measures that have no picture."""
    wishes = {limit.measure: limit_text(limit) for limit in entry.limits}
    told = telling(entry.measures, wishes)
    rows = [_measure_row(name, item, wishes.get(name, "")) for name, item in told.items() if name not in drawn]
    return _table(("Measure", "Value", "Interval", "Counted", "Required"), rows) if rows else ""


def _measure_row(name: str, measure: Measure, wish: str) -> Sequence[str]:
    unit = f" {escape(measure.unit)}" if measure.unit not in ("", "share") and not measure.scale else ""
    return (
        f"<td>{escape(name)}</td>",
        f'<td class="num">{escape(value_text(measure.value))}{unit}</td>',
        f'<td class="num">{escape(interval_text(measure))}</td>',
        f'<td class="num">{measure.n}</td>',
        f"<td>{escape(wish)}</td>",
    )


def _waivers(bundle: Bundle) -> str:
    if not bundle.waivers:
        return ""
    rows = (
        (
            f"<td>{escape(use.waiver.rule)}</td>",
            f"<td>{escape(WAIVER_STATES.get(use.state, use.state))}</td>",
            f"<td>{escape(use.waiver.reason)}</td>",
            f"<td>{escape(use.waiver.owner)}, approved by {escape(use.waiver.approved_by)}</td>",
            f'<td class="word">{escape(use.waiver.expires)}</td>',
        )
        for use in bundle.waivers
    )
    return "<h2>Waivers</h2>\n" + _table(("Rule", "State", "Reason", "Owner", "Last day"), rows)


def _trusted_types(bundle: Bundle) -> str:
    if not bundle.policy.trusted_types:
        return ""
    rows = (
        (
            f'<td class="mono">{escape(use.trusted.name)}</td>',
            f"<td>{escape(TRUSTED_STATES.get(use.state, use.state))}</td>",
            f"<td>{escape(use.trusted.why)}</td>",
            f"<td>{escape(use.trusted.owner)}</td>",
            f'<td class="word">{escape(use.trusted.expires)}</td>',
        )
        for use in bundle.policy.trusted_types
    )
    heads = ("Name", "State", "Reason", "Owner", "Last day")
    return "<h2>Names that the policy trusts in a model file</h2>\n" + _table(heads, rows)


def _files(bundle: Bundle) -> str:
    rows: list[Sequence[str]] = [
        (
            f"<td>{escape(file.path)}</td>",
            f"<td>{escape(file.role)}</td>",
            f'<td class="num">{file.bytes}</td>',
            f'<td class="mono">{escape(file.sha256)}</td>',
        )
        for file in bundle.subject.files
    ]
    rows += [
        (f"<td>{escape(name)}</td>", "<td>policy</td>", "<td></td>", f'<td class="mono">{escape(digest)}</td>')
        for name, digest in bundle.policy.sources
    ]
    return "<h2>Files that were read</h2>\n" + _table(("File", "Role", "Bytes", "SHA-256"), rows)


def _environment(bundle: Bundle) -> str:
    if not bundle.environment:
        return ""
    rows = ((f"<td>{escape(name)}</td>", f"<td>{escape(text)}</td>") for name, text in bundle.environment.items())
    return "<h2>Environment</h2>\n" + _table(("What", "Version"), rows)


def _verify() -> str:
    return (
        "<h2>How to check this report</h2>\n<p>This page is a view of <code>bundle.json</code>. In the folder of the "
        "bundle, the first command finds changed files; the second also judges every rule again from its numbers and "
        "renders this page again.</p>\n<pre>sha256sum -c MANIFEST.sha256\naudit verify .</pre>\n<p>Add "
        "<code>--key PUBLIC.pem</code> to check who signed it.</p>"
    )


def _badge(entry: Entry) -> str:
    return f'<span class="badge {_CLASS[entry.verdict]}">{entry.verdict}</span>'


def _listed(texts: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>" if texts else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'
