"""Opens files so that what is parsed is what was hashed.

A path is walked component by component below its folder, every component opened without following symbolic links, and
the file is read once from the descriptor that was checked: nothing can be swapped between the check, the hash and the
parser. Named pipes, devices and folders are refused before a byte is read.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from audit.data.sealed import SealedFile
from audit.errors import SubjectError
from audit.plugins import near

_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC
_BLOCK = 1 << 18
_MOST_THREADS = 8


@dataclass(frozen=True)
class OpenedFile:
    """The bytes of one file and their digest.

    Attributes:
        path: relative to the folder, with forward slashes.
    """

    path: str
    content: bytes
    sha256: str


@dataclass(frozen=True)
class Below:
    """What lies below a folder, at any depth.

    Attributes:
        files: paths of regular files, relative as the folder was given, sorted.
        odd: paths of symbolic links, devices, pipes, and of names that are not UTF-8 (written with `\\x`), sorted.
    """

    files: tuple[str, ...]
    odd: tuple[str, ...]


@dataclass(frozen=True)
class FileDigest:
    """Digest and size of one file whose bytes were not kept."""

    path: str
    sha256: str
    bytes: int


def checked_path(relative: str, *, allow_outside: bool = False) -> str:
    """A path of audit.yaml in normal form.

    Raises:
        SubjectError: it is absolute, empty, or leaves the folder.
    """
    if not relative or "\0" in relative:
        raise SubjectError("a path is empty or holds a NUL character")
    if relative.startswith(("/", "~")) or "\\" in relative or (len(relative) > 1 and relative[1] == ":"):
        raise SubjectError(f'"{relative}" is not relative; write paths relative to the file, with forward slashes')
    parts: list[str] = []
    for part in PurePosixPath(relative).parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        else:
            parts.append(part)
    if ".." in parts and not allow_outside:
        raise SubjectError(
            f'"{relative}" leaves the folder of the subject; move the file, or allow it: --allow-outside'
        )
    if not parts:
        raise SubjectError(f'"{relative}" is the folder itself')
    return "/".join(parts)


def is_folder(folder: Path, relative: str) -> bool:
    """Whether a checked path is a folder; nothing on the way may be a symbolic link.

    Raises:
        SubjectError: it does not exist, or is neither a regular file nor a folder.
    """
    with _descriptor(folder, relative) as descriptor:
        return stat.S_ISDIR(os.fstat(descriptor).st_mode)


def read(folder: Path, relative: str) -> OpenedFile:
    """Read one regular file, given by a checked path.

    Raises:
        SubjectError: it does not exist, is no regular file, is reached through a symbolic link, or cannot be read.
    """
    with _descriptor(folder, relative) as descriptor:
        _refuse_folder(descriptor, relative)
        content = b"".join(_blocks(descriptor, relative))
    return OpenedFile(relative, content, hashlib.sha256(content).hexdigest())


def digest(folder: Path, relative: str) -> FileDigest:
    """Hash one regular file without keeping its bytes; errors as `read`."""
    sha256, size = hashlib.sha256(), 0
    block = memoryview(bytearray(_BLOCK))  # one that stays in the processor's cache
    with _descriptor(folder, relative) as descriptor:
        _refuse_folder(descriptor, relative)
        try:
            while count := os.readv(descriptor, [block]):
                sha256.update(block[:count])
                size += count
        except OSError as error:
            raise SubjectError(f'"{relative}" cannot be read: {error.strerror}') from error
    return FileDigest(relative, sha256.hexdigest(), size)


def digests(folder: Path, relatives: Sequence[str]) -> Iterator[FileDigest]:
    """Hash several files at a time, since hashing leaves the interpreter free; in their order, errors as `read`."""
    with ThreadPoolExecutor(max_workers=max(1, min(os.cpu_count() or 1, _MOST_THREADS, len(relatives)))) as threads:
        yield from threads.map(partial(digest, folder), relatives)


@contextmanager
def looked_at(folder: Path, relative: str) -> Iterator[BinaryIO]:
    """Open one regular file to look at its beginning or end, without hashing it; errors as `read`."""
    with _descriptor(folder, relative) as descriptor:
        _refuse_folder(descriptor, relative)
        with open(descriptor, "rb", closefd=False) as file:
            yield file


@contextmanager
def sealed(folder: Path, relative: str) -> Iterator[SealedFile]:
    """Hash one regular file of any size and keep it open for reading in pieces; errors as `read`."""
    with _descriptor(folder, relative) as descriptor:
        _refuse_folder(descriptor, relative)
        yield SealedFile(descriptor, relative)


def members(folder: Path, relative: str) -> tuple[str, ...]:
    """Paths of what lies in a folder, sorted, hidden names and names that start with `_` left out.

    Raises:
        SubjectError: it cannot be listed.
    """
    with _descriptor(folder, relative) as descriptor:
        names = sorted(name for name in os.listdir(descriptor) if not name.startswith((".", "_")))
    return tuple(f"{relative}/{name}" for name in names)


def below(folder: Path, relative: str, *, most: int) -> Below:
    """What lies below a folder; nothing is opened but folders, and no symbolic link is followed.

    Args:
        relative: a checked path, or empty for the folder itself.
        most: entries that are looked at, of any kind.

    Raises:
        SubjectError: it is no folder, cannot be listed, or holds more entries.
    """
    files, odd, pending, seen = list[str](), list[str](), [relative], 0
    while pending:
        here = pending.pop()
        with _descriptor(folder, here or ".") as descriptor:
            try:
                for entry in os.scandir(descriptor):
                    seen += 1
                    if seen > most:
                        raise SubjectError(f'"{relative or "."}" holds more than {most:,} files; it is not listed')
                    mode = entry.stat(follow_symlinks=False).st_mode
                    path = f"{here}/{entry.name}" if here else entry.name
                    kind = pending if stat.S_ISDIR(mode) else files if stat.S_ISREG(mode) else odd
                    (kind if _is_utf8(entry.name) else odd).append(path)
            except OSError as error:
                raise SubjectError(f'"{here or "."}" cannot be listed: {error.strerror}') from error
    return Below(tuple(sorted(files)), tuple(sorted(map(_written_out, odd))))


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _written_out(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@contextmanager
def _descriptor(folder: Path, relative: str) -> Iterator[int]:
    """Descriptor of a regular file or folder below `folder`."""
    parts = relative.split("/")
    opened: list[int] = []
    try:
        try:
            opened.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
            for part in parts[:-1]:
                opened.append(os.open(part, _FOLDER_FLAGS, dir_fd=opened[-1]))
            _refuse_special(os.stat(parts[-1], dir_fd=opened[-1], follow_symlinks=False), relative)
            opened.append(os.open(parts[-1], _FILE_FLAGS, dir_fd=opened[-1]))
        except OSError as error:
            raise SubjectError(_what_failed(error, folder, parts, len(opened))) from error
        _refuse_special(os.fstat(opened[-1]), relative)
        yield opened[-1]
    finally:
        for descriptor in reversed(opened):
            os.close(descriptor)


def _refuse_special(status: os.stat_result, relative: str) -> None:
    """Refuse what is neither a file nor a folder: before opening, since opening a device can act, and again after."""
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    kind = kinds.get(stat.S_IFMT(status.st_mode))
    if kind:
        raise SubjectError(f'"{relative}" is {kind}; only regular files are opened')


def _refuse_folder(descriptor: int, relative: str) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise SubjectError(f'"{relative}" is a folder; a file is expected')


def _blocks(descriptor: int, relative: str) -> Iterator[bytes]:
    try:
        while block := os.read(descriptor, _BLOCK):
            yield block
    except OSError as error:
        raise SubjectError(f'"{relative}" cannot be read: {error.strerror}') from error


def _what_failed(error: OSError, folder: Path, parts: list[str], depth: int) -> str:
    relative = "/".join(parts)
    reached = "/".join(parts[:depth]) if depth else str(folder)
    if error.errno == errno.ENOENT:
        return f'"{relative}" does not exist{_suggestion(folder, parts, depth)}'
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        link = depth and (folder / reached).is_symlink()
        kind = "a symbolic link" if link else "no folder"
        return f'"{reached}" is {kind}, on the way to "{relative}"; it is not followed'
    return f'"{relative}" cannot be opened: {error.strerror}'


def _suggestion(folder: Path, parts: list[str], depth: int) -> str:
    if depth == 0:
        return ""
    try:
        there = os.listdir(folder.joinpath(*parts[: depth - 1]))
    except OSError:
        return ""
    similar = near(parts[depth - 1], there)
    return f'; did you mean "{"/".join([*parts[: depth - 1], similar[0]])}"?' if similar else ""
