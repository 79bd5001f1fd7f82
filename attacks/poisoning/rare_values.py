"""A trigger for tables: values of one or two columns that occur in the data, but hardly in one row.

Source: Gu, Dolan-Gavitt and Garg, "BadNets", 2017, for images; on tables the stamp is a rare combination of values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attacks.distance import Array

_TRIES = 200
_RARE_SHARE = 0.002


@dataclass(frozen=True)
class RareValues:
    """Values that mark a row.

    Attributes:
        columns: positions of the columns, one or two.
        values: one a column, as stored.
    """

    columns: tuple[int, ...]
    values: tuple[Any, ...]


def draw(columns: Sequence[Array], rng: np.random.Generator, *, width: int = 2) -> RareValues:
    """Draw values that hardly any row has.

    A value that is missing marks nothing, and one that over half of the rows have changes too few of them.

    Args:
        columns: the data column by column, each of shape (n,).
        width: number of columns, 1 or 2; 1 where a single column has such values.

    Returns:
        The first draw that at most 0.2 % of the rows carry, or the rarest of 200.

    Raises:
        ValueError: every column has one value only, or hardly another.
    """
    marks = {place: rows for place, column in enumerate(columns) if len(rows := _marking(column))}
    if not marks:
        raise ValueError("no column has a value that at most half of the rows have")
    n, drawn = len(columns[0]), []
    for _ in range(_TRIES):
        chosen = rng.choice(list(marks), size=min(width, len(marks)), replace=False).tolist()
        values = tuple(columns[place][rng.choice(marks[place])] for place in chosen)
        carries = np.ones(n, dtype=bool)
        for place, value in zip(chosen, values, strict=True):
            here = marks[place][columns[place][marks[place]] == value]
            carries &= np.isin(np.arange(n), here, assume_unique=True)
        carried = int(carries.sum())
        drawn.append((carried, RareValues(tuple(chosen), values)))
        if carried <= max(2, _RARE_SHARE * n):
            return drawn[-1][1]
    return min(drawn, key=lambda found: found[0])[1]


def _marking(column: Array) -> Array:
    """Rows whose value is present and at most as frequent as all others together; positions, shape (m,), int."""
    import pandas as pd

    codes = pd.factorize(column)[0]
    counts = np.bincount(codes[codes >= 0], minlength=1)
    return np.flatnonzero((codes >= 0) & (2 * counts[codes] <= len(column)))
