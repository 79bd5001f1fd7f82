"""Whom a policy trusts to sign records: a PEM file beside it, and a list of fingerprints and names.

    with:
      keys: release-keys.pem            public keys and certificates of authorities, as many as wanted
      signers:
        - 9f2c...                       SHA-256 of a public key in DER form, 64 hexadecimal digits
        - build@example.org <https://accounts.example.org>   holder of a certificate, and who vouches for that name

Whoever holds a key in the file is trusted. Of the holders of certificates only those are trusted whom `signers` names,
where it names any; with an authority and no `signers`, everybody whom the authority certifies. Of Sigstore, where
anybody gets a certificate, only those whom `signers` names. A name with `://` is compared with URIs alone, one with `@`
with e-mail addresses alone, one with `=` with the subject of a certificate that has no other name, and any other with
host names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from audit.dsse import PublicKey
from audit.errors import AuditError
from audit.provenance.keys import KeyRing
from audit.provenance.pem import read_pem
from audit.provenance.record import Malformed

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_MEANT_AS_ONE = re.compile(r"(?:sha256:)?[0-9a-f:]{16,}", re.IGNORECASE)
_IDENTITY = re.compile(r"[^<>*]+(?:<[^<>*\s]+>)?")


@dataclass(frozen=True)
class TrustedKeys:
    """What the file of a policy holds.

    Attributes:
        keys: public keys that are trusted.
        authorities: certificates of those whose certificates are trusted, DER.
    """

    keys: tuple[PublicKey, ...] = ()
    authorities: tuple[bytes, ...] = ()


def read(name: str, content: bytes) -> TrustedKeys:
    """The keys that a policy trusts.

    Raises:
        AuditError: the file holds none, or something else, such as a private key.
    """
    try:
        found = read_pem(name, content)
    except Malformed as problem:
        raise AuditError(str(problem)) from problem
    if not all(certificate.authority for certificate in found.certificates):
        raise AuditError(
            f"{name}: a certificate of somebody who may not certify others; give the certificate of the authority, or "
            "name the SHA-256 of the key under signers"
        )
    return TrustedKeys(found.keys, tuple(certificate.der for certificate in found.certificates))


def key_ring(trusted: TrustedKeys | None, signers: Iterable[str]) -> KeyRing:
    """What a policy trusts; keys that come with a subject are still to be offered.

    Args:
        trusted: from the file of the policy; None where it names none.
        signers: fingerprints and names, as the policy gives them.

    Raises:
        AuditError: a signer is neither a fingerprint nor a name.
    """
    trusted = trusted or TrustedKeys()
    words = [_signer(word) for word in signers]
    return KeyRing(
        pinned=trusted.keys,
        fingerprints=frozenset(word for word in words if _FINGERPRINT.fullmatch(word)),
        roots=trusted.authorities,
        identities=tuple(word for word in words if not _FINGERPRINT.fullmatch(word)),
    )


def _signer(word: str) -> str:
    bare = word.strip().lower().removeprefix("sha256:").replace(":", "")
    if _FINGERPRINT.fullmatch(bare):
        return bare
    if _MEANT_AS_ONE.fullmatch(word.strip()):
        raise AuditError(
            f"signers: {word!r:.100} has {len(bare)} hexadecimal digits; the SHA-256 of a public key has 64"
        )
    if not _IDENTITY.fullmatch(word.strip()) or not word.isprintable():
        raise AuditError(f"signers: {word!r:.100} is no fingerprint and no NAME or NAME <ISSUER>; no pattern counts")
    return word.strip()
