"""Reads CSV in chunks of text cells, with the strictness of the reader of whole files.

Blocks without quotes are split by the fast reader; from the first quote on, the exact one reads the rest. No column is
given a type: that would need the last row before the first chunk. All cells are text as it was written.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

from audit.data.csv import (
    Misfits,
    check_encoding,
    check_header,
    field_limit,
    plain_cells,
    rows_with_lines,
    strings,
)
from audit.data.layout import Layout
from audit.data.sealed import BLOCK, SealedFile
from audit.data.streams import CHUNK_ROWS, picked
from audit.errors import SubjectError

if TYPE_CHECKING:
    import pandas as pd


class CsvStream:
    """Rows of a CSV file.

    Args:
        file: kept open by the caller.
        delimiter: where the layout declares none.

    Raises:
        SubjectError: the file is empty, does not decode, or its header is refused.
    """

    def __init__(self, file: SealedFile, *, layout: Layout, delimiter: str) -> None:
        self._file, self._layout = file, layout
        self._delimiter = layout.delimiter or delimiter
        self.sha256: tuple[str, ...] = (file.sha256,)
        self.columns = self._header()

    @cached_property
    def rows(self) -> int:
        """Number of rows; the first use reads the file once."""
        return sum(len(chunk) for chunk in self.chunks())

    def take(self, positions: Sequence[int]) -> pd.DataFrame:
        """Some rows."""
        return picked(self.chunks(), positions)

    def chunks(self) -> Iterator[pd.DataFrame]:
        """All rows in order, every cell a text.

        Raises:
            SubjectError: as `audit.data.csv.read`; for a mistake in a later row after the rows before it were given.
        """
        blocks = _lines_by_block(self._file, self._layout.encoding)
        header_line, line, empty = self._delimiter.join(self.columns), 1, True
        for number, block in enumerate(blocks):
            text = block if number == 0 else f"{header_line}\n{block}"
            # what ends in an empty line may have one between two rows, which only the exact reader refuses
            doubtful = text.endswith(("\n\n", "\n\r\n"))
            cells = None if doubtful else plain_cells(text, self._delimiter, self._layout.max_cell)
            if cells is None:
                for chunk in self._exact(chain((block,), blocks), line, headed=number == 0):
                    empty = False
                    yield chunk
                break
            table = cells.chunks[0]
            for start in range(0, len(table[0]), CHUNK_ROWS):
                empty = False
                yield self._frame([column.slice(start, CHUNK_ROWS) for column in table])
            line += block.count("\n")
        if empty:
            raise SubjectError(f"{self._file.path} has no rows")

    def _header(self) -> tuple[str, ...]:
        first = next(_lines_by_block(self._file, self._layout.encoding), "")
        with field_limit(self._layout.max_cell):
            reader = csv.reader(io.StringIO(first, newline=""), delimiter=self._delimiter, strict=True)
            try:
                names = next((row for row in reader if row), None)
            except csv.Error as error:
                raise SubjectError(f"{self._file.path}:1: the header cannot be read: {error}") from error
        if names is None:
            raise SubjectError(f"{self._file.path} is empty; the first line has to name the columns")
        check_header(names, self._file.path, self._delimiter)
        return tuple(names)

    def _exact(self, blocks: Iterator[str], line: int, *, headed: bool) -> Iterator[pd.DataFrame]:
        """Rows by the exact reader, from a block that begins on `line`; `headed` says that the header is in it."""
        import pyarrow as pa

        name, misfits, blank = self._file.path, Misfits(self._file.path), 0
        texts = (text for block in blocks for text in io.StringIO(block, newline=""))
        reader = csv.reader(texts, delimiter=self._delimiter, strict=True)
        rows = rows_with_lines(reader, misfits, self._layout.max_cell, first=line)
        waiting: list[list[str]] = []
        while True:
            # the limit holds for the whole process, so it is set while rows are read and not while they are scanned
            with field_limit(self._layout.max_cell):
                ended = False
                for place, row in rows:
                    if not row:
                        blank = blank or place
                    elif blank:
                        misfits.stop(f"{name}:{blank}: an empty line between rows; remove it")
                    elif headed:
                        headed = False
                    elif len(row) != len(self.columns):
                        misfits.add(place, len(row), len(self.columns))
                    else:
                        waiting.append(row)
                    if len(waiting) == CHUNK_ROWS:
                        break
                else:
                    ended = True
            if misfits.rows and ended:
                misfits.stop()
            if waiting and not misfits.rows:
                yield self._frame([strings(pa, cells, name) for cells in zip(*waiting, strict=True)])
            waiting = []
            if ended:
                return

    def _frame(self, columns: Sequence[Any]) -> pd.DataFrame:
        import pandas as pd

        texts = [pd.Series(cells.to_pandas(), dtype="str") for cells in columns]
        return pd.DataFrame(dict(zip(self.columns, texts, strict=True)))


def _lines_by_block(file: SealedFile, encoding: str) -> Iterator[str]:
    """The text of a file in blocks of whole lines, a byte order mark left out.

    Raises:
        SubjectError: it is no text, a byte does not decode, or a NUL character is in it.
    """
    encoding = check_encoding(file.read_at(0, min(8, file.size)), name=file.path, encoding=encoding)
    decoder, kept, line = codecs.getincrementaldecoder(encoding)(), "", 1
    for start in range(0, file.size, 16 * BLOCK):
        content = file.read_at(start, min(16 * BLOCK, file.size - start))
        last = start + len(content) == file.size
        before = len(decoder.getstate()[0])
        try:
            text = kept + decoder.decode(content, last)
        except UnicodeDecodeError as error:
            place = start - before + error.start
            at = line + content.count(b"\n", 0, max(0, error.start - before))
            raise SubjectError(
                f"{file.path}:{at}: byte {place} (0x{error.object[error.start]:02x}) is not {error.encoding}; declare "
                "the encoding of the file, for example encoding: latin-1"
            ) from None
        if "\0" in text:
            at = line + text.count("\n", 0, text.index("\0"))
            raise SubjectError(f"{file.path}:{at}: a cell holds a NUL character; remove it")
        end = len(text) if last else text.rfind("\n") + 1
        if end:
            yield text[:end]
        line += text.count("\n", 0, end)
        kept = text[end:]
