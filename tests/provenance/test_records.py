"""Reading records: what the writers of each kind produce is read, what could be read in two ways is refused."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import provenance
from audit.provenance import Claim, Malformed

DIGEST = hashlib.sha256(b"model").hexdigest()
OTHER = hashlib.sha256(b"data").hexdigest()
STATEMENT: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "model.skops", "digest": {"sha256": DIGEST, "gitCommit": "ab"}}],
    "predicateType": "https://slsa.dev/provenance/v1",
    "predicate": {},
}
BOM: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [
        {"type": "machine-learning-model", "name": "model.skops", "hashes": [{"alg": "SHA-256", "content": DIGEST}]},
        {"type": "data", "name": "sets", "components": [
            {"type": "data", "name": "train.csv", "hashes": [{"alg": "SHA-512", "content": "a" * 128}]}]},
    ],
}  # fmt: skip
CARD: dict[str, Any] = {
    "@context": {},
    "@type": "sc:Dataset",
    "distribution": [
        {"@type": "cr:FileObject", "@id": "train", "contentUrl": "data/train.csv", "sha256": DIGEST},
        {"@type": "cr:FileSet", "@id": "images"},
        {"@type": "cr:FileObject", "name": "far.csv", "contentUrl": "https://example.org/x.csv", "md5": "a" * 32},
    ],
}


def envelope(statement: dict[str, Any], **changes: Any) -> dict[str, Any]:
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    given = {"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": [{"sig": "AA=="}]}
    return {**given, **changes}


def claims(path: str, content: bytes | str | dict[str, Any]) -> set[tuple[str, str, str]]:
    records = provenance.read(path, encoded(content))
    return {(claim.name, claim.algorithm, claim.digest) for record in records for claim in record.claims}


def encoded(content: bytes | str | dict[str, Any]) -> bytes:
    if isinstance(content, dict):
        return json.dumps(content).encode()
    return content.encode() if isinstance(content, str) else content


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="coreutils are not installed")
@pytest.mark.parametrize("options", [[], ["--binary"], ["--tag"]])
def test_what_sha256sum_writes_is_read(tmp_path: Path, options: list[str]) -> None:
    names = ["model.skops", "with space.csv", "back\\slash", "line\nbreak", "Model.skops", "-dash", "ünï.csv"]
    for name in names[:2] + names[4:]:
        (tmp_path / name).write_bytes(name.encode())
    done = subprocess.run(
        ["sha256sum", *options, "--", *names[:2], *names[4:]], cwd=tmp_path, capture_output=True, check=True
    )
    found = claims("SHA256SUMS", done.stdout)
    assert found == {(name, "sha256", hashlib.sha256(name.encode()).hexdigest()) for name in names[:2] + names[4:]}
    assert len({name for name, _, _ in found}) == 5, "names that differ in case are two files"


def test_other_spellings_of_checksums_are_read() -> None:
    assert claims("x.sha256", f"# made today\n\n{DIGEST.upper()} *./a/model.skops\n") == {
        ("a/model.skops", "sha256", DIGEST)
    }
    assert claims("SHA256SUMS.txt", f"{DIGEST}  a b.csv\r\n{OTHER}  c.csv\r\n") == {
        ("a b.csv", "sha256", DIGEST),
        ("c.csv", "sha256", OTHER),
    }
    assert claims("any", f"SHA256(m.pkl)= {DIGEST}\n") == {("m.pkl", "sha256", DIGEST)}
    assert claims("MD5SUMS", f"{'a' * 32}  m.pkl") == {("m.pkl", "md5", "a" * 32)}


def test_names_that_differ_in_case_alone_are_noted() -> None:
    record = provenance.read("SHA256SUMS", f"{DIGEST}  model.skops\n{OTHER}  MODEL.skops\n{DIGEST}  a\n".encode())[0]
    assert len(record.claims) == 3
    assert len(record.notes) == 1
    assert "'model.skops' and 'MODEL.skops'" in record.notes[0]
    assert provenance.read("SHA256SUMS", f"{DIGEST}  a\n{OTHER}  b\n".encode())[0].notes == ()


@pytest.mark.parametrize(
    "text",
    [
        "", "# nothing\n", f"{DIGEST}  ../model.skops\n", f"{DIGEST}  /etc/passwd\n", f"{DIGEST}  a/../../b\n",
        f"{DIGEST}  C:\\model\n", f"\\{DIGEST}  a\\\\b\n", f"\\{DIGEST}  a\\nb\n", f"\\{DIGEST}  a\\qb\n",
        f"{DIGEST}  a\n{DIGEST}  a\n", f"{DIGEST}  a\n{OTHER}  ./a\n", f"{DIGEST[:-1]}  a\n", f"{'a' * 32}  a\n",
        f"{DIGEST} a\n", f"{DIGEST}  \n", f"{DIGEST}  a\nsome words\n", "z" * 64 + "  a\n", f"{DIGEST}  a\tb\n",
        f"{DIGEST}  a\r\n{OTHER}  b\n",
    ],
)  # fmt: skip
def test_doubtful_checksums_are_refused(text: str) -> None:
    with pytest.raises(Malformed, match="SHA256SUMS"):
        provenance.read("SHA256SUMS", text.encode())


def test_in_toto_is_read_plain_signed_and_by_lines() -> None:
    expected = {("model.skops", "sha256", DIGEST)}
    other = {**STATEMENT, "subject": [{"digest": {"sha512": "b" * 128}}]}
    bundle = {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": envelope(STATEMENT)}
    assert claims("a.json", STATEMENT) == claims("a.json", envelope(STATEMENT)) == claims("a.sig", bundle) == expected
    lines = json.dumps(envelope(STATEMENT)) + "\n\n" + json.dumps(envelope(other)) + "\n"
    assert claims("build.intoto.jsonl", lines) == {*expected, ("", "sha512", "b" * 128)}
    notes = provenance.read("a.json", json.dumps(envelope(STATEMENT)).encode())[0].notes
    assert any("not verified" in note for note in notes)
    assert any("gitCommit" in note for note in notes)


def test_model_signatures_are_read_by_their_resources() -> None:
    statement = {
        **STATEMENT,
        "subject": [{"name": "model", "digest": {"sha256": OTHER}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {"resources": [{"name": "model.skops", "algorithm": "sha256", "digest": DIGEST}]},
    }
    assert claims("model.sig", {"dsseEnvelope": envelope(statement)}) == {("model.skops", "sha256", DIGEST)}


def test_cyclonedx_is_read_with_nested_components() -> None:
    assert claims("bom.json", BOM) == {("model.skops", "sha256", DIGEST), ("train.csv", "sha512", "a" * 128)}
    main = {**BOM, "components": [], "metadata": {"component": BOM["components"][0]}}
    assert claims("bom.json", main) == {("model.skops", "sha256", DIGEST)}


def test_croissant_is_read_by_path() -> None:
    assert claims("card.json", CARD) == {("data/train.csv", "sha256", DIGEST), ("far.csv", "md5", "a" * 32)}


def test_dvc_is_read_and_folders_are_left_aside() -> None:
    text = f"""schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - path: train.csv
      hash: md5
      md5: {"a" * 31}b
      size: 3
    outs:
    - path: images
      hash: md5
      md5: {"a" * 31}b.dir
      nfiles: 2
"""
    record = provenance.read("dvc.lock", text.encode())[0]
    assert record.claims == (Claim("train.csv", "md5", "a" * 31 + "b"),)
    assert any("images" in note for note in record.notes)
    single = f"outs:\n- md5: {'a' * 31}b\n  size: 3\n  hash: md5\n  path: train.csv\n"
    assert provenance.read("data/train.csv.dvc", single.encode())[0].claims == record.claims
    with pytest.raises(Malformed):
        provenance.read("train.csv.dvc", single.replace("  hash: md5\n", "").encode())


def changed(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**document, **changes}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"{}", b"\xff\xfe{}", b'{"a": NaN}', b'{"bomFormat": "CycloneDX", "bomFormat": "CycloneDX"}',
        b"hello", b'{"a":' * 50_000, changed(BOM, components=[]), changed(BOM, components={"a": 1}),
        changed(BOM, components=[{"name": "m", "hashes": [{"alg": "SHA-256", "content": DIGEST}]}]),
        changed(BOM, components=[{"type": "file", "name": "m", "hashes": [{"alg": "SHA-256", "content": "zz"}]}]),
        changed(BOM, components=[{"type": "file", "name": "m", "hashes": [{"alg": "BLAKE3", "content": "aa"}]}]),
        changed(BOM, specVersion=None), changed(STATEMENT, subject=[]), changed(STATEMENT, _type="https://in-toto.io/Statement/v9"),
        changed(STATEMENT, subject=[{"name": "m", "digest": {}}]), changed(STATEMENT, predicateType=""),
        changed(STATEMENT, subject=[{"name": "m", "digest": {"sha256": DIGEST[:-2]}}]),
        changed(STATEMENT, subject=[{"name": "m", "digest": {"sha256": 5}}]),
        envelope(STATEMENT, payload="!!"), envelope(STATEMENT, payloadType="text/plain"),
        envelope(STATEMENT, signatures=[]), {"dsseEnvelope": 5},
        envelope(STATEMENT, payload=base64.b64encode(b"[]").decode()),
        changed(CARD, distribution=[]), changed(CARD, distribution=[*CARD["distribution"], CARD["distribution"][0]]),
        changed(CARD, distribution=[{"@type": "cr:FileObject", "contentUrl": "../../x", "sha256": DIGEST}]),
    ],
)  # fmt: skip
def test_doubtful_json_is_refused(content: bytes | dict[str, Any]) -> None:
    with pytest.raises(Malformed, match=r"record\.json"):
        provenance.read("record.json", encoded(content))


def test_huge_records_are_refused() -> None:
    with pytest.raises(Malformed, match="larger"):
        provenance.read("SHA256SUMS", bytes(17_000_000))


def outcome(path: str, content: bytes) -> str:
    """The path of a record that holds claims, or the reason why there is none; any other end is an error."""
    try:
        record = provenance.read(path, content)[0]
    except Malformed as problem:
        return str(problem)
    return record.path if record.claims else ""


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["SHA256SUMS", "a.json", "a.jsonl", "dvc.lock", "x"]), st.binary(max_size=200))
def test_any_bytes_are_a_record_or_refused(path: str, content: bytes) -> None:
    assert path in outcome(path, content)


KEYS = st.sampled_from(
    ["bomFormat", "components", "hashes", "alg", "content", "name", "type", "specVersion", "_type", "subject", "digest",
     "sha256", "predicateType", "payload", "payloadType", "signatures", "dsseEnvelope", "distribution", "@context"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=8) | st.just(DIGEST),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([BOM, STATEMENT, CARD, envelope(STATEMENT)]), st.dictionaries(KEYS, JSON, max_size=4))
def test_any_change_to_a_record_is_read_or_refused(record: dict[str, Any], changes: dict[str, Any]) -> None:
    assert "a.json" in outcome("a.json", json.dumps({**record, **changes}).encode())
