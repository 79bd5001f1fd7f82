"""Records as somebody would hand them over with a model: statements, signed with real keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from audit import dsse
from audit.dsse import PrivateKey

BUILDER = "https://builder.example.org/train@v1"


def descriptors(folder: Path, names: Sequence[str]) -> list[dict[str, Any]]:
    """Names and digests of files."""
    return [
        {"name": name, "digest": {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}} for name in names
    ]


def slsa(
    outputs: list[dict[str, Any]],
    inputs: list[dict[str, Any]],
    *,
    finished: str = "2026-11-20T10:00:00Z",
    builder: str = BUILDER,
) -> dict[str, Any]:
    """A statement with SLSA provenance."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": outputs,
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "https://builder.example.org/fit@v1",
                "externalParameters": {},
                "resolvedDependencies": inputs,
            },
            "runDetails": {"builder": {"id": builder}, "metadata": {"finishedOn": finished} if finished else {}},
        },
    }


def signed(statement: Mapping[str, Any], *keys: PrivateKey) -> dict[str, Any]:
    """A statement in an envelope."""
    payload = json.dumps(statement).encode()
    signatures = tuple(dsse.sign(payload, key) for key in keys)
    return dsse.to_values(dsse.Envelope(payload, dsse.IN_TOTO, signatures))


def write(path: Path, *documents: Mapping[str, Any]) -> None:
    """One document a line."""
    path.write_text("".join(json.dumps(document) + "\n" for document in documents))
