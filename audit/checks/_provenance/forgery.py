"""What somebody would do who swaps a file and rewrites all its records: the digests in them, and the signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from audit.dsse import PrivateKey
from audit.provenance import AuditedFile, Record, Seal


def forged(
    records: Sequence[Record], file: AuditedFile, changed: AuditedFile, signer: PrivateKey | None
) -> list[Record]:
    """Records that give the digests of a changed file wherever they gave those of the file.

    Args:
        signer: who signs what was rewritten; None leaves the signatures as they were.
    """
    return [_rewritten(record, file, changed, signer) for record in records]


def _rewritten(record: Record, file: AuditedFile, changed: AuditedFile, signer: PrivateKey | None) -> Record:
    algorithms = sorted({claim.algorithm for claim in record.claims})
    swaps = {file.digest(algorithm): changed.digest(algorithm) for algorithm in algorithms}
    claims = tuple(replace(claim, digest=swaps.get(claim.digest, claim.digest)) for claim in record.claims)
    if claims == record.claims:
        return record
    seals = tuple(_resealed(seal, swaps, signer) for seal in record.seals)
    return replace(record, claims=claims, seals=seals)


def _resealed(seal: Seal, swaps: Mapping[str, str], signer: PrivateKey | None) -> Seal:
    message = seal.message
    for old, new in swaps.items():
        message = message.replace(old.encode(), new.encode())
    if message == seal.message:
        # the digests stand in it in another spelling, or it is itself only a digest of what is signed
        message = bytes([message[0] ^ 1]) + message[1:]
    if signer is None:
        return replace(seal, message=message)
    return Seal(message, signer.sign(message), keyid=seal.keyid, key=signer.public)
