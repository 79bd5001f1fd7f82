"""A sealed file as the file object that libraries read from: every byte that they get is a byte that was hashed."""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import Any

from audit.data.sealed import BLOCK, SealedFile

KEPT_BLOCKS = 16
"""Blocks that stay in memory: columns of a Parquet file are read in turns, a few kilobytes from each."""


class SealedReader(io.RawIOBase):
    """Reads a sealed file from any place.

    Args:
        file: stays open for as long as the reader is used.
    """

    def __init__(self, file: SealedFile) -> None:
        super().__init__()
        self._file = file
        self._place = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Position of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._file.size}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as there are bytes.

        Raises:
            SubjectError: the file changed since it was hashed.
        """
        view = memoryview(buffer).cast("B")
        size = max(0, min(len(view), self._file.size - self._place))
        done = 0
        while done < size:
            number, offset = divmod(self._place + done, BLOCK)
            part = self._block(number)[offset : offset + size - done]
            view[done : done + len(part)] = part
            done += len(part)
        self._place += size
        return size

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            start = number * BLOCK
            self._blocks[number] = self._file.read_at(start, min(BLOCK, self._file.size - start))
            if len(self._blocks) > KEPT_BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]
