"""Which rows of one table occur in another, cell by cell and by column name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Matches:
    """Rows of one table that occur in another.

    Attributes:
        row: for each row of the second table the first equal row of the first table, -1 if none, shape (m,), int.
        repeated: share of rows of the first table that occur there more than once, 0 to 1.
        columns: how many columns were compared.
    """

    row: Array
    repeated: float
    columns: int


def matches(first: Any, second: Any) -> Matches:
    """Find rows of `second` that are equal to a row of `first` in every column.

    Numbers are compared as numbers whatever their type, everything else as text, and a missing value equals a missing
    value. Equality is decided on exact codes of the cells; a hash only finds the candidates.

    Args:
        first: a frame, or an array of shape (n, ...).
        second: a frame with the same columns in any order, or an array of shape (m, ...) with rows of the same shape.

    Raises:
        ValueError: there is no column to compare, or rows of the arrays differ in shape.
    """
    codes = _codes(first, second)
    known, asked = codes[: len(first)], codes[len(first) :]
    weights = np.random.default_rng(0).integers(1, 2**63, size=codes.shape[1], dtype=np.uint64) | np.uint64(1)
    keys = (codes.astype(np.uint64) * weights).sum(axis=1, dtype=np.uint64)
    known_keys, asked_keys = keys[: len(first)], keys[len(first) :]
    unique, position, counts = np.unique(known_keys, return_index=True, return_counts=True)
    place = np.minimum(np.searchsorted(unique, asked_keys), len(unique) - 1)
    row = np.where(unique[place] == asked_keys, position[place], -1)
    for wrong in np.flatnonzero((row >= 0) & (known[row] != asked).any(axis=1)):
        equal = np.flatnonzero((known == asked[wrong]).all(axis=1))
        row[wrong] = equal[0] if len(equal) else -1
    return Matches(row, float(counts[counts > 1].sum() / len(first)), codes.shape[1])


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
    names = [name for name in pair[0].columns if name in set(pair[1].columns)]
    if not names:
        raise ValueError("the tables have no column in common")
    columns = []
    for name in names:
        parts = [part[name] for part in pair]
        if all(pd.api.types.is_numeric_dtype(part) for part in parts):
            joined = np.concatenate([part.to_numpy(dtype=float, na_value=np.nan) for part in parts])
        else:
            joined = np.concatenate([part.astype(object).where(part.notna(), None).to_numpy() for part in parts])
            joined = np.array([None if cell is None else str(cell) for cell in joined], dtype=object)
        columns.append(pd.factorize(joined)[0])
    return np.column_stack(columns).astype(np.int64)
