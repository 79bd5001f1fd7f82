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

    Args:
        columns: the data column by column, each of shape (n,), at least one.
        width: number of columns, 1 or 2; with a single column 1.

    Returns:
        The first draw that at most 0.2 % of the rows carry, or the rarest of 200.
    """
    n, best, fewest = len(columns[0]), RareValues((0,), (columns[0][0],)), len(columns[0]) + 1
    for _ in range(_TRIES):
        chosen = rng.choice(len(columns), size=min(width, len(columns)), replace=False)
        drawn = RareValues(
            tuple(int(column) for column in chosen),
            tuple(columns[column][int(rng.integers(n))] for column in chosen),
        )
        matches = [columns[column] == value for column, value in zip(drawn.columns, drawn.values, strict=True)]
        carried = int(np.logical_and.reduce(matches).sum())
        if carried < fewest:
            best, fewest = drawn, carried
        if fewest <= max(2, _RARE_SHARE * n):
            break
    return best
