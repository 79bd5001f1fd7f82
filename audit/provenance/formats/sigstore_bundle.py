"""Sigstore bundles over a file: the signature of its digest, as `cosign sign-blob` and `sigstore sign` write them.

The name of the file is not in it, so the digest alone ties it. Bundles around a statement are read as what that is.

Source: sigstore protobuf-specs, sigstore_bundle.proto and sigstore_common.proto, MessageSignature.
"""

from __future__ import annotations

from audit.provenance.record import Claim, Record
from audit.provenance.record_file import RecordFile
from audit.provenance.sigstore_bundle import bundle_of, is_bundle

KIND = "sigstore_bundle"


def recognises(file: RecordFile) -> bool:
    """Whether every document is a Sigstore bundle that holds no envelope."""
    return file.is_json and all(is_bundle(document) and "dsseEnvelope" not in document for document in file.documents)


def read(file: RecordFile) -> tuple[Record, ...]:
    """One record a bundle: the digest that is signed.

    Raises:
        Malformed: it is no bundle of a known version, or holds no digest, signature, key or certificate.
    """
    bundles = [bundle_of(document, file.path) for document in file.documents]
    return tuple(
        Record(file.path, KIND, (Claim("", one.algorithm, one.digest),), names_are_paths=False, seals=(one.seal,))
        for one in bundles
    )
