"""The manifest of a model signature: files or shards of files, each with a digest, and how they were gathered.

Source: OpenSSF Model Signing specification 1.0, sections 5.2 (predicate), 6.1.2 (paths), 6.2 (exclusion) and 6.3
(hashing).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from audit.provenance import digests
from audit.provenance.json_text import text
from audit.provenance.record import DIGEST_LENGTHS, Claim, Malformed, checked_name

SINGLE_FILE = "."
"""What the program model_signing calls the only file of a model that is one file."""

DEFAULT_IGNORED = (".git", ".gitattributes", ".github", ".gitignore")
"""What the specification leaves out of every model, at its top level."""

_DIGESTS = {"sha256": "sha256", "blake2b": "blake2b", "blake2": "blake2b"}
_KEYS = {"method", "hash_type", "shard_size", "allow_symlinks", "ignore_paths"}
_SHARD = re.compile(r"(.+):(0|[1-9][0-9]{0,18}):([1-9][0-9]{0,18})")
_LOWER_HEX = re.compile(r"[0-9a-f]+")
_GLOB = frozenset("*?[")
_SMALLEST_SHARD, _LARGEST_SHARD = 1 << 16, 1 << 62


@dataclass(frozen=True)
class Serialization:
    """How the files of a model were gathered and hashed.

    Attributes:
        algorithm: of the digests, its name in hashlib.
        words: how a resource may name that algorithm.
        shard_size: bytes; 0 where files are hashed whole.
        ignored: paths below the folder of the model that were left out.
    """

    algorithm: str
    words: frozenset[str]
    shard_size: int
    ignored: tuple[str, ...]


@dataclass(frozen=True)
class _Part:
    """One resource: a file, or the bytes from `start` up to but not including `end` of one; `told` is its full name."""

    told: str
    name: str
    start: int
    end: int
    digest: str


def serialization(value: Any, where: str) -> Serialization:
    """Take the object `serialization` of a predicate apart.

    Raises:
        Malformed: a key is missing or not known, or asks for what cannot be done here.
    """
    if not isinstance(value, dict) or value.keys() - _KEYS:
        raise Malformed(f"{where}: no object, or it has a key that is not known")
    word = text(value.get("hash_type"), f"{where}: hash_type")
    if word not in _DIGESTS:
        raise Malformed(f"{where}: hash_type {word!r:.40} cannot be computed here, only sha256 and blake2b")
    if not isinstance(value.get("allow_symlinks"), bool):
        raise Malformed(f"{where}: allow_symlinks is not true or false")
    size = _shard_size(value, where)
    # the program writes the size into the algorithm of each resource, the specification does not
    words = frozenset({word, digests.sharded(word, size)} if size else {word})
    return Serialization(_DIGESTS[word], words, size, _ignored(value.get("ignore_paths"), where))


def claims(resources: Iterable[Mapping[str, Any]], how: Serialization, where: str) -> tuple[Claim, ...]:
    """One claim a file, in the order of the manifest.

    Raises:
        Malformed: a name is unsafe, not in normal form, out of order or given twice, a digest is none, or the shards of
            a file leave a gap.
    """
    parts = [_part(entry, how, where) for entry in resources]
    if len({(part.name, part.start) for part in parts}) != len(parts):
        raise Malformed(f"{where}: a file is listed twice")
    told = [part.told for part in parts]
    by_folder = [(part.name.replace("/", "\0"), part.start) for part in parts]
    # the specification sorts by characters, the program model_signing by the parts of a path
    if told != sorted(told) and by_folder != sorted(by_folder):
        raise Malformed(f"{where}: the files are not sorted by name")
    if how.shard_size:
        return tuple(_joined(parts, how, where))
    return tuple(Claim(part.name, how.algorithm, part.digest) for part in parts)


def _part(entry: Mapping[str, Any], how: Serialization, where: str) -> _Part:
    told, word, digest = (text(entry.get(key), f"{where}: {key}") for key in ("name", "algorithm", "digest"))
    if word not in how.words:
        raise Malformed(f"{where}: {told!r:.80} has the algorithm {word!r:.40}, and hash_type is another")
    if len(digest) != DIGEST_LENGTHS[how.algorithm] or not _LOWER_HEX.fullmatch(digest):
        raise Malformed(f"{where}: the digest of {told!r:.80} is no {how.algorithm} in lower-case hexadecimal")
    if not how.shard_size:
        return _Part(told, told if told == SINGLE_FILE else _name(told, where), 0, 0, digest)
    match = _SHARD.fullmatch(told)
    if match is None:
        raise Malformed(f"{where}: {told!r:.80} is no shard, which is <path>:<start>:<end>")
    return _Part(told, _name(match[1], where), int(match[2]), int(match[3]), digest)


def _name(told: str, where: str) -> str:
    if checked_name(told, where) != told:
        raise Malformed(f"{where}: {told!r:.80} is no path in normal form")
    return told


def _joined(parts: Iterable[_Part], how: Serialization, where: str) -> Iterator[Claim]:
    """One claim over all shards of a file, which have to follow one another from its first byte on."""
    by_name: dict[str, list[_Part]] = {}
    for part in parts:
        by_name.setdefault(part.name, []).append(part)
    for name, shards in by_name.items():
        ordered = sorted(shards, key=lambda part: part.start)
        for place, part in enumerate(ordered):
            last = place == len(ordered) - 1
            size = part.end - part.start
            whole = size == how.shard_size or (last and 0 < size < how.shard_size)
            if part.start != place * how.shard_size or not whole:
                raise Malformed(f"{where}: the shards of {name!r:.80} leave a gap or overlap at byte {part.start}")
        joined = "".join(part.digest for part in ordered)
        yield Claim(name, digests.sharded(how.algorithm, how.shard_size), joined)


def _shard_size(value: Mapping[str, Any], where: str) -> int:
    """Bytes of a shard; 0 for whole files. JSON may write it as 1e9, since protobuf holds it as a float."""
    method, size = value.get("method"), value.get("shard_size", 0)
    if method == "files" and "shard_size" not in value:
        return 0
    whole = type(size) is int or (type(size) is float and size.is_integer())
    if method != "shards" or not whole or not 1 <= size <= _LARGEST_SHARD:
        raise Malformed(f"{where}: expected the method files, or shards with a shard_size of 1 byte or more")
    if size < _SMALLEST_SHARD:
        raise Malformed(
            f"{where}: shards of {int(size)} bytes make a digest larger than the file; sign with a shard size of "
            f"{_SMALLEST_SHARD:,} bytes or more, usual are 1,000,000,000"
        )
    return int(size)


def _ignored(value: Any, where: str) -> tuple[str, ...]:
    if value is not None and not isinstance(value, list):
        raise Malformed(f"{where}: ignore_paths is not a list")
    names = [text(name, f"{where}: ignore_paths") for name in value or []]
    for name in names:
        if checked_name(name, where) != name or not _GLOB.isdisjoint(name):
            raise Malformed(f"{where}: {name!r:.80} in ignore_paths is no plain path below the model")
    return tuple(names)
