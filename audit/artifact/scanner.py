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
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.artifact import (
    allow_list,
    archives,
    boosters,
    catboost_file,
    compressed,
    folder,
    gguf_file,
    hdf5_file,
    keras_file,
    numpy_file,
    onnx_file,
    pickle_stream,
    saved_model,
    skops_file,
    tensors,
    tflite_file,
    torch_archive,
    torch_export,
)
from audit.artifact.report import MAX_DEPTH, ArtifactReport, Findings, Unreadable
from audit.artifact.view import Descriptor, Source, View

_DAMAGE = (
    Unreadable, ValueError, IndexError, KeyError, TypeError, AttributeError, EOFError, OSError, OverflowError,
    RecursionError, MemoryError, SyntaxError, RuntimeError, struct.error, zlib.error, lzma.LZMAError,
    zipfile.BadZipFile, tarfile.TarError,
)  # fmt: skip
"""What a damaged or hostile file makes its reader raise; each makes the file unreadable, never safe."""

_READERS: tuple[tuple[Callable[[View], bool], Callable[[View, Findings, str], str]], ...] = (
    (lambda data: data[:6] == numpy_file.MAGIC, numpy_file.scan),
    (catboost_file.is_catboost, catboost_file.scan),
    (gguf_file.is_gguf, gguf_file.scan),
    (tflite_file.is_tflite, tflite_file.scan),
    (tensors.is_safetensors, tensors.scan),
    (boosters.is_lightgbm, boosters.scan_lightgbm),
    (boosters.is_xgboost_ubj, boosters.scan_ubj),
    (boosters.is_xgboost_json, boosters.scan_json),
    (hdf5_file.is_hdf5, hdf5_file.scan),
    (saved_model.is_graph, saved_model.scan_graph),
    (onnx_file.is_onnx, onnx_file.scan),
)
"""Files by their first bytes."""

_ARCHIVES: tuple[
    tuple[
        Callable[[list[archives.Member]], bool],
        Callable[[list[archives.Member], Findings, str], list[archives.Member]],
        str,
    ],
    ...,
] = (
    (skops_file.is_skops, skops_file.scan, "skops"),
    (torch_archive.is_torch, torch_archive.scan, "torch"),
    (torch_archive.is_script, torch_archive.scan, "torchscript"),
    (torch_export.is_export, torch_export.scan, "torch_export"),
    (keras_file.is_keras, keras_file.scan, "keras"),
    (saved_model.is_saved_model, saved_model.scan, "saved_model"),
)
"""Zip archives by their members: whether it is one, what reads it and returns the members that are files of their own,
and the name of the format."""


def scan(path: str | Path, *, trusted: Collection[str] = ()) -> ArtifactReport:
    """Read a model file without running, importing or unpacking anything of it to disk.

    Args:
        path: the file, or a folder of files that belong together, such as a SavedModel; a link or a device is not
            opened.
        trusted: exact names, such as `mypackage.layers.Gate`, that somebody reviewed.

    Returns:
        A report whatever the file is; a file that cannot be read is not safe.
    """
    name = Path(path).name
    findings = Findings(allow_list.shipped().trusting(trusted))
    try:
        if Path(path).is_dir() and not Path(path).is_symlink():
            with folder.opened(Path(path), findings) as members:
                return findings.report(
                    name, _guarded(lambda: _archive(members, findings, name, 0, "folder"), findings, name)
                )
        with _opened(Path(path)) as descriptor:
            source = Descriptor(descriptor, name)
            format_name = _guarded(lambda: _scan(View(source), findings, name, 0), findings, name)
            source.check_unchanged()
    except (OSError, Unreadable) as problem:
        findings.unreadable.append(_sentence(problem, name))
        return findings.report(name, "unknown")
    return findings.report(name, format_name)


def scan_file(source: Source | View, name: str, *, trusted: Collection[str] = ()) -> ArtifactReport:
    """Read a model file of any size from something that gives its bytes piece by piece; otherwise as `scan`.

    Args:
        source: the bytes; where each piece is compared with a digest, what is scanned is what was hashed.
        name: what the report calls it.
        trusted: exact names that somebody reviewed.
    """
    findings = Findings(allow_list.shipped().trusting(trusted))
    view = source if isinstance(source, View) else View(source)
    return findings.report(name, _guarded(lambda: _scan(view, findings, name, 0), findings, name))


def scan_bytes(content: bytes, name: str, *, trusted: Collection[str] = ()) -> ArtifactReport:
    """Read the bytes of a model file; otherwise as `scan`.

    Args:
        content: all bytes of the file.
        name: what the report calls it.
        trusted: exact names that somebody reviewed.
    """
    return scan_file(View(content), name, trusted=trusted)


def _guarded(start: Callable[[], str], findings: Findings, name: str) -> str:
    """Format of the file; whatever its reader stumbles over is noted as unreadable."""
    format_name, where = "unknown", name
    try:
        format_name = start()
        while findings.nested:
            part = findings.nested.pop()
            where = part.where
            if _scan(part.content, findings, where, 1) != "torch":
                raise Unreadable(f"{where} is not kept as torch keeps it")
    except _DAMAGE as problem:
        findings.unreadable.append(_sentence(problem, where))
    return format_name


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    # a link may be turned between two looks, and reading a FIFO would wait for ever
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Unreadable(f"{path.name} is not a regular file")
        yield descriptor
    finally:
        os.close(descriptor)


def _sentence(problem: BaseException, name: str) -> str:
    if isinstance(problem, Unreadable):
        return str(problem)
    if isinstance(problem, OSError) and problem.strerror:
        return f"{name} cannot be opened: {problem.strerror}"
    return f"{name} is damaged or built to be misread ({type(problem).__name__})"


def _scan(data: View, findings: Findings, place: str, depth: int) -> str:
    """Read one file or member.

    Returns:
        Its format.
    """
    if depth > MAX_DEPTH:
        raise Unreadable(f"{place} lies in containers inside containers without end")
    packing = compressed.kind(data)
    if packing is not None:
        pickle_stream.probe(data, findings, place)
        return _scan(compressed.unpack(data, packing, findings, place), findings, place, depth + 1)
    if archives.is_zip(data):
        return _zip(data, findings, place, depth)
    for recognises, read in _READERS:
        if recognises(data):
            pickle_stream.probe(data, findings, place)
            return read(data, findings, place)
    if archives.is_tar(data):
        pickle_stream.probe(data, findings, place)
        members = archives.tar_members(data, findings, place)
        if saved_model.is_saved_model(members):
            return _members(saved_model.scan(members, findings, place), findings, place, depth, "saved_model")
        return _members(members, findings, place, depth, "tar")
    return _pickle(data, findings, place)


def _pickle(data: View, findings: Findings, place: str) -> str:
    if not data:
        raise Unreadable(f"{place} is empty")
    try:
        return pickle_stream.scan(data, findings, place)
    except Unreadable as problem:
        if data[0] == 0x80 or findings.globals:
            raise
        raise Unreadable(f"{place} is in a format that is not known ({problem})") from problem


def _zip(data: View, findings: Findings, place: str, depth: int) -> str:
    members = archives.zip_members(data, findings, place)
    arrays = bool(members) and all(member.name.endswith(".npy") for member in members)
    return _archive(members, findings, place, depth, "numpy" if arrays else "zip")


def _archive(members: list[archives.Member], findings: Findings, place: str, depth: int, otherwise: str) -> str:
    """Read an archive, or a folder, as the format that its members show, else each member by itself."""
    if not members:
        raise Unreadable(f"{place} is empty")
    for recognises, read, format_name in _ARCHIVES:
        if recognises(members):
            return _members(read(members, findings, place), findings, place, depth, format_name)
    return _members(members, findings, place, depth, otherwise)


def _members(members: list[archives.Member], findings: Findings, place: str, depth: int, format_name: str) -> str:
    """Read each member by itself, so that one damaged member does not hide the names in the others."""
    for member in members:
        where = f"{place}/{member.name}"
        try:
            _scan(member.content, findings, where, depth + 1)
        except _DAMAGE as problem:
            findings.unreadable.append(_sentence(problem, where))
    return format_name
