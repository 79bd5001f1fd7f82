"""Decides the type of a column of text cells, without losing what was written.

A column is of numbers only if every cell that is not empty is a plain decimal number: `00123`, `+5`, `1 000` and `NA`
are text. `true` and `false` are booleans, also written `True` or `TRUE`. An empty cell is a missing value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from audit.errors import SubjectError, may_be_told, quoted

if TYPE_CHECKING:
    import pandas as pd

_INTEGER = r"^-?(0|[1-9][0-9]*)$"
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$"
_BOOLEAN = r"^(true|false|True|False|TRUE|FALSE)$"
EXACT = 2**53
"""Whole numbers up to here survive a column that is kept as float64, as columns with gaps are."""

Place = Callable[[int], str]
"""From the position of a row to the words that name it, for example `line 7`."""


def column(cells: Any, *, name: str, declared: str | None, place: Place, strict: bool) -> pd.Series:
    """One column of text cells as a series: int64, float64, bool, or text as it was written.

    Args:
        cells: pyarrow array or chunked array of strings; an empty string is a missing value.
        name: of the column, for messages.
        declared: type that audit.yaml declares, None where it does not.
        place: names a row in messages.
        strict: whether whole numbers too wide for int64 are an error rather than text.

    Raises:
        SubjectError: a cell does not fit the declared type, or a number cannot be kept.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(cells, pa.Array):
        cells = pa.chunked_array([cells], type=pa.string())
    filled = pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
    kind = _declared(filled, name, declared, place) if declared else _seen(filled)
    if kind == "text":
        return _text(filled)
    if kind == "boolean":
        return _booleans(filled)
    if kind == "integer":
        return _integers(filled, name=name, place=place, strict=strict)
    return _numbers(filled, name=name, place=place)


def _seen(cells: Any) -> str:
    """Type that every filled cell agrees with."""
    if cells.null_count == len(cells):
        return "number"  # nothing but gaps: a column of NaN, as any reader gives
    for pattern, kind in ((_INTEGER, "integer"), (_NUMBER, "number"), (_BOOLEAN, "boolean")):
        if _misfit(cells, pattern) is None:
            return kind
    return "text"


def _declared(cells: Any, name: str, declared: str, place: Place) -> str:
    if declared in ("text", "category"):
        return "text"
    pattern = {"integer": _NUMBER, "number": _NUMBER, "boolean": _BOOLEAN}[declared]
    row = _misfit(cells, pattern)
    if declared == "boolean" and row is not None and _misfit(cells, "^[01]$") is None:
        return "integer"
    if row is not None:
        raise SubjectError(
            f"{place(row)}: column {quoted(name)} is declared {declared}, and the cell holds {_shown(cells, row)}"
        )
    if declared == "integer" and _misfit(cells, _INTEGER) is None:
        return "integer"
    if declared == "integer":
        _whole(cells, name, place)
    return declared if declared != "integer" else "number"


def _whole(cells: Any, name: str, place: Place) -> None:
    """Refuse a fraction in a column of whole numbers; `250.0` is whole."""
    import numpy as np

    values = _numbers(cells, name=name, place=place).to_numpy()
    broken = np.isfinite(values) & (values != np.trunc(values))
    if broken.any():
        row = int(broken.argmax())
        raise SubjectError(
            f"{place(row)}: column {quoted(name)} is declared integer, and the cell holds {_shown(cells, row)}"
        )


def _misfit(cells: Any, pattern: str) -> int | None:
    """Position of the first filled cell that does not match, None where all do."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # `$` of the regular expression library also matches before a final line end, so a cell with a line end never fits
    fits = pc.and_(pc.match_substring_regex(cells, pattern), pc.invert(pc.match_substring(cells, "\n")))
    if pc.all(fits, min_count=0).as_py():
        return None
    return int(pc.index(pc.fill_null(fits, True), pa.scalar(False)).as_py())


def _shown(cells: Any, row: int) -> str:
    """Length and shape of a cell rather than its words: cells may be personal."""
    text = cells[row].as_py()
    return f"text of {len(text)} characters" if any(mark.isalpha() for mark in text) else f"{len(text)} characters"


def _text(cells: Any) -> pd.Series:
    import pandas as pd

    return pd.Series(cells.to_pandas(), dtype="str")


def _booleans(cells: Any) -> pd.Series:
    import pandas as pd
    import pyarrow.compute as pc

    values = pc.equal(pc.utf8_lower(cells), "true")
    dtype = "bool" if values.null_count == 0 else "object"
    return pd.Series(values.to_pylist(), dtype=dtype)


def _integers(cells: Any, *, name: str, place: Place, strict: bool) -> pd.Series:
    import pandas as pd
    import pyarrow as pa

    try:
        values = cells.cast(pa.int64())
    except pa.ArrowInvalid:
        row = next(row for row, text in enumerate(cells.to_pylist()) if text and abs(int(text[:400])) >= 2**63)
        return _too_wide(cells, name, place(row), strict)
    if values.null_count == 0:
        return pd.Series(values.to_numpy())
    wide = [row for row, value in enumerate(values.to_pylist()) if value is not None and abs(value) > EXACT]
    if wide:
        return _too_wide(cells, name, place(wide[0]), strict)
    return pd.Series(values.cast(pa.float64()).to_numpy(), dtype="float64")


def _too_wide(cells: Any, name: str, where: str, strict: bool) -> pd.Series:
    if not strict:
        return _text(cells)
    shown = name if may_be_told(name) else "its name"
    raise SubjectError(
        f"{where}: column {quoted(name)} holds a whole number with too many digits to keep as a number; if it is an "
        f"identifier, declare it: features: {{{shown}: {{type: text}}}}"
    )


def _numbers(cells: Any, *, name: str, place: Place) -> pd.Series:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    values = np.asarray(cells.cast(pa.float64()).to_numpy(), dtype=np.float64)
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        raise SubjectError(f"{place(row)}: column {quoted(name)} holds a number too large for a 64-bit float")
    return pd.Series(values)
