"""Names a pattern of values as a reader knows them: "age 41 and weeks_worked 30"."""

from __future__ import annotations

from typing import Any

from audit.checks._poisoned_data.rows import Rows

_SHOWN = 40


def pattern_words(rows: Rows, columns: tuple[int, ...], carrier: int) -> str:
    """The values that rows have in common.

    Args:
        rows: all rows.
        columns: positions in `rows.x.names`.
        carrier: position of one of the rows.

    Returns:
        Values as stored, but none of a column that is declared personal.
    """
    return " and ".join(_value(rows, rows.x.names[column], carrier) for column in columns)


def _value(rows: Rows, name: str, carrier: int) -> str:
    import numpy as np
    import pandas as pd

    spec = rows.subject.features.get(name)
    if spec is not None and spec.personal:
        return f"one value of {name}"
    if rows.table.frame is not None:
        value = rows.table.features[name].iloc[carrier]
    else:
        value = np.asarray(rows.table.features).reshape(rows.n, -1)[carrier, int(name.rsplit(" ", 1)[-1])]
    return f"no {name}" if pd.isna(value) else f"{name} {_short(value)}"


def _short(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
