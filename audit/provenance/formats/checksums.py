"""Checksum files as sha256sum writes them (`<hex>  <name>`), and as BSD and openssl do (`SHA256 (<name>) = <hex>`).

The first kind does not say which digest it holds: its file name does (`SHA256SUMS`, `model.sha3-256`, `B2SUMS`), or
else the length, by which 128 digits are SHA-512 and never the BLAKE2b of `b2sum`.

Source: GNU coreutils manual, "cksum output modes" and "md5sum invocation"; a leading backslash marks an escaped name.
"""

from __future__ import annotations

import io
import re
from codecs import BOM_UTF8
from collections.abc import Collection, Iterator
from itertools import islice

from audit.provenance.audited_file import folded
from audit.provenance.json_text import shown
from audit.provenance.record import DIGEST_LENGTHS, Claim, Malformed, Record, checked_name
from audit.provenance.record_file import RecordFile

KIND = "checksums"
_GNU = re.compile(r"(\\?)([0-9a-fA-F]{32,128}) [ *](.+)")
_BSD = re.compile(r"(\\?)([A-Za-z0-9/-]{3,20}) ?\((.+)\) ?= ?([0-9a-fA-F]{32,128})")
_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_FILE_NAME = re.compile(
    r"(?:^|[^a-z0-9])(md5|sha1|sha256|sha384|sha512|sha3-256|sha3-384|sha3-512|b2|blake2b|blake2s)(?:sums?)?(?:\.txt)?$"
)
_TAGS = {
    "SHA2-256": "sha256", "SHA2-384": "sha384", "SHA2-512": "sha512", "B2": "blake2b", "BLAKE2B-512": "blake2b",
    "BLAKE2S-256": "blake2s",
}  # fmt: skip
"""Tags of openssl and names of programs, where they differ from the digest's own name."""
_MOST_NOTES = 20
_MOST_LINES = 250_000


def recognises(file: RecordFile) -> bool:
    """Whether the file is named like a checksum file, or its first line is one."""
    if file.is_json:
        return False
    if _declared(file.path):
        return True
    opening = file.content[:4096].removeprefix(BOM_UTF8).decode("latin-1")
    first = next((line for line in opening.splitlines() if _counts(line)), "")
    return bool(_GNU.fullmatch(first) or _BSD.fullmatch(first))


def read(file: RecordFile) -> tuple[Record, ...]:
    """Every line of a checksum file.

    Raises:
        Malformed: a line is none, a name is unsafe or repeated, or there is no line at all.
    """
    path, declared = file.path, _declared(file.path)
    claims: dict[str, Claim] = {}
    for number, line in enumerate(_lines(file), start=1):
        if not _counts(line):
            continue
        found = _line(line, declared, f"{path}:{number}")
        if found.name in claims:
            raise Malformed(f"{path}:{number}: {shown(found.name)} is listed twice")
        claims[found.name] = found
    if not claims:
        raise Malformed(f"{path}: no file is listed")
    notes = tuple(islice(_twins(claims, path), _MOST_NOTES))
    return (Record(path, KIND, tuple(claims.values()), names_are_paths=True, notes=notes),)


def _lines(file: RecordFile) -> Iterator[str]:
    """Lines one by one, since all at once take as much memory as what is read from them."""
    content = file.content.removeprefix(BOM_UTF8)
    ends = content.count(b"\n")
    if ends > _MOST_LINES:
        raise Malformed(f"{file.path}: more than {_MOST_LINES:,} lines")
    ending = b"\r\n" if content.count(b"\r\n") == ends else b"\n"
    for number, line in enumerate(io.BytesIO(content), start=1):
        try:
            yield line.removesuffix(ending).decode("utf-8")
        except UnicodeDecodeError as problem:
            raise Malformed(f"{file.path}:{number}: not UTF-8 at byte {problem.start}") from problem


def _twins(names: Collection[str], path: str) -> Iterator[str]:
    """Names that are two files here and one file on other disks."""
    first: dict[str, str] = {}
    for name in names:
        common = folded(name)
        # most names are spelled so already, which costs nothing to keep
        twin = name if common == name else first.setdefault(common, common if common in names else name)
        if twin != name:
            yield (
                f"{path} lists {twin!r} and {name!r}, which are one file where capital letters do not count "
                "(Windows, macOS)"
            )


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _declared(path: str) -> str | None:
    """The digest that the name of a checksum file promises, by its name in hashlib."""
    match = _FILE_NAME.search(path.rpartition("/")[2].lower())
    return _hashlib_name(match[1]) if match else None


def _hashlib_name(tag: str) -> str:
    word = _TAGS.get(tag.upper(), tag.lower())
    return word.replace("sha3-", "sha3_").replace("sha-", "sha")


def _line(line: str, declared: str | None, where: str) -> Claim:
    gnu, bsd = _GNU.fullmatch(line), _BSD.fullmatch(line)
    if bsd is not None:
        escaped, tag, name, digest = bsd.groups()
        algorithm = _hashlib_name(tag)
    elif gnu is not None:
        escaped, digest, name = gnu.groups()
        algorithm = declared or _BY_LENGTH.get(len(digest), "")
    else:
        raise Malformed(f"{where}: not a line of checksums; expected <hex digest>, two spaces, <file name>")
    if DIGEST_LENGTHS.get(algorithm) != len(digest) or algorithm != (declared or algorithm):
        raise Malformed(f"{where}: {len(digest)} hex digits are no {declared or 'digest that is known'}")
    name = checked_name(_unescaped(name, where) if escaped else name, where)
    return Claim(name, algorithm, digest.lower())


def _unescaped(name: str, where: str) -> str:
    def character(match: re.Match[str]) -> str:
        known = {"\\": "\\", "n": "\n", "r": "\r"}
        if match[1] not in known:
            raise Malformed(f"{where}: the file name has an unknown escape")
        return known[match[1]]

    return re.sub(r"\\(.?)", character, name)
