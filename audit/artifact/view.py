"""A look at the bytes of a file of any size: pieces are read as they are asked for, and parts are never copied.

A file is read with `pread` from an open descriptor. A file that was cut short or replaced meanwhile gives an error,
never a signal as a memory map would.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Protocol, cast, overload

from audit.artifact.report import Unreadable

BLOCK = 1 << 20
KEPT_BLOCKS = 8
LARGEST = 128 << 20
"""Bytes that may be asked for at once."""
IN_MEMORY = 16 << 20
"""Unpacked parts up to this size stay in memory; larger ones go to a temporary file without a name."""


class Source(Protocol):
    """Something whose bytes can be read at any place, such as a file that was hashed block by block."""

    @property
    def size(self) -> int:
        """Number of bytes."""

    def read_at(self, start: int, size: int) -> bytes:
        """Exactly these bytes, or an error."""


class Descriptor:
    """The bytes behind an open file descriptor, which the caller keeps open."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._descriptor, self._name = descriptor, name
        self._state = self._facts()
        self.size = self._state[0]

    def read_at(self, start: int, size: int) -> bytes:
        """Exactly these bytes.

        Raises:
            Unreadable: the file changed since it was opened.
        """
        piece = os.pread(self._descriptor, size, start)
        while len(piece) < size and (more := os.pread(self._descriptor, size - len(piece), start + len(piece))):
            piece += more
        if len(piece) != size:
            raise Unreadable(f"{self._name} changed while it was read")
        return piece

    def check_unchanged(self) -> None:
        """Compare size and time of the last change with those at the beginning.

        Raises:
            Unreadable: they differ.
        """
        if self._facts() != self._state:
            raise Unreadable(f"{self._name} changed while it was read")

    def _facts(self) -> tuple[int, int, int]:
        facts = os.fstat(self._descriptor)
        return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


class _Blocks:
    """The last few blocks of a source, so that reading byte by byte costs no call for each."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self.last = b""
        self.last_start = 0

    def block(self, position: int) -> None:
        """Make the block at this position the last one."""
        start = position - position % BLOCK
        block = self._kept.pop(start, None)
        if block is None:
            block = self.source.read_at(start, min(BLOCK, self.source.size - start))
            if len(self._kept) >= KEPT_BLOCKS:
                self._kept.popitem(last=False)
        self._kept[start] = block
        self.last, self.last_start = block, start

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`."""
        offset = start - self.last_start
        if offset >= 0 and end - self.last_start <= len(self.last):
            return self.last[offset : end - self.last_start]
        pieces = []
        while start < end:
            self.block(start)
            piece = self.last[start - self.last_start : end - self.last_start]
            pieces.append(piece)
            start += len(piece)
        return b"".join(pieces)


class View:
    """Bytes that lie in memory or in a file; a part of a view is a view of the same bytes.

    `view[i]` is a number, `view[a:b]` bytes, with the limits of Python's own slices.
    """

    __slots__ = ("_blocks", "_content", "_size", "_start")

    def __init__(self, source: bytes | Source) -> None:
        if not isinstance(source, bytes) and source.size <= IN_MEMORY:
            source = source.read_at(0, source.size)
        self._content = source if isinstance(source, bytes) else b""
        self._blocks = None if isinstance(source, bytes) else _Blocks(source)
        self._start, self._size = 0, len(source) if isinstance(source, bytes) else source.size

    def part(self, start: int, end: int | None = None) -> View:
        """The bytes from `start` to `end`; nothing is copied."""
        start, end, _ = slice(start, end).indices(self._size)
        other = View.__new__(View)
        other._content, other._blocks = self._content, self._blocks
        other._start, other._size = self._start + start, max(0, end - start)
        return other

    def fast(self) -> bytes | View:
        """The bytes themselves where they are few or lie in memory, else this view; both are read the same way."""
        return self[:] if self._size <= IN_MEMORY or self._size == len(self._content) <= LARGEST else self

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, key: int) -> int: ...
    @overload
    def __getitem__(self, key: slice) -> bytes: ...
    def __getitem__(self, key: int | slice) -> int | bytes:
        if isinstance(key, slice):
            start, end, step = key.indices(self._size)
            if step != 1:
                raise ValueError("a view has no steps")
            return self._read(start, max(start, end))
        if not -self._size <= key < self._size:
            raise IndexError("beyond the end of the bytes")
        position = self._start + (key if key >= 0 else key + self._size)
        if self._blocks is None:
            return self._content[position]
        blocks = self._blocks
        if not 0 <= position - blocks.last_start < len(blocks.last):
            blocks.block(position)
        return blocks.last[position - blocks.last_start]

    def find(self, needle: bytes, start: int = 0) -> int:
        """Position of the first `needle` at `start` or behind it, -1 where there is none."""
        step = BLOCK
        while start + len(needle) <= self._size:
            found = self._read(start, min(self._size, start + step)).find(needle)
            if found >= 0:
                return start + found
            start += step - len(needle) + 1
        return -1

    def rfind(self, needle: bytes, within: int) -> int:
        """Position of the last `needle` in the last `within` bytes, -1 where there is none."""
        start = max(0, self._size - within)
        found = self._read(start, self._size).rfind(needle)
        return start + found if found >= 0 else -1

    def startswith(self, prefix: bytes) -> bool:
        """Whether the first bytes are these."""
        return self[: len(prefix)] == prefix

    def blocks(self, start: int = 0) -> Iterator[bytes]:
        """All bytes from `start` on, in pieces of at most `BLOCK` bytes."""
        while start < self._size:
            yield self._read(start, min(self._size, start + BLOCK))
            start += BLOCK

    def blank(self, start: int = 0) -> bool:
        """Whether nothing but zeros follows from `start` on."""
        return all(block.count(0) == len(block) for block in self.blocks(start))

    def end_of_content(self) -> int:
        """Position behind the last byte that is no zero."""
        end = self._size
        while end > 0:
            start = max(0, end - BLOCK)
            filled = len(self._read(start, end).rstrip(b"\0"))
            if filled:
                return start + filled
            end = start
        return 0

    def stream(self) -> BinaryIO:
        """A file to read the bytes from, for libraries that want one."""
        return cast("BinaryIO", _Stream(self))

    def _read(self, start: int, end: int) -> bytes:
        if end - start > LARGEST:
            raise Unreadable(f"a part of {end - start:,} bytes would have to be read at once")
        if self._blocks is None:
            return self._content[self._start + start : self._start + end]
        return self._blocks.read(self._start + start, self._start + end)


class _Stream(io.RawIOBase):
    """A view as a file."""

    def __init__(self, view: View) -> None:
        self._view, self._position = view, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: len(self._view)}[whence]
        if origin + offset < 0:
            raise OSError("a place before the beginning")
        self._position = origin + offset
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        end = len(self._view) if size < 0 else min(len(self._view), self._position + size)
        piece = self._view[self._position : max(end, self._position)]
        self._position += len(piece)
        return piece


def spooled(pieces: Iterable[bytes]) -> View:
    """A view of bytes that come piece by piece: in memory while they are few, then in a temporary file without a name.

    Raises:
        OSError: the disk is full.
    """
    kept: list[bytes] = []
    size = 0
    iterator = iter(pieces)
    for piece in iterator:
        kept.append(piece)
        size += len(piece)
        if size > IN_MEMORY:
            return View(_Spool(kept, iterator))
    return View(b"".join(kept))


class Joined:
    """Views one behind the other, as one source.

    Args:
        parts: in their order.
    """

    def __init__(self, *parts: View) -> None:
        self._parts = parts
        self.size = sum(len(part) for part in parts)

    def read_at(self, start: int, size: int) -> bytes:
        """Exactly these bytes."""
        pieces = []
        for part in self._parts:
            if start < len(part) and size > 0:
                pieces.append(part[start : start + size])
                size -= len(pieces[-1])
            start = max(0, start - len(part))
        return b"".join(pieces)


class _Spool:
    """Unpacked bytes in a temporary file, which vanishes with this object."""

    def __init__(self, first: Iterable[bytes], rest: Iterable[bytes]) -> None:
        self.size = 0
        with contextlib.ExitStack() as stack:
            self._file = stack.enter_context(tempfile.TemporaryFile())
            for piece in itertools.chain(first, rest):
                self._file.write(piece)
                self.size += len(piece)
            self._file.flush()
            stack.pop_all()

    def read_at(self, start: int, size: int) -> bytes:
        """Exactly these bytes."""
        piece = os.pread(self._file.fileno(), size, start)
        if len(piece) != size:
            raise Unreadable("an unpacked part cannot be read back")
        return piece
