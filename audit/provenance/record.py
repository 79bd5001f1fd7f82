"""One provenance record as the rest of the code sees it: who claims which digest of which file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

DIGEST_LENGTHS = {
    "md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128, "sha3_256": 64, "sha3_384": 96, "sha3_512": 128,
}  # fmt: skip
"""Hexadecimal digits of a digest, by its name in hashlib."""

STRONG = frozenset(DIGEST_LENGTHS) - {"md5", "sha1"}
"""Digests for which nobody can make a second file; md5 and sha1 collide on demand."""

MAX_BYTES = 16_000_000
_HEX = re.compile(r"[0-9a-f]+")


class Malformed(Exception):
    """A record is damaged, ambiguous or of a kind that is not read; the message says what and where."""


@dataclass(frozen=True)
class Claim:
    """One digest that a record gives.

    Attributes:
        name: what the record calls the file; empty where it gives no name.
        algorithm: name of the digest in hashlib.
        digest: lower-case hexadecimal.
    """

    name: str
    algorithm: str
    digest: str


@dataclass(frozen=True)
class Record:
    """What one record claims.

    Attributes:
        path: of the record, relative to the folder of the subject.
        kind: `checksums`, `cyclonedx`, `croissant`, `in-toto` or `dvc`.
        claims: at least one.
        names_are_paths: whether names are paths relative to the record; otherwise they are free, and a digest
            alone ties a claim to a file.
        notes: what was left aside, for the engineer.
    """

    path: str
    kind: str
    claims: tuple[Claim, ...]
    names_are_paths: bool
    notes: tuple[str, ...] = ()


def claim(name: str, algorithm: str, digest: object, where: str) -> Claim | None:
    """A checked claim; None for a digest of a kind that is not compared here.

    Args:
        algorithm: as the record writes it: `SHA-256`, `sha256`, `SHA3-256` ...

    Raises:
        Malformed: the digest is no hexadecimal number of the right length.
    """
    word = algorithm.lower().replace("sha3-", "sha3_").replace("-", "")
    if word not in DIGEST_LENGTHS:
        return None
    text = digest.lower() if isinstance(digest, str) else ""
    if len(text) != DIGEST_LENGTHS[word] or not _HEX.fullmatch(text):
        raise Malformed(f"{where}: the {algorithm} of {name or 'a file'!r} is not {DIGEST_LENGTHS[word]} hex digits")
    return Claim(name, word, text)


def checked_name(name: str, where: str) -> str:
    """A path of a record in normal form.

    Raises:
        Malformed: it is absolute, leaves the folder, or holds a character that no path should.
    """
    if not name or any(ord(character) < 32 or ord(character) == 127 for character in name):
        raise Malformed(f"{where}: a file name is empty or holds control characters")
    absolute = name.startswith(("/", "~")) or (len(name) > 1 and name[1] == ":")
    parts = PurePosixPath(name).parts
    if absolute or "\\" in name or ".." in parts or not parts:
        raise Malformed(f"{where}: {name!r} leaves the folder of the record")
    return "/".join(parts)
