"""Reads model files without opening them as Python would: what would run if somebody loaded this file?

Every name that a file makes Python import or call is compared with a list of exact names that are known to be
harmless. A name that is not on the list is unsafe, and so is whatever cannot be read: lists of dangerous names never
end, and each new one is found by the next attacker.
"""

from __future__ import annotations

from audit.artifact.report import ArtifactReport, Place
from audit.artifact.scanner import scan, scan_bytes, scan_file

__all__ = ["ArtifactReport", "Place", "scan", "scan_bytes", "scan_file"]
