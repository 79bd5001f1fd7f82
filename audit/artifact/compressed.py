"""Unpacks gzip, zlib, bzip2, xz, lzma and lz4 streams piece by piece, within a budget."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator

from audit.artifact import lz4_frame
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View, spooled

CHUNK = 1 << 20
MAX_RATIO = 200
FREE_BYTES = 64 << 20
"""Up to here any ratio is allowed: a small model of zeros is no bomb."""


def kind(data: View) -> str | None:
    """Name of the compression by its first bytes, None where there is none."""
    if data[:2] == b"\x1f\x8b":
        return "gzip"
    if data[:3] == b"BZh":
        return "bzip2"
    if data[:6] == b"\xfd7zXZ\0":
        return "xz"
    if data[:3] == b"]\0\0":
        return "lzma"
    if data[:4] == b"\x04\x22\x4d\x18":
        return "lz4"
    # zlib: method 8, and the first two bytes are a multiple of 31
    if len(data) > 2 and data[0] == 0x78 and (data[0] * 256 + data[1]) % 31 == 0:
        return "zlib"
    return None


def unpack(data: View, name: str, findings: Findings, place: str) -> View:
    """Everything that the streams in `data` hold, one after the other.

    Raises:
        Unreadable: a stream is damaged or cut off, something else follows it, or it unpacks to far too much.
    """
    pieces = lz4_frame.pieces(data, findings, place) if name == "lz4" else _pieces(data, _OPENERS[name], place)
    return spooled(_bounded(pieces, data, findings, place))


def _bounded(pieces: Iterator[bytes], data: View, findings: Findings, place: str) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        findings.spend(unpacked=len(piece))
        if total > FREE_BYTES and total > MAX_RATIO * len(data):
            raise Unreadable(f"{place} unpacks to more than {MAX_RATIO} times its size")
        yield piece


def _pieces(data: View, open_stream: Callable[[], _Zlib | _Other], place: str) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        if not data[position : position + 64].strip(b"\0") and data.blank(position):
            break
        stream = open_stream()
        while not stream.eof:
            source = data[position : position + CHUNK] if stream.hungry else b""
            position += len(source)
            piece = stream.feed(source)
            if not source and not piece and not stream.eof:
                raise Unreadable(f"the compressed data of {place} is cut off")
            yield piece
        position -= len(stream.left_over)


class _Zlib:
    """One zlib or gzip stream; the output of a step is bounded."""

    def __init__(self, window_bits: int) -> None:
        self._stream = zlib.decompressobj(window_bits)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def hungry(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def left_over(self) -> bytes:
        return self._stream.unused_data

    def feed(self, source: bytes) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + source, CHUNK)


class _Other:
    """One bzip2, xz or lzma stream; the output of a step is bounded."""

    def __init__(self, stream: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._stream = stream

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def hungry(self) -> bool:
        return self._stream.needs_input

    @property
    def left_over(self) -> bytes:
        return self._stream.unused_data

    def feed(self, source: bytes) -> bytes:
        return self._stream.decompress(source, CHUNK)


_OPENERS: dict[str, Callable[[], _Zlib | _Other]] = {
    "gzip": lambda: _Zlib(31),
    "zlib": lambda: _Zlib(15),
    "bzip2": lambda: _Other(bz2.BZ2Decompressor()),
    "xz": lambda: _Other(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=1 << 30)),
    "lzma": lambda: _Other(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=1 << 30)),
}
