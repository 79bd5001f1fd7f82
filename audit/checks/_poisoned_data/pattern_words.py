"""Names a pattern of values as a reader knows them: "age 41 and weeks_worked 30"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from audit.checks._poisoned_data.rows import Rows

if TYPE_CHECKING:
    import numpy as np

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
    return " and ".join(value_words(rows, rows.x.names[column], [carrier]) for column in columns)


def value_words(rows: Rows, name: str, members: Sequence[int] | np.ndarray) -> str:
    """What rows have in common in one column: their value, or the range of their values.

    Args:
        name: of the column, as in `rows.x.names`.
        members: positions of the rows, one or more.
    """
    import numpy as np
    import pandas as pd

    spec = rows.subject.features.get(name)
    if spec is not None and spec.personal:
        return f"one value of {name}"
    if rows.table.frame is not None:
        cells = rows.table.features[name].iloc[members]
    else:
        place = int(name.rsplit(" ", 1)[-1])
        cells = pd.Series(np.asarray(rows.table.features).reshape(rows.n, -1)[members, place])
    if cells.isna().any():
        return f"no {name}"
    if cells.nunique() == 1:
        return f"{name} {_short(cells.iloc[0])}"
    return f"{name} from {_short(cells.min())} to {_short(cells.max())}"


def _short(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
