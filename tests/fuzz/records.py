"""Fuzzes the readers of provenance records and what verifies them: `python -m tests.fuzz.records`.

An input is the name of a file, a line end, and its content: the name decides about some kinds.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import sqlite3
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from audit import dsse, provenance
from audit.errors import AuditError
from audit.provenance import AuditedFile, Demands, KeyRing, Malformed
from tests.fuzz import Target, main
from tests.fuzz.policy import ODD, replaced

DIGEST = hashlib.sha256(b"model").hexdigest()
STAMP = "2026-11-01T12:00:00Z"
KEY = dsse.private_key(
    Ed25519PrivateKey.from_private_bytes(bytes(range(32))).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
)
"""Of no secret: its bytes count from 0 to 31."""

STATEMENT: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "model.skops", "digest": {"sha256": DIGEST}}],
    "predicateType": "https://slsa.dev/provenance/v1",
    "predicate": {
        "buildDefinition": {
            "buildType": "https://example.org/train/v1",
            "externalParameters": {"epochs": 3},
            "resolvedDependencies": [{"name": "train.csv", "digest": {"sha256": DIGEST}, "uri": "file:train.csv"}],
        },
        "runDetails": {
            "builder": {"id": "https://example.org/builder", "version": {"a": "1"}},
            "metadata": {"invocationId": "7", "startedOn": STAMP, "finishedOn": STAMP},
        },
    },
}
MODEL_SIGNATURE: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "model", "digest": {"sha256": hashlib.sha256(bytes.fromhex(DIGEST)).hexdigest()}}],
    "predicateType": "https://model_signing/signature/v1.0",
    "predicate": {
        "resources": [{"name": "model.skops", "algorithm": "sha256", "digest": DIGEST}],
        "serialization": {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": ["a"]},
    },
}
BOM: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "version": 1,
    "metadata": {"timestamp": STAMP, "component": {"type": "application", "name": "app", "bom-ref": "app"}},
    "components": [
        {
            "type": "machine-learning-model", "name": "model.skops", "bom-ref": "m",
            "licenses": [{"license": {"id": "MIT"}}],
            "hashes": [{"alg": "SHA-256", "content": DIGEST}],
            "modelCard": {
                "modelParameters": {"task": "classification", "datasets": [{"ref": "d"}]},
                "quantitativeAnalysis": {"performanceMetrics": [{"type": "accuracy", "value": "0.9"}]},
            },
        },
        {"type": "data", "name": "train.csv", "bom-ref": "d", "data": [{"type": "dataset", "name": "t"}]},
    ],
    "dependencies": [{"ref": "app", "dependsOn": ["m"]}],
}  # fmt: skip
SPDX: dict[str, Any] = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        {"type": "CreationInfo", "@id": "_:c", "created": STAMP, "specVersion": "3.0.1", "createdBy": ["urn:a"]},
        {"type": "Person", "spdxId": "urn:a", "name": "a", "creationInfo": "_:c"},
        {
            "type": "ai_AIPackage", "spdxId": "urn:m", "name": "model.skops", "creationInfo": "_:c",
            "ai_typeOfModel": ["linear"], "ai_safetyRiskAssessment": "low", "software_primaryPurpose": "model",
            "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": DIGEST}],
        },
        {"type": "dataset_DatasetPackage", "spdxId": "urn:d", "name": "train.csv", "creationInfo": "_:c",
         "dataset_datasetType": ["structured"]},
        {"type": "Relationship", "spdxId": "urn:r", "creationInfo": "_:c", "from": "urn:m", "to": ["urn:d"],
         "relationshipType": "trainedOn"},
        {"type": "SpdxDocument", "spdxId": "urn:s", "creationInfo": "_:c", "rootElement": ["urn:m"]},
    ],
}  # fmt: skip
CARD: dict[str, Any] = {
    "@context": {
        "@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/",
        "conformsTo": "http://purl.org/dc/terms/conformsTo", "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        **{word: f"cr:{word}" for word in
           ("column", "extract", "field", "fileObject", "includes", "recordSet", "source")},
    },
    "@type": "sc:Dataset", "name": "d", "description": "d", "conformsTo": "http://mlcommons.org/croissant/1.0",
    "license": "https://example.org/l", "url": "https://example.org", "datePublished": "2026-01-01",
    "distribution": [
        {"@type": "cr:FileObject", "@id": "train", "name": "train", "contentUrl": "train.csv", "sha256": DIGEST,
         "encodingFormat": "text/csv"},
        {"@type": "cr:FileSet", "@id": "set", "containedIn": {"@id": "train"}, "includes": "*.csv",
         "encodingFormat": "text/csv"},
    ],
    "recordSet": [
        {"@type": "cr:RecordSet", "@id": "rows", "name": "rows", "field": [
            {"@type": "cr:Field", "@id": "rows/a", "name": "a", "dataType": "sc:Integer",
             "source": {"fileObject": {"@id": "train"}, "extract": {"column": "a"}}}]},
    ],
}  # fmt: skip
EVENT: dict[str, Any] = {
    "eventType": "COMPLETE", "eventTime": STAMP, "producer": "https://example.org/p",
    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    "run": {"runId": "3e671687-395b-41f5-a30f-a58921a69b79", "facets": {}},
    "job": {"namespace": "n", "name": "train"},
    "inputs": [{"namespace": "file", "name": "train.csv", "facets": {"schema": {
        "_producer": "https://example.org/p", "_schemaURL": "https://example.org/s",
        "fields": [{"name": "a", "type": "int"}]}}}],
    "outputs": [{"namespace": "file", "name": "model.skops"}],
}  # fmt: skip
LOCK = f"""schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - path: train.csv
      hash: md5
      md5: {"a" * 32}
      size: 3
    outs:
    - path: model.skops
      hash: md5
      md5: {"b" * 32}
      size: 5
"""
MLMODEL = f"""artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
    model_path: model.skops
    python_version: 3.11.7
model_uuid: {"c" * 32}
run_id: {"d" * 32}
utc_time_created: '2026-11-01 12:00:00.000000'
"""
README = """---
license: mit
base_model: example/base
datasets:
- example/rows
model-index:
- name: m
  results:
  - task: {type: tabular-classification}
    dataset: {name: rows, type: rows}
    metrics:
    - {type: accuracy, value: 0.9}
---
# Model card
Accuracy: 0.9
"""


def enveloped(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement in a signed envelope."""
    payload = json.dumps(statement).encode("utf-8", "surrogatepass")
    return dsse.to_values(dsse.Envelope(payload, dsse.IN_TOTO, (dsse.sign(payload, KEY),)))


def bundled(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement in a Sigstore bundle that carries the public key."""
    key = {"rawBytes": base64.b64encode(KEY.public.der).decode(), "hint": KEY.public.fingerprint}
    media = "application/vnd.dev.sigstore.bundle.v0.3+json"
    material = {"publicKey": key, "tlogEntries": []}
    return {"mediaType": media, "verificationMaterial": material, "dsseEnvelope": enveloped(statement)}


def database() -> bytes:
    """A store of runs as MLflow keeps them, cut down to the tables that tell a lineage."""
    store = sqlite3.connect(":memory:")
    store.executescript(
        """CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, start_time INTEGER, end_time INTEGER,
             source_name TEXT, experiment_id INTEGER, artifact_uri TEXT, lifecycle_stage TEXT);
           CREATE TABLE datasets (dataset_uuid TEXT, experiment_id INTEGER, name TEXT, digest TEXT,
             dataset_source_type TEXT, dataset_source TEXT);
           CREATE TABLE inputs (input_uuid TEXT, source_type TEXT, source_id TEXT, destination_type TEXT,
             destination_id TEXT);
           CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
           CREATE TABLE alembic_version (version_num TEXT);
           INSERT INTO runs VALUES ('r', 'n', 'FINISHED', 1, 2, 's', 0, 'a', 'active');
           INSERT INTO datasets VALUES ('d', 0, 'train', '1a2b3c4d', 'local', '{}');
           INSERT INTO inputs VALUES ('i', 'DATASET', 'd', 'RUN', 'r');"""
    )
    return store.serialize()


DOCUMENTS: dict[str, Any] = {
    "build.intoto.json": STATEMENT,
    "build.dsse.json": enveloped(STATEMENT),
    "build.sigstore.json": bundled(STATEMENT),
    "model.sig": bundled(MODEL_SIGNATURE),
    "bom.cdx.json": BOM,
    "bom.spdx.json": SPDX,
    "card.json": CARD,
    "events.jsonl": EVENT,
}
TEXTS = {
    "dvc.lock": LOCK,
    "model.skops.dvc": f"outs:\n- path: model.skops\n  hash: md5\n  md5: {'e' * 32}\n",
    "MLmodel": MLMODEL,
    "README.md": README,
    "SHA256SUMS": f"{DIGEST}  model.skops\nSHA512 (a\\nb) = {'f' * 128}\n",
    "signer.pub.pem": KEY.public.pem.decode(),
}


def named(name: str, content: bytes | str) -> bytes:
    """An input."""
    return name.encode() + b"\n" + (content if isinstance(content, bytes) else content.encode())


def read(content: bytes) -> None:
    """Read the records of a file and see how far they carry."""
    name, _, rest = content.partition(b"\n")
    path = name.decode("utf-8", "replace") or "record"
    files = [provenance.fingerprint("model.skops", b"model"), AuditedFile("train.csv", lambda algorithm: "")]
    try:
        records = provenance.read(path, rest)
        for ring in (KeyRing(), KeyRing(offered=(KEY.public,)), KeyRing(pinned=(KEY.public,))):
            provenance.assess(records, files, demands=Demands(ring))
    except Malformed as error:
        raise AuditError(str(error)) from error


def value(chance: random.Random) -> Any:
    """What may stand anywhere in a document."""
    whole = chance.choice(list(DOCUMENTS.values()))
    words: list[Any] = [STAMP, DIGEST, "sha256", "../a", "/etc/passwd", "a\\b", "\x00", [], {}, "9" * 5000]
    parts: list[Any] = [*words, *ODD, whole, [whole] * 3, next(iter(whole.values()))]
    return chance.choice(parts)


def invent(chance: random.Random) -> bytes:
    """A whole document with one to three values replaced, signed again where it is an envelope."""
    if chance.random() < 0.1:
        return named("mlflow.db", database()) if chance.random() < 0.5 else named(*chance.choice(list(TEXTS.items())))
    name = chance.choice(list(DOCUMENTS))
    document = DOCUMENTS[name]
    inner = {"build.dsse.json": (STATEMENT, enveloped), "model.sig": (MODEL_SIGNATURE, bundled)}.get(name)
    if inner is not None and chance.random() < 0.7:
        changed: Any = inner[0]
        for _ in range(chance.randint(1, 3)):
            changed = replaced(changed, chance, value)
        document = inner[1](changed)
    else:
        for _ in range(chance.randint(1, 3)):
            document = replaced(document, chance, value)
    return named(name, json.dumps(document, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass"))


TARGET = Target(
    read,
    [named(name, json.dumps(document)) for name, document in DOCUMENTS.items()]
    + [named(name, text) for name, text in TEXTS.items()]
    + [named("mlflow.db", database())],
    words=[
        b'{"a":' * 40,
        b"[" * 60,
        b'"',
        b"\xff",
        b"sha256",
        b"..",
        b"-----BEGIN CERTIFICATE-----",
        b"&a [*a]",
        b"1e999",
    ],
    invent=invent,
    megabytes=200,
)

if __name__ == "__main__":
    main(TARGET, "records")
