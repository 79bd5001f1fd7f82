"""JUnit XML for CI test views: each rule is a test case, valid for Jenkins and for the stricter Ant schema."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from audit.records import Bundle, Entry, Verdict
from audit.reports._plain import plain_record
from audit.reports._wording import next_step, outcome, standing, stops

FILE = "junit.xml"


def render(bundle: Bundle) -> str:
    """FAIL is a failure, what is not decided an error; what does not stop a release is skipped, with the reason."""
    bundle = plain_record(bundle)
    outcomes = [_kind(entry, bundle) for entry in bundle.entries]
    started, host = (_timestamp(bundle.run.started), bundle.run.host) if bundle.run else (_timestamp(""), "")
    counts = (
        f'tests="{len(outcomes)}" failures="{outcomes.count("failure")}" errors="{outcomes.count("error")}" '
        f'skipped="{outcomes.count("skipped")}" time="{_seconds(bundle.run.seconds if bundle.run else 0)}"'
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<testsuites>",
        f'<testsuite id="0" package="audit" name={quoteattr(bundle.subject.name or "subject")} {counts} '
        f'timestamp="{started}" hostname={quoteattr(host or "localhost")}>',
        "<properties>",
        *_properties(bundle),
        "</properties>",
        *(line for entry in bundle.entries for line in _case(entry, bundle)),
        "<system-out/>",
        "<system-err/>",
        "</testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _properties(bundle: Bundle) -> Iterator[str]:
    values = {
        "outcome": outcome(bundle).word,
        "policy": f"{bundle.policy.name} {bundle.policy.version}".strip(),
        "seed": str(bundle.policy.seed),
        "isolation": bundle.policy.isolation,
        **{
            f"trusted type {use.trusted.name}": f"{use.state}, until {use.trusted.expires}, {use.trusted.owner}"
            for use in bundle.policy.trusted_types
        },
        **{f"sha256 {file.role} {file.path}": file.sha256 for file in bundle.subject.files},
    }
    yield from (f"<property name={quoteattr(name)} value={quoteattr(value)}/>" for name, value in values.items())


def _case(entry: Entry, bundle: Bundle) -> Iterator[str]:
    facts = bundle.run.entries.get(entry.id, {}) if bundle.run else {}
    seconds = facts.get("seconds", 0)
    time = _seconds(seconds if isinstance(seconds, int | float) else 0)
    start = f'<testcase classname={quoteattr(f"audit.{entry.check}")} name={quoteattr(entry.id)} time="{time}"'
    kind = _kind(entry, bundle)
    if kind == "pass":
        yield f"{start}/>"
        return
    message = quoteattr(entry.sentence or str(entry.verdict))
    detail = escape("\n".join(line for line in (standing(entry), *entry.reasons, entry.why, next_step(entry)) if line))
    typed = "" if kind == "skipped" else f' type="{entry.verdict}"'
    yield f"{start}>"
    yield f"<{kind} message={message}{typed}>{detail}</{kind}>"
    yield "</testcase>"


def _kind(entry: Entry, bundle: Bundle) -> str:
    if entry.verdict is Verdict.PASS:
        return "pass"
    if not stops(entry, bundle):
        return "skipped"
    return "failure" if entry.verdict is Verdict.FAIL else "error"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}" if math.isfinite(seconds) and seconds > 0 else "0.000"


def _timestamp(text: str) -> str:
    """UTC without a zone, as the schema wants; 1970 where the clock of the run is not known."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        moment = datetime.fromtimestamp(0, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") if moment.year >= 1000 else "1970-01-01T00:00:00"
