"""Sets of rows of a table of any length, as compressed bits: what is sparse or regular takes next to no memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


class RowSet:
    """Rows by 0-based position; filled chunk by chunk, each chunk once."""

    def __init__(self) -> None:
        self._chunks: dict[int, tuple[int, bytes]] = {}

    def add(self, first: int, inside: np.ndarray) -> None:
        """Put in rows of a chunk.

        Args:
            first: position of the first row of the chunk.
            inside: bool, shape (rows of the chunk,); whether each is in the set.
        """
        import numpy as np

        if inside.any():
            self._chunks[first] = (len(inside), zlib.compress(np.packbits(inside).tobytes(), 1))

    def fork(self) -> RowSet:
        """The same rows, to which others are added on their own."""
        other = RowSet()
        other._chunks = self._chunks.copy()
        return other

    def chunk(self, first: int) -> np.ndarray | None:
        """Rows of the chunk that begins at `first`, bool; None where none is in the set."""
        import numpy as np

        if first not in self._chunks:
            return None
        length, packed = self._chunks[first]
        return np.unpackbits(np.frombuffer(zlib.decompress(packed), np.uint8), count=length).astype(bool)

    @property
    def starts(self) -> tuple[int, ...]:
        """Positions at which chunks with rows of the set begin, rising."""
        return tuple(sorted(self._chunks))

    def __len__(self) -> int:
        """Number of rows in the set."""
        return sum(int(inside.sum()) for _, inside in walk([self]))

    def first(self, count: int) -> list[int]:
        """The lowest positions, at most `count`."""
        return first_of([self], count)


def walk(sets: Sequence[RowSet]) -> Iterator[tuple[int, np.ndarray]]:
    """Rows that are in any of the sets, chunk by chunk: where each chunk begins, and bool by row."""
    for start in sorted({start for one in sets for start in one.starts}):
        parts = [part for one in sets if (part := one.chunk(start)) is not None]
        inside = parts[0]
        for part in parts[1:]:
            inside = inside | part
        yield start, inside


def count(sets: Sequence[RowSet]) -> int:
    """Number of rows that are in any of the sets."""
    return sum(int(inside.sum()) for _, inside in walk(sets))


def first_of(sets: Sequence[RowSet], most: int) -> list[int]:
    """The lowest positions in any of the sets, at most so many."""
    found: list[int] = []
    for start, inside in walk(sets):
        found += [start + int(row) for row in inside.nonzero()[0][: most - len(found)]]
        if len(found) >= most:
            break
    return found
