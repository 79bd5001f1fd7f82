"""The folder that an audit leaves behind: written whole or not at all, and checked by anyone without the model.

How a changed byte is found, wherever it is:

    every file but two       its digest stands in MANIFEST.sha256
    MANIFEST.sha256          must be, byte for byte, what the files on disk give
    attestation.dsse.json    must be, byte for byte, what the bundle and the manifest give, but for the signatures: the
                             first must verify under the public key that run.json keeps, each countersignature under
                             the key that it brings (and there must be one by each key that the reader gives)

A stranger can of course rewrite all of it; that is what signatures are for. What no signature can hide is a verdict
that does not follow from the numbers: it is judged again, each report is rendered again,
and the policy files are resolved again.
"""

from audit.bundle.canonical import SCHEMA_VERSION
from audit.bundle.countersign import countersign
from audit.bundle.diff import BundleDiff, diff
from audit.bundle.export import STATEMENTS, export
from audit.bundle.loosening import criteria
from audit.bundle.read import read
from audit.bundle.verified import NotVerified
from audit.bundle.verify import Verification, verify
from audit.bundle.write import check_target, remove_leftovers, write

__all__ = [
    "SCHEMA_VERSION",
    "STATEMENTS",
    "BundleDiff",
    "NotVerified",
    "Verification",
    "check_target",
    "countersign",
    "criteria",
    "diff",
    "export",
    "read",
    "remove_leftovers",
    "verify",
    "write",
]
