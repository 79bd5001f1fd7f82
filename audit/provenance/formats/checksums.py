"""Checksum files as sha256sum writes them (`<hex>  <name>`), and as BSD and openssl do (`SHA256 (<name>) = <hex>`).

Source: GNU coreutils manual, "cksum output modes" and "md5sum invocation"; a leading backslash marks an escaped name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from audit.provenance.record import DIGEST_LENGTHS, Claim, Malformed, Record, checked_name, claim
from audit.provenance.record_file import RecordFile

KIND = "checksums"
_GNU = re.compile(r"(\\?)([0-9a-fA-F]{32,128}) [ *](.+)")
_BSD = re.compile(r"(\\?)([A-Z0-9-]{3,10}) ?\((.+)\) ?= ?([0-9a-fA-F]{32,128})")
_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_FILE_NAME = re.compile(r"(?:^|[^a-z0-9])(md5|sha1|sha256|sha384|sha512)(?:sums?)?(?:\.txt)?$")


def recognises(file: RecordFile) -> bool:
    """Whether the file is named like a checksum file, or its first line is one."""
    if file.is_json:
        return False
    if _declared(file.path):
        return True
    first = next((line for line in file.content[:4096].decode("latin-1").splitlines() if _counts(line)), "")
    return bool(_GNU.fullmatch(first) or _BSD.fullmatch(first))


def read(file: RecordFile) -> tuple[Record, ...]:
    """Every line of a checksum file.

    Raises:
        Malformed: a line is none, a name is unsafe or repeated, or there is no line at all.
    """
    path = file.path
    try:
        text = file.content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Malformed(f"{path}: not UTF-8 at byte {problem.start}") from problem
    if text.count("\r\n") == text.count("\n"):
        text = text.replace("\r\n", "\n")
    claims: dict[str, Claim] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not _counts(line):
            continue
        found = _line(line, _declared(path), f"{path}:{number}")
        if found.name in claims:
            raise Malformed(f"{path}:{number}: {found.name!r} is listed twice")
        claims[found.name] = found
    if not claims:
        raise Malformed(f"{path}: no file is listed")
    notes = tuple(_twins(claims, path))
    return (Record(path, KIND, tuple(claims.values()), names_are_paths=True, notes=notes),)


def _twins(names: Iterable[str], path: str) -> Iterator[str]:
    """Names that are two files here and one file on disks that take capital and small letters for the same."""
    first: dict[str, str] = {}
    for name in names:
        twin = first.setdefault(name.casefold(), name)
        if twin != name:
            yield (
                f"{path} lists {twin!r} and {name!r}, which are one file where capital letters do not count "
                "(Windows, macOS)"
            )


def _counts(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _declared(path: str) -> str | None:
    """The algorithm that the name of a checksum file promises."""
    match = _FILE_NAME.search(path.rpartition("/")[2].lower())
    return match[1] if match else None


def _line(line: str, declared: str | None, where: str) -> Claim:
    gnu, bsd = _GNU.fullmatch(line), _BSD.fullmatch(line)
    if bsd is not None:
        escaped, algorithm, name, digest = bsd.groups()
    elif gnu is not None:
        escaped, digest, name = gnu.groups()
        algorithm = _BY_LENGTH.get(len(digest), "")
    else:
        raise Malformed(f"{where}: not a line of checksums; expected <hex digest>, two spaces, <file name>")
    found = claim(checked_name(_unescaped(name, where) if escaped else name, where), algorithm, digest, where)
    if found is None or (declared is not None and DIGEST_LENGTHS[declared] != len(found.digest)):
        raise Malformed(
            f"{where}: the digest has {len(digest)} digits, which is no {declared or 'digest that is known'}"
        )
    return found


def _unescaped(name: str, where: str) -> str:
    def character(match: re.Match[str]) -> str:
        known = {"\\": "\\", "n": "\n", "r": "\r"}
        if match[1] not in known:
            raise Malformed(f"{where}: the file name has an unknown escape")
        return known[match[1]]

    return re.sub(r"\\(.?)", character, name)
