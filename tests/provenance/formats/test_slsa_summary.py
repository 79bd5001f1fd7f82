"""SLSA verification summaries: who verified what against which policy is told; one that failed ties nothing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from audit import provenance
from audit.provenance import Malformed, Record
from tests.provenance.changes import ABSENT, changed, spoiled

DIGEST = {"sha256": hashlib.sha256(b"model").hexdigest()}
SUMMARY: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "model.skops", "digest": DIGEST}],
    "predicateType": "https://slsa.dev/verification_summary/v1",
    "predicate": {
        "verifier": {"id": "https://example.com/verifier"},
        "timeVerified": "2026-11-02T10:00:00Z",
        "resourceUri": "https://example.com/model",
        "policy": {"uri": "https://example.com/policy", "digest": DIGEST},
        "inputAttestations": [{"uri": "https://example.com/a", "digest": DIGEST}],
        "verificationResult": "PASSED",
        "verifiedLevels": ["SLSA_BUILD_LEVEL_3", "EXAMPLE_REVIEWED"],
        "dependencyLevels": {"SLSA_BUILD_LEVEL_2": 5, "SLSA_BUILD_LEVEL_1": "7"},
        "slsaVersion": "1.1",
    },
}


def read(document: dict[str, Any]) -> Record:
    return provenance.read("x.json", json.dumps(document).encode())[0]


def level(record: Record) -> str:
    return provenance.assess([record], [provenance.fingerprint("model.skops", b"model")]).level


def test_a_summary_tells_who_verified_what_against_which_policy() -> None:
    record = read(SUMMARY)
    assert record.kind == "slsa-summary"
    assert record.made == "2026-11-02T10:00:00+00:00"
    assert record.facts == {
        "predicate_type": "https://slsa.dev/verification_summary/v1",
        "verifier": "https://example.com/verifier",
        "resource": "https://example.com/model",
        "policy": "https://example.com/policy",
        "result": "PASSED",
        "verified_levels": "SLSA_BUILD_LEVEL_3 EXAMPLE_REVIEWED",
    }
    assert [claim.name for claim in record.claims] == ["model.skops"], "a policy and attestations are no files of it"
    assert level(record) == "bound"


@pytest.mark.parametrize(
    ("place", "value"), [("predicate/verificationResult", "FAILED"), ("predicate/verifiedLevels", ["FAILED"])]
)
def test_a_verification_that_failed_ties_nothing(place: str, value: Any) -> None:
    record = read(changed(SUMMARY, place, value))
    assert "failed" in record.caps[0]
    assert level(record) == "well_formed"


@pytest.mark.parametrize("value", [ABSENT, None])
@pytest.mark.parametrize("place", ["inputAttestations", "dependencyLevels", "slsaVersion", "policy/digest"])
def test_unset_and_null_are_the_same(place: str, value: Any) -> None:
    assert read(changed(SUMMARY, f"predicate/{place}", value)).kind == "slsa-summary"


WRONG = [
    *spoiled(
        {
            "predicate/verifier": "object", "predicate/verifier/id": "type", "predicate/timeVerified": "moment",
            "predicate/resourceUri": "uri", "predicate/policy": "object", "predicate/policy/uri": "uri",
            "predicate/policy/digest": "object", "predicate/inputAttestations": "objects",
            "predicate/verificationResult": "text", "predicate/verifiedLevels": "list",
            "predicate/verifiedLevels/0": "text", "predicate/dependencyLevels": "object",
            "predicate/slsaVersion": "text",
        },
        required=(
            "predicate/verifier", "predicate/verifier/id", "predicate/timeVerified", "predicate/resourceUri",
            "predicate/policy", "predicate/policy/uri", "predicate/verificationResult", "predicate/verifiedLevels",
        ),
    ),
    ("predicate/verificationResult", ("passed", "")), ("predicate/slsaVersion", ("1",)),
    ("predicate/verifiedLevels", ([], ["SLSA_BUILD_LEVEL_3", "SLSA_BUILD_LEVEL_2"])),
    ("predicate/inputAttestations/0/digest", ({}, ABSENT)),
    ("predicate/dependencyLevels/SLSA_BUILD_LEVEL_2", (-1, 1.5, "x", "-1", None, True, [], "")),
]  # fmt: skip


@pytest.mark.parametrize(("place", "values"), WRONG)
def test_what_the_specification_forbids_is_refused(place: str, values: tuple[Any, ...]) -> None:
    for value in values:
        with pytest.raises(Malformed, match=r"x\.json: predicate"):
            read(changed(SUMMARY, place, value))


def test_statements_with_other_predicates_may_lie_in_the_same_file() -> None:
    other = changed(SUMMARY, "predicateType", "https://example.com/review/v1")
    lines = "\n".join(json.dumps(document) for document in (SUMMARY, other)).encode()
    assert [record.kind for record in provenance.read("x.jsonl", lines)] == ["slsa-summary", "in-toto"]
