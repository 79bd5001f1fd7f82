"""Certificates of signers: whether a chain leads to an authority that the policy trusts, and whom it names.

A chain is followed by the rules of RFC 5280 (signatures, authority to certify, path lengths, names, validity), offline;
revocation is not looked up.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from audit.provenance import sigstore_log
from audit.provenance.keys import KeyRing
from audit.provenance.record import Malformed, Seal
from audit.provenance.x509_certificate import Certificate, read

if TYPE_CHECKING:
    from cryptography.x509.verification import ExtensionPolicy

_LONGEST_CHAIN = 8
_NOT_FOR_CODE = "the certificate of the signer is not for signing code"


@dataclass(frozen=True)
class Holder:
    """What was found about the certificate of one signature.

    Attributes:
        valid: whether the signature counts: it is the holder's, and was made while the certificate counted.
        fingerprint: of the key of the leaf.
        identity: the name in it, where an authority that the policy trusts confirms it; else empty.
        trusted: whether the policy trusts the holder, by name or by key.
        logged: when a verified log or time stamp says that it was signed, ISO, UTC.
        problems: why the signature may not be believed.
        notes: doubts beside it.
    """

    valid: bool = False
    fingerprint: str = ""
    identity: str = ""
    trusted: bool = False
    logged: str = ""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def examine(seal: Seal, ring: KeyRing) -> Holder:
    """Verify a signature under the certificate that it comes with, and the chain of that certificate."""
    try:
        chain = tuple(read(der) for der in seal.chain)
    except Malformed as problem:
        return Holder(problems=(f"the signature comes with {problem}",))
    leaf = chain[0]
    if not seal.signed_by(leaf.key):
        return Holder(problems=("the signature is wrong: the key of its certificate does not verify it",))
    found = _by_log(seal, leaf, ring) if seal.bundle else _by_chain(chain, ring)
    if not ring.pins(leaf.key) or found.trusted or (seal.bundle and found.problems):
        return found
    doubts = (*found.problems, *found.notes, "the signature counts by its key alone, which the policy names")
    return Holder(True, leaf.key.fingerprint, trusted=True, notes=doubts)


def _by_log(seal: Seal, leaf: Certificate, ring: KeyRing) -> Holder:
    """A certificate of Sigstore, which lives for minutes: a log or a time stamp proves that it was used in these."""
    if not leaf.for_code:
        return Holder(problems=(_NOT_FOR_CODE,))
    proof = sigstore_log.verify(seal, leaf, ring.sigstore_root)
    if not proof.valid:
        return Holder(problems=proof.problems, notes=proof.notes)
    name = _named(leaf, ring, of_sigstore=True)
    notes = () if name else (f"the policy does not name {_called(leaf)}, who signed with a certificate of Sigstore",)
    # the proofs place the signature inside the life of the certificate; its beginning flatters no record
    return Holder(
        valid=True,
        fingerprint=leaf.key.fingerprint,
        identity=name or next(iter((*leaf.names, *leaf.user_names)), ""),
        trusted=bool(name) or ring.pins(leaf.key),
        logged=leaf.begins.isoformat(),
        notes=notes,
    )


def _by_chain(chain: tuple[Certificate, ...], ring: KeyRing) -> Holder:
    """A certificate of an authority, which has to count on the day of the audit: nothing proves when it was used."""
    leaf = chain[0]
    if not leaf.for_code:
        return Holder(problems=(_NOT_FOR_CODE,))
    moments = [moment for moment in _moments(ring) if leaf.counts(moment)]
    if not moments and leaf.is_short_lived:
        return Holder(notes=("the certificate lived for one use, and no log proves when that was",))
    reasons = [_unanchored(chain, ring.roots, moment) for moment in moments]
    if all(reasons):
        late = _out_of_time(chain, ring)
        if late:
            return Holder(problems=(late,))
        note = f"{reasons[0]}, so that its name proves nothing: it calls its holder {_called(leaf)}"
        return Holder(True, leaf.key.fingerprint, notes=(note,))
    name = _named(leaf, ring, of_sigstore=False)
    meant = bool(name) or ring.means_anybody
    return Holder(
        valid=True,
        fingerprint=leaf.key.fingerprint,
        identity=name or next(iter(leaf.names), ""),
        trusted=meant or ring.pins(leaf.key),
        notes=() if meant else (f"the policy does not name {_called(leaf)}, who holds the certificate",),
    )


def _named(leaf: Certificate, ring: KeyRing, *, of_sigstore: bool) -> str:
    """The name by which the policy means the holder; empty where it means somebody else."""
    meant = (one for one in ring.identities if leaf.matches(one, of_sigstore=of_sigstore))
    return next((one.partition("<")[0].strip() for one in meant), "")


def _moments(ring: KeyRing) -> tuple[datetime.datetime, ...]:
    """Beginning and end of the day of the audit."""
    today = ring.today or datetime.datetime.now(datetime.UTC).date()
    return tuple(
        datetime.datetime.combine(today, time, datetime.UTC) for time in (datetime.time.min, datetime.time.max)
    )


def _out_of_time(chain: Sequence[Certificate], ring: KeyRing) -> str:
    """Why a certificate on the way up from the signer does not count on the day of the audit; empty if all do.

    What else comes with the signature does not matter, nor an authority's old certificate where a newer one is there.
    """
    start, end = _moments(ring)
    here, above = chain[0], list(chain[1:])
    while here.counts(start) or here.counts(end):
        issuers = [one for one in above if one.issued(here)]
        if not issuers:
            return ""
        here = next((one for one in issuers if one.counts(start) or one.counts(end)), issuers[0])
        above.remove(here)
    if here.begins > end:
        return f"a certificate of the signer counts only from {here.begins.date()} on"
    when = f"expired on {here.ends.date()}" if here.ends < start else "does not count on the day of the audit"
    return f"a certificate of the signer {when}, and nothing proves that it was used before"


@lru_cache(maxsize=256)
def _unanchored(chain: tuple[Certificate, ...], roots: tuple[bytes, ...], moment: datetime.datetime) -> str:
    """Why a chain does not lead to an authority of the policy, in words; empty if it does.

    Kept, since certificates that certify one another take a tenth of a second, and an audit asks many times.
    """
    from cryptography import x509
    from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

    if not roots:
        return "the policy names no authority for certificates"
    builder = PolicyBuilder().store(Store([x509.load_der_x509_certificate(root) for root in roots]))
    builder = builder.time(moment.replace(tzinfo=None)).max_chain_depth(_LONGEST_CHAIN)
    builder = builder.extension_policies(ca_policy=_authority_policy(), ee_policy=ExtensionPolicy.permit_all())
    try:
        builder.build_client_verifier().verify(chain[0].loaded, [one.loaded for one in chain[1:]])
    except (VerificationError, ValueError) as problem:
        reason = str(problem).rpartition("candidates exhausted: ")[2]
        return f"the certificate leads to no authority of the policy ({reason[:120]})"
    return ""


def _authority_policy() -> ExtensionPolicy:
    """What the certificate of an authority has to say: that it may certify others, and for code if it says for what."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID
    from cryptography.x509.verification import Criticality, ExtensionPolicy

    def certifies(_: object, __: object, given: x509.BasicConstraints) -> None:
        if not given.ca:
            raise ValueError("it may not certify others")

    def may_sign(_: object, __: object, given: x509.KeyUsage) -> None:
        if not given.key_cert_sign:
            raise ValueError("its key is not for certificates")

    def for_code(_: object, __: object, given: x509.ExtendedKeyUsage | None) -> None:
        known = {ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
        if given is not None and known.isdisjoint(given):
            raise ValueError("its certificates are not for code")

    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, certifies)
        .require_present(x509.KeyUsage, Criticality.AGNOSTIC, may_sign)
        .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, for_code)
    )


def _called(certificate: Certificate) -> str:
    name = repr(next(iter((*certificate.names, *certificate.user_names)), ""))[:200]
    return f"{name} of {certificate.issuer[:200]!r}" if certificate.issuer else name
