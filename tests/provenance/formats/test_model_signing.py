"""Model signatures: every form that the specification allows is read, and what it forbids is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import dsse, provenance
from audit.provenance import Claim, Demands, KeyRing, Malformed, Record, fingerprint
from audit.provenance.signers import examine
from tests.provenance.model_signatures import PREDICATE, OnDisk, b64, bundle, over, statement

KEY = dsse.new_private_key("ecdsa-p256")
SHARD = 1 << 16
FILES = {"a.bin": b"a" * 2500, "sub/b.bin": b"b"}
OLDER = "https://model_signing/Digests/v0.1"
HOW = "actual_hash_algorithm"


def read(document: dict[str, Any], path: str = "model.sig") -> Record:
    (record,) = provenance.read(path, json.dumps(document).encode())
    return record


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def signed(payload: dict[str, Any]) -> Record:
    return read(bundle(payload, KEY))


def shards(name: str, content: bytes, size: int, algorithm: str = "sha256") -> list[dict[str, Any]]:
    ends = range(size, len(content) + size, size)
    return [
        {"name": f"{name}:{end - size}:{min(end, len(content))}", "algorithm": algorithm,
         "digest": hashlib.sha256(content[end - size : end]).hexdigest()}
        for end in ends
    ]  # fmt: skip


def test_the_files_of_a_folder_are_read_as_paths_of_a_complete_record() -> None:
    record = signed(statement(FILES, ignore_paths=["notes.txt", ".git"]))
    assert record.kind == "model_signing"
    assert record.claims == tuple(Claim(name, "sha256", sha(FILES[name])) for name in sorted(FILES))
    assert record.names_are_paths
    assert record.complete
    assert record.floating
    assert set(record.ignored) == {".git", ".gitattributes", ".github", ".gitignore", "notes.txt"}
    assert record.notes == ("model.sig: leaves aside by its own word: notes.txt",)


@pytest.mark.parametrize(("listed", "model"), [(".", "m.onnx"), ("m.onnx", "m.onnx")])
def test_a_model_that_is_one_file_goes_by_its_digest(listed: str, model: str) -> None:
    record = signed(statement({listed: b"x"}, model))
    assert record.claims == (Claim("m.onnx", "sha256", sha(b"x")),)
    assert not record.names_are_paths
    assert not record.complete


EVIL = {"evil.py": b"x"}
"""What loads a model may run what lies beside it."""


@pytest.mark.parametrize("listed", ["m.onnx", "."])
@pytest.mark.parametrize("folder", ["", "x/"])
def test_a_folder_that_is_called_like_the_only_file_in_it_is_a_folder(tmp_path: Path, folder: str, listed: str) -> None:
    inside = f"{folder}m.onnx/m.onnx"

    def level(files: dict[str, bytes], model: str) -> str:
        for name, content in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
        record, around = signed(statement({listed: b"x"}, "m.onnx")), OnDisk(tmp_path)
        demands = Demands(KeyRing(pinned=(KEY.public,)))
        return provenance.assess([record], [fingerprint(model, b"x")], demands=demands, around=around).level

    assert level({inside: b"x"}, inside) == "trusted"
    expected = "trusted" if listed == "." else "present"
    assert level({f"{folder}m.onnx/{name}": content for name, content in EVIL.items()}, inside) == expected
    one_file = {"beside/m.onnx": b"x", "beside/other.py": b""}
    assert level(one_file, "beside/m.onnx") == "trusted", "what lies beside a file is no part of it"


def test_signatures_of_equal_weight_in_one_folder_need_not_list_one_another(tmp_path: Path) -> None:
    other = dsse.new_private_key("ecdsa-p256")
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    payload = statement({"a": b"a", "b": b"b"})
    first, second = (read(bundle(payload, key), f"{key.public.fingerprint}.sig") for key in (KEY, other))
    sums = provenance.read("SHA256SUMS", f"{sha(b'a')}  a\n".encode())[0]

    def level(*records: Record, pinned: tuple[dsse.PrivateKey, ...]) -> str:
        keys = tuple(key.public for key in pinned)
        demands = Demands(KeyRing((KEY.public, other.public), keys))
        for record in (first, second, sums):
            (tmp_path / record.path).unlink(missing_ok=True)
        for record in records:
            (tmp_path / record.path).write_bytes(b"")
        return provenance.assess(records, [fingerprint("a", b"a")], demands=demands, around=OnDisk(tmp_path)).level

    assert level(first, second, sums, pinned=(KEY, other)) == "present", "nobody signed the checksums"
    assert level(first, second, pinned=(KEY, other)) == "trusted"
    assert level(first, second, pinned=()) == "signed"
    assert level(first, second, pinned=(KEY,)) == "present", "what a stranger signs needs to be listed"
    assert level(second, pinned=(KEY,)) == "signed"


def test_files_of_git_that_were_signed_are_read() -> None:
    assert {claim.name for claim in signed(statement({".gitattributes": b"x", "a": b"a"})).claims} == {
        ".gitattributes",
        "a",
    }


def test_a_model_name_that_is_no_path_is_for_information_only() -> None:
    assert signed(statement({".": b"x"}, "../x\x00")).claims[0].name == ""


def test_one_file_in_a_folder_is_no_model_that_is_one_file() -> None:
    assert signed(statement({"m.onnx": b"x"}, "model")).complete


def test_shards_are_one_claim_a_file_and_cover_all_of_it() -> None:
    listed = [*shards("aa:1", b"a" * 2 * SHARD + b"c", SHARD), *shards("b", b"b", SHARD)]
    for size in (SHARD, float(SHARD)):
        record = signed(over(listed, method="shards", shard_size=size))
        joined = "".join(sha(part) for part in (b"a" * SHARD, b"a" * SHARD, b"c"))
        assert record.claims == (
            Claim("aa:1", f"sha256-sharded-{SHARD}", joined),
            Claim("b", f"sha256-sharded-{SHARD}", sha(b"b")),
        )
    named = [{**one, "algorithm": f"sha256-sharded-{SHARD}"} for one in listed]
    assert signed(over(named, method="shards", shard_size=SHARD)).claims == record.claims


def test_blake2b_goes_by_two_names() -> None:
    digest = hashlib.blake2b(b"x").hexdigest()
    for word in ("blake2b", "blake2"):
        record = signed(over([{"name": "x", "algorithm": word, "digest": digest}], hash_type=word))
        assert record.claims == (Claim("x", "blake2b", digest),)


@pytest.mark.parametrize("names", [["a-b", "a.bin", "a/b"], ["a/b", "a-b", "a.bin"]])
def test_both_orders_of_files_are_taken(names: list[str]) -> None:
    listed = [{"name": name, "algorithm": "sha256", "digest": sha(b"")} for name in names]
    assert [claim.name for claim in signed(over(listed)).claims] == names


def test_keyid_and_further_fields_decide_nothing() -> None:
    document = bundle(statement(FILES), KEY)
    for keyid in ({}, {"keyid": None}, {"keyid": "x"}):
        (one,) = document["dsseEnvelope"]["signatures"]
        document["dsseEnvelope"]["signatures"] = [{"sig": one["sig"], **keyid}]
        assert [signer.pinned for signer in examine(read(document), KeyRing(pinned=(KEY.public,))).signers] == [True]


def test_a_key_inside_the_signature_is_read_and_makes_it_signed_only() -> None:
    material = {"publicKey": {"rawBytes": b64(KEY.public.pem), "keyDetails": "PKIX_ECDSA_P256_SHA_256"}}
    record = read(bundle(statement(FILES), KEY, material))
    assert [signer.pinned for signer in examine(record, KeyRing()).signers] == [False]
    other = dsse.new_private_key("ecdsa-p256")
    assert examine(read(bundle(statement(FILES), other, material)), KeyRing()).problems


def test_release_0_2_is_read_and_verified_in_its_own_encoding() -> None:
    older: dict[str, Any] = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "a", "digest": {"sha256": sha(b"a")}, "annotations": {HOW: "file-sha256"}}],
        "predicateType": OLDER,
        "predicate": {"unused": "x"},
    }  # fmt: skip
    document = bundle(older, KEY)
    ring = KeyRing(offered=(KEY.public,))
    assert examine(read(document), ring).problems, "what DSSE signs is not what that release signed"
    payload = json.dumps(older).encode()
    kind = "application/vnd.in-toto+json"
    signature = KEY.sign(f"DSSEV1 {len(kind)} {kind} {len(payload)} {payload!r}".encode())
    document["dsseEnvelope"]["signatures"][0]["sig"] = b64(signature)
    record = read(document)
    assert record.complete
    assert examine(record, ring).problems == ()
    for wrong in ({"sha1": "a" * 40}, {"sha256": sha(b"a"), "sha512": "a" * 128}, {}, None):
        with pytest.raises(Malformed):
            signed({**older, "subject": [{"name": "a", "digest": wrong}]})
    with pytest.raises(Malformed):
        signed({**older, "subject": [{**older["subject"][0], "annotations": {HOW: "shards"}}]})


def with_resources(*listed: dict[str, Any], **serialization: Any) -> dict[str, Any]:
    return over(listed, **serialization)


def one(name: str = "a", digest: str = sha(b"a"), algorithm: str = "sha256") -> dict[str, Any]:
    return {"name": name, "algorithm": algorithm, "digest": digest}


GOOD = statement(FILES)
THREE = shards("x", bytes(3 * SHARD), SHARD)
LAST = {"name": f"x:{SHARD}:{SHARD + 5}", "algorithm": "sha256", "digest": sha(b"x")}
WRONG = {
    "no file": over([]),
    "two subjects": {**GOOD, "subject": GOOD["subject"] * 2},
    "subject without a name": {**GOOD, "subject": [{"digest": GOOD["subject"][0]["digest"]}]},
    "digest of another set of files": {**GOOD, "subject": statement({"a": b"a"})["subject"]},
    "type of the statement": {**GOOD, "_type": "https://in-toto.io/Statement/v0.1"},
    "version of the predicate": {**GOOD, "predicateType": "https://model_signing/signature/v2.0"},
    "another predicate": {**GOOD, "predicateType": "https://example.com/other/v1"},
    "no serialization": {**GOOD, "predicate": {"resources": GOOD["predicate"]["resources"]}},
    "unknown key of the predicate": {**GOOD, "predicate": {**GOOD["predicate"], "further": 1}},
    "unknown key of serialization": statement(FILES, follow=True),
    "unknown method": statement(FILES, method="tensors"),
    "files with a shard size": statement(FILES, shard_size=5),
    "shards without a size": with_resources(*shards("x", b"x", SHARD), method="shards"),
    "shards of no bytes": with_resources(*shards("x", b"x", SHARD), method="shards", shard_size=0),
    "shards of half a byte": with_resources(*shards("x", b"x", SHARD), method="shards", shard_size=SHARD + 0.5),
    "shards of few bytes": with_resources(*shards("x", b"x", SHARD - 1), method="shards", shard_size=SHARD - 1),
    "shards of a true size": with_resources(*shards("x", b"x", 1), method="shards", shard_size=True),
    "shards without their first": with_resources(LAST, method="shards", shard_size=SHARD),
    "shards with a gap": with_resources(*THREE[::2], method="shards", shard_size=SHARD),
    "shards of another size": with_resources(*THREE, method="shards", shard_size=SHARD + 1),
    "shards twice": with_resources(*shards("x", bytes(SHARD), SHARD) * 2, method="shards", shard_size=SHARD),
    "shard with a sign": with_resources(one("x:+0:1"), method="shards", shard_size=SHARD),
    "shard with leading zeros": with_resources(one("x:00:01"), method="shards", shard_size=SHARD),
    "shard of nothing": with_resources(one("x:0:0"), method="shards", shard_size=SHARD),
    "whole file among shards": with_resources(one("x"), method="shards", shard_size=SHARD),
    "algorithm of a file is another": with_resources(one(algorithm="blake2b", digest="a" * 128)),
    "blake3": with_resources(one(algorithm="blake3"), hash_type="blake3"),
    "md5": with_resources(one(algorithm="md5", digest="a" * 32), hash_type="md5"),
    "digest in capitals": with_resources(one(digest=sha(b"a").upper())),
    "short digest": with_resources(one(digest=sha(b"a")[:-2])),
    "symbolic links maybe": statement(FILES, allow_symlinks="false"),
    "file twice": with_resources(one(), one()),
    "not sorted": with_resources(one("b"), one("a")),
    "file above": with_resources(one("../a")),
    "absolute": with_resources(one("/a")),
    "not normal": with_resources(one("./a")),
    "double slash": with_resources(one("a//b")),
    "folder": with_resources(one("a/")),
    "backslash": with_resources(one("a\\b")),
    "NUL": with_resources(one("a\x00b")),
    "half a character": with_resources(one("a\ud800")),
    "empty name": with_resources(one("")),
    "the folder as a file": with_resources(one("."), one("a")),
    "ignored and listed": statement(FILES, ignore_paths=["sub"]),
    "ignores all": statement(FILES, ignore_paths=["."]),
    "ignores above": statement(FILES, ignore_paths=["../x"]),
    "ignores by a pattern": statement(FILES, ignore_paths=["*.txt"]),
    "ignores a number": statement(FILES, ignore_paths=[5]),
    "ignores text": statement(FILES, ignore_paths="x"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_the_specification_forbids_is_refused(what: str) -> None:
    assert signed(GOOD)
    with pytest.raises(Malformed, match=r"model\.sig"):
        signed(WRONG[what])


BUNDLE = bundle(GOOD, KEY)
MATERIAL = BUNDLE["verificationMaterial"]
ENVELOPE = BUNDLE["dsseEnvelope"]
CERTIFICATE = {"rawBytes": "AAAA"}
STAMPS = {"rfc3161Timestamps": [{"signedTimestamp": "AA=="}]}


@pytest.mark.parametrize(
    "changes",
    [
        {"mediaType": "application/json"},
        {"mediaType": None},
        {"mediaType": "application/vnd.dev.sigstore.bundle.v9+json"},
        {"further": 1},
        {"messageSignature": {}},
        {"verificationMaterial": None},
        {"verificationMaterial": {}},
        {"verificationMaterial": {"publicKey": {}}},
        {"verificationMaterial": {"publicKey": {"hint": ""}}},
        {"verificationMaterial": {"publicKey": {"hint": 5}}},
        {"verificationMaterial": {"publicKey": {"rawBytes": "AAAA"}}},
        {"verificationMaterial": {**MATERIAL, "certificate": CERTIFICATE}},
        {"verificationMaterial": {**MATERIAL, "other": 1}},
        {"verificationMaterial": {**MATERIAL, "tlogEntries": 5}},
        {"verificationMaterial": {"certificate": CERTIFICATE}},
        {"verificationMaterial": {"certificate": CERTIFICATE, "tlogEntries": []}},
        {"verificationMaterial": {"certificate": CERTIFICATE, "timestampVerificationData": STAMPS}},
        {"verificationMaterial": {"x509CertificateChain": {"certificates": []}}},
        {"verificationMaterial": {"x509CertificateChain": {"certificates": [CERTIFICATE] * 11}}},
        {"verificationMaterial": {"x509CertificateChain": {"certificates": [{"rawBytes": "!"}]}}},
        {"dsseEnvelope": {**ENVELOPE, "signatures": []}},
        {"dsseEnvelope": {**ENVELOPE, "signatures": ENVELOPE["signatures"] * 2}},
        {"dsseEnvelope": {**ENVELOPE, "payloadType": "application/json"}},
        {"dsseEnvelope": {**ENVELOPE, "payload": "!"}},
        {"dsseEnvelope": 5},
    ],
)
def test_what_is_no_bundle_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match=r"model\.sig"):
        read({**BUNDLE, **changes})


def test_a_statement_without_a_bundle_and_several_at_once_are_refused() -> None:
    for document in (GOOD, ENVELOPE):
        with pytest.raises(Malformed):
            read(document)
    with pytest.raises(Malformed, match="several"):
        provenance.read("x.jsonl", json.dumps(BUNDLE).encode() + b"\n" + json.dumps(BUNDLE).encode())
    with pytest.raises(Malformed):
        provenance.read("model.sig", json.dumps(BUNDLE).encode()[:100])
    with pytest.raises(Malformed, match="twice"):
        provenance.read("model.sig", json.dumps(BUNDLE).encode().replace(b'"keyid": ""', b'"keyid": "", "keyid": ""'))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
HOLDERS: list[tuple[Any, ...]] = [
    (), ("subject", 0), ("subject", 0, "digest"), ("predicate",), ("predicate", "serialization"),
    ("predicate", "resources", 0),
]  # fmt: skip
KEYS = [
    "subject", "name", "digest", "predicate", "predicateType", "serialization", "hash_type", "method", "shard_size",
    "allow_symlinks", "ignore_paths", "resources", "algorithm", "annotations",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(HOLDERS), st.sampled_from(KEYS), JSON, st.sampled_from([PREDICATE, OLDER]))
def test_any_value_anywhere_is_read_or_refused(place: tuple[Any, ...], key: str, value: Any, kind: str) -> None:
    document = {**json.loads(json.dumps(GOOD)), "predicateType": kind}
    holder = document
    for step in place:
        holder = holder[step]
    holder[key] = value
    try:
        told = signed(document).path
    except Malformed as problem:
        told = str(problem)
    assert "model.sig" in told
