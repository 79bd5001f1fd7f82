"""Unpacks LZ4 frames, as joblib writes them with `compress="lz4"`, block by block and within a budget.

Source: LZ4 Frame Format Description 1.6.4 and LZ4 Block Format Description. Checksums are not compared: a reader that
does refuses what it finds damaged, and one that does not reads what is read here.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

MAGIC = b"\x04\x22\x4d\x18"
_WINDOW = 1 << 16
_BLOCK_SIZES = {4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22}
_INDEPENDENT, _BLOCK_SUM, _SIZE, _SUM, _DICTIONARY = 0x20, 0x10, 0x08, 0x04, 0x01
_SHORTEST = 4


def pieces(data: View, findings: Findings, place: str) -> Iterator[bytes]:
    """What the frames hold, one after the other.

    Raises:
        Unreadable: a frame is damaged, cut off or needs a dictionary, or something else follows it.
    """
    position = 0
    while position < len(data):
        if data[position : position + 4] != MAGIC:
            raise Unreadable(f"something follows the compressed data of {place}")
        frame = _Frame(data, position + 4, findings, place)
        yield from frame.blocks()
        position = frame.position


class _Frame:
    """One frame, read from front to back."""

    def __init__(self, data: View, position: int, findings: Findings, place: str) -> None:
        self.data, self.position, self.findings, self.place = data, position, findings, place
        self.flags = self._raw(1)[0]
        self.most = _BLOCK_SIZES.get(self._raw(1)[0] >> 4, 0)
        if self.flags >> 6 != 1 or self.flags & (_DICTIONARY | 0x02) or not self.most:
            raise Unreadable(f"{place} is compressed with lz4 in a way that is not read here")
        self._raw((8 if self.flags & _SIZE else 0) + 1)

    def blocks(self) -> Iterator[bytes]:
        """The unpacked blocks."""
        history = b""
        while size := int.from_bytes(self._raw(4), "little"):
            raw = self._raw(size & 0x7FFFFFFF)
            if self.flags & _BLOCK_SUM:
                self._raw(4)
            try:
                block = raw if size >> 31 else self._unpacked(raw, history)
            except IndexError:
                raise self._damaged() from None
            if len(block) > self.most:
                raise self._damaged()
            history = b"" if self.flags & _INDEPENDENT else (history + block)[-_WINDOW:]
            yield block
        if self.flags & _SUM:
            self._raw(4)

    def _unpacked(self, raw: bytes, history: bytes) -> bytes:
        """One block; `history` is what earlier blocks ended with, to which a block may refer."""
        block, out, most = _Block(raw), bytearray(history), self.most + len(history)
        while block.position < len(raw):
            self.findings.spend(operations=1)
            token = block.take(1)[0]
            out += block.take(block.length(token >> 4))
            if block.position == len(raw):
                break
            offset = int.from_bytes(block.take(2), "little")
            length = block.length(token & 15) + _SHORTEST
            start = len(out) - offset
            if not offset or start < 0 or len(out) + length > most:
                raise self._damaged()
            part = out[start : start + length]
            # a match may overlap its own copy: the same few bytes again and again
            out += part if offset >= length else (part * (length // offset + 1))[:length]
        return bytes(out[len(history) :])

    def _raw(self, size: int) -> bytes:
        if size > 2 * _BLOCK_SIZES[7] or self.position + size > len(self.data):
            raise Unreadable(f"the compressed data of {self.place} is cut off")
        self.position += size
        return self.data[self.position - size : self.position]

    def _damaged(self) -> Unreadable:
        return Unreadable(f"the compressed data of {self.place} is damaged")


class _Block:
    """The bytes of one block, read from front to back; past its end is an IndexError."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.position = raw, 0

    def take(self, size: int) -> bytes:
        """The next bytes."""
        self.position += size
        if self.position > len(self.raw):
            raise IndexError(size)
        return self.raw[self.position - size : self.position]

    def length(self, length: int) -> int:
        """A length whose first four bits were 15 goes on in the bytes that follow."""
        more = 255 if length == 15 else 0
        while more == 255:
            more = self.take(1)[0]
            length += more
        return length
