"""What somebody found of the subjects: tests, evaluations and steps; a result that is bad ties nothing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from audit import dsse, provenance
from audit.provenance import Assessment, Demands, KeyRing, Link, Malformed, Record
from tests.provenance.changes import ABSENT, changed, spoiled

KEY = dsse.new_private_key()
DIGEST = {"sha256": hashlib.sha256(b"model").hexdigest()}


def statement(kind: str, **predicate: Any) -> dict[str, Any]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model.skops", "digest": DIGEST}],
        "predicateType": kind,
        "predicate": predicate,
    }


TESTS = statement(
    "https://in-toto.io/attestation/test-result/v0.1",
    result="PASSED",
    configuration=[{"name": "policy.yaml", "digest": DIGEST}],
    url="https://example.com/run/7",
    passedTests=["accuracy"],
    warnedTests=[],
    failedTests=[],
)
VERIFIED = statement(
    "https://in-toto.io/attestation/svr/v0.2",
    verifier={"id": "https://example.com/verifier", "policies": [{"uri": "https://example.com/policy"}]},
    timeCreated="2026-11-02T10:00:00Z",
    properties=["EXAMPLE_REVIEWED"],
)
EVALUATED = statement(
    "https://b7n0de.com/attestation/eval-result/v0.2",
    evaluator={"id": "urn:key:1"},
    evaluatedAt="2026-11-02T10:00:00Z",
    claims=[{"metric": "accuracy", "comparator": ">=", "threshold": "0.9", "passed": True}],
)
STEP = statement(
    "https://in-toto.io/attestation/link/v0.3",
    name="fit",
    command=["python", "fit.py"],
    materials=[{"name": "train.csv", "digest": {"sha256": "a" * 64}}],
    byproducts={"return-value": 0},
    environment={"cpu": 2},
)


def read(document: dict[str, Any]) -> Record:
    payload = json.dumps(document).encode()
    envelope = dsse.Envelope(payload, dsse.IN_TOTO, (dsse.sign(payload, KEY),))
    return provenance.read("x.json", json.dumps(dsse.to_values(envelope)).encode())[0]


def assessed(record: Record) -> Assessment:
    demands = Demands(KeyRing(pinned=(KEY.public,)))
    return provenance.assess([record], [provenance.fingerprint("model.skops", b"model")], demands=demands)


@pytest.mark.parametrize(
    ("document", "kind"), [(TESTS, "test-result"), (VERIFIED, "svr"), (EVALUATED, "eval-result"), (STEP, "link")]
)
def test_a_good_result_of_a_trusted_signer_makes_the_files_trusted(document: dict[str, Any], kind: str) -> None:
    record = read(document)
    assert (record.kind, record.caps, record.unread) == (kind, (), "")
    assert assessed(record).level == "trusted"
    assert kind in provenance.kinds()


@pytest.mark.parametrize(
    ("document", "place", "value"),
    [
        (TESTS, "result", "FAILED"), (TESTS, "failedTests", ["fairness"]), (VERIFIED, "properties", []),
        (VERIFIED, "properties", ["AUDITGATE_RULE_PASSED:accuracy"]), (EVALUATED, "claims/0/passed", False),
    ],
)  # fmt: skip
def test_a_bad_result_ties_nothing_whoever_signed_it(document: dict[str, Any], place: str, value: Any) -> None:
    found = assessed(read(changed(document, f"predicate/{place}", value)))
    assert found.level == "well_formed"
    assert found.files[0].state == "weak"


def test_an_audit_that_passed_in_full_counts() -> None:
    every = ["AUDITGATE_ALL_RULES_PASSED", "AUDITGATE_RULE_PASSED:accuracy"]
    assert assessed(read(changed(VERIFIED, "predicate/properties", every))).level == "trusted"


@pytest.mark.parametrize(("place", "value"), [("result", "WARNED"), ("warnedTests", ["drift"])])
def test_warnings_are_noted(place: str, value: Any) -> None:
    record = read(changed(TESTS, f"predicate/{place}", value))
    assert "passed with warnings" in record.notes[0]
    assert assessed(record).level == "trusted"


def test_a_step_tells_what_went_in() -> None:
    record = read(STEP)
    assert record.links == (Link("train.csv", "model.skops", "fit"),)
    assert [claim.role for claim in record.claims] == ["made", "input"]


WRONG = [
    (TESTS, {"result": "text", "configuration": "objects", "url": "uri"}, ("result", "configuration")),
    (
        VERIFIED,
        {"verifier": "object", "verifier/id": "type", "timeCreated": "moment", "properties": "list"},
        ("verifier", "verifier/id", "timeCreated", "properties"),
    ),
    (
        EVALUATED,
        {"evaluator": "object", "evaluator/id": "type", "evaluatedAt": "moment", "claims": "objects"},
        ("evaluator", "evaluator/id", "evaluatedAt", "claims", "claims/0/passed"),
    ),
    (
        STEP,
        {"name": "text", "materials": "objects", "byproducts": "object", "environment": "object"},
        ("name", "materials/0/name", "materials/0/digest"),
    ),
]


@pytest.mark.parametrize(("document", "kinds", "required"), WRONG)
def test_what_the_specifications_forbid_is_refused(
    document: dict[str, Any], kinds: dict[str, str], required: tuple[str, ...]
) -> None:
    for place, values in spoiled(kinds, required=required):
        for value in values:
            with pytest.raises(Malformed, match=r"x\.json: predicate"):
                read(changed(document, f"predicate/{place}", value))


@pytest.mark.parametrize(
    ("document", "place", "value"),
    [
        (TESTS, "result", "passed"), (TESTS, "failedTests", [5]), (TESTS, "passedTests", {}), (STEP, "command", "fit"),
        (STEP, "materials", STEP["predicate"]["materials"] * 2), (EVALUATED, "claims", []),
        (EVALUATED, "claims/0/passed", "true"), (TESTS, "configuration", ABSENT),
    ],
)  # fmt: skip
def test_other_damage_is_refused(document: dict[str, Any], place: str, value: Any) -> None:
    with pytest.raises(Malformed, match=r"x\.json: predicate"):
        read(changed(document, f"predicate/{place}", value))
