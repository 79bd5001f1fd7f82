"""SARIF 2.1.0 for code scanning: each rule of the policy is a rule, each entry a result at its line of the policy."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

from audit.records import Bundle, Entry, JsonValue, Verdict
from audit.reports._plain import plain_record
from audit.reports._wording import limit_text, next_step, outcome, parameter_text, standing
from audit.reports.json import pretty, record_values

FILE = "results.sarif"

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {"low": "note", "medium": "warning", "high": "error", "critical": "error"}
_SECURITY_SEVERITY = {"low": "3.0", "medium": "5.5", "high": "8.0", "critical": "9.5"}
"""GitHub's bands: low under 4.0, medium under 7.0, high under 9.0."""
_KIND = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.WAIVED: "fail",
    Verdict.INCONCLUSIVE: "open",
    Verdict.ERROR: "open",
}
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>[1-9]\d{0,8})(?::(?P<column>[1-9]\d{0,8}))?")


def render(bundle: Bundle) -> str:
    """One run; a waived entry is a suppressed result, an entry that could not be measured also a notification."""
    exact = bundle
    bundle = plain_record(bundle)
    frameworks = _frameworks(bundle)
    driver: dict[str, JsonValue] = {
        "name": "auditgate",
        "rules": [_rule(entry) for entry in bundle.entries],
        "supportedTaxonomies": [{"name": name} for name in frameworks],
    }
    if version := bundle.environment.get("auditgate"):
        driver["version"] = version
    result = outcome(bundle)
    errors = [(place, entry) for place, entry in enumerate(bundle.entries) if entry.verdict is Verdict.ERROR]
    run: dict[str, JsonValue] = {
        "tool": {"driver": driver},
        "taxonomies": [
            {"name": name, "taxa": [{"id": control} for control in controls]} for name, controls in frameworks.items()
        ],
        "results": [
            _result(place, entry, exact.subject.name, exact.entries[place].id)
            for place, entry in enumerate(bundle.entries)
        ],
        "invocations": [
            {
                "executionSuccessful": not errors,
                "exitCode": bundle.exit_code,
                "toolExecutionNotifications": [_notification(place, entry) for place, entry in errors],
            }
        ],
        "properties": {
            "outcome": result.word,
            "sentence": result.sentence,
            "subject": f"{bundle.subject.name} {bundle.subject.version}".strip(),
            "policy": f"{bundle.policy.name} {bundle.policy.version}".strip(),
            "isolation": bundle.policy.isolation,
            "trustedTypes": [record_values(use) for use in bundle.policy.trusted_types],
        },
        "columnKind": "unicodeCodePoints",
    }
    return pretty({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(entry: Entry) -> dict[str, JsonValue]:
    limits = "; ".join(f"{limit.measure} {limit_text(limit)}" for limit in entry.limits)
    rule: dict[str, JsonValue] = {
        "id": entry.id,
        "shortDescription": {"text": f"{entry.check}: {limits}" if limits else entry.check},
        "fullDescription": {"text": entry.why or f"The check {entry.check} has to meet: {limits}"},
        "help": {"text": f"{next_step(entry)} Blind to: {entry.blind_to or 'not stated'}".strip()},
        "defaultConfiguration": {"level": _LEVEL.get(entry.severity, "warning")},
        "properties": {
            "security-severity": _SECURITY_SEVERITY.get(entry.severity, "5.5"),
            "tags": ["machine-learning", *(f"external/{control}" for control in entry.controls)],
            "standing": standing(entry),
            "parameters": {name: parameter_text(value) for name, value in entry.params.items()},
        },
    }
    if entry.controls:
        rule["relationships"] = [_relationship(control) for control in entry.controls]
    return rule


def _relationship(control: str) -> JsonValue:
    framework, name = _split(control)
    return {"target": {"id": name, "toolComponent": {"name": framework}}, "kinds": ["relevant"]}


def _result(place: int, entry: Entry, subject: str, rule_id: str) -> dict[str, JsonValue]:
    kind = _KIND[entry.verdict]
    result: dict[str, JsonValue] = {
        "ruleId": entry.id,
        "ruleIndex": place,
        "kind": kind,
        # the standard wants "none" wherever kind is not "fail"
        "level": _LEVEL.get(entry.severity, "warning") if kind == "fail" else "none",
        "message": {"text": entry.sentence or f"{entry.id}: {entry.verdict}"},
        "locations": [_location(entry)],
        "partialFingerprints": {"subjectAndRule/v1": _fingerprint(subject, rule_id)},
        "properties": {
            "verdict": entry.verdict.value,
            "blocking": entry.blocking,
            "measures": {name: record_values(measure) for name, measure in entry.measures.items()},
            "power": record_values(entry.power) if entry.power else None,
            "doubts": list(entry.doubts),
            "evidence": list(entry.evidence),
        },
    }
    if entry.verdict is Verdict.WAIVED and entry.waiver:
        result["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": f"{entry.waiver.reason} (approved by {entry.waiver.approved_by}, "
                f"until {entry.waiver.expires})",
            }
        ]
    return result


def _location(entry: Entry) -> JsonValue:
    found = _PLACE.fullmatch(entry.location)
    region: dict[str, JsonValue] = {"startLine": int(found["line"]) if found else 1}
    if found and found["column"]:
        region["startColumn"] = int(found["column"])
    # a relative address: a colon before the first slash would read as a scheme
    uri = quote(found["file"] if found else entry.location or "policy.resolved.yaml", safe="/")
    return {
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": region},
        "logicalLocations": [{"name": entry.id, "kind": "member"}],
    }


def _notification(place: int, entry: Entry) -> JsonValue:
    return {
        "level": "error",
        "message": {"text": entry.error or entry.sentence or "not measured"},
        "associatedRule": {"id": entry.id, "index": place},
    }


def _frameworks(bundle: Bundle) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for control in sorted({control for entry in bundle.entries for control in entry.controls}):
        framework, name = _split(control)
        found.setdefault(framework, []).append(name)
    return found


def _split(control: str) -> tuple[str, str]:
    framework, _, name = control.partition("/")
    return (framework, name) if name else ("other", control)


def _fingerprint(subject: str, rule_id: str) -> str:
    text = f"{subject}\0{rule_id}".encode("utf-8", "backslashreplace")
    return hashlib.sha256(text).hexdigest()[:32]
