"""Checks the attestation of a bundle: it must state what the bundle holds, and every signature must be valid.

The envelope has one form for one content, byte for byte, but for its keyids, which DSSE protects nowhere. A bundle
whose `run.json` names no signer may be countersigned too: it then says that the auditor did not sign. That the last
countersignature was taken away can be seen only by who asks for its key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from audit import dsse
from audit.bundle import sign
from audit.bundle.again import different_line
from audit.bundle.canonical import RUN, Decoded, canonical_json, parse
from audit.bundle.finding import Finding, cut, of_text
from audit.bundle.layout import ATTESTATION, MANIFEST, RESOLVED_POLICY
from audit.bundle.read import Disk
from audit.bundle.statement import Basis, result_statement
from audit.dsse import IN_TOTO, DsseError, Envelope, PublicKey, Signature
from audit.errors import BundleError

_ENVELOPE_KEYS = {"payload", "payloadType", "signatures"}
_COUNTERSIGNED = ("public_key", "role", "role_sig")
_LONGEST_SIGNATURE = 10_000
"""Bytes that one signature with its key, role and keyid may take in the file."""


@dataclass(frozen=True)
class Signer:
    """Somebody whose signature over the bundle is valid.

    Attributes:
        fingerprint: SHA-256 of the public key in DER form, hexadecimal.
        role: `auditor` for the key that run.json names.
        pinned: whether the caller gave this key.
    """

    fingerprint: str
    role: str
    pinned: bool = False


@dataclass(frozen=True)
class Signatures:
    """What was found about the signatures of a bundle.

    Attributes:
        signers: those whose signature is valid, in the order in which they signed.
        pinned: whether keys were given and all of them have signed.
    """

    problems: tuple[Finding, ...] = ()
    signers: tuple[Signer, ...] = ()
    pinned: bool = False
    notes: tuple[str, ...] = ()

    @property
    def signed_by(self) -> str:
        """Fingerprint of the auditor's key; empty where there is no valid signature of it."""
        return next((signer.fingerprint for signer in self.signers if signer.role == sign.AUDITOR), "")


def basis_of(disk: Disk, decoded: Decoded) -> Basis:
    """What the statements about a bundle on disk are made from.

    Raises:
        BundleError: the manifest is missing.
    """
    return Basis(decoded.bundle, sha256(disk.content(MANIFEST)).hexdigest(), disk.digests.get(RESOLVED_POLICY, ""))


def check(disk: Disk, decoded: Decoded, pinned: Sequence[PublicKey] = ()) -> Signatures:
    """Compare the attestation with what the bundle and the manifest give, and check its signatures.

    Args:
        pinned: keys each of which must have signed, in any role; none accepts an unsigned bundle and any signer.
    """
    named = decoded.seal.public_key
    if ATTESTATION not in disk.contents:
        if named is not None:
            return Signatures((Finding(ATTESTATION, "missing, though run.json names a signer"),))
        if pinned:
            return Signatures((Finding("", "the bundle is not signed, and a key was given"),))
        return Signatures(notes=("the bundle is not signed",))
    try:
        auditor = None if named is None else sign.key_of_text(named)
    except BundleError as error:
        return Signatures((Finding(RUN, str(error), place="public_key"),))
    try:
        payload = result_statement(basis_of(disk, decoded))
        document = _document(disk.content(ATTESTATION), payload)
        envelope = dsse.envelope_of(document)
    except (BundleError, DsseError) as error:
        told = of_text(str(error))
        return Signatures((told if told.file else replace(told, file=ATTESTATION),))
    stated = tuple(_statement(document, envelope, payload))
    if stated:  # signatures over another statement say nothing of this one
        return Signatures(stated)
    found = [_signer(envelope, place, auditor) for place in range(len(envelope.signatures))]
    signers = tuple(one for one in found if isinstance(one, Signer))
    problems = [one for one in found if isinstance(one, Finding)]
    problems += _twice(signers)
    if not problems and not _is_exact(disk.content(ATTESTATION), document, envelope):
        problems.append(Finding(ATTESTATION, "not in its exact form (order of keys, spaces or base64)"))
    return Signatures(tuple(problems), signers) if problems else _pinned(signers, pinned)


def _document(content: bytes, payload: bytes) -> dict[str, Any]:
    if len(content) > 2 * len(payload) + dsse.MOST_SIGNATURES * _LONGEST_SIGNATURE:
        raise BundleError(f"{ATTESTATION}: {len(content)} bytes, more than its signatures can take")
    return parse(ATTESTATION, content)


def _statement(document: dict[str, Any], envelope: Envelope, payload: bytes) -> Iterator[Finding]:
    """Whether the envelope holds the statement that follows from the bundle, and nothing beside it."""
    for key in sorted(document.keys() - _ENVELOPE_KEYS):
        yield Finding(ATTESTATION, f"unknown key {cut(key)}")
    if envelope.payload_type != IN_TOTO:
        yield Finding(
            ATTESTATION, "another type", place="payloadType", expected=IN_TOTO, found=cut(envelope.payload_type)
        )
    if envelope.payload != payload:
        told = different_line(ATTESTATION, "does not state what this bundle holds", payload, envelope.payload)
        yield replace(told, line=None, place="payload")  # a line of the payload is none of the file


def _signer(envelope: Envelope, place: int, auditor: PublicKey | None) -> Signer | Finding:
    """Who made one signature of the envelope, or what is wrong with it."""
    one, before = envelope.signatures[place], envelope.signatures[:place]
    if auditor is not None and not before:
        outcome = _audited(one, auditor, envelope)
    else:
        outcome = _countersigned(one, before, envelope)
    if isinstance(outcome, Signer):
        return outcome
    return Finding(ATTESTATION, outcome.message, place=f"signatures[{place}]{outcome.key}")


@dataclass(frozen=True)
class _Fault:
    """What is wrong with one signature.

    Attributes:
        key: where in it, as `.sig`.
    """

    message: str
    key: str = ""


def _audited(one: Signature, key: PublicKey, envelope: Envelope) -> Signer | _Fault:
    if one.further:
        return _Fault("the first signature has to be the one of the key that run.json names, without a role")
    if not _valid(key, one.signature, envelope.message):
        return _Fault("the signature is wrong: the key that run.json names did not make it", ".sig")
    return Signer(key.fingerprint, sign.AUDITOR)


def _countersigned(one: Signature, before: Sequence[Signature], envelope: Envelope) -> Signer | _Fault:
    if unknown := sorted(one.further.keys() - set(_COUNTERSIGNED)):
        return _Fault(f"unknown key {cut(unknown[0])}")
    texts = [one.further.get(name) for name in _COUNTERSIGNED]
    text, role, role_text = (value if isinstance(value, str) else "" for value in texts)
    try:
        key = sign.key_of_text(text)
    except BundleError as error:
        return _Fault(str(error), ".public_key")
    try:
        sign.check_role(role)
    except BundleError as error:
        return _Fault(str(error), ".role")
    if not _valid(key, one.signature, envelope.message):
        return _Fault("the signature is wrong: public_key did not make it", ".sig")
    try:
        role_signature = sign.exact_bytes(role_text)
    except BundleError as error:
        return _Fault(str(error), ".role_sig")
    if not _valid(key, role_signature, sign.role_message(envelope.payload, role, before)):
        return _Fault(f'public_key did not sign as "{role}" after the signatures before it', ".role_sig")
    return Signer(key.fingerprint, role)


def _valid(key: PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        return key.one_form(signature) == signature and key.verifies(signature, message)
    except DsseError:
        return False


def _twice(signers: Sequence[Signer]) -> Iterator[Finding]:
    for signer in sorted({one for one in signers if signers.count(one) > 1}, key=lambda one: one.fingerprint):
        yield Finding(ATTESTATION, f"key {signer.fingerprint} has signed twice as {signer.role}", place="signatures")


def _is_exact(content: bytes, document: dict[str, Any], envelope: Envelope) -> bool:
    """Whether the file is, byte for byte, what its content gives, whatever the keyids are and however escaped."""
    values = dsse.to_values(envelope)
    for entry, found in zip(values["signatures"], document["signatures"], strict=True):
        entry.pop("keyid", None)
        entry |= {"keyid": found["keyid"]} if "keyid" in found else {}
    escaped = json.dumps(values, sort_keys=True, separators=(",", ":")).encode()
    return content in (canonical_json(values), escaped)


def _pinned(signers: tuple[Signer, ...], keys: Sequence[PublicKey]) -> Signatures:
    """Compare the signers with the keys that the caller trusts."""
    wanted = {key.fingerprint for key in keys}
    found = tuple(replace(signer, pinned=signer.fingerprint in wanted) for signer in signers)
    who = ", ".join(dict.fromkeys(signer.fingerprint for signer in signers))
    absent = sorted(wanted - {signer.fingerprint for signer in signers})
    problems = tuple(Finding(ATTESTATION, f"signed by key {who}, not by the key given ({key})") for key in absent)
    return Signatures(problems, found, bool(wanted) and not absent, tuple(_notes(found)))


def _notes(signers: Sequence[Signer]) -> Iterator[str]:
    auditors = {signer.fingerprint for signer in signers if signer.role == sign.AUDITOR}
    if not auditors:
        yield "the auditor did not sign the bundle"
    for signer in signers:
        by = "signed by" if signer.role == sign.AUDITOR else f"countersigned as {signer.role} by"
        if signer.role != sign.AUDITOR and signer.fingerprint in auditors:
            yield f"{by} key {signer.fingerprint}, which is the auditor's own"
        elif not signer.pinned:
            yield f"{by} key {signer.fingerprint}; give --key to pin the signer"
