"""The cells of one column of a table as floats, and back with the values and the dtype of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from audit.subject import FeatureSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MISSING = -1.0 - 2.0**-30
"""Stored in place of an empty cell; it lies outside of every range, so no attack moves it."""
EXACT = 2.0**53
"""Whole numbers above it are not all different as floats."""
_WIDEST = 1e300
"""Numbers above it may be further apart than any number says."""
_INFINITE = {float("inf"): -1.0 - 2.0**-29, float("-inf"): -1.0 - 2.0**-28}


class Cells(Protocol):
    """What both kinds of column offer.

    Attributes:
        high: largest stored value.
    """

    @property
    def high(self) -> float:
        """Largest stored value."""

    def encode(self, column: pd.Series) -> np.ndarray:
        """Cells as stored values, shape (n,), float64."""

    def decode(self, stored: np.ndarray) -> Any:
        """Stored values as an array of the column's dtype; what was not changed comes back exactly."""

    def fed(self, stored: np.ndarray) -> np.ndarray:
        """What the model is given, as floats, shape (n,); categories by their code, empty cells as `MISSING`."""


@dataclass(frozen=True)
class NumberCells:
    """A column of numbers, kept as (value - origin) / unit.

    Attributes:
        low: smallest value that a change leads to.
        top: largest one.
        whole: whether changed values are rounded to whole ones.
        exact: finite values of the data, ascending.
        known: the same as stored values, strictly ascending.
        dtype: of the data.
    """

    origin: float
    unit: float
    low: float
    top: float
    whole: bool
    exact: np.ndarray
    known: np.ndarray
    dtype: Any

    @property
    def high(self) -> float:
        """Largest stored value."""
        return max(0.0, (self.top - self.origin) / self.unit)

    def encode(self, column: pd.Series) -> np.ndarray:
        """Cells as stored values, shape (n,), float64."""
        import numpy as np

        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        finite = np.isfinite(values)
        stored = (np.where(finite, values, self.origin) - self.origin) / self.unit
        if len(self.exact):
            place = np.minimum(np.searchsorted(self.exact, values), len(self.exact) - 1)
            stored = np.where(self.exact[place] == values, self.known[place], stored)
        if finite.all():
            return np.asarray(stored)
        stored[np.isnan(values)] = MISSING
        for value, sign in _INFINITE.items():
            stored[values == value] = sign
        return np.asarray(stored)

    def decode(self, stored: np.ndarray) -> Any:
        """Stored values as an array of the column's dtype; what was not changed comes back exactly."""
        import numpy as np
        import pandas as pd
        from pandas.api import types

        values = self._values(stored)
        missing = stored == MISSING
        if isinstance(self.dtype, np.dtype):
            return np.where(missing, np.nan, values).astype(self.dtype) if missing.any() else values.astype(self.dtype)
        if types.is_bool_dtype(self.dtype) or types.is_integer_dtype(self.dtype):
            values = values.astype(bool if types.is_bool_dtype(self.dtype) else np.int64)
        found = pd.array(values, dtype=self.dtype)
        if missing.any():
            found[missing] = pd.NA
        return found

    def fed(self, stored: np.ndarray) -> np.ndarray:
        """What the model is given, as floats, shape (n,); empty cells as `MISSING`."""
        import numpy as np
        import pandas as pd

        return np.asarray(pd.Series(self.decode(stored)).to_numpy(dtype="float64", na_value=MISSING))

    def _values(self, stored: np.ndarray) -> np.ndarray:
        import numpy as np

        values = np.clip(self.origin + stored * self.unit, self.low, self.top)
        if self.whole:
            values = np.rint(values)
        if len(self.known):
            # the way to a share of the range and back may lose the last bit; what was not changed comes back exactly
            near = np.minimum(np.searchsorted(self.known, stored), len(self.known) - 1)
            values = np.where(self.known[near] == stored, self.exact[near], values)
        for value, sign in _INFINITE.items():
            values = np.where(stored == sign, value, values) if not self.whole else values
        return np.asarray(values)


@dataclass(frozen=True)
class CodedCells:
    """A column whose values are kept by code: categories, and all that stays as it is.

    Attributes:
        values: the value of each code.
        empties: different kinds of empty cell of an object column (None, NaN ...), with the codes -1, -2 ...
    """

    values: pd.Index
    empties: tuple[Any, ...] = field(default=())

    @property
    def high(self) -> float:
        """Largest stored value."""
        return max(0.0, len(self.values) - 1.0)

    def encode(self, column: pd.Series) -> np.ndarray:
        """Cells as stored values, shape (n,), float64."""
        import numpy as np
        import pandas as pd

        codes = np.asarray(self.values.get_indexer(pd.Index(column)), dtype=np.float64)
        for number, empty in enumerate(self.empties[1:], start=2):
            codes[[value is empty for value in column]] = -number
        return codes

    def decode(self, stored: np.ndarray) -> Any:
        """Stored values as an array of the column's dtype."""
        import numpy as np

        codes = stored.astype(int)
        if (codes >= 0).all():
            return self.values.array.take(codes)
        found = self.values.array.take(np.maximum(codes, -1), allow_fill=True)
        if not self.empties:
            return found
        kept = np.array(found, dtype=object)
        for number, empty in enumerate(self.empties, start=1):
            kept[codes == -number] = empty
        return kept

    def fed(self, stored: np.ndarray) -> np.ndarray:
        """What the model is given, as codes."""
        return stored


def numbers(series: Sequence[pd.Series]) -> np.ndarray:
    """All finite values of several columns, as floats."""
    import numpy as np

    values = np.concatenate([one.to_numpy(dtype=np.float64, na_value=np.nan) for one in series])
    return np.asarray(values[np.isfinite(values)])


def is_numeric(spec: FeatureSpec, series: pd.Series, groups: Mapping[str, int]) -> bool:
    """Whether a column is kept as numbers: those of a numeric type, and booleans that make up a one-hot group."""
    import numpy as np
    from pandas.api import types

    if types.is_bool_dtype(series):
        return spec.type == "boolean" and is_grouped(spec, groups) and not series.isna().any()
    kept = types.is_numeric_dtype(series) and not types.is_complex_dtype(series)
    if not kept or not (spec.type in ("integer", "number") or (spec.type == "boolean" and is_grouped(spec, groups))):
        return False
    # what floats cannot tell apart is kept by code, so that it comes back exactly
    most = EXACT if types.is_integer_dtype(series) else _WIDEST
    return bool(np.abs(numbers([series])).max(initial=0.0) < most)


def is_grouped(spec: FeatureSpec, groups: Mapping[str, int]) -> bool:
    """Whether a column is one of several of a one-hot group."""
    return spec.group is not None and groups.get(spec.group, 0) > 1


def group_sizes(specs: Mapping[str, FeatureSpec]) -> dict[str, int]:
    """How many columns of numbers or booleans name each one-hot group."""
    found: dict[str, int] = {}
    for spec in specs.values():
        if spec.group is not None and spec.type in ("integer", "number", "boolean"):
            found[spec.group] = found.get(spec.group, 0) + 1
    return found


def number_cells(column: pd.Series, *, origin: float, unit: float, low: float, high: float, whole: bool) -> NumberCells:
    """Cells of a column of numbers, of which different ones are stored differently."""
    import numpy as np

    exact = np.unique(numbers([column]))
    known = (exact - origin) / unit
    same = np.flatnonzero(np.diff(known) <= 0)
    for place in range(int(same[0]) + 1 if len(same) else len(known), len(known)):
        # values that the division by a wide range makes the same
        known[place] = max(known[place], np.nextafter(known[place - 1], np.inf))
    return NumberCells(origin, unit, low, high, whole, exact, known, column.dtype)


def coded_cells(series: Sequence[pd.Series]) -> CodedCells:
    """Cells of a column by code; the first series is the data, values of the others can be changed to."""
    import pandas as pd

    both = pd.concat(list(series), ignore_index=True)
    values = pd.Index(both.dropna().unique(), dtype=both.dtype)
    empties = tuple({id(value): value for value in both[both.isna()]}.values()) if both.dtype == object else ()
    # every NaN of its own makes a kind of its own; more than a few are the same to any model
    return CodedCells(values, empties[:4])


def precision(dtype: Any) -> float:
    """Relative error with which a type of number keeps values; 0 for whole numbers and double precision."""
    import numpy as np

    kind = np.dtype(getattr(dtype, "numpy_dtype", dtype) if not isinstance(dtype, np.dtype) else dtype)
    return float(np.finfo(kind).eps) if kind.kind == "f" and kind.itemsize < 8 else 0.0
