"""Writes signed statements of what was made from what, as a release pipeline does: SLSA provenance in DSSE."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from audit import dsse

BUILDER = "https://example.org/sample_models/make.py"


@dataclass(frozen=True)
class Step:
    """One step of a build; files by their paths."""

    what: str
    inputs: Sequence[Path]
    outputs: Sequence[Path]


def published_key() -> dsse.PrivateKey:
    """A key that everybody can make: it shows how records are signed, and nothing that it signs is to be trusted."""
    seed = hashlib.sha256(b"the test key of the sample models").digest()
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return dsse.private_key(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def write_steps(path: Path, steps: Sequence[Step], key: dsse.PrivateKey) -> None:
    """One signed statement a line. There is no time in them, so that the same files give the same bytes."""
    path.write_text("".join(f"{json.dumps(_signed(step, key))}\n" for step in steps), encoding="utf-8", newline="")


def _signed(step: Step, key: dsse.PrivateKey) -> dict[str, object]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [_descriptor(file) for file in step.outputs],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": f"{BUILDER}#{step.what}",
                "externalParameters": {},
                "resolvedDependencies": [_descriptor(file) for file in step.inputs],
            },
            "runDetails": {"builder": {"id": BUILDER}},
        },
    }
    payload = json.dumps(statement, sort_keys=True).encode()
    return dsse.to_values(dsse.Envelope(payload, dsse.IN_TOTO, (dsse.sign(payload, key),)))


def _descriptor(file: Path) -> dict[str, object]:
    return {"name": file.name, "digest": {"sha256": hashlib.sha256(file.read_bytes()).hexdigest()}}
