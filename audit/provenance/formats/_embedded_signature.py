"""A signature that stands inside the JSON document that it signs.

What is signed is the canonical form of the whole document, less the value of the signature. A single signer is read;
several, and properties left out of what is signed, are not.

Source: JSON Signature Format (JSF) 0.82; canonical JSON: RFC 8785; keys and algorithms: RFC 7517, RFC 7518, RFC 8037.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from audit.dsse import DsseError, PublicKey, public_key_of_der
from audit.provenance.record import Seal

_KINDS = {
    "Ed25519": "ed25519", "ES256": "ecdsa-p256", "ES384": "ecdsa-p384", "ES512": "ecdsa-p521", "RS256": "rsa",
    "PS256": "rsa",
}  # fmt: skip
_HALF = {"ecdsa-p256": 32, "ecdsa-p384": 48, "ecdsa-p521": 66}
_LONGEST_NUMBER = 2048


class _Unread(Exception):
    """The signature cannot be read here."""


@dataclass(frozen=True)
class Embedded:
    """What was found.

    Attributes:
        seals: the signature, not verified; empty where there is none, or none that is read.
        fault: why it is not read; empty where it is.
    """

    seals: tuple[Seal, ...] = ()
    fault: str = ""


def embedded(document: dict[str, Any]) -> Embedded:
    """The signature under `signature` in a document of which the form is right."""
    signature = document.get("signature")
    if signature is None:
        return Embedded()
    try:
        return Embedded((_seal(document, signature),))
    except _Unread as problem:
        return Embedded(fault=f"its embedded signature was not verified: {problem}")


def _seal(document: dict[str, Any], signature: dict[str, Any]) -> Seal:
    if "signers" in signature or "chain" in signature:
        raise _Unread("several signers")
    if "excludes" in signature:
        raise _Unread("it leaves properties out of what it signs")
    kind = _KINDS.get(signature["algorithm"])
    if kind is None:
        raise _Unread("its algorithm is not used here; expected Ed25519, ES256, ES384, ES512, RS256 or PS256")
    chain = tuple(_decoded(certificate) for certificate in signature.get("certificatePath", ()))
    jwk = signature.get("publicKey")
    key = None if jwk is None else _key(jwk)
    if key is not None and (chain or key.kind != kind):
        raise _Unread("it comes with more than one key" if chain else "its key is of another kind than its algorithm")
    value = _decoded(signature["value"])
    return Seal(
        _signed(document, signature), _der(value, kind) if kind in _HALF else value, signature.get("keyId"), key, chain
    )


def _signed(document: dict[str, Any], signature: dict[str, Any]) -> bytes:
    """The bytes that are signed."""
    import rfc8785

    less = {name: part for name, part in signature.items() if name != "value"}
    try:
        return bytes(rfc8785.dumps({**document, "signature": less}))
    except (rfc8785.CanonicalizationError, ValueError) as problem:
        raise _Unread("the document has no canonical form") from problem


def _der(value: bytes, kind: str) -> bytes:
    """An ECDSA signature, which JSF writes as two numbers of fixed length, in DER form."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    half = _HALF[kind]
    if len(value) != 2 * half:
        raise _Unread(f"its value has {len(value)} bytes, {2 * half} expected")
    return encode_dss_signature(int.from_bytes(value[:half]), int.from_bytes(value[half:]))


def _key(jwk: dict[str, Any]) -> PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    curves = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}
    loaded: Any
    try:
        if jwk["kty"] == "RSA":
            loaded = rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
        elif jwk["kty"] == "EC":
            curve = curves[jwk["crv"]]
            loaded = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), curve).public_key()
        elif jwk["crv"] == "Ed25519":
            loaded = ed25519.Ed25519PublicKey.from_public_bytes(_decoded(jwk["x"]))
        else:
            raise _Unread("its key is of a kind that is not used here")
        return public_key_of_der(loaded.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    except (ValueError, UnsupportedAlgorithm, DsseError) as problem:
        raise _Unread("its key is damaged or of a kind that is not used here") from problem


def _number(text: str) -> int:
    return int.from_bytes(_decoded(text)[:_LONGEST_NUMBER])


def _decoded(text: str) -> bytes:
    """Bytes of base64 in the alphabet for addresses, without padding."""
    try:
        if "+" in text or "/" in text:
            raise _Unread("its base64 is not of the alphabet for addresses")
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as problem:
        raise _Unread("its base64 is damaged") from problem
