"""Recognises what a file is by its bytes and reads it to the end.

The suffix of a file decides nothing: an attacker chooses it. Whatever the format, the bytes are also followed the way
`pickle.load` would, because somebody may open them with it.
"""

from __future__ import annotations

import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Collection
from pathlib import Path

from audit.artifact import (
    allow_list,
    archives,
    boosters,
    compressed,
    numpy_file,
    onnx_file,
    pickle_stream,
    skops_file,
    tensors,
    torch_archive,
)
from audit.artifact.report import MAX_DEPTH, ArtifactReport, Findings, Unreadable

MAX_BYTES = 1 << 32

_DAMAGE = (
    Unreadable, ValueError, IndexError, KeyError, TypeError, AttributeError, EOFError, OSError, OverflowError,
    RecursionError, MemoryError, SyntaxError, RuntimeError, struct.error, zlib.error, lzma.LZMAError,
    zipfile.BadZipFile, tarfile.TarError,
)  # fmt: skip
"""What a damaged or hostile file makes its reader raise; each makes the file unreadable, never safe."""

_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes, Findings, str], str]], ...] = (
    (lambda data: data[:6] == numpy_file.MAGIC, numpy_file.scan),
    (tensors.is_safetensors, tensors.scan),
    (boosters.is_lightgbm, boosters.scan_lightgbm),
    (boosters.is_xgboost_ubj, boosters.scan_ubj),
    (boosters.is_xgboost_json, boosters.scan_json),
    (onnx_file.is_onnx, onnx_file.scan),
)


def scan(path: str | Path, *, trusted: Collection[str] = ()) -> ArtifactReport:
    """Read a model file without running, importing or unpacking anything of it to disk.

    Args:
        path: the file; a link, a folder or a device is not opened.
        trusted: exact names, such as `mypackage.layers.Gate`, that somebody reviewed.

    Returns:
        A report whatever the file is; a file that cannot be read is not safe.
    """
    name = Path(path).name
    try:
        content = _content(Path(path))
    except (OSError, Unreadable) as problem:
        findings = Findings(allow_list.shipped())
        findings.unreadable.append(_sentence(problem, name))
        return findings.report(name, "unknown")
    return scan_bytes(content, name, trusted=trusted)


def scan_bytes(content: bytes, name: str, *, trusted: Collection[str] = ()) -> ArtifactReport:
    """Read the bytes of a model file; otherwise as `scan`.

    Args:
        content: all bytes of the file.
        name: what the report calls it.
        trusted: exact names that somebody reviewed.
    """
    findings = Findings(allow_list.shipped().trusting(trusted))
    format_name = "unknown"
    try:
        format_name = _scan(content, findings, name, 0)
    except _DAMAGE as problem:
        findings.unreadable.append(_sentence(problem, name))
    return findings.report(name, format_name)


def _content(path: Path) -> bytes:
    # a link may be turned between two looks, and reading a FIFO would wait for ever
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb") as source:
        facts = os.fstat(source.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise Unreadable(f"{path.name} is not a regular file")
        if facts.st_size > MAX_BYTES:
            raise Unreadable(f"{path.name} is larger than {MAX_BYTES:,} bytes")
        return source.read()


def _sentence(problem: BaseException, name: str) -> str:
    if isinstance(problem, Unreadable):
        return str(problem)
    if isinstance(problem, OSError) and problem.strerror:
        return f"{name} cannot be opened: {problem.strerror}"
    return f"{name} is damaged or built to be misread ({type(problem).__name__})"


def _scan(data: bytes, findings: Findings, place: str, depth: int) -> str:
    """Read one file or member.

    Returns:
        Its format.
    """
    if depth > MAX_DEPTH:
        raise Unreadable(f"{place} lies in containers inside containers without end")
    packing = compressed.kind(data)
    if packing is not None:
        return _scan(compressed.unpack(data, packing, findings, place), findings, place, depth + 1)
    if archives.is_zip(data):
        return _zip(data, findings, place, depth)
    for recognises, read in _READERS:
        if recognises(data):
            pickle_stream.probe(data, findings, place)
            return read(data, findings, place)
    if archives.is_tar(data):
        pickle_stream.probe(data, findings, place)
        return _members(archives.tar_members(data, findings, place), findings, place, depth, "tar")
    return _pickle(data, findings, place)


def _pickle(data: bytes, findings: Findings, place: str) -> str:
    if not data:
        raise Unreadable(f"{place} is empty")
    try:
        return pickle_stream.scan(data, findings, place)
    except Unreadable as problem:
        if data[0] == 0x80 or findings.globals:
            raise
        raise Unreadable(f"{place} is in a format that is not known ({problem})") from problem


def _zip(data: bytes, findings: Findings, place: str, depth: int) -> str:
    members = archives.zip_members(data, findings, place)
    if not members:
        raise Unreadable(f"{place} is an empty archive")
    if skops_file.is_skops(members):
        _members(skops_file.scan(members, findings, place), findings, place, depth, "skops")
        return "skops"
    folder = torch_archive.root(members)
    if folder is not None:
        return torch_archive.scan(members, folder, findings, place)
    arrays = bool(members) and all(member.name.endswith(".npy") for member in members)
    return _members(members, findings, place, depth, "numpy" if arrays else "zip")


def _members(members: list[archives.Member], findings: Findings, place: str, depth: int, format_name: str) -> str:
    """Read each member by itself, so that one damaged member does not hide the names in the others."""
    for member in members:
        where = f"{place}/{member.name}"
        try:
            _scan(member.content, findings, where, depth + 1)
        except _DAMAGE as problem:
            findings.unreadable.append(_sentence(problem, where))
    return format_name
