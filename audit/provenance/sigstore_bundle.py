"""Sigstore bundles taken apart: what is signed, and the key or the certificates that come with it; nothing is verified.

Source: sigstore protobuf-specs, sigstore_bundle.proto and sigstore_common.proto, bundles of version 0.1 to 0.3.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from audit.dsse import DsseError, Envelope, PublicKey, envelope_of, public_key
from audit.provenance.json_text import objects
from audit.provenance.record import DIGEST_LENGTHS, Malformed, Seal

MEDIA_TYPES = frozenset(
    [
        "application/vnd.dev.sigstore.bundle+json;version=0.1",
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
        "application/vnd.dev.sigstore.bundle.v0.3+json",
    ]
)
MOST_CERTIFICATES = 10
_KEYS = {"mediaType", "verificationMaterial", "dsseEnvelope", "messageSignature"}
_MATERIAL = ("publicKey", "x509CertificateChain", "certificate")
_FURTHER_MATERIAL = {"tlogEntries", "timestampVerificationData"}
_DIGESTS = {
    "SHA2_256": "sha256", "SHA2_384": "sha384", "SHA2_512": "sha512", "SHA3_256": "sha3_256", "SHA3_384": "sha3_384",
}  # fmt: skip


@dataclass(frozen=True)
class Bundle:
    """A bundle that was taken apart.

    Attributes:
        mode: `key`; `certificate` of an authority that lives long; `sigstore` where a log or a time stamp has to say
            when a certificate that lives for minutes was used.
        envelope: what is signed; None where that is a message.
        digest: of the message that is signed, hexadecimal; empty where it is an envelope.
        algorithm: of that digest, its name in hashlib.
        seal: the signature.
        logged: whether an entry of a transparency log comes with it.
    """

    mode: Literal["key", "certificate", "sigstore"]
    envelope: Envelope | None
    digest: str
    algorithm: str
    seal: Seal
    logged: bool


@dataclass(frozen=True)
class _Holder:
    """Who signed, as the bundle has it."""

    hint: str | None = None
    key: PublicKey | None = None
    chain: tuple[bytes, ...] = ()


def is_bundle(document: Mapping[str, Any]) -> bool:
    """Whether a document calls itself a Sigstore bundle, or holds what one is verified with."""
    kind = document.get("mediaType")
    named = isinstance(kind, str) and kind.startswith("application/vnd.dev.sigstore.bundle")
    return named or "verificationMaterial" in document


def bundle_of(document: Mapping[str, Any], where: str) -> Bundle:
    """Take a bundle apart.

    Raises:
        Malformed: it is none of a known version, holds keys that are not known, both or neither of an envelope and a
            message, not exactly one signature, or a key or certificates that cannot be read.
    """
    if str(document.get("mediaType")) not in MEDIA_TYPES:
        raise Malformed(f"{where}: the mediaType {document.get('mediaType')!r:.80} is no Sigstore bundle that is read")
    material = document.get("verificationMaterial")
    unknown = document.keys() - _KEYS
    if unknown or not isinstance(material, dict) or ("dsseEnvelope" in document) == ("messageSignature" in document):
        raise Malformed(
            f"{where}: a Sigstore bundle has verificationMaterial and either dsseEnvelope or messageSignature, and "
            f"nothing else{f', such as {min(unknown)!r:.40}' if unknown else ''}"
        )
    holder = _holder(material, f"{where}: verificationMaterial")
    entries = objects(material.get("tlogEntries"), f"{where}: tlogEntries")
    proven = bool(entries or _stamps(material, where))
    if "certificate" in material and not proven:
        raise Malformed(f"{where}: a single certificate needs tlogEntries or time stamps beside it")
    mode: Literal["key", "certificate", "sigstore"] = (
        "key" if "publicKey" in material else "sigstore" if proven else "certificate"
    )
    whole = _json(document, where) if mode == "sigstore" else b""
    if "dsseEnvelope" in document:
        envelope = _envelope(document["dsseEnvelope"], where)
        seal = Seal(
            envelope.message, envelope.signatures[0].signature, holder.hint, holder.key, holder.chain, bundle=whole
        )
        return Bundle(mode, envelope, "", "", seal, bool(entries))
    algorithm, digest, signature = _message(document["messageSignature"], f"{where}: messageSignature")
    seal = Seal(digest, signature, holder.hint, holder.key, holder.chain, prehashed=algorithm, bundle=whole)
    return Bundle(mode, None, digest.hex(), algorithm, seal, bool(entries))


def _envelope(value: Any, where: str) -> Envelope:
    try:
        envelope = envelope_of(value)
    except DsseError as problem:
        raise Malformed(f"{where}: {problem}") from problem
    if len(envelope.signatures) != 1:
        raise Malformed(f"{where}: the envelope in a Sigstore bundle has exactly one signature")
    return envelope


def _message(value: Any, where: str) -> tuple[str, bytes, bytes]:
    """Algorithm and digest of a signed message, and the signature."""
    told = value.get("messageDigest") if isinstance(value, dict) else None
    if not isinstance(told, dict):
        raise Malformed(f"{where}: no messageDigest says what is signed")
    word = told.get("algorithm")
    algorithm = _DIGESTS.get(word) if isinstance(word, str) else None
    digest = decoded(told.get("digest"), f"{where}: digest")
    if algorithm is None or 2 * len(digest) != DIGEST_LENGTHS[algorithm]:
        raise Malformed(f"{where}: {word!r:.40} with {len(digest)} bytes is no digest that is known here")
    return algorithm, digest, decoded(value.get("signature"), f"{where}: signature")


def _holder(material: Mapping[str, Any], where: str) -> _Holder:
    given = [name for name in _MATERIAL if name in material]
    if len(given) != 1 or material.keys() - _FURTHER_MATERIAL - set(_MATERIAL):
        raise Malformed(f"{where}: expected exactly one of {', '.join(_MATERIAL)}, and no unknown key")
    value = material[given[0]]
    if not isinstance(value, dict):
        raise Malformed(f"{where}: {given[0]} is not an object")
    if given[0] == "publicKey":
        return _key(value, f"{where}: publicKey")
    if given[0] == "certificate":
        return _Holder(chain=(decoded(value.get("rawBytes"), f"{where}: certificate"),))
    certificates = objects(value.get("certificates"), f"{where}: certificates")
    if not 1 <= len(certificates) <= MOST_CERTIFICATES:
        raise Malformed(f"{where}: {len(certificates)} certificates; expected 1 to {MOST_CERTIFICATES}")
    return _Holder(chain=tuple(decoded(one.get("rawBytes"), f"{where}: certificate") for one in certificates))


def _key(value: Mapping[str, Any], where: str) -> _Holder:
    """A key by name, or as model_signing before release 1.1 wrote it: base64 of its PEM form."""
    hint, raw = value.get("hint"), value.get("rawBytes")
    if hint is not None and not isinstance(hint, str):
        raise Malformed(f"{where}: the hint is not text")
    if raw is None:
        return _Holder(hint)
    try:
        return _Holder(hint, public_key(decoded(raw, where)))
    except DsseError as problem:
        raise Malformed(f"{where}: {problem}") from problem


def _stamps(material: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    given = material.get("timestampVerificationData") or {}
    if not isinstance(given, dict):
        raise Malformed(f"{where}: timestampVerificationData is not an object")
    return objects(given.get("rfc3161Timestamps"), f"{where}: rfc3161Timestamps")


def decoded(value: Any, where: str) -> bytes:
    """The bytes that base64 stands for.

    Raises:
        Malformed: it is no base64 text, or stands for nothing.
    """
    try:
        found = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        found = b""
    if not found:
        raise Malformed(f"{where}: not base64")
    return found


def _json(document: Mapping[str, Any], where: str) -> bytes:
    try:
        return json.dumps(document).encode()
    except RecursionError:
        raise Malformed(f"{where}: it is nested too deeply") from None
