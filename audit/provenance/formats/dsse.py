"""DSSE envelopes whose payload is no in-toto statement: their signatures can be verified, and they tie no file.

Source: DSSE v1.0, envelope and protocol.
"""

from __future__ import annotations

from audit.dsse import IN_TOTO, DsseError, envelope_of
from audit.provenance.json_text import shown
from audit.provenance.record import Malformed, Record, Seal
from audit.provenance.record_file import RecordFile
from audit.provenance.statement import is_other_envelope

KIND = "dsse"


def recognises(file: RecordFile) -> bool:
    """Whether it is one envelope around something else than a statement."""
    return file.is_json and len(file.documents) == 1 and is_other_envelope(file.documents[0])


def read(file: RecordFile) -> tuple[Record, ...]:
    """The envelope, which speaks of no file.

    Raises:
        Malformed: it is none, or there is a statement in it, of which the type says otherwise.
    """
    try:
        envelope = envelope_of(file.documents[0])
    except DsseError as problem:
        raise Malformed(f"{file.path}: {problem}") from None
    if b"in-toto.io/Statement" in envelope.payload:
        raise Malformed(
            f"{file.path}: payloadType: {IN_TOTO} is expected, since a statement is in it; found "
            f"{shown(envelope.payload_type)}"
        )
    seals = tuple(Seal(envelope.message, one.signature, one.keyid) for one in envelope.signatures)
    note = f"{file.path}: a payload of the type {shown(envelope.payload_type)} is not read"
    return (Record(file.path, KIND, (), names_are_paths=False, notes=(note,), seals=seals),)
