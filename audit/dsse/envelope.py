"""DSSE envelopes: a payload, its type, and signatures over both."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.dsse.errors import DsseError
from audit.dsse.keys import PrivateKey, PublicKey

IN_TOTO = "application/vnd.in-toto+json"
"""Payload type of in-toto statements."""

MOST_SIGNATURES = 100
"""Signatures of one envelope that are looked at; each may be tried with many keys."""


@dataclass(frozen=True)
class Signature:
    """One signature of an envelope.

    Attributes:
        keyid: a hint that nothing protects; None where it is absent or null.
        signature: its bytes.
        further: what else stands beside it in the envelope; nothing protects that either.
    """

    keyid: str | None
    signature: bytes
    further: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Envelope:
    """An envelope that was taken apart; nothing in it is verified.

    Attributes:
        signatures: at least one.
    """

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    @property
    def message(self) -> bytes:
        """What is really signed, so that the type cannot be swapped."""
        return pre_authentication(self.payload_type, self.payload)

    def signed_by(self, keys: Iterable[PublicKey]) -> tuple[PublicKey, ...]:
        """Those of the keys that signed, each once, in the order given; the keyid decides nothing."""
        return tuple(
            key
            for key in dict.fromkeys(keys)
            if any(key.verifies(one.signature, self.message) for one in self.signatures)
        )


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding of a payload and its type."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def envelope_of(document: object) -> Envelope:
    """Take an envelope apart.

    Args:
        document: as JSON gives it; base64 may be of the standard or of the URL-safe alphabet, unknown keys are left
            aside.

    Raises:
        DsseError: it is no envelope: a key is missing or of another type, or it has no signature, or too many.
    """
    if not isinstance(document, Mapping):
        raise DsseError("the envelope is not an object")
    payload_type, signatures = document.get("payloadType"), document.get("signatures")
    if not isinstance(payload_type, str) or not payload_type:
        raise DsseError("the envelope has no payloadType")
    if not payload_type.isascii():
        raise DsseError("the payloadType of the envelope is no media type")
    if not isinstance(signatures, list) or not signatures:
        raise DsseError("the envelope has no signature")
    if len(signatures) > MOST_SIGNATURES:
        raise DsseError(f"the envelope has {len(signatures)} signatures; at most {MOST_SIGNATURES} are read")
    return Envelope(
        _bytes(document.get("payload"), "payload"), payload_type, tuple(_signature(one) for one in signatures)
    )


def sign(payload: bytes, key: PrivateKey, *, payload_type: str = IN_TOTO) -> Signature:
    """A signature over a payload, with the fingerprint of the key as its keyid."""
    return Signature(key.public.fingerprint, key.sign(pre_authentication(payload_type, payload)))


def to_values(envelope: Envelope) -> dict[str, Any]:
    """An envelope as plain JSON values, base64 of the standard alphabet."""
    return {
        "payload": base64.b64encode(envelope.payload).decode(),
        "payloadType": envelope.payload_type,
        "signatures": [
            {
                **({} if one.keyid is None else {"keyid": one.keyid}),
                "sig": base64.b64encode(one.signature).decode(),
                **one.further,
            }
            for one in envelope.signatures
        ],
    }


def _signature(value: object) -> Signature:
    if not isinstance(value, Mapping):
        raise DsseError("a signature of the envelope is not an object")
    keyid = value.get("keyid")
    if keyid is not None and not isinstance(keyid, str):
        raise DsseError("the keyid of a signature is not text")
    further = {name: item for name, item in value.items() if name not in ("keyid", "sig")}
    return Signature(keyid, _bytes(value.get("sig"), "sig"), further)


def _bytes(value: object, what: str) -> bytes:
    if not isinstance(value, str) or (what == "sig" and not value):
        raise DsseError(f"the {what} of the envelope is no base64 text")
    if {"-", "_"} & set(value) and {"+", "/"} & set(value):
        raise DsseError(f"the {what} of the envelope mixes two alphabets of base64")
    try:
        return base64.b64decode(value.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        raise DsseError(f"the {what} of the envelope is not base64") from None
