"""Signs a model, a file or a folder, as OpenSSF Model Signing has it, with an ECDSA key.

What is written, `model_signing verify key` verifies. Of a model that is one file that program calls the file `.`, where
the specification wants its name: no release verifies the name, so `.` is written.

Source: OpenSSF Model Signing specification 1.0, section 6 (signing procedure); model_signing 1.1.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from audit.dsse import IN_TOTO, Envelope, PrivateKey, Signature, pre_authentication, to_values
from audit.errors import AuditError
from audit.provenance.formats._model_signing_files import DEFAULT_IGNORED, SINGLE_FILE
from audit.provenance.formats.model_signing import PREDICATE, STATEMENT
from audit.provenance.record import Malformed, checked_name
from audit.provenance.surroundings import is_inside

_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"


def sign_model(path: Path, key: PrivateKey, *, ignore: Iterable[str] = ()) -> bytes:
    """The signature of a model: a Sigstore bundle in JSON.

    Args:
        path: of the model, a file or a folder; all regular files below it are signed.
        key: ECDSA on P-256, P-384 or P-521.
        ignore: paths of files and folders below the model that are left aside, such as that of the signature itself;
            those of git at its top level always are.

    Raises:
        AuditError: the key is of another kind, or the model holds a symbolic link, a file of a special kind, a name
            that could be read in two ways, or no file at all.
    """
    if not key.public.kind.startswith("ecdsa-"):
        raise AuditError(
            f"model signatures take ECDSA keys alone, not {key.public.kind}: audit keygen --type ecdsa-p256"
        )
    left_aside = sorted({*DEFAULT_IGNORED, *(_checked(name, path) for name in ignore)})
    files = sorted(_files(path, "", frozenset(left_aside)))
    if not files:
        raise AuditError(f"{path}: holds no file to sign")
    with ThreadPoolExecutor() as threads:
        digests = list(threads.map(lambda name: _sha256(path / name), files))
    return json.dumps(_bundle(_statement(path.resolve().name, files, digests, left_aside), key)).encode()


def _statement(model: str, files: list[str], digests: list[str], left_aside: list[str]) -> bytes:
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": model, "digest": {"sha256": hashlib.sha256(bytes.fromhex("".join(digests))).hexdigest()}}],
        "predicateType": PREDICATE,
        "predicate": {
            "serialization": {
                "method": "files",
                "hash_type": "sha256",
                "allow_symlinks": False,
                "ignore_paths": left_aside,
            },
            "resources": [
                {"name": name, "algorithm": "sha256", "digest": digest}
                for name, digest in zip(files, digests, strict=True)
            ],
        },
    }
    return json.dumps(statement).encode()


def _bundle(statement: bytes, key: PrivateKey) -> dict[str, Any]:
    signature = Signature("", key.sign(pre_authentication(IN_TOTO, statement)))
    return {
        "mediaType": _MEDIA_TYPE,
        "verificationMaterial": {
            "publicKey": {"hint": hashlib.sha256(key.public.pem).hexdigest()},
            "tlogEntries": [],
        },
        "dsseEnvelope": to_values(Envelope(statement, IN_TOTO, (signature,))),
    }


def _files(model: Path, folder: str, left_aside: frozenset[str]) -> Iterator[str]:
    """Paths of the regular files of a model, relative to it."""
    if not folder and _is_file(model):
        yield SINGLE_FILE
        return
    try:
        names = sorted(os.listdir(model / folder))
    except OSError as problem:
        raise AuditError(f"{model / folder}: {problem.strerror}") from problem
    for name in names:
        place = _checked(f"{folder}/{name}" if folder else name, model)
        if is_inside(place, left_aside):
            continue
        if _is_file(model / place):
            yield place
        else:
            yield from _files(model, place, left_aside)


def _is_file(path: Path) -> bool:
    """Whether it is a regular file; otherwise it is a folder.

    Raises:
        AuditError: it is neither, or a link to one.
    """
    if path.is_symlink() or not (path.is_file() or path.is_dir()):
        raise AuditError(f"{path}: neither a regular file nor a folder, and links are not signed")
    return path.is_file()


def _checked(name: str, model: Path) -> str:
    try:
        if checked_name(name, str(model)) == name:
            return name
    except Malformed as problem:
        raise AuditError(str(problem)) from problem
    raise AuditError(f"{model}: {name!r:.200} is no plain path below the model")


def _sha256(path: Path) -> str:
    with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
