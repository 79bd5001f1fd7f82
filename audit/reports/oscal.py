"""OSCAL 1.2.1 assessment results: each rule is an observation, each control that rules name a finding over those.

A finding says `satisfied` only where every rule that names the control passed; that is evidence relevant to the control
and no statement of conformity. A waiver is a risk whose deadline is the waiver's last day. Identifiers follow from the
content, so the same bundle gives the same bytes.

Source: NIST OSCAL 1.2.1, assessment results model, JSON schema.
"""

from __future__ import annotations

import datetime
import hashlib
import re
import uuid
from collections.abc import Iterator

from audit.records import Bundle, Entry, JsonValue, Verdict, Waiver, telling
from audit.reports._plain import plain_record
from audit.reports._wording import (
    SCOPE,
    limit_text,
    measure_text,
    next_step,
    outcome,
    parameter_text,
    power_text,
    standing,
)
from audit.reports.json import pretty
from audit.reports.markdown import inline

FILE = "oscal-assessment-results.json"

_VERSION = "1.2.1"
_NAMESPACE = uuid.UUID("6f2c7d7e-3f0b-5a86-9a53-0d4b1c1f7a10")
"""Drawn once; from it and the content follow all identifiers."""
_PROPERTIES = "urn:auditgate:oscal"
_NOT_TOKEN = re.compile(r"[^a-z0-9._-]+")
_REASONS = {Verdict.PASS: "pass", Verdict.FAIL: "fail"}


def render(bundle: Bundle) -> str:
    """One result with the observations, findings, risks and files of a bundle."""
    seed = _seed(bundle)
    bundle = plain_record(bundle)
    started, ended = _times(bundle)
    controls = _controls(bundle)
    result: dict[str, JsonValue] = {
        "uuid": _identifier(seed, "result"),
        "title": _line(f"{outcome(bundle).word}: {bundle.subject.name} {bundle.subject.version}".strip()),
        "description": _line(f"{outcome(bundle).sentence} {SCOPE}"),
        "start": started,
        "end": ended,
        "props": list(_facts(bundle)),
        "reviewed-controls": {"control-selections": [_selection(_targets(bundle, controls))]},
        "observations": [_observation(entry, seed, started) for entry in bundle.entries],
        "findings": list(_findings(bundle, controls, seed)),
        "risks": [
            _risk(entry, entry.waiver, seed)
            for entry in bundle.entries
            if entry.verdict is Verdict.WAIVED and entry.waiver
        ],
    }
    document: dict[str, JsonValue] = {
        "uuid": _identifier(seed, "document"),
        "metadata": {
            "title": _line(f"Audit of {bundle.subject.name} under the policy {bundle.policy.name}"),
            "last-modified": ended,
            "version": _line(bundle.subject.version or "1"),
            "oscal-version": _VERSION,
        },
        "import-ap": {"href": "../policy.resolved.yaml"},
        "results": [{name: value for name, value in result.items() if value != []}],
    }
    if bundle.subject.files:
        document["back-matter"] = {"resources": list(_resources(bundle, seed))}
    return pretty({"assessment-results": document})


def _seed(bundle: Bundle) -> str:
    """What tells this audit from others: which files, under which policy, when, and what came of it."""
    told = [(entry.id, entry.verdict.value, entry.sentence) for entry in bundle.entries]
    about = (bundle.subject, bundle.policy.sources, bundle.run.started if bundle.run else "", told)
    return hashlib.sha256(repr(about).encode("utf-8", "backslashreplace")).hexdigest()


def _facts(bundle: Bundle) -> Iterator[JsonValue]:
    yield _property("outcome", outcome(bundle).word)
    yield _property("exit-code", str(bundle.exit_code))
    yield _property("policy", f"{bundle.policy.name} {bundle.policy.version}".strip())
    yield _property("isolation", bundle.policy.isolation)
    for use in bundle.policy.trusted_types:
        yield _property("trusted-type", f"{use.trusted.name} ({use.state}, until {use.trusted.expires})")


def _observation(entry: Entry, seed: str, collected: str) -> JsonValue:
    limits = "; ".join(f"{limit.measure} {limit_text(limit)}" for limit in entry.limits)
    seen = telling(entry.measures, [limit.measure for limit in entry.limits])
    properties = [
        _property("verdict", entry.verdict.value),
        _property("check", entry.check),
        _property("standing", standing(entry)),
        *(_property("limit", limits) for limits in (limits,) if limits),
        *(_property("power", text) for text in (power_text(entry),) if text),
        *(_property("parameter", f"{name} = {parameter_text(value)}") for name, value in entry.params.items()),
        *(_property("measure", f"{name} = {measure_text(measure)}") for name, measure in seen.items()),
        *(_property("doubt", doubt) for doubt in entry.doubts),
    ]
    observation: dict[str, JsonValue] = {
        "uuid": _identifier(seed, "observation", entry.id),
        "title": _line(entry.id),
        "description": _line(entry.sentence or entry.error or str(entry.verdict)),
        "props": properties,
        "methods": ["TEST"],
        "types": ["finding"],
        "collected": collected,
        "remarks": _line(f"Blind to: {entry.blind_to or 'not stated'}"),
    }
    if entry.evidence:
        observation["relevant-evidence"] = [
            {"href": f"../{path}", "description": "File that backs the numbers."} for path in entry.evidence
        ]
    return observation


def _findings(bundle: Bundle, controls: dict[str, list[Entry]], seed: str) -> Iterator[JsonValue]:
    for control, entries in controls.items():
        yield _finding(f"Evidence relevant to {control}", _control_token(control), entries, seed)
    for entry in bundle.entries:
        if not entry.controls:
            yield _finding(f"Rule {entry.id}", _rule_token(entry.id), [entry], seed)


def _finding(title: str, target: str, entries: list[Entry], seed: str) -> JsonValue:
    passed = all(entry.verdict is Verdict.PASS for entry in entries)
    # the gravest of the rules says why
    gravest = next((entry for entry in entries if entry.verdict is Verdict.FAIL), None)
    gravest = gravest or next((entry for entry in entries if entry.verdict is not Verdict.PASS), entries[0])
    steps = [f"{entry.id}: {entry.sentence} {next_step(entry)}".strip() for entry in entries]
    waived: list[JsonValue] = [
        {"risk-uuid": _identifier(seed, "risk", entry.id)}
        for entry in entries
        if entry.verdict is Verdict.WAIVED and entry.waiver
    ]
    finding: dict[str, JsonValue] = {
        "uuid": _identifier(seed, "finding", target),
        "title": _line(title),
        "description": _line(" ".join(steps)),
        "target": {
            "type": "objective-id",
            "target-id": target,
            "status": {
                "state": "satisfied" if passed else "not-satisfied",
                "reason": _REASONS.get(gravest.verdict, "other"),
            },
        },
        "related-observations": [{"observation-uuid": _identifier(seed, "observation", e.id)} for e in entries],
    }
    if waived:
        finding["related-risks"] = waived
    return finding


def _risk(entry: Entry, waiver: Waiver, seed: str) -> JsonValue:
    return {
        "uuid": _identifier(seed, "risk", entry.id),
        "title": _line(f"Waiver for {entry.id}"),
        "description": _line(entry.sentence or entry.id),
        "statement": _line(f"{waiver.reason} Owner: {waiver.owner}; approved by {waiver.approved_by}."),
        "status": "deviation-approved",
        "deadline": f"{waiver.expires}T23:59:59Z",
    }


def _resources(bundle: Bundle, seed: str) -> Iterator[JsonValue]:
    for file in bundle.subject.files:
        yield {
            "uuid": _identifier(seed, "file", file.role, file.path),
            "title": _line(f"{file.role}: {file.path}"),
            "props": [_property("role", file.role), _property("path", file.path), _property("sha256", file.sha256)],
        }


def _controls(bundle: Bundle) -> dict[str, list[Entry]]:
    """The entries that name each control, controls sorted."""
    names = sorted({control for entry in bundle.entries for control in entry.controls})
    return {name: [entry for entry in bundle.entries if name in entry.controls] for name in names}


def _targets(bundle: Bundle, controls: dict[str, list[Entry]]) -> list[str]:
    """What findings speak of: each control, and each rule that names none."""
    rules = [_rule_token(entry.id) for entry in bundle.entries if not entry.controls]
    return [*map(_control_token, controls), *rules]


def _selection(targets: list[str]) -> JsonValue:
    return {"include-controls": [{"control-id": target} for target in targets]} if targets else {"include-all": {}}


def _control_token(control: str) -> str:
    framework, _, name = control.lower().partition("/")
    return _token(f"{framework}_{name}" if name else framework)


def _rule_token(name: str) -> str:
    """A token for a rule, told apart from others by eight digits where its id has to be changed."""
    token = _token(f"rule_{name.lower()}")
    same = token == f"rule_{name}"
    return token if same else f"{token}-{hashlib.sha256(name.encode('utf-8', 'backslashreplace')).hexdigest()[:8]}"


def _token(text: str) -> str:
    token = _NOT_TOKEN.sub("-", text).strip("-")
    return token if token[:1].isalpha() else f"_{token}"


def _identifier(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "\0".join(parts).encode("utf-8", "backslashreplace").decode()))


def _property(name: str, value: str) -> JsonValue:
    return {"name": name, "ns": _PROPERTIES, "value": value.strip() or "none"}


def _line(text: str) -> str:
    """A line of the markup that OSCAL reads in titles and descriptions."""
    return inline(text).strip() or "none"


def _times(bundle: Bundle) -> tuple[str, str]:
    """Start and end of the audit; 1970 where the clock of the run is not known."""
    start = datetime.datetime.fromtimestamp(0, datetime.UTC)
    seconds = bundle.run.seconds if bundle.run else 0.0
    try:
        told = datetime.datetime.fromisoformat(bundle.run.started if bundle.run else "")
        start = told.astimezone(datetime.UTC) if told.tzinfo else start
        end = start + datetime.timedelta(seconds=max(0.0, seconds))
    except (ValueError, OverflowError):
        end = start
    start, end = (moment if moment.year >= 1900 else start for moment in (start, end))
    return start.strftime("%Y-%m-%dT%H:%M:%SZ"), end.strftime("%Y-%m-%dT%H:%M:%SZ")
