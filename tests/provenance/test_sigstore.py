"""Signatures of Sigstore: proofs are verified offline with the trust root of the policy, and any wrong one shows."""

from __future__ import annotations

import builtins
import copy
import datetime
import hashlib
import json
import socket
from typing import Any

import pytest

from audit import provenance
from audit.provenance import KeyRing, Malformed, Record, fingerprint
from audit.provenance.signers import Signatures, examine
from tests.provenance.authority import NOON, TODAY, certified
from tests.provenance.model_signatures import b64, statement
from tests.provenance.sigstore_instance import ISSUER, Sigstore

pytest.importorskip("sigstore")

INSTANCE = Sigstore()
ANN = INSTANCE.certified()
MODEL = json.dumps(statement({"a.bin": b"a", "b.bin": b"b"})).encode()
SIGNED = INSTANCE.statement(MODEL, ANN)
RING = KeyRing(identities=(f"ann@example.org <{ISSUER}>",), sigstore_root=INSTANCE.trusted_root, today=TODAY)


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> Any:
        raise AssertionError("the network was asked")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refused)
    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refused)


def read(document: dict[str, Any]) -> Record:
    (record,) = provenance.read("model.sig", json.dumps(document).encode())
    return record


def judged(document: dict[str, Any], ring: KeyRing = RING) -> Signatures:
    return examine(read(document), ring)


def test_a_model_signature_with_proofs_is_trusted_long_after_its_certificate_expired() -> None:
    found = judged(SIGNED)
    assert (found.problems, found.notes) == ((), ())
    (signer,) = found.signers
    assert (signer.pinned, signer.name, signer.logged) == (True, "ann@example.org", NOON.isoformat())
    assert read(SIGNED).kind == "model_signing"


@pytest.mark.parametrize(
    "identities", [(), ("ann@example.org",), (f"bob@example.org <{ISSUER}>",), ("ann@example.org <x>",)]
)
def test_only_whom_the_policy_names_with_the_issuer_is_trusted(identities: tuple[str, ...]) -> None:
    found = judged(SIGNED, KeyRing(identities=identities, sigstore_root=INSTANCE.trusted_root))
    assert [signer.pinned for signer in found.signers] == [False]
    assert len(found.notes) == 1


def test_a_statement_and_a_file_are_verified_alike() -> None:
    plain = json.loads(MODEL) | {"predicateType": "https://example.com/p", "predicate": {}}
    found = judged(INSTANCE.statement(json.dumps(plain).encode(), ANN))
    assert [signer.pinned for signer in found.signers] == [True]
    of_file = INSTANCE.file(b"content", ANN)
    assert [signer.pinned for signer in judged(of_file).signers] == [True]
    assert read(of_file).kind == "sigstore_bundle"
    for content, level in ((b"content", "bound"), (b"changed", "well_formed")):
        assert provenance.assess([read(of_file)], [fingerprint("m.bin", content)]).level == level


def test_another_sigstore_proves_nothing() -> None:
    for ring in (KeyRing(today=TODAY), KeyRing(sigstore_root=Sigstore().trusted_root, today=TODAY)):
        found = judged(SIGNED, ring)
        assert (found.signers, len(found.problems) + len(found.notes)) == ((), 1)


def test_a_log_that_saw_the_certificate_too_late_proves_nothing() -> None:
    for minutes in (-1, 11):
        late = Sigstore(NOON + datetime.timedelta(minutes=minutes))
        found = judged(late.statement(MODEL, late.certified()), KeyRing(sigstore_root=late.trusted_root))
        assert (found.signers, len(found.problems)) == ((), 1)


def test_a_certificate_that_no_log_of_certificates_saw_proves_nothing() -> None:
    life = {"begins": NOON, "ends": NOON + datetime.timedelta(minutes=10)}
    unseen = certified("ann", INSTANCE.root, **life)
    assert len(judged(INSTANCE.statement(MODEL, unseen)).problems) == 1


OTHER = INSTANCE.statement(MODEL.replace(b"a.bin", b"A.bin"), ANN)
ENTRY = SIGNED["verificationMaterial"]["tlogEntries"][0]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("verificationMaterial", "tlogEntries"), OTHER["verificationMaterial"]["tlogEntries"]),
        (("verificationMaterial", "tlogEntries"), [ENTRY, ENTRY]),
        (("verificationMaterial", "tlogEntries"), [{}]),
        (("verificationMaterial", "tlogEntries", 0, "integratedTime"), str(int(NOON.timestamp()) + 1)),
        (("verificationMaterial", "tlogEntries", 0, "integratedTime"), "soon"),
        (("verificationMaterial", "tlogEntries", 0, "logIndex"), "1"),
        (("verificationMaterial", "tlogEntries", 0, "inclusionPromise"), None),
        (("verificationMaterial", "tlogEntries", 0, "inclusionPromise", "signedEntryTimestamp"), b64(b"x" * 70)),
        (("verificationMaterial", "tlogEntries", 0, "inclusionProof"), None),
        (("verificationMaterial", "tlogEntries", 0, "inclusionProof", "rootHash"), b64(b"x" * 32)),
        (("verificationMaterial", "tlogEntries", 0, "inclusionProof", "checkpoint", "envelope"), "log\n1\nAA==\n\n"),
        (("verificationMaterial", "tlogEntries", 0, "canonicalizedBody"), b64(b"{}")),
        (("verificationMaterial", "tlogEntries", 0, "logId", "keyId"), b64(b"x" * 32)),
        (("verificationMaterial", "tlogEntries", 0, "kindVersion"), {"kind": "intoto", "version": "0.0.2"}),
        (("verificationMaterial", "certificate", "rawBytes"), b64(INSTANCE.certified().der)),
        (("verificationMaterial", "timestampVerificationData"), {"rfc3161Timestamps": [{"signedTimestamp": "AAAA"}]}),
        (("dsseEnvelope", "signatures", 0, "sig"), b64(b"x" * 70)),
        (("dsseEnvelope", "signatures", 0, "sig"), b64(ANN.key.sign(b"message"))),
        (("dsseEnvelope", "payload"), b64(MODEL + b" ")),
        (("dsseEnvelope",), OTHER["dsseEnvelope"]),
    ],
    # values are signed anew in each process
    ids=lambda given: "-".join(map(str, given)) if isinstance(given, tuple) else "",
)  # fmt: skip
def test_any_wrong_proof_is_a_problem(place: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(SIGNED)
    holder: Any = document
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    found = judged(document)
    assert (found.signers, len(found.problems)) == ((), 1)


def test_a_trust_root_that_cannot_be_read_trusts_nobody() -> None:
    for content in (b"{", b"[]", b'{"mediaType": 5}', b"\xff"):
        found = judged(SIGNED, KeyRing(sigstore_root=content))
        assert (found.signers, len(found.problems)) == ((), 1)
        assert "trusted_root.json" in found.problems[0]


def test_without_the_package_the_signature_is_left_aside_and_a_wrong_one_still_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == "sigstore":
            raise ImportError(name)
        return load(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    found = judged(SIGNED)
    assert (found.signers, found.problems) == ((), ())
    assert "auditgate[sigstore]" in found.notes[0]
    wrong = copy.deepcopy(SIGNED)
    wrong["dsseEnvelope"]["payload"] = b64(MODEL + b" ")
    assert len(judged(wrong).problems) == 1


def told(**changes: Any) -> dict[str, Any]:
    key = certified("ann").key
    digest = {"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(b"content").digest())}
    message = {"messageDigest": digest, "signature": b64(key.sign(b"content"))}
    material = {"publicKey": {"rawBytes": b64(key.public.der)}}
    kind = "application/vnd.dev.sigstore.bundle+json;version=0.1"
    return {"mediaType": kind, "verificationMaterial": material, "messageSignature": {**message, **changes}}


def test_a_file_signed_with_a_key_is_read_by_its_digest() -> None:
    record = read(told())
    assert [(one.name, one.algorithm, one.digest) for one in record.claims] == [
        ("", "sha256", hashlib.sha256(b"content").hexdigest())
    ]
    assert len(examine(record, KeyRing()).signers) == 1
    changed = told(messageDigest={"algorithm": "SHA2_256", "digest": b64(hashlib.sha256(b"changed").digest())})
    assert examine(read(changed), KeyRing()).problems


@pytest.mark.parametrize(
    "changes",
    [
        {"messageDigest": None}, {"signature": ""}, {"signature": 5}, {"signature": "!"},
        {"messageDigest": {"algorithm": "SHA2_256", "digest": "AAAA"}}, {"messageDigest": {"algorithm": ["SHA2_256"]}},
        {"messageDigest": {"algorithm": "MD5", "digest": b64(bytes(16))}},
    ],
)  # fmt: skip
def test_a_bundle_that_does_not_say_what_is_signed_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match=r"model\.sig"):
        read(told(**changes))
    for document in ({"mediaType": told()["mediaType"]}, {**told(), "messageSignature": None}):
        with pytest.raises(Malformed, match=r"model\.sig"):
            read(document)
