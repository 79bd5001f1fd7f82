"""OpenSSF model signatures: a Sigstore bundle around a statement that lists every file of a model with its digest.

Read are signatures of the specification 1.0 and those of the program model_signing from its release 0.2 on, in the
modes key, certificate and sigstore, by whole files and by shards (parts of equal size). Names are relative to the
folder of the model, which may lie anywhere in the folder of the subject; a file there that is not listed is a fault. Of
a model that is one file the name is free, and its digest ties it; but where the file lies in a folder of its own name,
that folder may be the model, so nothing else may lie there.

Source: OpenSSF Model Signing specification 1.0, sections 4 to 8 and 11 (github.com/ossf/model-signing-spec).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from audit.dsse import IN_TOTO, Envelope
from audit.provenance.formats._model_signing_files import (
    DEFAULT_IGNORED,
    SINGLE_FILE,
    Serialization,
    claims,
    serialization,
)
from audit.provenance.json_text import objects, parse, text
from audit.provenance.record import Claim, Malformed, Record, Seal, checked_name
from audit.provenance.record_file import RecordFile
from audit.provenance.sigstore_bundle import Bundle, bundle_of
from audit.provenance.surroundings import is_inside

KIND = "model_signing"
PREDICATE = "https://model_signing/signature/v1.0"
STATEMENT = "https://in-toto.io/Statement/v1"
_OLDER_PREDICATE = "https://model_signing/Digests/v0.1"
_OLDER_FILES = Serialization("sha256", frozenset({"sha256"}), 0, ())


def recognises(file: RecordFile) -> bool:
    """Whether it is about a statement of model signing."""
    return file.is_model_signature


def read(file: RecordFile) -> tuple[Record, ...]:
    """The files that a signature covers, and the signature.

    Raises:
        Malformed: it is no signature as the specification has it; the message says what is wrong.
    """
    path = file.path
    if len(file.documents) != 1:
        raise Malformed(f"{path}: several documents; a model signature is one")
    bundle = bundle_of(file.documents[0], path)
    if bundle.envelope is None or bundle.envelope.payload_type != IN_TOTO:
        raise Malformed(f"{path}: the bundle holds no envelope with {IN_TOTO}")
    if bundle.mode == "sigstore" and not bundle.logged:
        raise Malformed(f"{path}: a model signature with a short-lived certificate needs tlogEntries")
    if bundle.mode == "key" and bundle.seal.key is None and not bundle.seal.keyid:
        raise Malformed(f"{path}: publicKey has neither a hint nor rawBytes")
    statement = parse(bundle.envelope.payload, f"{path}: payload")
    if statement.get("_type") != STATEMENT:
        raise Malformed(f"{path}: the statement is of the type {statement.get('_type')!r:.80}, expected {STATEMENT}")
    kind = statement.get("predicateType")
    if kind == PREDICATE:
        return (_current(statement, bundle, path),)
    if kind == _OLDER_PREDICATE:
        return (_older(statement, bundle, bundle.envelope, path),)
    raise Malformed(f"{path}: the predicate {kind!r:.80} is of no version of model signing that is read")


def _current(statement: Mapping[str, Any], bundle: Bundle, path: str) -> Record:
    predicate = statement.get("predicate")
    if not isinstance(predicate, dict) or predicate.keys() != {"resources", "serialization"}:
        raise Malformed(f"{path}: the predicate has exactly resources and serialization")
    subjects = objects(statement.get("subject"), f"{path}: subject")
    told = subjects[0].get("digest") if len(subjects) == 1 else None
    if not isinstance(told, dict):
        raise Malformed(f"{path}: expected one subject with a digest, the model as a whole")
    resources = objects(predicate["resources"], f"{path}: resources")
    how = serialization(predicate["serialization"], f"{path}: serialization")
    listed = claims(resources, how, f"{path}: resources")
    # over the digests in the order in which they stand, as every program computes it
    joined = b"".join(bytes.fromhex(entry["digest"]) for entry in resources)
    if told.get("sha256") != hashlib.sha256(joined).hexdigest():
        raise Malformed(f"{path}: the SHA-256 of the model is not that of the digests of its files")
    model = text(subjects[0].get("name"), f"{path}: name of the subject")
    return _record(listed, model, how.ignored, bundle.seal, path)


def _older(statement: Mapping[str, Any], bundle: Bundle, envelope: Envelope, path: str) -> Record:
    """Release 0.2: the files are the subjects; and but for Sigstore, what is signed is not DSSE's encoding but Python's
    text of the payload, with SHA-256 whatever the key."""
    resources = []
    for entry in objects(statement.get("subject"), f"{path}: subject"):
        told, how = entry.get("digest"), entry.get("annotations")
        if not isinstance(told, dict) or told.keys() != {"sha256"}:
            raise Malformed(f"{path}: a file of an older signature has a SHA-256 and no other digest")
        if how is not None and how != {"actual_hash_algorithm": "file-sha256"}:
            raise Malformed(f"{path}: a digest in an older signature is not that of a whole file")
        resources.append({"name": entry.get("name"), "algorithm": "sha256", "digest": told["sha256"]})
    listed = claims(resources, _OLDER_FILES, f"{path}: subject")
    payload, kind, seal = envelope.payload, envelope.payload_type, bundle.seal
    if bundle.mode != "sigstore":
        signed = f"DSSEV1 {len(kind)} {kind} {len(payload)} {payload!r}".encode()
        seal = replace(seal, message=hashlib.sha256(signed).digest(), prehashed="sha256")
    return _record(listed, "", (), seal, path)


def _record(listed: tuple[Claim, ...], model: str, ignored: tuple[str, ...], seal: Seal, path: str) -> Record:
    if not listed:
        raise Malformed(f"{path}: no file is listed")
    further = sorted(set(ignored) - set(DEFAULT_IGNORED))
    notes = (f"{path}: leaves aside by its own word: {', '.join(further)[:200]}",) if further else ()
    if len(listed) == 1 and listed[0].name in (SINGLE_FILE, model):
        only = replace(listed[0], name=_file_name(model))
        # a folder that is called like the only file in it looks the same, but for a file that is called "."
        doubtful = listed[0].name != SINGLE_FILE
        return Record(
            path, KIND, (only,), names_are_paths=False, notes=notes, seals=(seal,), floating=doubtful,
            ignored=tuple(dict.fromkeys([*DEFAULT_IGNORED, *ignored])),
        )  # fmt: skip
    left_aside = frozenset(ignored)
    for one in listed:
        if one.name == SINGLE_FILE or is_inside(one.name, left_aside):
            raise Malformed(f"{path}: lists {one.name!r:.80}, which is no file of the model by its own word")
    return Record(
        path, KIND, listed, names_are_paths=True, notes=notes, seals=(seal,), floating=True, complete=True,
        ignored=tuple(dict.fromkeys([*DEFAULT_IGNORED, *ignored])),
    )  # fmt: skip


def _file_name(model: str) -> str:
    """The name of a model that is one file; none where it is no plain path, since the name is for information only."""
    try:
        return checked_name(model, "")
    except Malformed:
        return ""
