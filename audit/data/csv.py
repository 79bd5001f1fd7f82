"""Reads CSV: text first, every row with exactly the fields of the header."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, NoReturn

from audit.data.columns import column
from audit.data.layout import Layout
from audit.data.table import checked_names
from audit.errors import SubjectError

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = (",", ";", "\t", "|")
# UTF-32 comes first: it begins as UTF-16 does
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
_NO_TEXT = {
    b"\x1f\x8b": "gzip; unpack it",
    b"PK\x03\x04": "a zip archive or a spreadsheet; unpack it, or save it as CSV",
    b"\x93NUMPY": "a numpy array; save it with numpy.savez as x and y",
}
_CHUNK = 50_000
_BLOCK = 1 << 24
_CSV_LIMIT = Lock()


def read(content: bytes, *, name: str, layout: Layout, delimiter: str = ",") -> pd.DataFrame:
    """A frame from the bytes of a CSV file with a header.

    Args:
        name: how messages name the file.
        delimiter: where the layout declares none.

    Raises:
        SubjectError: bytes that do not decode, NUL characters, duplicate or empty names in the header, a row with more
            or fewer fields, a quote that is not closed, a cell that is too long, or a cell that does not fit its type.
    """
    import pandas as pd
    import pyarrow as pa

    text = decoded(content, name=name, encoding=layout.encoding)
    delimiter = layout.delimiter or delimiter
    cells = plain_cells(text, delimiter, layout.max_cell) or _cells(text, name, delimiter, layout.max_cell)
    check_header(cells.header, name, delimiter)

    def place(row: int) -> str:
        return f"{name}:{cells.lines[row]}"

    columns = {}
    for position, header in enumerate(cells.header):
        chunks = [part for chunk in cells.chunks for part in getattr(chunk[position], "chunks", [chunk[position]])]
        joined = pa.chunked_array(chunks, type=pa.string())
        declared = layout.types.get(header)
        columns[header] = column(joined, name=header, declared=declared, place=place, strict=layout.strict)
    return pd.DataFrame(columns)


def decoded(content: bytes, *, name: str, encoding: str) -> str:
    """Bytes as text, a UTF-8 byte order mark left out.

    Raises:
        SubjectError: unknown encoding, a byte that does not decode (with its offset), or a NUL character (with its
            line).
    """
    encoding = check_encoding(content, name=name, encoding=encoding)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SubjectError(
            f"{name}:{line}: byte {error.start} (0x{content[error.start]:02x}) is not {error.encoding}; declare the "
            "encoding of the file, for example encoding: latin-1"
        ) from None
    except (LookupError, UnicodeError, ValueError):
        raise SubjectError(f'{name}: the encoding "{encoding}" is unknown or does not fit the file') from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SubjectError(f"{name}:{line}: a cell holds a NUL character; remove it")
    return text


def check_encoding(beginning: bytes, *, name: str, encoding: str) -> str:
    """The encoding to decode with: the declared one, for UTF-8 the one that leaves out a byte order mark.

    Args:
        beginning: at least the first 8 bytes of the file.

    Raises:
        SubjectError: the bytes begin as no text does, or as text of another encoding.
    """
    for magic, kind in _NO_TEXT.items():
        if beginning.startswith(magic):
            raise SubjectError(f"{name} is no text but {kind}")
    if encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        return encoding
    for mark, other in _MARKS.items():
        if beginning.startswith(mark):
            raise SubjectError(f"{name} is {other.upper()}; save it as UTF-8, or declare it: encoding: {other}")
    return "utf-8-sig"


@dataclass
class _Cells:
    """Header, columns of text by chunk, and the line on which each row starts."""

    header: list[str]
    chunks: list[list[Any]] = field(default_factory=list)
    lines: Sequence[int] = ()


def plain_cells(text: str, delimiter: str, max_cell: int) -> _Cells | None:
    """Cells of a text without quotes or mistakes, several times as fast; None where `_cells` has to look closer.

    Without quotes, lone carriage returns and empty lines a row is a line, so both readers agree on every cell.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv as arrow_csv

    text = text.replace("\r\n", "\n").rstrip("\n") + "\n"
    if '"' in text or "\r" in text or "\n\n" in text or text.startswith("\n"):
        return None
    header = text[: text.index("\n")].split(delimiter)
    names = [str(position) for position in range(len(header))]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            read_options=arrow_csv.ReadOptions(column_names=names, skip_rows=1, use_threads=False, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=True
            ),
        )
    except (pa.ArrowException, UnicodeError):
        return None
    longest = max((pc.max(pc.utf8_length(column)).as_py() or 0 for column in table.columns), default=0)
    if longest > max_cell or max(map(len, header)) > max_cell:
        return None
    return _Cells(header, [list(table.columns)], range(2, table.num_rows + 2))


def _cells(text: str, name: str, delimiter: str, max_cell: int) -> _Cells:
    import pyarrow as pa

    found: _Cells | None = None
    waiting: list[list[str]] = []
    lines: list[int] = []
    misfits = Misfits(name)
    blank = 0
    with field_limit(max_cell):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for line, row in rows_with_lines(reader, misfits, max_cell):
            if not row:
                blank = blank or line
            elif blank:
                misfits.stop(f"{name}:{blank}: an empty line between rows; remove it")
            elif found is None:
                check_header(row, name, delimiter)
                found = _Cells(row, lines=lines)
            elif len(row) != len(found.header):
                misfits.add(line, len(row), len(found.header))
            elif not misfits.rows:
                waiting.append(row)
                lines.append(line)
                if len(waiting) == _CHUNK:
                    found.chunks.append([strings(pa, cells, name) for cells in zip(*waiting, strict=True)])
                    waiting.clear()
    if misfits.rows:
        misfits.stop()
    if found is None:
        raise SubjectError(f"{name} is empty; the first line has to name the columns")
    if waiting:
        found.chunks.append([strings(pa, cells, name) for cells in zip(*waiting, strict=True)])
    return found


@dataclass
class Misfits:
    """Rows that have more or fewer fields than the header: all are counted, the first lines named."""

    name: str
    rows: int = 0
    first: str = ""
    others: list[int] = field(default_factory=list)

    def add(self, line: int, fields: int, expected: int) -> None:
        """Note one row."""
        self.rows += 1
        if self.rows == 1:
            self.first = f"{self.name}:{line}: {fields} fields where the header has {expected}"
        elif len(self.others) < 10:
            self.others.append(line)

    def stop(self, what: str = "") -> NoReturn:
        """Refuse the file for these rows, and for what else was found."""
        if not self.rows:
            raise SubjectError(what)
        more = ""
        if self.others:
            shown = ", ".join(map(str, self.others)) + (", ..." if self.rows - 1 > len(self.others) else "")
            count = f"{self.rows - 1} more rows do" if self.rows > 2 else "1 more row does"
            more = f"; {count} not fit either, on line{'s' if self.rows > 2 else ''} {shown}"
        mend = "the rows are not shifted or filled up, so correct them"
        raise SubjectError("\n".join(filter(None, (f"{self.first}{more}; {mend}", what))))


def strings(pa: Any, cells: tuple[str, ...], name: str) -> Any:
    """Cells as an arrow array of text; SubjectError for half of a surrogate pair."""
    try:
        return pa.array(cells, type=pa.string())
    except (UnicodeError, pa.ArrowInvalid):
        raise SubjectError(f"{name}: a cell holds half of a surrogate pair, which is no character") from None


def rows_with_lines(reader: Any, misfits: Misfits, max_cell: int, *, first: int = 1) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each starts; `first` is the line on which the reader starts."""
    start = first
    try:
        for row in reader:
            yield start, row
            start = reader.line_num + first
    except csv.Error as error:
        what = str(error)
        if "field larger" in what:
            what = f"a cell has more than {max_cell} characters"
        elif "end of data" in what:
            what = "a quoted cell starts here or later in this row and its quote is never closed"
        misfits.stop(f"{misfits.name}:{start}: {what}")


def check_header(header: list[str], name: str, delimiter: str) -> None:
    """Refuse names that cannot be told apart, and a header that another delimiter parts; raises SubjectError."""
    checked_names(header, where=f"{name}:1")
    other = [mark for mark in DELIMITERS if mark in header[0] and mark != delimiter]
    if len(header) == 1 and other:
        shown = "\\t" if other[0] == "\t" else other[0]
        raise SubjectError(f'{name}:1: one column with a "{shown}" in its name; declare it: delimiter: "{shown}"')


@contextmanager
def field_limit(limit: int) -> Iterator[None]:
    """The csv module keeps its limit for the whole process: set it for one file, then put it back."""
    with _CSV_LIMIT:
        before = csv.field_size_limit(limit)
        try:
            yield
        finally:
            csv.field_size_limit(before)
