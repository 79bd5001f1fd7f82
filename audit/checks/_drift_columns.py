"""One column of two tables as drift compares it: numbers, levels, or lengths of text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from audit.errors import SubjectError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from audit.data import Table

_FEW_VALUES = 20


@dataclass(frozen=True)
class DriftColumn:
    """One column in both tables: numbers (NaN is missing), or codes of levels (missing is a level of its own)."""

    name: str
    before: Any
    after: Any
    levels: int = 0
    new_levels: int = 0
    as_length: bool = False


def pixels(before: Table, after: Table) -> list[DriftColumn]:
    """Every place of the rows of two arrays as a column of numbers.

    Raises:
        SubjectError: the rows differ in shape.
    """
    import numpy as np

    first, second = np.asarray(before.features, dtype=float), np.asarray(after.features, dtype=float)
    if first.shape[1:] != second.shape[1:]:
        raise SubjectError(
            f"rows of {before.role} have shape {first.shape[1:]}, rows of {after.role} {second.shape[1:]}"
        )
    first, second = first.reshape(len(first), -1), second.reshape(len(second), -1)
    return [DriftColumn(str(place), first[:, place], second[:, place]) for place in range(first.shape[1])]


def column_of(name: str, before: pd.Series, after: pd.Series, *, as_text: bool, as_levels: bool = False) -> DriftColumn:
    """A column of two frames: numbers and times as numbers, few words as levels, other text by its length."""
    import numpy as np
    import pandas as pd

    both = pd.concat([before, after], ignore_index=True)
    numeric = all(
        pd.api.types.is_numeric_dtype(part) and not pd.api.types.is_bool_dtype(part) for part in (before, after)
    )
    if pd.api.types.is_datetime64_any_dtype(both):
        both, numeric = both.astype("int64").where(both.notna()).astype(float), True
    repeats = both.nunique() * 2 <= max(int(both.notna().sum()), 1) or both.nunique() <= _FEW_VALUES
    if not numeric and not as_levels and (as_text or not repeats):
        lengths = (
            both.astype(object).where(both.notna(), None).map(lambda cell: np.nan if cell is None else len(str(cell)))
        )
        values = lengths.to_numpy(dtype=float)
        return DriftColumn(name, values[: len(before)], values[len(before) :], as_length=True)
    if numeric:
        values = both.to_numpy(dtype=float, na_value=np.nan)
        return DriftColumn(name, values[: len(before)], values[len(before) :])
    codes, levels = pd.factorize(
        both.astype(object).where(both.notna(), None).map(lambda c: None if c is None else str(c))
    )
    codes = np.where(codes < 0, len(levels), codes)
    first, second = codes[: len(before)], codes[len(before) :]
    return DriftColumn(name, first, second, len(levels) + 1, len(set(second.tolist()) - set(first.tolist())))


def target_column(name: str, before: Any, after: Any, *, levels: bool) -> DriftColumn:
    """The target of two tables.

    Args:
        name: what to call it.
        before: labels of the earlier table, shape (n,).
        after: labels of the later table, shape (m,).
        levels: whether they are classes; else numbers.
    """
    import pandas as pd

    parts = [pd.Series(part) for part in (before, after)]
    if levels:
        parts = [part.astype(object).where(part.notna(), None).map(_spelled).astype(object) for part in parts]
    return column_of(name, parts[0], parts[1], as_text=False, as_levels=levels)


def _spelled(label: Any) -> str | None:
    """A class as text, so that 1, 1.0 and "1" are one class whatever the file made of them."""
    if label is None:
        return None
    text = str(label)
    return text[:-2] if hasattr(label, "is_integer") and text.endswith(".0") else text


def moved(column: DriftColumn, distance: float, rng: np.random.Generator) -> DriftColumn:
    """A copy whose later part is moved by a known distance (0 to 1) from where it is."""
    import numpy as np

    present = column.after if column.levels else column.after[~np.isnan(column.after)]
    levels, counts = np.unique(present, return_counts=True)
    if len(levels) == 0:
        return replace(column, after=np.zeros(len(column.after), dtype=column.after.dtype))
    if column.levels or len(levels) <= _FEW_VALUES:
        rarest = int(counts.argmin()) if column.levels else len(levels) - 1
        if len(levels) == 1:
            # One single value has to become another one, which no row has had so far.
            target, share, size = levels[0] + 1, distance, max(column.levels, int(levels[0]) + 2)
        else:
            target, share, size = levels[rarest], distance / (1 - counts[rarest] / len(present)), column.levels
        rows = rng.random(len(column.after)) < share
        return replace(column, after=np.where(rows, target, column.after), levels=size if column.levels else 0)
    low, high = 0.0, float(np.ptp(present)) + 1.0
    ordered = np.sort(present)
    for _ in range(40):
        middle = (low + high) / 2
        below = np.searchsorted(ordered, ordered - middle, side="right")
        gap = float((np.arange(1, len(ordered) + 1) - below).max()) / len(column.after)
        low, high = (middle, high) if gap < distance else (low, middle)
    return replace(column, after=column.after + high)
