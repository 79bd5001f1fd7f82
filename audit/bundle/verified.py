"""A bundle that was found sound, read so that somebody can put a signature under it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from audit import dsse
from audit.bundle.attestation import Signer, basis_of
from audit.bundle.canonical import BUNDLE, RUN, WAIVERS, load, parse
from audit.bundle.finding import Finding
from audit.bundle.layout import ATTESTATION
from audit.bundle.read import read_all, walk
from audit.bundle.sign import AUDITOR
from audit.bundle.statement import Basis
from audit.bundle.verify import verify
from audit.dsse import Signature
from audit.errors import BundleError


class NotVerified(BundleError):
    """A bundle is not signed for, since it does not verify.

    Attributes:
        findings: why.
    """

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(map(str, findings)))


@dataclass(frozen=True)
class VerifiedBundle:
    """A bundle that verifies.

    Attributes:
        basis: what is said of it.
        signatures: those of its attestation, in their order; none where it has no attestation.
        signers: who made them.
    """

    basis: Basis
    signatures: tuple[Signature, ...]
    signers: tuple[Signer, ...]

    @property
    def auditor(self) -> str:
        """Fingerprint of the auditor's key; empty where he did not sign."""
        return next((signer.fingerprint for signer in self.signers if signer.role == AUDITOR), "")


def read_verified(folder: Path) -> VerifiedBundle:
    """Verify a bundle and read it.

    Raises:
        NotVerified: it does not verify.
        BundleError: it cannot be read, or was changed while it was looked at.
    """
    before = read_all(folder, walk(folder).files)
    found = verify(folder)
    if not found.ok:
        raise NotVerified(found.findings)
    disk = read_all(folder, walk(folder).files)
    if disk.digests != before.digests:
        raise BundleError(f"{folder}: changed while it was verified; nothing was signed")
    decoded = load({name: disk.content(name) for name in (BUNDLE, RUN, WAIVERS)})
    signatures: tuple[Signature, ...] = ()
    if ATTESTATION in disk.contents:
        signatures = dsse.envelope_of(parse(ATTESTATION, disk.content(ATTESTATION))).signatures
    return VerifiedBundle(basis_of(disk, decoded), signatures, found.signers)
