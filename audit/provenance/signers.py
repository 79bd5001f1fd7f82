"""Verifies the signatures of a record: under the keys that it carries, that the subject offers and that are pinned."""

from __future__ import annotations

from dataclasses import dataclass

from audit.provenance import certificates
from audit.provenance.keys import KeyRing
from audit.provenance.record import Record, Seal

_MOST_TRIES = 1_000
_TRIES_OF_A_CHAIN = 10


@dataclass
class Tries:
    """How often a signature may still be tried with a key; whoever hands in records chooses how many of both there are.

    Attributes:
        left: tries that are left; a certificate counts as one, and as ten where several stand above it, since there may
            then be many ways up.
    """

    left: int = _MOST_TRIES

    def spend(self, count: int = 1) -> bool:
        """Use some up, if so many are left."""
        self.left -= count
        return self.left >= 0


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

    @property
    def weight(self) -> int:
        """0 where nobody signed or something is wrong, 1 where somebody signed, 2 where the policy trusts a signer."""
        if self.problems or not self.signers:
            return 0
        return 2 if self.signers[0].pinned else 1


def examine(record: Record, ring: KeyRing, tries: Tries | None = None) -> Signatures:
    """Verify every signature of a record.

    A signature is wrong where the key or certificate that it comes with, or the key that its keyid names, does not
    verify it. One that no key at hand verifies is wrong too where the subject offers keys and nobody else's signature
    over the record is valid; otherwise somebody signed whose key is not at hand, and it is left aside with a note.

    Args:
        tries: shared by all records of an audit; a record for which they do not suffice may not be believed.
    """
    tries = tries or Tries()
    signers: dict[Signer, None] = {}
    problems: list[str] = []
    notes: list[str] = []
    strangers = 0
    for seal in record.seals:
        if seal.chain and tries.spend(1 if len(seal.chain) <= 2 else _TRIES_OF_A_CHAIN):
            found = certificates.examine(seal, ring)
            if found.valid:
                signers[Signer(found.fingerprint, found.identity, found.trusted, found.logged)] = None
            problems += found.problems
            notes += found.notes
            continue
        valid = None if seal.chain else _by_keys(seal, ring, tries)
        if tries.left < 0:
            problems.append(f"more signatures and keys than are tried with one another, {_MOST_TRIES:,} pairs in all")
            break
        # nothing protects the name of the key
        named = seal.key is not None or seal.keyid in ring.by_name
        if valid is not None:
            signers[valid] = None
        elif named:
            problems.append("the signature is wrong: the key that it names does not verify it")
        strangers += valid is None and not named
    if strangers and ring.offered and not signers:
        problems.append("the signature is wrong: no key given verifies it")
    elif strangers:
        notes.append(f"{strangers} of {len(record.seals)} signatures were not verified: no key of the signer is given")
    ordered = sorted(signers, key=lambda signer: not signer.pinned)
    problems, notes = ([f"{record.path}: {text}" for text in dict.fromkeys(texts)] for texts in (problems, notes))
    return Signatures(tuple(ordered), tuple(problems), tuple(notes))


def _by_keys(seal: Seal, ring: KeyRing, tries: Tries) -> Signer | None:
    """The signer whose key verifies a signature; the key that it names is tried first, then those that are pinned."""
    named = ring.by_name.get(seal.keyid or "")
    given = dict.fromkeys(key for key in (named, seal.key, *ring.pinned, *ring.offered) if key is not None)
    for key in sorted(given, key=lambda key: (key != named, not ring.pins(key))):
        if tries.spend() and seal.signed_by(key):
            return Signer(key.fingerprint, pinned=ring.pins(key))
    return None
