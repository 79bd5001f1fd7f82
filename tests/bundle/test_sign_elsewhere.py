"""Programs that share no line with this one read what is signed here; what they cannot read is said too."""

from __future__ import annotations

import base64
import copy
import json
import subprocess
import sysconfig
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from proofbundle import dsse as proofbundle
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import Key, SSlibKey

from audit import dsse
from audit.bundle import countersign, export, write
from audit.dsse import IN_TOTO, PrivateKey, PublicKey, new_private_key

Envelopes = dict[str, dict[str, Any]]
KINDS = pytest.mark.parametrize("kind", dsse.KINDS)


@pytest.fixture(scope="module")
def signers() -> dict[str, PrivateKey]:
    return {kind: new_private_key(kind) for kind in dsse.KINDS}


@pytest.fixture(scope="module")
def folders(
    example: SimpleNamespace, signers: dict[str, PrivateKey], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A bundle signed with each kind of key."""
    home = tmp_path_factory.mktemp("elsewhere")
    return {
        kind: write(example.BUNDLE, example.POLICY, example.EVIDENCE, home / kind, sign_key=key.pem())
        for kind, key in signers.items()
    }


@pytest.fixture(scope="module")
def second() -> PrivateKey:
    return new_private_key()


@pytest.fixture(scope="module", params=["one signature", "two signatures"])
def envelopes(request: pytest.FixtureRequest, folders: dict[str, Path], second: PrivateKey) -> Envelopes:
    """The attestation of each bundle, before and after somebody countersigned it."""
    found = {}
    for kind, folder in folders.items():
        if request.param == "two signatures":
            countersign(folder, second.pem(), "reviewer")
        found[kind] = json.loads((folder / "attestation.dsse.json").read_bytes())
    return found


def raw(key: PublicKey) -> bytes:
    """The 32 bytes of an Ed25519 key, which is all of a key that proofbundle takes."""
    return key.der[-32:]


@KINDS
def test_plain_cryptography(
    kind: str, envelopes: Envelopes, signers: dict[str, PrivateKey], second: PrivateKey
) -> None:
    envelope = envelopes[kind]
    payload, name = base64.b64decode(envelope["payload"], validate=True), envelope["payloadType"].encode()
    message = b"DSSEv1 " + b" ".join([b"%d" % len(name), name, b"%d" % len(payload), payload])
    keys: list[Any] = [load_der_public_key(key.public.der) for key in (signers[kind], second)]
    hash_of = {"ecdsa-p256": hashes.SHA256(), "ecdsa-p384": hashes.SHA384()}
    for key, entry in zip(keys, envelope["signatures"], strict=False):
        way = (ec.ECDSA(hash_of[kind]),) if isinstance(key, ec.EllipticCurvePublicKey) else ()
        signature = base64.b64decode(entry["sig"], validate=True)
        key.verify(signature, message, *way)
        with pytest.raises(InvalidSignature):
            key.verify(signature, message + b" ", *way)
    assert json.loads(payload)["predicate"]["result"] == "FAILED"


def test_proofbundle(envelopes: Envelopes, signers: dict[str, PrivateKey], second: PrivateKey) -> None:
    envelope = envelopes["ed25519"]
    assert proofbundle.verify_envelope(envelope, raw(signers["ed25519"].public), payload_type=IN_TOTO)
    countersigned = len(envelope["signatures"]) == 2
    assert proofbundle.verify_envelope(envelope, raw(second.public), payload_type=IN_TOTO) is countersigned
    assert not proofbundle.verify_envelope(envelope, raw(new_private_key().public), payload_type=IN_TOTO)
    changed = {**envelope, "payload": base64.b64encode(base64.b64decode(envelope["payload"]) + b" ").decode()}
    assert not proofbundle.verify_envelope(changed, raw(signers["ed25519"].public), payload_type=IN_TOTO)


@pytest.mark.parametrize("kind", ["ecdsa-p256", "ecdsa-p384"])
def test_proofbundle_knows_no_ecdsa(
    kind: str, envelopes: Envelopes, signers: dict[str, PrivateKey], second: PrivateKey
) -> None:
    """It takes any key for 32 bytes of Ed25519; an Ed25519 countersignature beside the other one it does verify."""
    envelope, key = envelopes[kind], signers[kind].public
    for form in (key.der, raw(key), key.pem):
        assert proofbundle.verify_envelope(envelope, form, payload_type=IN_TOTO) is False
    countersigned = len(envelope["signatures"]) == 2
    assert proofbundle.verify_envelope(envelope, raw(second.public), payload_type=IN_TOTO) is countersigned


@KINDS
def test_securesystemslib(kind: str, envelopes: Envelopes, signers: dict[str, PrivateKey], second: PrivateKey) -> None:
    def keys(*private: PrivateKey) -> list[Key]:
        loaded: list[tuple[PublicKey, Any]] = [(key.public, load_der_public_key(key.public.der)) for key in private]
        # it finds a signature by its keyid, and ours is the fingerprint
        return [SSlibKey.from_crypto(key, keyid=public.fingerprint) for public, key in loaded]

    def read() -> Envelope:
        return Envelope.from_dict(copy.deepcopy(envelopes[kind]))  # it takes its argument apart

    assert set(read().verify(keys(signers[kind]), 1)) == {signers[kind].public.fingerprint}
    if len(envelopes[kind]["signatures"]) == 2:
        assert len(read().verify(keys(signers[kind], second), 2)) == 2
    else:
        with pytest.raises(VerificationError):
            read().verify(keys(signers[kind], second), 2)
    tampered = read()
    tampered.payload += b" "
    with pytest.raises(VerificationError):
        tampered.verify(keys(signers[kind]), 1)


def proofbundle_says(path: Path, command: str, key: PublicKey) -> subprocess.CompletedProcess[str]:
    program = Path(sysconfig.get_path("scripts")) / "proofbundle"
    given = base64.b64encode(raw(key)).decode()
    return subprocess.run(
        [program, command, path, "--verify", "--pub", given], capture_output=True, text=True, check=False
    )


class TestEvalResult:
    def test_proofbundle_verifies_it(
        self, folders: dict[str, Path], signers: dict[str, PrivateKey], tmp_path: Path
    ) -> None:
        path = tmp_path / "result.json"
        path.write_bytes(export(folders["ed25519"], "eval-result", signers["ed25519"].pem()))
        found = proofbundle_says(path, "intoto", signers["ed25519"].public)
        assert found.returncode == 0, found.stdout
        assert "[PASS] eval-result attestation" in found.stdout
        assert "eval-result/v0.2" in found.stdout
        assert proofbundle_says(path, "intoto", new_private_key().public).returncode == 1
        envelope = json.loads(path.read_bytes())
        claimed = base64.b64decode(envelope["payload"]).replace(b'"passed":false', b'"passed":true ')
        path.write_text(json.dumps({**envelope, "payload": base64.b64encode(claimed).decode()}))
        assert proofbundle_says(path, "intoto", signers["ed25519"].public).returncode == 1

    def test_proofbundle_cannot_verify_one_signed_with_ecdsa(
        self, folders: dict[str, Path], signers: dict[str, PrivateKey], tmp_path: Path
    ) -> None:
        path = tmp_path / "result.json"
        path.write_bytes(export(folders["ecdsa-p256"], "eval-result", signers["ecdsa-p256"].pem()))
        found = proofbundle_says(path, "intoto", signers["ecdsa-p256"].public)
        assert found.returncode == 1
        assert "[FAIL]" in found.stdout

    def test_proofbundle_reads_an_older_svr_alone(
        self, folders: dict[str, Path], signers: dict[str, PrivateKey], tmp_path: Path
    ) -> None:
        """It knows version 0.1, which had no policies; the signature and the rest of the shape are fine with it."""
        from proofbundle.intoto import verify_svr_dsse

        key, content = signers["ed25519"], export(folders["ed25519"], "svr", signers["ed25519"].pem())
        newer = "https://in-toto.io/attestation/svr/v0.2"
        assert not verify_svr_dsse(json.loads(content), raw(key.public))["ok"]
        found = verify_svr_dsse(json.loads(content), raw(key.public), expected_predicate_type=newer)
        assert found["signature_ok"]
        assert found["predicate_type_ok"]
