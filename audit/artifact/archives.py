"""Zip and tar archives: every member is read in memory and nothing is ever written to disk.

An archive whose names leave the folder, repeat, are links or are encrypted is unreadable: another program may unpack
it, and what that program then opens is not what was read here.
"""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from audit.artifact.compressed import FREE_BYTES, MAX_RATIO
from audit.artifact.report import Findings, Unreadable

CHUNK = 1 << 20


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    name: str
    content: bytes


def is_zip(data: bytes) -> bool:
    """Whether the first bytes are those of a zip archive."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def is_tar(data: bytes) -> bool:
    """Whether the first block is that of a tar archive."""
    return data[257:262] == b"ustar"


def zip_members(data: bytes, findings: Findings, place: str) -> list[Member]:
    """All files of a zip archive.

    Raises:
        Unreadable: a name is unsafe or repeated, a member is encrypted or a link, or the archive is a bomb.
    """
    members = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        findings.spend(members=len(entries))
        _check_names([entry.orig_filename for entry in entries], place)
        _check_layout(data, entries, archive.start_dir, place)
        total = 0
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise Unreadable(f"{entry.filename!r} in {place} is encrypted")
            if (entry.external_attr >> 28) == 0xA:
                raise Unreadable(f"{entry.filename!r} in {place} is a link")
            content = b"".join(_pieces(archive, entry, findings, place, total, len(data)))
            total += len(content)
            if not entry.is_dir():
                members.append(Member(entry.filename, content))
    return members


def tar_members(data: bytes, findings: Findings, place: str) -> list[Member]:
    """All files of a tar archive.

    Raises:
        Unreadable: a name is unsafe or repeated, or a member is a link, a device or sparse.
    """
    members: list[Member] = []
    names: list[str] = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for entry in archive:
            findings.spend(members=1)
            names.append(entry.name)
            if entry.isdir():
                continue
            if not entry.isreg() or entry.issparse():
                raise Unreadable(f"{entry.name!r} in {place} is a link or a device")
            findings.spend(unpacked=entry.size)
            source = archive.extractfile(entry)
            content = source.read() if source else b""
            if len(content) != entry.size:
                raise Unreadable(f"{entry.name!r} in {place} is cut off")
            members.append(Member(entry.name, content))
        if data[archive.offset :].strip(b"\0"):
            raise Unreadable(f"something follows the archive in {place}")
    _check_names(names, place)
    return members


def unsafe_name(name: str) -> bool:
    """Whether a member's name would leave the folder into which the archive is unpacked."""
    path = name.replace("\\", "/")
    drive = len(path) > 1 and path[1] == ":"
    return path.startswith("/") or drive or "\0" in path or "\\" in name or ".." in path.split("/")


def _check_names(names: list[str], place: str) -> None:
    for name in names:
        if not name or unsafe_name(name):
            raise Unreadable(f"{name!r} in {place} leaves the folder of the archive")
    if len(set(names)) != len(names):
        raise Unreadable(f"{place} holds two members of the same name, and readers differ in which one they take")


def _check_layout(data: bytes, entries: list[zipfile.ZipInfo], directory: int, place: str) -> None:
    """Every byte belongs to a member or to the directory: readers that go by either one then see the same members."""
    position = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        gap = entry.header_offset - position
        if gap:
            raise Unreadable(f"{place} hides {gap} bytes before {entry.filename!r}")
        name, extra = struct.unpack_from("<HH", data, entry.header_offset + 26)
        position = entry.header_offset + 30 + name + extra + entry.compress_size
        if entry.flag_bits & 0x8:
            position = _after_descriptor(data, position, entry)
    if position != directory:
        raise Unreadable(f"{place} hides bytes before its directory")
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 != len(data):
        raise Unreadable(f"something follows the archive in {place}")


def _after_descriptor(data: bytes, position: int, entry: zipfile.ZipInfo) -> int:
    """Position after the sizes that some writers put behind a member, with or without signature, 32 or 64 bits wide."""
    for signature in (b"PK\x07\x08", b""):
        for layout in ("<LLL", "<LQQ"):
            start = position + len(signature)
            known = struct.pack(layout, entry.CRC, entry.compress_size, entry.file_size)
            if data[position:start] == signature and data[start : start + len(known)] == known:
                return start + len(known)
    return position


def _pieces(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, findings: Findings, place: str, total: int, size: int
) -> Iterator[bytes]:
    with archive.open(entry) as source:
        while piece := source.read(CHUNK):
            total += len(piece)
            findings.spend(unpacked=len(piece))
            if total > FREE_BYTES and total > MAX_RATIO * size:
                raise Unreadable(f"{place} unpacks to more than {MAX_RATIO} times its size")
            yield piece
