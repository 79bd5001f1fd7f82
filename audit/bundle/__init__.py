"""The folder that an audit leaves behind: written whole or not at all, and checked by anyone without the model.

How a changed byte is found, wherever it is:

    every file but two       its digest stands in MANIFEST.sha256
    MANIFEST.sha256          must be, byte for byte, what the files on disk give
    attestation.dsse.json    must be, byte for byte, what the bundle and the manifest give, but for the signature, which
                             must verify under the public key that run.json keeps (and under the one that the reader
                             trusts, where one is given)

A stranger can of course rewrite all of it; that is what signatures are for. What no signature can hide is a verdict
that does not follow from the numbers: it is judged again, each report is rendered again,
and the policy files are resolved again.
"""

from audit.bundle.canonical import SCHEMA_VERSION
from audit.bundle.diff import BundleDiff, diff
from audit.bundle.read import read
from audit.bundle.sign import KeyPair, new_key_pair
from audit.bundle.verify import Verification, verify
from audit.bundle.write import check_target, remove_leftovers, write

__all__ = [
    "SCHEMA_VERSION",
    "BundleDiff",
    "KeyPair",
    "Verification",
    "check_target",
    "diff",
    "new_key_pair",
    "read",
    "remove_leftovers",
    "verify",
    "write",
]
