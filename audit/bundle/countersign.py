"""Puts one more signature under a bundle that verifies; the rest of the bundle stays as it is.

The manifest does not list the attestation, so a countersigned bundle has the same manifest and the same statement. One
after another: each signature covers those before it, so two people who sign copies cannot be put together later.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.bundle import sign
from audit.bundle.attestation import Signer
from audit.bundle.layout import ATTESTATION
from audit.bundle.replace import replace_file
from audit.bundle.statement import result_statement
from audit.bundle.verified import read_verified
from audit.dsse import MOST_SIGNATURES
from audit.errors import BundleError


def countersign(folder: Path, key_pem: bytes, role: str) -> Signer:
    """Verify a bundle, and sign it in a role.

    A bundle without a signature can be countersigned too; it goes on saying that the auditor did not sign it.

    Args:
        key_pem: private key of the signer.
        role: a word of small letters, such as `reviewer`; not `auditor`.

    Raises:
        NotVerified: the bundle does not verify; nothing changed.
        BundleError: the key or the role is not usable, the key has signed in this role already, or the file could not
            be written; nothing changed.
    """
    key = sign.signing_key(key_pem)
    sign.check_role(role)
    signer = Signer(key.public.fingerprint, role)
    try:
        with _alone(folder):
            bundle = read_verified(folder)
            if signer in bundle.signers:
                raise BundleError(f"{folder}: key {signer.fingerprint} has signed as {role} already")
            if len(bundle.signatures) >= MOST_SIGNATURES:
                raise BundleError(f"{folder}: has {MOST_SIGNATURES} signatures; more are not read")
            payload = result_statement(bundle.basis)
            signature = sign.countersign(payload, key, role, bundle.signatures)
            content = sign.envelope(payload, [*bundle.signatures, signature])
            replace_file(folder / ATTESTATION, content, beside=folder.resolve().parent)
    except OSError as error:
        where = f" (from {folder.resolve().parent}, on another file system)" if error.errno == errno.EXDEV else ""
        raise BundleError(
            f"{folder}: could not be signed: {error.strerror or error}{where}; it is unchanged"
        ) from error
    return signer


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other signers of the same bundle waiting, since the later one would drop the signature of the earlier."""
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
