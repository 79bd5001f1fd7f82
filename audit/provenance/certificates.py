"""Certificates of signers: whether a chain leads to an authority that the policy trusts, and whom it names."""

from __future__ import annotations

from dataclasses import dataclass

from audit.provenance.keys import KeyRing
from audit.provenance.record import Seal


@dataclass(frozen=True)
class Holder:
    """What was found about the certificate of one signature.

    Attributes:
        fingerprint: of the key of the leaf.
        identity: the name in it; None where the signature or the chain is wrong.
        trusted: whether the chain leads to an authority of the policy, and the policy names the holder.
        problems: why the signature may not be believed.
        notes: doubts beside it.
    """

    fingerprint: str = ""
    identity: str | None = None
    trusted: bool = False
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def examine(seal: Seal, ring: KeyRing) -> Holder:
    """Verify a signature under the certificate that it comes with, and the chain of that certificate."""
    return Holder(notes=("certificates are not verified yet",))
