"""Model signatures made in a test, so that each can break one rule."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from audit.dsse import IN_TOTO, PrivateKey, pre_authentication
from audit.provenance import Listing, digests

PREDICATE = "https://model_signing/signature/v1.0"
MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"


def b64(content: bytes) -> str:
    """Base64 text."""
    return base64.b64encode(content).decode()


def statement(files: Mapping[str, bytes], name: str = "model", **serialization: Any) -> dict[str, Any]:
    """A statement on whole files."""
    resources = [
        {"name": path, "algorithm": "sha256", "digest": hashlib.sha256(files[path]).hexdigest()}
        for path in sorted(files)
    ]
    return over(resources, name, **serialization)


def over(resources: Sequence[Mapping[str, Any]], name: str = "model", **serialization: Any) -> dict[str, Any]:
    """A statement on resources, with the digest over all of them."""
    joined = b"".join(bytes.fromhex(one["digest"]) for one in resources)
    how = {"method": "files", "hash_type": "sha256", "allow_symlinks": False, **serialization}
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": hashlib.sha256(joined).hexdigest()}}],
        "predicateType": PREDICATE,
        "predicate": {"serialization": how, "resources": list(resources)},
    }


def bundle(payload: dict[str, Any] | bytes, key: PrivateKey, material: dict[str, Any] | None = None) -> dict[str, Any]:
    """A bundle around a statement, in key mode unless it comes with other material."""
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signature = key.sign(pre_authentication(IN_TOTO, content))
    hint = hashlib.sha256(key.public.pem).hexdigest()
    return {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": material or {"publicKey": {"hint": hint}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": b64(content),
            "payloadType": IN_TOTO,
            "signatures": [{"sig": b64(signature), "keyid": ""}],
        },
    }


def chain(*certificates: bytes) -> dict[str, Any]:
    """The material of certificate mode."""
    return {"x509CertificateChain": {"certificates": [{"rawBytes": b64(one)} for one in certificates]}}


class OnDisk:
    """A folder as records see it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def below(self, folder: str) -> Listing:
        files, odd = [], []
        for place, folders, names in os.walk(self._folder / folder):
            for path in (Path(place, name) for name in [*folders, *names]):
                shown = path.relative_to(self._folder).as_posix()
                if path.is_symlink():
                    odd.append(shown)
                elif path.is_file():
                    files.append(shown)
        return Listing(tuple(sorted(files)), tuple(sorted(odd)))

    def digest(self, path: str, algorithm: str) -> str | None:
        if not (self._folder / path).is_file():
            return None
        running = digests.new(algorithm)
        running.update((self._folder / path).read_bytes())
        return running.hexdigest()
