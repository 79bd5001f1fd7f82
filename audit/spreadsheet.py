"""Writes a table as CSV that people open in a spreadsheet: no cell of it is run as a formula.

A spreadsheet runs a text cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return, and names in evidence
come from files that nobody has vetted. Such a cell gets an apostrophe before it; numbers are left as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


def table(header: Sequence[str], rows: Iterable[Iterable[object]]) -> bytes:
    """The bytes of the file, UTF-8, lines end with a line feed."""
    return "".join(_line(row) for row in (header, *rows)).encode("utf-8")


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO(newline="")
    # a lone carriage return ends a line in spreadsheets, and the writer quotes only what ends its own
    csv.writer(text, lineterminator="\r\n").writerow([_harmless(cell) for cell in cells])
    return text.getvalue().removesuffix("\r\n") + "\n"


def _harmless(cell: object) -> object:
    runs = isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if runs else cell
