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
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_harmless(name) for name in header])
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _harmless(cell: object) -> object:
    runs = isinstance(cell, str) and cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if runs else cell
