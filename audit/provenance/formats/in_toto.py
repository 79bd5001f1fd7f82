"""in-toto statements: the digests of their subjects, plain, one a line, in a DSSE envelope or in a Sigstore bundle.

An envelope is taken off without looking at its signatures, so what stands inside ties digests to names and proves
nothing about who wrote it. OpenSSF model signatures keep their digests under `predicate.resources`; their subject is a
digest over digests and belongs to no single file.

Source: in-toto attestation framework v1 (statement, DSSE), OpenSSF Model Signing v1.0, section on the statement.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from audit.provenance.json_text import objects, parse, text
from audit.provenance.record import Claim, Malformed, Record, claim
from audit.provenance.record_file import RecordFile

KIND = "in-toto"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_STATEMENTS = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")
_MODEL_SIGNATURE = "https://model_signing/signature/"


def recognises(file: RecordFile) -> bool:
    """Whether every document is a statement, an envelope, or a bundle that holds an envelope."""
    return file.is_json and all(_recognised(document) for document in file.documents)


def _recognised(document: dict[str, Any]) -> bool:
    statement = str(document.get("_type", "")).startswith("https://in-toto.io/Statement/")
    return statement or "dsseEnvelope" in document or {"payload", "payloadType"} <= document.keys()


def read(file: RecordFile) -> tuple[Record, ...]:
    """Every digest of every subject.

    Raises:
        Malformed: an envelope does not open, or a statement has no subject with a digest.
    """
    path = file.path
    claims: list[Claim] = []
    notes: list[str] = []
    for document in file.documents:
        statement = document
        if "dsseEnvelope" in statement or "payload" in statement:
            statement = _opened(document.get("dsseEnvelope", document), path)
            notes.append(f"{path}: signatures were not verified")
        claims += _claims(statement, path, notes)
    return (Record(path, KIND, tuple(claims), names_are_paths=False, notes=tuple(dict.fromkeys(notes))),)


def _opened(envelope: Any, path: str) -> dict[str, Any]:
    if not isinstance(envelope, dict) or envelope.get("payloadType") != PAYLOAD_TYPE:
        raise Malformed(f"{path}: the envelope does not hold {PAYLOAD_TYPE}")
    if not objects(envelope.get("signatures"), f"{path}: signatures"):
        raise Malformed(f"{path}: the envelope has no signature")
    payload = text(envelope.get("payload"), f"{path}: payload")
    try:
        plain = base64.b64decode(payload.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise Malformed(f"{path}: the payload is not base64") from problem
    return parse(plain, f"{path}: payload")


def _claims(statement: dict[str, Any], path: str, notes: list[str]) -> list[Claim]:
    if statement.get("_type") not in _STATEMENTS:
        raise Malformed(f"{path}: a statement of the unknown type {str(statement.get('_type'))[:80]!r}")
    kind = text(statement.get("predicateType"), f"{path}: predicateType")
    subjects = objects(statement.get("subject"), f"{path}: subject")
    found: list[Claim | None] = []
    if kind.startswith(_MODEL_SIGNATURE):
        predicate = statement.get("predicate")
        resources = objects(predicate.get("resources") if isinstance(predicate, dict) else None, f"{path}: resources")
        for entry in resources:
            word = text(entry.get("algorithm"), f"{path}: algorithm")
            found.append(_noted(_name(entry), word, entry.get("digest"), path, notes))
    else:
        for entry in subjects:
            digests = entry.get("digest")
            if not isinstance(digests, dict) or not digests:
                raise Malformed(f"{path}: the subject {_name(entry)!r} has no digest")
            found += [_noted(_name(entry), word, value, path, notes) for word, value in digests.items()]
    claims = [one for one in found if one is not None]
    if not claims or not subjects:
        raise Malformed(f"{path}: no subject has a digest that can be compared")
    return claims


def _name(entry: dict[str, Any]) -> str:
    name = entry.get("name", "")
    return name if isinstance(name, str) else ""


def _noted(name: str, algorithm: str, digest: Any, path: str, notes: list[str]) -> Claim | None:
    found = claim(name, algorithm, digest, path)
    if found is None:
        notes.append(f"{path}: digests of the kind {algorithm} are not compared")
    return found
