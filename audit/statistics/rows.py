"""Which rows of one table occur in another, cell by cell and by column name."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_DIGITS = 6
_SINGLE_PRECISION = 2.5e-7
_NEAR_ZERO = 1e-8


@dataclass(frozen=True)
class Matches:
    """Rows of one table that occur in another.

    Attributes:
        row: for each row of the second table the first equal row of the first table, -1 if none, shape (m,), int.
        repeated: share of rows of the first table that occur there more than once, 0 to 1.
        columns: how many columns were compared.
        distinct: how many rows of the second table differ from each other.
        distinct_found: how many of those occur in the first table.
    """

    row: Array
    repeated: float
    columns: int
    distinct: int
    distinct_found: int


def matches(first: Any, second: Any) -> Matches:
    """Find rows of `second` that are equal to a row of `first` in every column.

    Whole numbers are equal if they are the same, other numbers if they agree to 6 significant digits or to single
    precision, so that another number type or noise in the last digits hides nothing. Text is compared without regard
    to case, width of characters and blanks at its ends. A missing value equals a missing value.
    Equality is decided on codes of the cells; a hash only finds the candidates.

    Args:
        first: a frame, or an array of shape (n, ...).
        second: a frame with the same columns in any order, or an array of shape (m, ...) with rows of the same shape.

    Raises:
        ValueError: there is no column to compare, or rows of the arrays differ in shape.
    """
    codes = _codes(first, second)
    known, asked = codes[: len(first)], codes[len(first) :]
    keys = _keys(codes)
    known_keys, asked_keys = keys[: len(first)], keys[len(first) :]
    unique, position, counts = np.unique(known_keys, return_index=True, return_counts=True)
    place = np.minimum(np.searchsorted(unique, asked_keys), len(unique) - 1)
    row = np.where(unique[place] == asked_keys, position[place], -1)
    for wrong in np.flatnonzero((row >= 0) & (known[row] != asked).any(axis=1)):
        equal = np.flatnonzero((known == asked[wrong]).all(axis=1))
        row[wrong] = equal[0] if len(equal) else -1
    different = np.unique(asked_keys, return_index=True)[1]
    return Matches(
        row,
        repeated=float(counts[counts > 1].sum() / len(first)),
        columns=codes.shape[1],
        distinct=len(different),
        distinct_found=int((row[different] >= 0).sum()),
    )


def groups(rows: Any) -> Array:
    """Number of the group of equal rows that each row belongs to, 0 upwards, shape (n,); equal as in `matches`.

    Args:
        rows: a frame, or an array of shape (n, ...).

    Raises:
        ValueError: there is no column to compare.
    """
    return np.unique(_keys(_codes(rows, rows[:0])), return_inverse=True)[1].reshape(-1)


def cell_codes(first: Any, second: Any) -> Array:
    """Cells of one column of two frames, one above the other, as whole numbers that are equal where the cells are.

    Args:
        first: a pandas Series of n cells.
        second: a pandas Series of m cells.

    Returns:
        Shape (n + m,), int64; -1 is a missing value.
    """
    numbers = _numbers(first, second)
    if numbers is not None:
        return _number_codes(numbers)
    return _text_codes(first, second)


def _keys(codes: Array) -> Array:
    weights = np.random.default_rng(0).integers(1, 2**63, size=codes.shape[1], dtype=np.uint64) | np.uint64(1)
    return np.asarray((codes.astype(np.uint64) * weights).sum(axis=1, dtype=np.uint64))


def _codes(first: Any, second: Any) -> Array:
    """The cells of both tables, one above the other, as whole numbers that are equal where the cells are."""
    import pandas as pd

    if isinstance(first, np.ndarray):
        if first.shape[1:] != second.shape[1:]:
            raise ValueError(f"rows of shape {first.shape[1:]} and {second.shape[1:]} cannot be compared")
        width = int(np.prod(first.shape[1:], dtype=int))
        pair = [pd.DataFrame(np.asarray(part).reshape(len(part), width)) for part in (first, second)]
    else:
        pair = [first, second]
    shared = set(pair[1].columns)
    columns = [cell_codes(pair[0][name], pair[1][name]) for name in pair[0].columns if name in shared]
    if not columns:
        raise ValueError("the tables have no column in common")
    return np.column_stack(columns).astype(np.int64)


def _numbers(first: Any, second: Any) -> Array | None:
    """Both columns as float64 if both are numbers, or one is and the other holds nothing but written numbers."""
    import pandas as pd

    parts = [first, second]
    numeric = [pd.api.types.is_numeric_dtype(part) for part in parts]
    if not any(numeric):
        return None
    for place, is_number in enumerate(numeric):
        if not is_number:
            read = pd.to_numeric(parts[place].astype(object), errors="coerce")
            if pd.api.types.is_datetime64_any_dtype(parts[place]) or (read.isna() & parts[place].notna()).any():
                return None
            parts[place] = read
    single = any(part.dtype == np.float32 for part in parts)
    values = np.concatenate([part.to_numpy(dtype=float, na_value=np.nan) for part in parts])
    # What single precision cannot tell apart may be the same number.
    return values.astype(np.float32).astype(float) if single else values


def _number_codes(values: Array) -> Array:
    codes = np.full(len(values), -1, dtype=np.int64)
    present = ~np.isnan(values)
    unique, inverse = np.unique(values[present], return_inverse=True)
    finite = np.isfinite(unique)
    if not len(unique) or (unique[finite] == np.floor(unique[finite])).all():
        codes[present] = inverse
        return codes
    nonzero = np.abs(unique[finite & (unique != 0)])
    tolerance = _SINGLE_PRECISION * np.abs(unique) + _NEAR_ZERO * float(np.median(nonzero))
    rounded = _rounded(unique)
    apart = rounded[1:] != rounded[:-1]
    with np.errstate(invalid="ignore"):
        joined = np.concatenate([[0], np.cumsum(apart & ~(np.diff(unique) <= tolerance[:-1]))])
    plain = np.concatenate([[0], np.cumsum(apart)])
    # Where numbers lie so dense that neighbours join to long chains, only the digits count.
    codes[present] = (joined if 2 * joined[-1] >= plain[-1] else plain)[inverse]
    return codes


def _rounded(values: Array) -> Array:
    """Numbers to 6 significant digits; infinite ones stay as they are."""
    inside = np.isfinite(values) & (values != 0)
    exponent = np.floor(np.log10(np.abs(np.where(inside, values, 1.0)))).clip(-290, 290)
    factor = 10.0 ** (_DIGITS - 1 - exponent)
    return np.where(inside, np.rint(np.where(inside, values, 0.0) * factor) / factor, values)


def _text_codes(first: Any, second: Any) -> Array:
    import pandas as pd

    cells = np.concatenate([part.astype(object).where(part.notna(), None).to_numpy() for part in (first, second)])
    cells = np.array([None if cell is None else str(cell) for cell in cells], dtype=object)
    codes, words = pd.factorize(cells)
    plain = [unicodedata.normalize("NFKC", word).strip().casefold() or None for word in words]
    merged = pd.factorize(np.array([*plain, None], dtype=object))[0]
    # The last code is that of a missing value, which factorize writes as -1 and indexing finds at the end.
    return np.asarray(merged[codes], dtype=np.int64)
