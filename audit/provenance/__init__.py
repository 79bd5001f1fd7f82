"""Reads what records say of a subject's files, verifies who signed that, and compares it with the bytes on disk.

A record is a file that somebody wrote down digests in: checksums, a bill of materials, a data card, an attestation, a
model signature. `read` takes a file of records apart, `assess` says how far the records of a subject carry. Everything
works offline, and nothing in a record is believed because of what it says of itself.
"""

from __future__ import annotations

from audit.provenance.audited_file import AuditedFile, fingerprint
from audit.provenance.demands import Demands
from audit.provenance.keys import KeyRing
from audit.provenance.levels import FIRM, LEVELS, Assessment, FileState, RecordState, assess
from audit.provenance.lineage import Lineage, lineage
from audit.provenance.reader import kinds, read
from audit.provenance.record import Claim, Link, Malformed, Record, Seal
from audit.provenance.surroundings import Listing, Surroundings
from audit.provenance.window import Window

__all__ = [
    "FIRM",
    "LEVELS",
    "Assessment",
    "AuditedFile",
    "Claim",
    "Demands",
    "FileState",
    "KeyRing",
    "Lineage",
    "Link",
    "Listing",
    "Malformed",
    "Record",
    "RecordState",
    "Seal",
    "Surroundings",
    "Window",
    "assess",
    "fingerprint",
    "kinds",
    "lineage",
    "read",
]
