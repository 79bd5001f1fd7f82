"""Says how a column is read: which types of values can hold personal data.

Text is always read. A number is no phone number just because it has ten digits, so numeric columns are read in two
cases only: their name says what they hold ("phone", "ssn"), or more of their long numbers than by chance carry a valid
check digit. In a column that is named after phones every number of 8 to 15 digits is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from audit.pii.column_names import says
from audit.pii.columns import by_name

if TYPE_CHECKING:
    import pandas as pd

Reading = Literal["text", "numbers", "none"]


def reading(column: pd.Series, name: str, declared: str | None = None) -> Reading:
    """How a column is read: as `text`, as `numbers` that may be identifiers, or not at all (`none`).

    Args:
        column: the values.
        name: name of the column.
        declared: type from `audit.yaml`, such as `text`; it wins over what the values look like.
    """
    from pandas.api import types

    values = column.dtype.categories.dtype if hasattr(column.dtype, "categories") else column.dtype
    if types.is_bool_dtype(values) or types.is_datetime64_any_dtype(values) or types.is_timedelta64_dtype(values):
        return "none"
    if not types.is_numeric_dtype(values):
        return "text"
    if declared == "text" or (by_name.numbers_are_personal(name, says(name)) and _whole(column)):
        return "text"
    return "numbers" if _whole(column) else "none"


def _whole(column: pd.Series) -> bool:
    """Whether most numbers are whole: one slip such as 0.5 makes no measurements of identifiers."""
    import numpy as np

    values = column.dropna().to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    return not len(values) or bool((values == np.trunc(values)).mean() > 0.5)
