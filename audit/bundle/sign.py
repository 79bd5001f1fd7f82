"""Signs a bundle with Ed25519: one in-toto Statement v1 with the test-result predicate, in a DSSE envelope.

The subjects of the statement are the files of the model and its data and the manifest, so the signature covers every
file of the bundle. Everything but the signature itself follows from the bundle and can be written again to compare.

Source: in-toto attestation framework v1 (Statement, predicate test-result v0.1); DSSE protocol v1.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.bundle.canonical import canonical_json
from audit.bundle.layout import MANIFEST
from audit.errors import BundleError
from audit.records import Bundle, JsonValue, Verdict
from audit.reports._wording import stops

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"


@dataclass(frozen=True)
class KeyPair:
    """An Ed25519 key pair as PEM text: PKCS#8 without a password, and SubjectPublicKeyInfo."""

    private: bytes
    public: bytes


def new_key_pair() -> KeyPair:
    """A fresh key pair from the operating system's randomness."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = Ed25519PrivateKey.generate()
    return KeyPair(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """Read a private key.

    Raises:
        BundleError: it is not an unencrypted Ed25519 key in PEM form.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise BundleError("the signing key is encrypted; give an Ed25519 key without a password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise BundleError("the signing key is not a private key in PEM form; make one with: audit keygen") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BundleError("the signing key is not an Ed25519 key; make one with: audit keygen")
    return key


def public_der(pem: bytes) -> bytes:
    """DER form of a public key given as PEM.

    Raises:
        BundleError: it is not an Ed25519 public key in PEM form.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise BundleError("the key is not a public key in PEM form; give the .pub.pem file of the signer") from None
    return _der(_ed25519(key))


def public_der_of(key: Ed25519PrivateKey) -> bytes:
    """DER form of the public half of a key."""
    return _der(key.public_key())


def fingerprint(der: bytes) -> str:
    """SHA-256 of a public key in DER form, hexadecimal: what signer and reader compare."""
    return hashlib.sha256(der).hexdigest()


def attest(bundle: Bundle, manifest: bytes, configuration: list[JsonValue], key: Ed25519PrivateKey) -> bytes:
    """The signed attestation.

    Args:
        configuration: what judged: policy files with their digests, as resource descriptors.
    """
    payload = statement(bundle, manifest, configuration)
    return envelope(payload, fingerprint(public_der_of(key)), key.sign(_encoded(payload)))


def statement(bundle: Bundle, manifest: bytes, configuration: list[JsonValue]) -> bytes:
    """The in-toto statement that is signed; it follows from the bundle alone."""
    # one file can play two roles; two files cannot have one path
    files = sorted({(file.path, file.sha256) for file in bundle.subject.files})
    subjects = [*files, (MANIFEST, hashlib.sha256(manifest).hexdigest())]
    passed = [entry.id for entry in bundle.entries if entry.verdict is Verdict.PASS]
    failed = [entry.id for entry in bundle.entries if stops(entry, bundle)]
    warned = [entry.id for entry in bundle.entries if entry.id not in {*passed, *failed}]
    return canonical_json(
        {
            "_type": _STATEMENT,
            "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in subjects],
            "predicateType": _PREDICATE,
            "predicate": {
                "result": "FAILED" if not bundle.passed else "WARNED" if warned or bundle.partial else "PASSED",
                "configuration": configuration,
                "passedTests": passed,
                "warnedTests": warned,
                "failedTests": failed,
            },
        }
    )


def envelope(payload: bytes, keyid: str, signature: bytes) -> bytes:
    """A DSSE envelope in the one form that this product writes."""
    return canonical_json(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": keyid, "sig": base64.b64encode(signature).decode()}],
        }
    )


def signed(payload: bytes, signature: bytes, der: bytes) -> bool:
    """Whether a signature over a payload verifies under a public key in DER form.

    Raises:
        BundleError: the key is not an Ed25519 key.
    """
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = _ed25519(load_der_public_key(der))
        key.verify(signature, _encoded(payload))
    except InvalidSignature:
        return False
    except (ValueError, UnsupportedAlgorithm):
        raise BundleError("the public key in run.json is not readable") from None
    return True


def from_base64(text: str) -> bytes:
    """Bytes of base64 text in its one exact form.

    Raises:
        BundleError: it is not base64, or not the form that encoding those bytes gives.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if base64.b64encode(content).decode() != text:
        raise BundleError("not exact base64")
    return content


def _encoded(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding: what is really signed, so the type cannot be swapped."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _ed25519(key: object) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not isinstance(key, Ed25519PublicKey):
        raise BundleError("the key is not an Ed25519 key; bundles are signed with Ed25519 only")
    return key


def _der(key: Ed25519PublicKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
