"""Signed statements about a bundle in files of their own, for those who do not read bundles."""

from __future__ import annotations

from pathlib import Path

from audit import dsse
from audit.bundle import eval_result, svr
from audit.bundle.sign import envelope, signing_key
from audit.bundle.verified import VerifiedBundle, read_verified
from audit.dsse import PublicKey
from audit.errors import BundleError

STATEMENTS = ("svr", "eval-result")


def export(folder: Path, statement: str, key_pem: bytes) -> bytes:
    """A DSSE envelope with a statement about a bundle that verifies.

    Args:
        statement: one of `STATEMENTS`.
        key_pem: private key of the signer.

    Raises:
        NotVerified: the bundle does not verify.
        BundleError: the key is not usable, or the statement cannot be made about this bundle.
    """
    key = signing_key(key_pem)
    bundle = read_verified(folder)
    try:
        payload = _payload(bundle, statement, key.public)
    except ValueError as error:  # a number that canonical JSON cannot hold
        raise BundleError(f"{folder}: the statement cannot be written: {error}") from error
    return envelope(payload, [dsse.sign(payload, key)])


def _payload(bundle: VerifiedBundle, statement: str, signer: PublicKey) -> bytes:
    if statement == "svr":
        return svr.render(bundle.basis)
    # who signs an unsigned bundle's result answers for the audit too
    return eval_result.render(bundle.basis, evaluator=bundle.auditor or signer.fingerprint)
