"""Signs what a bundle states: the auditor's signature, and those of people who countersign it in a role.

All signatures stand in one DSSE envelope over the same payload. The first is the auditor's, by the key that `run.json`
names. Each further one brings its key and its role; since DSSE signs neither, a second signature by the same key covers
the role, the payload and the signatures that were there before, so that none of them can be changed, moved or put on
another bundle. Other readers of DSSE see the plain signature and leave the rest aside.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence

from audit import dsse
from audit.bundle.canonical import canonical_json
from audit.bundle.statement import Basis, result_statement
from audit.dsse import IN_TOTO, DsseError, Envelope, PrivateKey, PublicKey, Signature, to_values
from audit.errors import BundleError

AUDITOR = "auditor"
"""The role of the key in `run.json`; nobody countersigns in it."""

_ROLE_TYPE = "application/vnd.auditgate.role+json"
_ROLE = re.compile(r"[a-z][a-z0-9-]{0,39}")


def signing_key(pem: bytes) -> PrivateKey:
    """Read a private key that may sign bundles.

    Raises:
        BundleError: it is no unencrypted Ed25519, ECDSA P-256 or P-384 key in PEM form.
    """
    try:
        key = dsse.private_key(pem)
    except DsseError as error:
        raise BundleError(str(error)) from None
    if key.public.kind not in dsse.KINDS:
        raise BundleError(f"the signing key is of the kind {key.public.kind}; bundles take {', '.join(dsse.KINDS)}")
    return key


def key_text(key: PublicKey) -> str:
    """A public key as a bundle keeps it: base64 of the DER form."""
    return base64.b64encode(key.der).decode()


def key_of_text(text: str) -> PublicKey:
    """Read a public key that a bundle keeps.

    Raises:
        BundleError: it is no such text in its one exact form, or a key that signs no bundles.
    """
    try:
        key = dsse.public_key_of_der(exact_bytes(text))
    except DsseError as error:
        raise BundleError(f"the public key is not readable: {error}") from None
    if key.kind not in dsse.KINDS or key_text(key) != text:
        raise BundleError(f"not the exact form of a public key of the kind {', '.join(dsse.KINDS)}")
    return key


def exact_bytes(text: str) -> bytes:
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


def envelope(payload: bytes, signatures: Sequence[Signature]) -> bytes:
    """An envelope in the one form in which a bundle keeps it, but for keyids, which may be anything."""
    return canonical_json(to_values(Envelope(payload, IN_TOTO, tuple(signatures))))


def attest(basis: Basis, key: PrivateKey) -> bytes:
    """The attestation as the auditor signs it."""
    payload = result_statement(basis)
    return envelope(payload, [dsse.sign(payload, key)])


def check_role(role: str) -> None:
    """Raise unless somebody can countersign in a role.

    Raises:
        BundleError: it is no word of small letters, digits and dashes, or it is the auditor's.
    """
    if _ROLE.fullmatch(role) is None:
        raise BundleError("a role is a word of at most 40 small letters, digits and dashes, such as reviewer")
    if role == AUDITOR:
        raise BundleError(f'the role "{AUDITOR}" belongs to the key in run.json; sign in another one, such as reviewer')


def countersign(payload: bytes, key: PrivateKey, role: str, before: Sequence[Signature]) -> Signature:
    """One more signature over a payload, in a role.

    Args:
        before: the signatures that are there already, in their order.
    """
    own = dsse.sign(payload, key)
    role_signature = key.sign(role_message(payload, role, before))
    further = {
        "public_key": key_text(key.public),
        "role": role,
        "role_sig": base64.b64encode(role_signature).decode(),
    }
    return Signature(own.keyid, own.signature, further)


def role_message(payload: bytes, role: str, before: Sequence[Signature]) -> bytes:
    """What a countersigner signs beside the payload: the role, and whose signatures were there before."""
    values = {
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        "role": role,
        "signatures_before": [hashlib.sha256(one.signature).hexdigest() for one in before],
    }
    return dsse.pre_authentication(_ROLE_TYPE, canonical_json(values))
