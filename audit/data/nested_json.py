"""Reads a JSON document of any shape to a table: an item of a list is a row, the way to a value is its column.

`{"customers": [{"name": "…", "contact": {"email": "…"}}]}` becomes one row with the columns `customers[].name` and
`customers[].contact.email`. A list inside an item gives rows of its own. An object with very many keys is taken for a
list whose items have names: each key is a value in the column `….{key}`.
"""

from __future__ import annotations

import json
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

LONGEST = 500_000_000
"""Bytes of a document; it is read as a whole and takes about ten times as much memory."""

ALONE = "value"
"""Name of the column of a value without a name: the whole document, or an item of a list at its top."""


def read(content: bytes, *, name: str, layout: Layout) -> pd.DataFrame:
    """A frame from the bytes of a JSON document.

    A column that mixes kinds of values is text; `null` is a missing value.

    Raises:
        SubjectError: it is no JSON, can be read in two ways, is too large, nests too deeply or holds no value; the
            message quotes nothing of it.
    """
    if len(content) > LONGEST:
        raise SubjectError(f"{name} is a JSON document of {len(content)} bytes; at most {LONGEST} are read as a whole")
    text = decoded(content, name=name, encoding=layout.encoding)
    try:
        document = strict_json.loads(text)
    except json.JSONDecodeError as error:
        raise SubjectError(f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except ValueError:
        raise SubjectError(
            f"{name} is no JSON with one meaning: it gives a key twice, holds NaN or a number out of range, or nests "
            "too deeply"
        ) from None
    rows: list[dict[str, Any]] = [{}]
    _fill(rows, rows[0], "", document, 0, name, layout.max_cell)
    rows = [row for row in rows if row]
    if not rows:
        raise SubjectError(f"{name} holds no value")
    return jsonl.frame_of(rows, list(range(1, len(rows) + 1)), name=name, layout=layout)


def _fill(
    rows: list[dict[str, Any]], row: dict[str, Any], path: str, value: Any, depth: int, name: str, max_cell: int
) -> None:
    """Put a value and all that is in it into its row, and into new rows below it."""
    if depth > DEEPEST:
        raise SubjectError(f"{name} nests more than {DEEPEST} objects and lists")
    if isinstance(value, list):
        for item in value:
            rows.append({})
            _fill(rows, rows[-1], f"{path}[]" if path else "", item, depth + 1, name, max_cell)
    elif isinstance(value, dict) and len(value) > MOST_KEYS:
        for key, item in value.items():
            rows.append({f"{path}.{{key}}" if path else "{key}": _cell(key, name, max_cell)})
            _fill(rows, rows[-1], f"{path}{{}}", item, depth + 1, name, max_cell)
    elif isinstance(value, dict):
        for key, item in value.items():
            _fill(rows, row, f"{path}.{key}" if path else key, item, depth + 1, name, max_cell)
    elif value is not None:
        row[path or ALONE] = _cell(value, name, max_cell)


def _cell(value: Any, name: str, max_cell: int) -> Any:
    if isinstance(value, str) and (len(value) > max_cell or "\0" in value):
        raise SubjectError(f"{name}: a value holds a NUL character or more than {max_cell} characters")
    return value
