"""Groups of rows that are alike in some columns, and how well a row can hide in its group.

Columns come as whole numbers that are equal where the cells are, so that the groups are found by one pass over one
packed number a row, whatever the cells hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_WIDEST = 2**62
"""Combinations of values that one packed number tells apart without overflowing 64 bits."""


@dataclass(frozen=True)
class Coded:
    """One column as numbers.

    Attributes:
        codes: shape (n,), an unsigned or signed integer type, 0 to `values` - 1; 0 stands for a missing cell.
        values: different codes that there can be, at least 1.
    """

    codes: Array
    values: int


@dataclass(frozen=True)
class Groups:
    """Rows by the group that they belong to.

    Attributes:
        of_row: number of the group of each row, shape (n,), int64, 0 upwards without gaps.
        rows: rows of each group, shape (groups,), int64.
    """

    of_row: Array
    rows: Array

    def different(self, column: Coded) -> Array:
        """How many different values of a column each group holds, shape (groups,), int64; missing cells count for none.

        Source:
            Distinct l-diversity: Machanavajjhala et al., "l-Diversity: Privacy Beyond k-Anonymity", TKDD 1 (2007).
        """
        pairs = self.of_row * column.values + column.codes
        pairs.sort()
        first = np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)]
        pairs = pairs[first & (pairs % column.values > 0)]
        return np.bincount(pairs // column.values, minlength=len(self.rows))


def groups(columns: Sequence[Coded]) -> Groups:
    """Rows that are alike in all columns; a missing cell is like another missing cell.

    Args:
        columns: at least one, all of the same length.

    Raises:
        ValueError: there is no column.
    """
    if not columns:
        raise ValueError("rows cannot be compared without a column")
    key, width = np.zeros(len(columns[0].codes), dtype=np.int64), 1
    for column in columns:
        if width > _WIDEST // column.values:
            key = _numbered(key)
            width = int(key.max(initial=0)) + 1
        key = key * column.values + column.codes
        width *= column.values
    of_row = _numbered(key)
    return Groups(of_row, np.bincount(of_row))


def _numbered(key: Array) -> Array:
    """Numbers from 0 upwards without gaps, in place of others and in their order.

    By sorting, which takes a third of the memory of a table of all different numbers.
    """
    order = np.argsort(key)
    ranked = key[order]
    ranked[1:] = np.cumsum(ranked[1:] != ranked[:-1])
    ranked[:1] = 0
    numbers = np.empty_like(key)
    numbers[order] = ranked
    return numbers
