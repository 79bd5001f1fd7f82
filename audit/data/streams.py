"""Rows of a table a chunk at a time, so that a table of any length is read in bounded memory.

A stream is opened once and may be walked over several times; each walk gives the same rows. What is read from a file
are the bytes that were hashed when it was opened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from audit.data.layout import Layout
from audit.data.sealed import SealedFile
from audit.errors import SubjectError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

CHUNK_ROWS = 32_768
"""Rows of a chunk: enough that the cost of a chunk is small beside that of its rows."""

STREAMED = ("csv", "tsv", "parquet")
"""Formats that can be read in pieces."""


class Stream(Protocol):
    """Rows that are read in chunks.

    Attributes:
        columns: names of all columns.
        sha256: digests of the files behind it; empty for rows in memory.
    """

    columns: tuple[str, ...]
    sha256: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Number of rows."""

    def chunks(self) -> Iterator[pd.DataFrame]:
        """All rows in order, at most `CHUNK_ROWS` at a time."""

    def take(self, positions: Sequence[int]) -> pd.DataFrame:
        """Some rows, by 0-based position in rising order; what holds none of them is not unpacked if that can be."""


class FrameStream:
    """Rows of a frame that is in memory."""

    sha256: tuple[str, ...] = ()

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame
        self.columns = tuple(str(name) for name in frame.columns)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.frame)

    def chunks(self) -> Iterator[pd.DataFrame]:
        """All rows in order."""
        for start in range(0, len(self.frame), CHUNK_ROWS):
            yield self.frame.iloc[start : start + CHUNK_ROWS]

    def take(self, positions: Sequence[int]) -> pd.DataFrame:
        """Some rows."""
        return self.frame.iloc[list(positions)]


def of_files(files: Sequence[SealedFile], *, format: str, layout: Layout) -> Stream:
    """The rows of a file, or of several Parquet files one after the other.

    Args:
        files: kept open by the caller for as long as the stream is used.
        format: one of `STREAMED`.

    Raises:
        SubjectError: the bytes cannot be understood; of CSV, parts of them are only looked at while they are read.
    """
    from audit.data.csv_stream import CsvStream
    from audit.data.parquet_stream import ParquetStream

    if format == "parquet":
        return ParquetStream(files, layout=layout)
    return CsvStream(files[0], layout=layout, delimiter="\t" if format == "tsv" else ",")


def picked(chunks: Iterator[pd.DataFrame], positions: ArrayLike) -> pd.DataFrame:
    """Rows at rising positions, counted from the first row of the first chunk."""
    import numpy as np
    import pandas as pd

    wanted, start, found = np.asarray(positions, dtype=np.int64), 0, []
    for chunk in chunks:
        first, last = np.searchsorted(wanted, [start, start + len(chunk)])
        if last > first:
            found.append(chunk.iloc[wanted[first:last] - start])
        start += len(chunk)
        if last == len(wanted):
            break
    if not found:
        raise SubjectError("none of the rows that were asked for is there")
    return pd.concat(found, ignore_index=True)
