"""CycloneDX: what is of the form of its version is read, what is not is refused, with the package and without it."""

from __future__ import annotations

import base64
import builtins
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import provenance
from audit.dsse import PrivateKey, new_private_key
from audit.provenance import Malformed
from audit.provenance.formats import _cyclonedx_schema as schema
from audit.provenance.formats import _cyclonedx_strict as strict
from audit.provenance.keys import KeyRing
from audit.provenance.record import Claim, Link, Record
from audit.provenance.signers import examine
from tests.benchmarks.cyclonedx_schema import agreement

DIGEST, OTHER = "a" * 63 + "b", "0" * 64
MODEL: dict[str, Any] = {
    "type": "machine-learning-model", "bom-ref": "model", "name": "model.skops", "version": "3",
    "hashes": [{"alg": "SHA-256", "content": DIGEST.upper()}],
    "purl": "pkg:mlflow/credit@3",
    "licenses": [{"license": {"id": "Apache-2.0"}}],
    "pedigree": {"ancestors": [{"type": "machine-learning-model", "name": "older", "hashes": [
        {"alg": "SHA-256", "content": OTHER}]}]},
    "modelCard": {
        "modelParameters": {
            "approach": {"type": "supervised"}, "task": "credit scoring", "modelArchitecture": "gradient boosting",
            "datasets": [{"ref": "train"}, {"type": "dataset", "name": "survey", "contents": {"url": "s.csv"}}],
            "inputs": [{"format": "csv"}],
        },
        "quantitativeAnalysis": {"performanceMetrics": [
            {"type": "AUC", "value": "0.8", "confidenceInterval": {"lowerBound": "0.7", "upperBound": "0.9"}}]},
        "considerations": {"users": ["banks"], "fairnessAssessments": [{"groupAtRisk": "young", "harms": "refusal"}]},
    },
}  # fmt: skip
BOM: dict[str, Any] = {
    "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "metadata": {
        "timestamp": "2026-03-01T12:00:00+01:00", "lifecycles": [{"phase": "build"}],
        "tools": {"components": [{"type": "file", "name": "t", "hashes": [{"alg": "MD5", "content": "1" * 32}]}]},
    },
    "components": [
        MODEL,
        {"type": "data", "bom-ref": "sets", "name": "sets", "components": [
            {"type": "data", "bom-ref": "train", "name": "train.csv",
             "hashes": [{"alg": "SHA-512", "content": "a" * 128}],
             "data": [{"type": "dataset", "governance": {"owners": [{"organization": {"name": "Bank"}}]}}],
             "externalReferences": [{"type": "distribution", "url": "https://example.org/train.csv", "hashes": [
                 {"alg": "SHA-1", "content": "b" * 40}]}]}]},
        {"type": "library", "bom-ref": "lib", "name": "lib"},
    ],
    "services": [{"name": "score", "endpoints": ["https://example.org/score"]}],
    "dependencies": [{"ref": "model", "dependsOn": ["train", "lib"]}, {"ref": "train"}],
    "compositions": [{"aggregate": "incomplete", "assemblies": ["model"]}],
    "formulation": [{"workflows": [{"bom-ref": "w", "uid": "1", "taskTypes": ["build"]}], "components": [
        {"type": "file", "name": "train.py", "hashes": [{"alg": "BLAKE2b-512", "content": "c" * 128}]}]}],
    "vulnerabilities": [{"id": "CVE-1", "ratings": [{"severity": "low", "score": 1}], "affects": [{"ref": "lib"}]}],
}  # fmt: skip


def read(document: Any) -> Record:
    return provenance.read("bom.cdx.json", json.dumps(document).encode())[0]


def replaced(path: str, value: Any) -> dict[str, Any]:
    """The document with one value replaced; `...` drops it."""
    document: Any = copy.deepcopy(BOM)
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place = document
    for step in way:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return dict(document)


def added(**parts: Any) -> dict[str, Any]:
    return {**BOM, **parts}


@pytest.fixture(params=["with the package", "without it"])
def package(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether `cyclonedx-python-lib` can be imported."""
    if request.param == "without it":
        hidden: Callable[..., Any] = builtins.__import__

        def importing(name: str, *arguments: Any, **options: Any) -> Any:
            if name.partition(".")[0] == "cyclonedx":
                raise ImportError(name)
            return hidden(name, *arguments, **options)

        monkeypatch.setattr(builtins, "__import__", importing)
    else:
        pytest.importorskip("cyclonedx")
    return str(request.param)


def test_digests_of_what_is_there_are_claimed() -> None:
    record = read(BOM)
    assert record.kind == "cyclonedx"
    assert set(record.claims) == {
        Claim("model.skops", "sha256", DIGEST), Claim("train.csv", "sha512", "a" * 128, "input"),
        Claim("https://example.org/train.csv", "sha1", "b" * 40, "input"),
        Claim("train.py", "blake2b", "c" * 128, "input"),
    }, "no tools, no ancestors"  # fmt: skip
    assert record.caps == ()
    main = added(components=[], dependencies=[], vulnerabilities=[], metadata={"component": MODEL})
    assert Claim("model.skops", "sha256", DIGEST) in read(main).claims


HASHES = [{"alg": "SHA-256", "content": OTHER}]
PART: dict[str, Any] = {"type": "file", "name": "part", "bom-ref": "part", "hashes": HASHES}
BASE: dict[str, Any] = {"type": "machine-learning-model", "name": "base", "bom-ref": "base", "hashes": HASHES}


@pytest.mark.parametrize(
    ("parts", "role"),
    [
        ({"components": [{**MODEL, "components": [PART]}]}, "made"), ({"components": [MODEL, BASE]}, "made"),
        ({"components": [MODEL], "formulation": [{"components": [BASE]}]}, "input"),
        ({"components": [MODEL, {**PART, "scope": "excluded"}]}, "input"),
        ({"components": [MODEL, {"type": "file", "name": "x", "scope": "excluded", "components": [PART]}]}, "input"),
        *[({"components": [MODEL, {**PART, "type": kind}]}, "input") for kind in ("library", "application", "data")],
        ({"components": [{**MODEL, "externalReferences": [
            {"type": "distribution", "url": "https://example.org/old", "hashes": HASHES}]}]}, "input"),
        ({"components": [MODEL, BASE], "dependencies": [{"ref": "model", "dependsOn": ["base"]}]}, "input"),
    ],
)  # fmt: skip
def test_only_models_and_files_of_the_bill_can_be_the_model(parts: dict[str, Any], role: str) -> None:
    model: dict[str, Any] = {"modelCard": {}}
    components = [{**one, **(model if one["name"] == MODEL["name"] else {})} for one in parts["components"]]
    bare: dict[str, Any] = {key: [] for key in ("dependencies", "compositions", "vulnerabilities", "formulation")}
    record = read(added(**{**bare, **parts, "components": components}))
    assert record.caps == ()
    assert {claim.digest: claim.role for claim in record.claims} == {DIGEST: "made", OTHER: role}


def test_the_lineage_of_the_model_is_told() -> None:
    record = read(BOM)
    assert set(record.links) == {
        Link("train.csv", "model.skops", "data set"), Link("survey", "model.skops", "data set"),
        Link("older", "model.skops", "ancestor"), Link("train.csv", "model.skops", "depends on"),
    }, "libraries are no lineage"  # fmt: skip
    assert record.made == "2026-03-01T12:00:00+01:00"
    assert record.facts["architecture"] == "gradient boosting"
    assert record.facts["approach"] == "supervised"
    assert record.facts["datasets"] == "train.csv, survey"


def test_a_bill_without_digests_is_in_order(package: str) -> None:
    for version in schema.VERSIONS:
        assert read({"bomFormat": "CycloneDX", "specVersion": version}).claims == ()
        assert read({"bomFormat": "CycloneDX", "specVersion": version, "components": []}).claims == ()


def test_without_the_package_a_note_says_so(package: str) -> None:
    assert any(strict.INSTALL in note for note in read(BOM).notes) == (package == "without it")


def test_several_bills_in_one_file_are_several_records() -> None:
    lines = b"\n".join(json.dumps(document).encode() for document in (BOM, added(components=[])))
    assert len(provenance.read("boms.jsonl", lines)) == 2


@pytest.mark.parametrize(
    "document",
    [
        added(specVersion="1.3"), added(specVersion="2.0"), added(specVersion=1.6), added(specVersion=None),
        added(version=0), added(version=True), added(version="1"), added(unknown=1), added(components={}),
        added(serialNumber="urn:uuid:3E671687-395B-41F5-A30F-A58921A69B79"), added(services=[{"group": "g"}]),
        added(compositions=[{"aggregate": "all"}]), added(formulation=[{"workflows": [{"uid": "1"}]}]),
        added(dependencies=[{"dependsOn": []}]), added(dependencies=[{"ref": ""}]),
        added(dependencies=[{"ref": "lib"}, {"ref": "lib"}]), added(components=[MODEL, MODEL]),
        added(dependencies=[{"ref": "lib", "dependsOn": ["train", "train"]}]), added(annotations=[{"text": "x"}]),
        replaced("metadata/timestamp", "2026-03-01"), replaced("metadata/timestamp", "2026-02-30T00:00:00Z"),
        replaced("metadata/lifecycles/0", {"phase": "build", "name": "x"}), replaced("metadata/tools", [{"name": 1}]),
        replaced("components/0/type", ...), replaced("components/0/type", "model"), replaced("components/0/name", ...),
        replaced("components/0/scope", "often"), replaced("components/0/mime-type", "text"),
        replaced("components/0/bom-ref", ""), replaced("components/0/versionRange", "vers:pypi/*"),
        replaced("components/0/bom-ref", "train"), replaced("components/0/hashes/0/alg", "SHA256"),
        replaced("components/0/hashes/0/content", "zz" * 32), replaced("components/0/hashes/0/content", "a" * 63),
        replaced("components/0/hashes/0/content", "a" * 32), replaced("components/0/hashes/0/unknown", 1),
        replaced("components/0/licenses/0/license/id", "GPL"), replaced("components/0/licenses/0/license/name", "x"),
        replaced("components/0/licenses/0/license", {}), replaced("components/0/licenses", [{"expression": "MIT"}] * 2),
        replaced("components/0/licenses/0/expression", "MIT"),
        replaced("components/0/modelCard/modelParameters/approach/type", "guessing"),
        replaced("components/0/modelCard/modelParameters/datasets/1/type", "table"),
        replaced("components/0/modelCard/modelParameters/datasets/0", {"ref": "train", "type": "dataset"}),
        replaced("components/0/modelCard/considerations/users", "banks"),
        replaced("components/0/modelCard/quantitativeAnalysis/performanceMetrics/0/value", 0.8),
        replaced("components/1/components/0/data/0/governance/owners/0/contact", {}),
        replaced("components/1/components/0/externalReferences/0/url", "not an address"),
        replaced("components/1/components/0/externalReferences/0/type", "download"),
        replaced("vulnerabilities/0/ratings/0/severity", "bad"), replaced("vulnerabilities/0/ratings/0/score", "9"),
        replaced("components/0/name", "\ud800"), added(properties=[{"value": "x"}]), added(citations=[]),
    ],
)  # fmt: skip
def test_what_is_not_of_the_form_is_refused(document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.provenance.formats.cyclonedx.opinion", lambda *_: strict.Opinion())
    with pytest.raises(Malformed, match=r"bom\.cdx\.json"):
        read(document)


@pytest.mark.parametrize(
    ("version", "document"),
    [
        ("1.4", added(components=[MODEL])), ("1.4", {"compositions": [{"aggregate": "unknown", "bom-ref": "x"}]}),
        ("1.5", {"declarations": {}}), ("1.5", {"components": [{"type": "cryptographic-asset", "name": "x"}]}),
        ("1.6", {"citations": []}), ("1.6", {"components": [{"type": "file", "name": "x", "isExternal": True}]}),
        ("1.7", {"citations": [{"timestamp": "2026-01-01T00:00:00Z", "process": "p", "pointers": []}]}),
        ("1.7", {"components": [{"type": "file", "name": "x", "versionRange": "vers:pypi/*"}]}),
    ],
)  # fmt: skip
def test_a_version_has_what_came_with_it_and_no_more(version: str, document: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match=f"not CycloneDX {version}"):
        read({**document, "bomFormat": "CycloneDX", "specVersion": version})


def test_the_fault_is_told_with_its_place() -> None:
    with pytest.raises(Malformed, match=r"\$\.components\[0\]\.modelCard\.modelParameters\.datasets\[1\]\.name: 5"):
        read(replaced("components/0/modelCard/modelParameters/datasets/1/name", 5))


def test_what_leads_nowhere_or_is_told_twice_caps_the_record() -> None:
    assert "'gone'" in read(replaced("dependencies/0/dependsOn/1", "gone")).caps[0]
    assert "'gone'" in read(replaced("components/0/modelCard/modelParameters/datasets/0/ref", "gone")).caps[0]
    elsewhere = "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#train"
    assert read(replaced("components/0/modelCard/modelParameters/datasets/0/ref", elsewhere)).caps == ()
    assert "more than once" in read(replaced("dependencies/1", {"ref": "model"})).caps[0]
    assert "'w'" in read(replaced("formulation/0/bom-ref", "w")).caps[0]
    two = [{"alg": "SHA-256", "content": DIGEST}, {"alg": "SHA-256", "content": OTHER}]
    assert "two digests" in read(replaced("components/0/hashes", two)).caps[0]


def test_names_and_digests_that_are_not_compared_are_noted() -> None:
    assert any("package URL" in note for note in read(replaced("components/0/purl", "credit")).notes)
    assert any("CPE" in note for note in read(replaced("components/0/cpe", "cpe:2.3:a:x")).notes)
    blake3 = [{"alg": "BLAKE3", "content": DIGEST}]
    assert any("BLAKE3" in note for note in read(replaced("components/0/hashes", blake3)).notes)
    with pytest.raises(Malformed, match="BLAKE3"):
        read(replaced("components/0/hashes", [{"alg": "BLAKE3", "content": "a" * 32}]))


@pytest.mark.parametrize("documents", [10, pytest.param(150, marks=pytest.mark.slow)])
def test_our_tables_judge_as_the_json_schema_does(documents: int) -> None:
    pytest.importorskip("cyclonedx")
    result = agreement(documents, seed=documents)
    assert result.refused_wrongly == []
    assert result.found > 0.95
    assert min(result.both_accept, result.both_refuse) > documents


def test_the_package_decides_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("cyclonedx")
    monkeypatch.setattr(schema, "fault", lambda document, version: "")
    with pytest.raises(Malformed, match=r"\$\.components\[2\]"):
        read(replaced("components/2/scope", "often"))


def test_large_documents_are_not_shown_to_the_package() -> None:
    pytest.importorskip("cyclonedx")
    many = [{"type": "file", "name": f"{number}"} for number in range(strict.LONGEST_LIST + 1)]
    long = [{"type": "other", "url": "a:" + "b" * strict.MOST_ADDRESS_CHARACTERS}]
    for document in (added(components=many, dependencies=[]), added(externalReferences=long)):
        assert any("tables here alone" in note for note in read(document).notes)


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def key_values(key: PrivateKey) -> dict[str, str]:
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    loaded: Any = load_der_public_key(key.public.der)
    if key.public.kind == "ed25519":
        return {"kty": "OKP", "crv": "Ed25519", "x": encoded(loaded.public_bytes_raw())}
    numbers, size = loaded.public_numbers(), loaded.key_size // 8
    curve = f"P-{loaded.key_size}"
    return {"kty": "EC", "crv": curve, "x": encoded(numbers.x.to_bytes(size)), "y": encoded(numbers.y.to_bytes(size))}


def signed(document: dict[str, Any], key: PrivateKey, **more: Any) -> dict[str, Any]:
    """The document with an embedded signature, by the rules of JSF."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    algorithm = {"ed25519": "Ed25519", "ecdsa-p256": "ES256", "ecdsa-p384": "ES384"}[key.public.kind]
    signature = {"algorithm": algorithm, **more}
    value = key.sign(rfc8785.dumps({**document, "signature": signature}))
    if algorithm != "Ed25519":
        size = int(algorithm[2:]) // 8
        value = b"".join(part.to_bytes(size) for part in decode_dss_signature(value))
    return {**document, "signature": {**signature, "value": encoded(value)}}


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa-p256", "ecdsa-p384"])
def test_an_embedded_signature_is_verified(kind: str) -> None:
    key = new_private_key(kind)
    good = signed(BOM, key, publicKey=key_values(key))
    found = examine(read(good), KeyRing(pinned=(key.public,)))
    assert [signer.pinned for signer in found.signers] == [True]
    altered = examine(read({**good, "version": 2}), KeyRing(pinned=(key.public,)))
    assert altered.signers == ()
    assert altered.problems
    stranger = examine(read(signed(BOM, key)), KeyRing(pinned=(new_private_key(kind).public,)))
    assert stranger.signers == ()


@pytest.mark.parametrize(
    "signature",
    [
        {"algorithm": "HS256", "value": "AA"}, {"algorithm": "Ed25519", "value": "A*"}, {"signers": []},
        {"algorithm": "ES256", "value": "AA"}, {"algorithm": "Ed25519", "value": "AA", "excludes": ["components"]},
        {"algorithm": "ES256", "value": "A" * 86, "publicKey": {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}},
        {"algorithm": "ES256", "value": "A" * 86, "publicKey": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"algorithm": "Ed25519", "value": "AA", "publicKey": {"kty": "OKP", "crv": "Ed448", "x": "AA"}},
        {"algorithm": "ES256", "value": "A" * 86, "certificatePath": ["MIIB..."]},
    ],
)  # fmt: skip
def test_a_signature_that_cannot_be_read_caps_the_record(signature: dict[str, Any]) -> None:
    record = read(added(signature=signature))
    assert record.seals == ()
    assert "embedded signature was not verified" in record.caps[0]


def test_signatures_over_parts_are_noted() -> None:
    part = {"type": "file", "name": "x", "signature": {"algorithm": "HS256", "value": "AA"}}
    assert any("parts" in note for note in read(added(components=[part], dependencies=[])).notes)


KEYS = st.sampled_from(
    sorted({*BOM, *MODEL, "hashes", "alg", "content", "ref", "dependsOn", "name", "type", "signature"})
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6) | st.just(DIGEST),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=10,
)


def outcome(document: dict[str, Any]) -> str:
    try:
        return read(document).kind
    except Malformed:
        return "refused"


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=3), st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_change_is_read_or_refused(outer: dict[str, Any], inner: dict[str, Any]) -> None:
    document = {**BOM, "components": [{**MODEL, **inner}], **outer, "bomFormat": "CycloneDX"}
    assert outcome(document) in ("cyclonedx", "refused")
