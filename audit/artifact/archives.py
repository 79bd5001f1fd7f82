"""Zip and tar archives: a member that is stored as it is becomes a view of its place in the file.

Another one is unpacked in memory or, where it is large, into a temporary file without a name, never to a path.

An archive whose names leave the folder, repeat, are links or are encrypted is unreadable: another program may unpack
it, and what that program then opens is not what was read here.
"""

from __future__ import annotations

import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from audit.artifact.compressed import FREE_BYTES, MAX_RATIO
from audit.artifact.report import MAX_MEMBERS, Findings, Unreadable
from audit.artifact.view import View, spooled

CHUNK = 1 << 20
MAX_DIRECTORY = 32 << 20
_OCTAL = re.compile(rb"[0-7]{1,8}")


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    name: str
    content: View


def is_zip(data: View) -> bool:
    """Whether the first bytes are those of a zip archive."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def is_tar(data: View) -> bool:
    """Whether the first block is that of a tar archive, by its mark or, as old readers go by, by its checksum."""
    block = data[:512]
    if block[257:262] == b"ustar":
        return True
    stated = block[148:156].strip(b" \0")
    if len(block) < 512 or not _OCTAL.fullmatch(stated):
        return False
    plain = block[:148] + bytes(8 * b" ") + block[156:]
    return int(stated, 8) in (sum(plain), sum(byte - 256 * (byte > 127) for byte in plain))


def zip_members(data: View, findings: Findings, place: str) -> list[Member]:
    """All files of a zip archive.

    Raises:
        Unreadable: a name is unsafe or repeated, a member is encrypted or a link, or the archive is a bomb.
    """
    members = []
    directory = _directory(data, place)
    with zipfile.ZipFile(data.stream()) as archive:
        entries = archive.infolist()
        findings.spend(members=len(entries))
        _check_names([entry.orig_filename for entry in entries], place)
        _check_layout(data, entries, directory, place)
        total = 0
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise Unreadable(f"{entry.filename!r} in {place} is encrypted")
            if (entry.external_attr >> 28) == 0xA:
                raise Unreadable(f"{entry.filename!r} in {place} is a link")
            if entry.compress_type == zipfile.ZIP_STORED:
                content = _stored(data, entry, place)
            else:
                content = spooled(_pieces(archive, entry, findings, place, total, len(data)))
            total += len(content)
            if not entry.is_dir():
                members.append(Member(entry.filename, content))
    return members


def tar_members(data: View, findings: Findings, place: str) -> list[Member]:
    """All files of a tar archive.

    Raises:
        Unreadable: a name is unsafe or repeated, or a member is a link, a device or sparse.
    """
    members: list[Member] = []
    names: list[str] = []
    with tarfile.open(fileobj=data.stream(), mode="r:") as archive:
        for entry in archive:
            findings.spend(members=1)
            names.append(entry.name)
            if entry.isdir():
                continue
            if not entry.isreg() or entry.issparse():
                raise Unreadable(f"{entry.name!r} in {place} is a link or a device")
            content = data.part(entry.offset_data, entry.offset_data + entry.size)
            if len(content) != entry.size:
                raise Unreadable(f"{entry.name!r} in {place} is cut off")
            members.append(Member(entry.name, content))
        if not data.blank(archive.offset):
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


def _directory(data: View, place: str) -> int:
    """Position of the directory at the end of a zip archive, checked before its entries are read.

    Raises:
        Unreadable: the archive does not end with the directory, or the directory is too large.
    """
    tail = data[-22:]
    if len(tail) < 22 or not tail.startswith(b"PK\x05\x06") or tail[-2:] != b"\0\0":
        raise Unreadable(f"something follows the archive in {place}")
    end = len(data) - 22
    count, size, position = struct.unpack_from("<HLL", tail, 10)
    locator = data[max(0, end - 20) : end]
    if locator.startswith(b"PK\x06\x07"):
        wide = struct.unpack_from("<Q", locator, 8)[0]
        record = data[wide : wide + 56]
        if wide + 56 != end - 20 or not record.startswith(b"PK\x06\x06"):
            raise Unreadable(f"{place} has a damaged directory")
        count, size, position = struct.unpack_from("<QQQ", record, 32)
        end = wide
    if position + size != end or count > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise Unreadable(f"{place} has a directory that is damaged or of more than {MAX_MEMBERS:,} members")
    return int(position)


def _check_layout(data: View, entries: list[zipfile.ZipInfo], directory: int, place: str) -> None:
    """Every byte belongs to a member or to the directory: readers that go by either one then see the same members."""
    position = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        gap = entry.header_offset - position
        if gap:
            raise Unreadable(f"{place} hides {gap} bytes before {entry.filename!r}")
        position = _check_header(data, entry, place) + entry.compress_size
        if entry.flag_bits & 0x8:
            position = _after_descriptor(data, position, entry)
    if position != directory:
        raise Unreadable(f"{place} hides bytes before its directory")


def _check_header(data: View, entry: zipfile.ZipInfo, place: str) -> int:
    """Compare what stands before a member with its entry in the directory.

    Returns:
        Position of the member.
    """
    header = data[entry.header_offset : entry.header_offset + 30]
    flags, method = struct.unpack_from("<HH", header, 6)
    packed, _, name_length, extra_length = struct.unpack_from("<LLHH", header, 18)
    name_end = entry.header_offset + 30 + name_length
    name = data[entry.header_offset + 30 : name_end].decode("utf-8" if flags & 0x800 else "cp437")
    sizes = {entry.compress_size, 0xFFFFFFFF} | ({0} if flags & 0x8 else set())
    same = name == entry.orig_filename and method == entry.compress_type and packed in sizes
    if not header.startswith(b"PK\x03\x04") or not same or (flags ^ entry.flag_bits) & 0x9:
        raise Unreadable(f"{place} describes {entry.filename!r} in two ways")
    return int(name_end + extra_length)


def _stored(data: View, entry: zipfile.ZipInfo, place: str) -> View:
    """A member that was not compressed: its place in the archive."""
    start = _check_header(data, entry, place)
    content = data.part(start, start + entry.compress_size)
    checksum = 0
    for block in content.blocks():
        checksum = zlib.crc32(block, checksum)
    if len(content) != entry.file_size or checksum != entry.CRC:
        raise Unreadable(f"{entry.filename!r} in {place} is damaged")
    return content


def _after_descriptor(data: View, position: int, entry: zipfile.ZipInfo) -> int:
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
