"""Verifies the signatures of a record: under the keys that it carries, that the subject offers and that are pinned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from audit.provenance import certificates
from audit.provenance.keys import KeyRing
from audit.provenance.record import Record, Seal


@dataclass(frozen=True)
class Signer:
    """Somebody whose signature over a record is valid.

    Attributes:
        fingerprint: of the key, SHA-256 of its DER form, hexadecimal.
        identity: the name in the certificate; empty for a bare key.
        pinned: whether the policy trusts this key or this identity.
    """

    fingerprint: str
    identity: str = ""
    pinned: bool = False

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

    A signature is wrong where the key or certificate that it comes with does not verify it, or where the subject offers
    keys and none of those nor of the pinned ones does. Without any key to try it is left aside, with a note.
    """
    signers: dict[Signer, None] = {}
    problems: list[str] = []
    notes: list[str] = []
    for seal in record.seals:
        if seal.chain:
            found = certificates.examine(seal, ring)
            if found.identity is not None:
                signers[Signer(found.fingerprint, found.identity, found.trusted)] = None
            problems += [f"{record.path}: {text}" for text in found.problems]
            notes += [f"{record.path}: {text}" for text in found.notes]
            continue
        valid = list(_by_keys(seal, ring))
        signers |= dict.fromkeys(valid)
        if not valid and (seal.key is not None or ring.offered):
            problems.append(f"{record.path}: the signature is wrong: no key given verifies it")
        elif not valid:
            notes.append(f"{record.path}: the signature was not verified: no key of its signer is given")
    ordered = sorted(signers, key=lambda signer: not signer.pinned)
    return Signatures(tuple(ordered), tuple(problems), tuple(notes))


def _by_keys(seal: Seal, ring: KeyRing) -> Iterator[Signer]:
    keys = [seal.key] if seal.key is not None else [*ring.pinned, *ring.offered]
    for key in dict.fromkeys(keys):
        if key.verifies(seal.signature, seal.message):
            yield Signer(key.fingerprint, pinned=ring.pins(key))
