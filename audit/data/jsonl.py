"""Reads JSON lines: one object a line, whose keys are the columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from audit import strict_json
from audit.data.columns import EXACT, column
from audit.data.csv import decoded
from audit.data.layout import Layout
from audit.data.table import MAX_COLUMNS, checked_names
from audit.errors import SubjectError, may_be_told, quoted

if TYPE_CHECKING:
    import pandas as pd

MAX_RATIO = 100
"""Cells of the table for each value in the file, beyond what is always allowed: few lines can make a vast table."""
_ALWAYS_ALLOWED = 10_000_000


def read(content: bytes, *, name: str, layout: Layout) -> pd.DataFrame:
    """A frame from the bytes of a JSONL file.

    A missing key and `null` are missing values; nested values are kept as JSON text.

    Raises:
        SubjectError: a line is no JSON object, repeats a key, holds NaN or infinity, or a column mixes text and
            numbers.
    """
    lines, rows = [], []
    for number, line in enumerate(decoded(content, name=name, encoding=layout.encoding).split("\n"), start=1):
        if line.strip():
            lines.append(number)
            rows.append(_row(line, f"{name}:{number}", layout.max_cell))
    if not rows:
        raise SubjectError(f"{name} has no rows")
    return frame_of(rows, lines, name=name, layout=layout)


def frame_of(rows: list[dict[str, Any]], lines: list[int], *, name: str, layout: Layout) -> pd.DataFrame:
    """A frame from objects; a key that an object lacks is a missing value.

    Args:
        rows: at least one.
        lines: where each stands, for messages.

    Raises:
        SubjectError: there are too many different keys, or a column mixes text and numbers.
    """
    import pandas as pd

    names = list(dict.fromkeys(key for row in rows for key in row))
    if len(names) > MAX_COLUMNS:
        raise SubjectError(f"{name} has {len(names)} different keys; at most {MAX_COLUMNS} columns are read")
    checked_names(names, where=name)
    if not names:
        raise SubjectError(f"{name} has no columns: every object is empty")
    cells, given = len(names) * len(rows), sum(map(len, rows))
    if cells > _ALWAYS_ALLOWED and cells > MAX_RATIO * given:
        raise SubjectError(
            f"{name} has {len(names)} different keys in {len(rows)} rows, and nearly every cell would be empty; keys "
            "name columns, so write what differs from row to row as a value"
        )
    return pd.DataFrame(
        {key: _column([row.get(key) for row in rows], key, name, lines, layout) for key in names},
        index=range(len(rows)),
    )


def _row(line: str, where: str, max_cell: int) -> dict[str, Any]:
    if line.lstrip().startswith("["):
        raise SubjectError(f"{where}: expected an object, found a list; write one object a line, without a list around")
    try:
        found = strict_json.loads(line)
    except json.JSONDecodeError as error:
        raise SubjectError(f"{where}:{error.colno}: not JSON: {error.msg}") from None
    except ValueError as error:
        raise SubjectError(f"{where}: {error}") from None
    if not isinstance(found, dict):
        raise SubjectError(f"{where}: expected an object, found {type(found).__name__}")
    for key, value in found.items():
        if isinstance(value, str) and (len(value) > max_cell or "\0" in value):
            raise SubjectError(f"{where}: {quoted(key)} holds a NUL character or more than {max_cell} characters")
    return found


def _column(values: list[Any], key: str, name: str, lines: list[int], layout: Layout) -> pd.Series:
    import pandas as pd
    import pyarrow as pa

    def place(row: int) -> str:
        return f"{name}:{lines[row]}"

    declared = layout.types.get(key)
    kinds = {_kind(value) for value in values if value is not None}
    if declared is None and kinds == {"boolean"}:
        return pd.Series(values, dtype="object" if None in values else "bool")
    if declared is None and kinds <= {"integer", "number"} and "integer" in kinds and _exact(values, kinds):
        return pd.Series(values, dtype="float64" if "number" in kinds or None in values else "int64")
    if declared is None and kinds <= {"number"}:
        return pd.Series(values, dtype="float64")
    if declared is None and layout.strict and len(kinds - {"text"}) > 0 and "text" in kinds:
        _refuse_mixture(values, key, place)
    if declared is None and layout.strict and kinds <= {"integer", "number"}:
        row = next(row for row, value in enumerate(values) if isinstance(value, int) and abs(value) > EXACT)
        raise SubjectError(
            f"{place(row)}: {quoted(key)} has too many digits for a number; write it as a text, or declare it: "
            "type: text"
        )
    cells = ["" if value is None else _text(value) for value in values]
    try:
        array = pa.array(cells, type=pa.string())
    except UnicodeError:
        raise SubjectError(f"{name}: {quoted(key)} holds half of a surrogate pair, which is no character") from None
    return column(array, name=key, declared=declared or "text", place=place, strict=layout.strict)


def _exact(values: list[Any], kinds: set[str]) -> bool:
    """Whether all whole numbers survive: as int64, or as float64 where the column has gaps or fractions."""
    limit = EXACT if "number" in kinds or None in values else 2**63 - 1
    return all(abs(value) <= limit for value in values if isinstance(value, int))


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "text" if isinstance(value, str) else "nested"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _refuse_mixture(values: list[Any], key: str, place: Any) -> None:
    first = {_kind(value): row for row, value in reversed(list(enumerate(values))) if value is not None}
    text, other = first.pop("text"), min(first.values())
    shown = key if may_be_told(key) else "its name"
    raise SubjectError(
        f"{place(max(text, other))}: {quoted(key)} is a text on one line and {_kind(values[other])} on another "
        f"({place(text)}, "
        f"{place(other)}); write all alike, or declare it: features: {{{shown}: {{type: text}}}}"
    )
