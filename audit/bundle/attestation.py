"""Checks the attestation of a bundle: it must state what the bundle holds, and its signature must be valid."""

from __future__ import annotations

from dataclasses import dataclass

from audit.bundle.canonical import Decoded, parse
from audit.bundle.layout import ATTESTATION, MANIFEST, RESOLVED_POLICY
from audit.bundle.read import Disk
from audit.bundle.sign import envelope, fingerprint, from_base64, signed, statement
from audit.bundle.write import configuration
from audit.errors import BundleError


@dataclass(frozen=True)
class Signature:
    """What was found about the signature of a bundle.

    Attributes:
        signed_by: fingerprint of the key whose signature is valid; empty where there is none.
        pinned: whether that is the key that the caller trusts.
    """

    problems: tuple[str, ...] = ()
    signed_by: str = ""
    pinned: bool = False
    notes: tuple[str, ...] = ()


def check(disk: Disk, decoded: Decoded, pinned: bytes | None) -> Signature:
    """Compare the attestation with what the bundle and the manifest give, and check its signature.

    Args:
        pinned: public key in DER form that must have signed; None accepts an unsigned bundle and any signer.
    """
    key, present = decoded.seal.public_key, ATTESTATION in disk.digests
    if key is None:
        if present:
            return Signature((f"{ATTESTATION}: there, though run.json names no signer",))
        unsigned = "the bundle is not signed"
        return Signature((f"{unsigned}, and a key was given",)) if pinned else Signature(notes=(unsigned,))
    if not present:
        return Signature((f"{ATTESTATION}: missing, though run.json names a signer",))
    try:
        der, resolved = from_base64(key), disk.digests.get(RESOLVED_POLICY, "")
        wanted = statement(decoded.bundle, disk.content(MANIFEST), configuration(decoded.bundle, resolved))
        problem = _envelope_problem(disk.content(ATTESTATION), wanted, der)
    except BundleError as error:
        problem = str(error)
    if problem:
        return Signature((f"{ATTESTATION}: {problem}",))
    signer = fingerprint(der)
    if pinned is None:
        return Signature(signed_by=signer, notes=(f"signed by key {signer}; give --key to pin the signer",))
    if der != pinned:
        wrong = f"{ATTESTATION}: signed by key {signer}, not by the key given ({fingerprint(pinned)})"
        return Signature((wrong,), signed_by=signer)
    return Signature(signed_by=signer, pinned=True)


def _envelope_problem(content: bytes, payload: bytes, der: bytes) -> str:
    """Why an envelope is not the one that the holder of a key would have written; empty if it is."""
    signatures = parse(ATTESTATION, content).get("signatures")
    first = signatures[0] if isinstance(signatures, list) and signatures else None
    text = first.get("sig") if isinstance(first, dict) else None
    if not isinstance(text, str):
        return "no signature in it"
    signature = from_base64(text)
    if envelope(payload, fingerprint(der), signature) != content:
        return "does not state what this bundle holds, or is not in its exact form"
    return "" if signed(payload, signature, der) else "the signature is wrong"
