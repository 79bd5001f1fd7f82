"""Whether an in-toto statement is the signature of a model, told without taking it apart: formats divide them so."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from audit.provenance.json_text import parse
from audit.provenance.record import Malformed

_MODEL_SIGNING = "https://model_signing/"
_MANIFEST = {"resources", "serialization"}


def is_model_signature(document: Mapping[str, Any]) -> bool:
    """Whether a document holds a statement whose predicate is that of a model signature, by its type or its keys.

    With its keys under another type it is one that was altered or is of a version that is not read, and no statement
    about its subjects. The statement may stand by itself, in a DSSE envelope or in a Sigstore bundle; whoever reads the
    document says what is wrong with it.
    """
    envelope = document.get("dsseEnvelope", document)
    payload = envelope.get("payload") if isinstance(envelope, dict) else None
    statement = _opened(payload) if isinstance(payload, str) else document
    if not isinstance(statement, Mapping):
        return False
    kind, predicate = statement.get("predicateType"), statement.get("predicate")
    named = isinstance(kind, str) and kind.startswith(_MODEL_SIGNING)
    return named or (isinstance(predicate, dict) and predicate.keys() >= _MANIFEST)


def _opened(payload: str) -> Any:
    try:
        return parse(base64.b64decode(payload.translate(str.maketrans("-_", "+/")), validate=True), "payload")
    except (binascii.Error, ValueError, Malformed):
        return None
