"""Which keys count: those that the policy pins, and those that the subject only offers."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from audit.dsse import PublicKey


@dataclass(frozen=True)
class KeyRing:
    """The keys that signatures are verified with.

    A valid signature of an offered key makes a record `signed`; only what the policy pins makes it `trusted`. Nothing
    that comes with the subject can add to what is pinned.

    Attributes:
        offered: keys that the subject names under `provenance`.
        pinned: keys that the policy gives, from its file of keys.
        fingerprints: SHA-256 of further keys that the policy pins, hexadecimal.
        roots: certificate authorities that the policy trusts, DER.
        identities: who may hold a certificate of those: `NAME` or `NAME <ISSUER>`; see `means_anybody`. The holder of
            a certificate of Sigstore has to be named with the issuer, since there anybody gets one.
        sigstore_root: `trusted_root.json` of the Sigstore that the policy trusts; empty for the public one, as it
            comes with the package sigstore.
        today: the UTC day of the audit, on which certificates have to be valid; None for the day on which this runs.
    """

    offered: tuple[PublicKey, ...] = ()
    pinned: tuple[PublicKey, ...] = ()
    fingerprints: frozenset[str] = frozenset()
    roots: tuple[bytes, ...] = ()
    identities: tuple[str, ...] = ()
    sigstore_root: bytes = b""
    today: datetime.date | None = None

    @property
    def means_anybody(self) -> bool:
        """Whether everybody with a certificate of a trusted authority is trusted: where no key or name is given."""
        return not self.identities and not self.fingerprints

    @cached_property
    def by_name(self) -> Mapping[str, PublicKey]:
        """Keys as signatures call them: here by their DER form, and by model_signing by their PEM form."""
        keys = (*self.offered, *self.pinned)
        by_pem = {hashlib.sha256(key.pem).hexdigest(): key for key in keys}
        return {**by_pem, **{key.fingerprint: key for key in keys}}

    def pins(self, key: PublicKey) -> bool:
        """Whether the policy trusts a key."""
        return key in self.pinned or key.fingerprint in self.fingerprints
