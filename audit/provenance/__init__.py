"""Reads what records say of a subject's files, and compares it with the bytes on disk.

A record is a file that somebody wrote down digests in: checksums, a bill of materials, a data card, an attestation.
`read` takes one apart, `assess` says how far the records of a subject carry. Signatures are not verified yet, so
no level above `bound` is ever reported, and nothing in a record is believed because it is signed.
"""

from __future__ import annotations

from audit.provenance.levels import (
    LEVELS,
    Assessment,
    AuditedFile,
    FileState,
    assess,
    fingerprint,
)
from audit.provenance.reader import read
from audit.provenance.record import Claim, Malformed, Record

__all__ = [
    "LEVELS",
    "Assessment",
    "AuditedFile",
    "Claim",
    "FileState",
    "Malformed",
    "Record",
    "assess",
    "fingerprint",
    "read",
]
