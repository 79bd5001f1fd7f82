"""Reads a JSON document of any shape to a table: an item of a list is a row, the way to a value is its column.

`{"customers": [{"name": "…", "contact": {"email": "…"}}]}` becomes one row with the columns `customers[].name` and
`customers[].contact.email`. A list inside an item gives rows of its own. An object with very many keys is taken for a
list whose items have names: each key is a value in the column `….{key}`. So is, once, each key of any object that does
not look like a name of a column, such as an e-mail address.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from audit import strict_json
from audit.data import jsonl
from audit.data.csv import decoded
from audit.data.layout import Layout
from audit.errors import SubjectError

if TYPE_CHECKING:
    import pandas as pd

DEEPEST = 100
"""Objects and lists around a value."""

MOST_KEYS = 200
"""Keys of an object that are taken for names of columns; with more of them they are values, such as account numbers."""

LONGEST = 200_000_000
"""Bytes of a document: as Python objects, records of a few texts take about eleven times as much memory."""

MOST_PARTS = 10_000_000
"""Values, lists and objects of a document: each takes 200 to 500 bytes, however short it is written."""

MOST_CELLS = 100_000_000
"""Cells of the table: a list has rows of its own, which are empty in the columns of all other lists."""

_COLUMN_NAME = re.compile(r"(?!.*\d{6})[@$#]?[\w:-]{0,60}")
"""A key that is taken for the name of a column: one word, with a sign before it as in JSON-LD, and no long number."""

ALONE = "value"
"""Name of the column of a value without a name: the whole document, or an item of a list at its top."""


def read(content: bytes, *, name: str, layout: Layout) -> pd.DataFrame:
    """A frame from the bytes of a JSON document.

    A column that mixes kinds of values is text; `null` is a missing value.

    Raises:
        SubjectError: it is no JSON, can be read in two ways, is too large, nests too deeply or holds no value; the
            message quotes nothing of it.
    """
    _refuse_large(len(content), LONGEST, "bytes", name)
    # Each value but the first of a list or an object follows a comma; those inside texts are counted with them.
    _refuse_large(sum(map(content.count, (b",", b"[", b"{"))), MOST_PARTS, "values, lists and objects", name)
    text = decoded(content, name=name, encoding=layout.encoding)
    try:
        document = strict_json.loads(text)
    except json.JSONDecodeError as error:
        several = "; if each line is an object, name the file .jsonl" if error.msg == "Extra data" else ""
        raise SubjectError(f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}{several}") from None
    except ValueError:
        raise SubjectError(
            f"{name} is no JSON with one meaning: it gives a key twice, holds NaN or a number out of range, or nests "
            "too deeply"
        ) from None
    walk = _Walk(name, layout.max_cell)
    walk.fill(walk.new_row(), "", document, 0)
    rows = [row for row in walk.rows if row]
    if not rows:
        raise SubjectError(f"{name} holds no value")
    columns = len({key for row in rows for key in row})
    _refuse_large(len(rows) * columns, MOST_CELLS, f"cells in {columns} columns", name)
    return jsonl.frame_of(rows, list(range(1, len(rows) + 1)), name=name, layout=layout)


def _refuse_large(size: int, most: int, of_what: str, name: str) -> None:
    if size > most:
        raise SubjectError(
            f"{name} is a JSON document of {size} {of_what}; at most {most} are read, since all of it has to be in "
            "memory at once; write its items to a Parquet or CSV file, which is read in pieces"
        )


class _Walk:
    """A walk through one document.

    Attributes:
        rows: what was met so far; a row without any value is none.
    """

    def __init__(self, name: str, max_cell: int) -> None:
        self.rows: list[dict[str, Any]] = []
        self._name, self._max_cell = name, max_cell
        self._keys_told: set[tuple[str, str]] = set()

    def new_row(self) -> dict[str, Any]:
        """A row below all others."""
        self.rows.append({})
        return self.rows[-1]

    def fill(self, row: dict[str, Any], path: str, value: Any, depth: int) -> None:
        """Put a value and all that is in it into its row, and into new rows below it."""
        if depth > DEEPEST:
            raise SubjectError(f"{self._name} nests more than {DEEPEST} objects and lists")
        if isinstance(value, list):
            for item in value:
                self.fill(self.new_row(), f"{path}[]" if path else "", item, depth + 1)
        elif isinstance(value, dict) and len(value) > MOST_KEYS:
            for key, item in value.items():
                below = self.new_row()
                self._put(below, _joined(path, "{key}"), key)
                self.fill(below, f"{path}{{}}", item, depth + 1)
        elif isinstance(value, dict):
            for key, item in value.items():
                self._tell(path, key)
                self.fill(row, _joined(path, key), item, depth + 1)
        elif value is not None:
            self._put(row, path or ALONE, value)

    def _tell(self, path: str, key: str) -> None:
        """Make a key that is no name of a column a value."""
        if not _COLUMN_NAME.fullmatch(key) and (path, key) not in self._keys_told:
            self._keys_told.add((path, key))
            self._put(self.new_row(), _joined(path, "{key}"), key)

    def _put(self, row: dict[str, Any], path: str, value: Any) -> None:
        if isinstance(value, str) and (len(value) > self._max_cell or "\0" in value):
            raise SubjectError(f"{self._name}: a value holds a NUL character or more than {self._max_cell} characters")
        # {"a.b": 1, "a": {"b": 2}} holds two values at the end of one way.
        (self.new_row() if path in row else row)[path] = value


def _joined(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
