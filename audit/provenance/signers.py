"""Verifies the signatures of a record: under the keys that it carries, that the subject offers and that are pinned."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from audit.dsse import PublicKey
from audit.provenance import certificates
from audit.provenance.keys import KeyRing
from audit.provenance.record import Record, Seal


@dataclass(frozen=True)
class Signer:
    """Somebody whose signature over a record is valid.

    Attributes:
        fingerprint: of the key, SHA-256 of its DER form, hexadecimal.
        identity: the name in the certificate, where an authority of the policy confirms it; else empty.
        pinned: whether the policy trusts this key or this identity.
        logged: when a verified log or time stamp says that it was signed, ISO, UTC; empty where nothing proves it.
    """

    fingerprint: str
    identity: str = ""
    pinned: bool = False
    logged: str = ""

    @property
    def name(self) -> str:
        """How a reader calls the signer."""
        return self.identity or f"key {self.fingerprint[:16]}"


@dataclass(frozen=True)
class Signatures:
    """What was found about the signatures of one record.

    Attributes:
        signers: whose signatures are valid, pinned ones first.
        problems: signatures that are wrong, one sentence each; such a record may not be believed.
        notes: signatures that nobody here can check, and doubts about certificates, one sentence each.
    """

    signers: tuple[Signer, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def examine(record: Record, ring: KeyRing) -> Signatures:
    """Verify every signature of a record.

    A signature is wrong where the key or certificate that it comes with, or the key that its keyid names, does not
    verify it. One that no key at hand verifies is wrong too where the subject offers keys and nobody else's signature
    over the record is valid; otherwise somebody signed whose key is not at hand, and it is left aside with a note.
    """
    signers: dict[Signer, None] = {}
    problems: list[str] = []
    notes: list[str] = []
    strangers = 0
    for seal in record.seals:
        if seal.chain:
            found = certificates.examine(seal, ring)
            if found.valid:
                signers[Signer(found.fingerprint, found.identity, found.trusted, found.logged)] = None
            problems += found.problems
            notes += found.notes
            continue
        valid = list(_by_keys(seal, ring))
        signers |= dict.fromkeys(valid)
        if not valid and _named(seal, ring):
            problems.append("the signature is wrong: the key that it names does not verify it")
        strangers += not valid and not _named(seal, ring)
    if strangers and ring.offered and not signers:
        problems.append("the signature is wrong: no key given verifies it")
    elif strangers:
        notes.append(f"{strangers} of {len(record.seals)} signatures were not verified: no key of the signer is given")
    ordered = sorted(signers, key=lambda signer: not signer.pinned)
    problems, notes = ([f"{record.path}: {text}" for text in dict.fromkeys(texts)] for texts in (problems, notes))
    return Signatures(tuple(ordered), tuple(problems), tuple(notes))


def _by_keys(seal: Seal, ring: KeyRing) -> Iterator[Signer]:
    carried = [seal.key] if seal.key is not None else []
    for key in dict.fromkeys([*carried, *ring.pinned, *ring.offered]):
        if seal.signed_by(key):
            yield Signer(key.fingerprint, pinned=ring.pins(key))


def _named(seal: Seal, ring: KeyRing) -> bool:
    """Whether the signature comes with a key, or names one at hand; nothing protects that name."""
    return seal.key is not None or any(seal.keyid in _names(key) for key in (*ring.pinned, *ring.offered))


def _names(key: PublicKey) -> tuple[str, str]:
    """How signatures call a key: here by its DER form, and by model_signing by its PEM form."""
    return key.fingerprint, hashlib.sha256(key.pem).hexdigest()
