"""What would make an exported statement false? A rule in it that did not pass, or one left out that did not."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from audit import judge
from audit.bundle import STATEMENTS, NotVerified, countersign, export, write
from audit.bundle.eval_result import render as eval_result
from audit.bundle.statement import Basis
from audit.bundle.svr import render as svr
from audit.dsse import PrivateKey, envelope_of, new_private_key
from audit.errors import BundleError
from audit.records import Bundle, Entry, Limit, Measure, RunFacts, Verdict


def stated(content: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(envelope_of(json.loads(content)).payload)
    return found


def basis(bundle: Bundle) -> Basis:
    return Basis(bundle, "0" * 64, "1" * 64)


def judged(entry: Entry, **changes: Any) -> Entry:
    changed = replace(entry, **changes)
    verdict = judge.decide(
        changed.limits, changed.measures, doubts=changed.doubts, power=changed.power, min_power=changed.min_power
    ).verdict
    return replace(changed, verdict=verdict)


def claims(bundle: Bundle) -> dict[tuple[str, str], dict[str, Any]]:
    statement = json.loads(eval_result(basis(bundle), evaluator="ab" * 32))
    return {(one["metric"], one["comparator"]): one for one in statement["predicate"]["claims"]}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_it_is_about_the_files_and_the_manifest_and_signed(
    statement: str, signed: Path, example: SimpleNamespace
) -> None:
    key = new_private_key("ecdsa-p256")
    before = {path: path.read_bytes() for path in signed.rglob("*") if path.is_file()}
    content = export(signed, statement, key.pem())
    assert {path: path.read_bytes() for path in signed.rglob("*") if path.is_file()} == before
    assert envelope_of(json.loads(content)).signed_by([key.public]) == (key.public,)
    digests = {item["name"]: item["digest"]["sha256"] for item in stated(content)["subject"]}
    assert digests["MANIFEST.sha256"] == hashlib.sha256((signed / "MANIFEST.sha256").read_bytes()).hexdigest()
    assert digests["model.skops"] == example.MODEL_SHA256


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_bundle_that_does_not_verify_is_not_told(statement: str, signed: Path, keys: PrivateKey) -> None:
    path = signed / "bundle.json"
    path.write_bytes(path.read_bytes().replace(b'"verdict":"FAIL"', b'"verdict":"PASS"', 1))
    with pytest.raises(NotVerified, match=r"bundle\.json"):
        export(signed, statement, keys.pem())
    shutil.rmtree(signed)
    signed.mkdir()
    with pytest.raises(NotVerified):
        export(signed, statement, keys.pem())


class TestSvr:
    def test_rules_that_passed_and_no_others(self, bundle: Bundle) -> None:
        found = json.loads(svr(basis(bundle)))
        assert found["predicateType"] == "https://in-toto.io/attestation/svr/v0.2"
        predicate = found["predicate"]
        # four failed or could not be measured, one is waived, one is in doubt
        assert predicate["properties"] == ["AUDITGATE_RULE_PASSED:accuracy", "AUDITGATE_RULE_PASSED:origin"]
        assert predicate["verifier"]["id"].startswith("pkg:pypi/auditgate@")
        assert predicate["verifier"]["policies"][0] == {
            "name": "policy.resolved.yaml",
            "digest": {"sha256": "1" * 64},
        }
        assert len(predicate["verifier"]["policies"]) == 1 + len(bundle.policy.sources)

    def test_all_rules_passed_only_where_they_did(self, bundle: Bundle) -> None:
        def properties(changed: Bundle) -> list[str]:
            found: list[str] = json.loads(svr(basis(changed)))["predicate"]["properties"]
            return found

        passed = replace(bundle, entries=tuple(one for one in bundle.entries if one.verdict is Verdict.PASS))
        assert properties(passed)[0] == "AUDITGATE_ALL_RULES_PASSED"
        waived = next(one for one in bundle.entries if one.verdict is Verdict.WAIVED)
        doubted = next(one for one in bundle.entries if one.verdict is Verdict.INCONCLUSIVE)
        for other in (
            replace(passed, entries=(*passed.entries, waived)),
            replace(passed, entries=(*passed.entries, replace(doubted, blocking=False))),
            replace(passed, policy=replace(passed.policy, only=("accuracy", "origin"))),
            replace(passed, entries=()),
        ):
            assert "AUDITGATE_ALL_RULES_PASSED" not in properties(other)

    @pytest.mark.parametrize(
        ("started", "told"),
        [
            ("2026-11-23T06:39:00+00:00", "2026-11-23T06:39:00Z"),
            ("2026-11-23T06:39:00.5+02:00", "2026-11-23T04:39:00Z"),
            ("2026-11-23T06:39:00", None),
            ("yesterday", None),
        ],
    )
    def test_the_time_is_that_of_the_audit(self, started: str, told: str | None, bundle: Bundle) -> None:
        changed = replace(bundle, run=RunFacts(started, 1.0, "h", {}))
        if told is None:
            with pytest.raises(BundleError, match="when the audit began"):
                svr(basis(changed))
        else:
            assert json.loads(svr(basis(changed)))["predicate"]["timeCreated"] == told


class TestEvalResult:
    def test_each_numeric_limit_is_a_claim(self, bundle: Bundle) -> None:
        found = claims(bundle)
        wanted = {
            (f"{entry.id}.{limit.measure}", ">=" if limit.max is None else "<=")
            for entry in bundle.entries
            for limit in entry.limits
            if not isinstance(limit.min, str)
        }
        assert found.keys() == wanted
        assert {name for (name, _), claim in found.items() if claim["passed"]} == {"accuracy.balanced_accuracy"}
        assert found[("robust.robust_accuracy", ">=")]["threshold"] == "0.6"

    def test_two_ends_are_two_claims_and_a_point_estimate_proves_nothing(self, bundle: Bundle) -> None:
        measure = Measure(0.6, "share", 300, 0.55, 0.65)
        limits = (Limit("balanced_accuracy", min=1e-7, max=0.62),)
        entry = judged(bundle.entries[0], measures={"balanced_accuracy": measure}, limits=limits)
        found = claims(replace(bundle, entries=(entry,)))
        assert found[("accuracy.balanced_accuracy", ">=")]["threshold"] == "0.0000001"
        assert found[("accuracy.balanced_accuracy", ">=")]["passed"] is True
        assert found[("accuracy.balanced_accuracy", "<=")]["passed"] is False, "the interval reaches over the limit"

    @pytest.mark.parametrize(
        "changes", [{"doubts": ("the rows are few",)}, {"power": None}, {"measures": {}}, {"error": "it crashed"}]
    )
    def test_what_holds_a_rule_back_holds_its_claims_back(self, changes: dict[str, Any], bundle: Bundle) -> None:
        entry = replace(bundle.entries[0], verdict=Verdict.INCONCLUSIVE, **changes)
        assert not any(claim["passed"] for claim in claims(replace(bundle, entries=(entry,))).values())

    def test_nothing_is_hidden(self, bundle: Bundle) -> None:
        origin = next(entry for entry in bundle.entries if entry.id == "origin")
        failed = judged(origin, limits=(Limit("level", min="trusted"),))
        assert failed.verdict is Verdict.FAIL
        files, subject = bundle.subject.files, bundle.subject
        refused = {
            'rule "origin" is FAIL': replace(bundle, entries=(bundle.entries[0], failed)),
            "only accuracy ran": replace(bundle, policy=replace(bundle.policy, only=("accuracy",))),
            "no rule of the policy has a numeric limit": replace(bundle, entries=(origin,)),
            "names no file of the model": replace(bundle, subject=replace(subject, files=files[:2])),
            "names no file of the data": replace(bundle, subject=replace(subject, files=files[2:])),
        }
        for reason, changed in refused.items():
            with pytest.raises(BundleError, match=reason):
                claims(changed)

    def test_several_files_are_one_list_that_sha256sum_reads(self, bundle: Bundle) -> None:
        predicate = json.loads(eval_result(basis(bundle), evaluator="ab" * 32))["predicate"]
        assert predicate["model"]["name"] == "model.skops"
        content = base64.b64decode(predicate["dataset"]["content"])
        assert hashlib.sha256(content).hexdigest() == predicate["dataset"]["digest"]["sha256"]
        lines = {tuple(line.split("  ", 1)) for line in content.decode().splitlines()}
        assert lines == {(file.sha256, file.path) for file in bundle.subject.files if file.role != "model"}
        assert predicate["sampleSize"] == 0, "one of the claims rests on nothing"

    def test_the_evaluator_is_whoever_signed_the_audit(
        self, signed: Path, written: Path, keys: PrivateKey, reviewer: PrivateKey
    ) -> None:
        def evaluator(folder: Path) -> str:
            name: str = stated(export(folder, "eval-result", reviewer.pem()))["predicate"]["evaluator"]["id"]
            return name

        def uri(key: PrivateKey) -> str:
            digest = base64.urlsafe_b64encode(bytes.fromhex(key.public.fingerprint)).decode().rstrip("=")
            return f"ni:///sha-256;{digest}"

        assert evaluator(signed) == uri(keys)
        assert evaluator(written) == uri(reviewer)
        countersign(written, new_private_key().pem(), "owner")
        assert evaluator(written) == uri(reviewer), "a countersigner made no audit"


def test_a_number_that_no_json_holds_is_said(example: SimpleNamespace, tmp_path: Path, keys: PrivateKey) -> None:
    """A bundle writes whole numbers beyond 2^53 as text; a statement cannot."""
    entry = example.BUNDLE.entries[0]
    measures = {**entry.measures, "balanced_accuracy": Measure(0.77, "share", 2**60, 0.75, 0.8)}
    judgement = judge.decide(
        entry.limits, measures, power=entry.power, min_power=entry.min_power, finding=entry.finding
    )
    changed = replace(entry, measures=measures, sentence=judgement.sentence, reasons=judgement.reasons)
    bundle = replace(example.BUNDLE, entries=(changed,), waivers=())
    policy = example.loadable(replace(example.POLICY, rules=example.POLICY.rules[:1]))
    folder = write(example.fitted(bundle, policy), policy, {}, tmp_path / "b")
    with pytest.raises(BundleError, match="cannot be written"):
        export(folder, "eval-result", keys.pem())
