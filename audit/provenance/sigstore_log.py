"""Proofs of Sigstore: that a certificate which lived for minutes was used in these, by a log or a time stamp.

Verified offline by the package `sigstore` with the trust root of the policy, or with the public one that comes with the
package as it was when that was released; nothing is downloaded. Covered are the chain of the certificate, its entry in
the certificate transparency log, inclusion proof and promise of the signature log, and RFC 3161 time stamps.
"""

from __future__ import annotations

import importlib.resources
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.dsse import pre_authentication
from audit.provenance.record import Seal
from audit.provenance.x509_certificate import Certificate

if TYPE_CHECKING:
    from cryptography.x509 import Certificate as Loaded
    from sigstore.hashes import Hashed
    from sigstore.models import TrustedRoot

_PUBLIC_ROOT = ("_store", "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev", "trusted_root.json")


@dataclass(frozen=True)
class Proof:
    """What was found about a bundle.

    Attributes:
        valid: whether the signature was made while the certificate counted, by proofs of an authority that is trusted.
        problems: why the bundle may not be believed.
        notes: why nothing could be found.
    """

    valid: bool = False
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def verify(seal: Seal, leaf: Certificate, trusted_root: bytes) -> Proof:
    """Verify the proofs of the bundle that a signature stands in.

    Args:
        leaf: its certificate, under which the signature is valid.
        trusted_root: `trusted_root.json` of the policy; empty for the public one.
    """
    try:
        from sigstore.errors import Error
        from sigstore.models import Bundle
        from sigstore.verify import Verifier
    except ImportError:
        note = 'proofs of Sigstore are not verified; install "auditgate[sigstore]"'
        return Proof(notes=(f"the certificate lived for one use: {note}",))
    try:
        root = _root(trusted_root)
    except (Error, ValueError, OSError) as problem:
        return Proof(problems=(f"the trusted_root.json of Sigstore cannot be read: {_short(problem)}",))
    if leaf.loaded.issuer not in [one.subject for one in root.get_fulcio_certs()]:
        return Proof(notes=("the certificate is of no Sigstore that the policy trusts",))
    try:
        bundle, verifier = Bundle.from_json(seal.bundle), Verifier(trusted_root=root)
        if not seal.prehashed:
            same = pre_authentication(*verifier.verify_dsse(bundle, _Anybody())) == seal.message
            return Proof(same, () if same else ("the bundle proves another statement",))
        if seal.prehashed != "sha256":
            return Proof(problems=(f"signatures over {seal.prehashed} have no proof that is read here",))
        verifier.verify_artifact(_hashed(seal.message), bundle, _Anybody())
    except (Error, ValueError, LookupError, TypeError) as problem:
        return Proof(problems=(f"the proofs of Sigstore are wrong: {_short(problem)}",))
    return Proof(True)


class _Anybody:
    """Whom the certificate names is compared with the policy by whoever asked."""

    def verify(self, cert: Loaded) -> None:
        """Accept every holder."""


def _root(trusted_root: bytes) -> TrustedRoot:
    from sigstore.models import TrustedRoot
    from sigstore_models.trustroot.v1 import TrustedRoot as Values

    content = trusted_root or importlib.resources.files("sigstore").joinpath(*_PUBLIC_ROOT).read_bytes()
    return TrustedRoot(Values.from_json(content))


def _hashed(digest: bytes) -> Hashed:
    from sigstore.hashes import Hashed
    from sigstore_models.common.v1 import HashAlgorithm

    return Hashed(algorithm=HashAlgorithm.SHA2_256, digest=digest)


def _short(problem: Exception) -> str:
    return " ".join(str(problem).split())[:200] or type(problem).__name__
