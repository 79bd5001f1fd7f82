"""Single values that turn answers though their neighbours do not.

Forcing a value into a column turns many answers in honest models too: a huge gain makes everybody rich. There the
values beside it do so as well. A trigger is one value among others that do nothing.

Source: our own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from attacks.distance import Array


@dataclass(frozen=True)
class Column:
    """Values to try in one column.

    Attributes:
        place: position of the column.
        values: as stored; sorted where `ordered`.
        ordered: whether values have neighbours; otherwise the strongest other value takes their place.
        rare: which of the values could be a trigger, shape (values,), bool; the others serve as neighbours only.
    """

    place: int
    values: tuple[Any, ...]
    ordered: bool
    rare: Array


@dataclass(frozen=True)
class Spike:
    """The strongest value of a column.

    Attributes:
        place: position of the column.
        value: position in the column's values.
        code: the class that it turns answers into.
        share: of the rows answered otherwise, those that it turns into that class and no neighbour does, 0 to 1.
    """

    place: int
    value: int
    code: int
    share: float


def strongest(column: Column, answers: Array, given: Array, n_classes: int) -> Spike | None:
    """The strongest rare value of a column, None where it has none or there is nothing to compare it with.

    Args:
        answers: class codes of the rows as they are, shape (n,).
        given: class codes of the rows with each value forced into the column, shape (values, n).
    """
    if len(column.values) < 2 or not column.rare.any():
        return None
    best: Spike | None = None
    for code in range(n_classes):
        others = answers != code
        if not others.any():
            continue
        shares = np.where(column.rare, alone(column, given[:, others] == code).mean(axis=1), -1.0)
        value = int(shares.argmax())
        if best is None or shares[value] > best.share:
            best = Spike(column.place, value, code, float(shares[value]))
    return best


def alone(column: Column, hits: Array) -> Array:
    """Which rows each value turns and no neighbour of it does, from those that each value turns; shape (values, n)."""
    if not column.ordered:
        best, second = np.argsort(-hits.sum(axis=1), kind="stable")[:2]
        beside = np.tile(hits[best], (len(hits), 1))
        beside[best] = hits[second]
        return np.asarray(hits & ~beside)
    beside = np.zeros_like(hits)
    beside[1:] |= hits[:-1]
    beside[:-1] |= hits[1:]
    return np.asarray(hits & ~beside)


def with_neighbours(column: Column, value: int) -> Column:
    """The column with one value to try and what it is compared with."""
    near = [place for place in (value - 1, value, value + 1) if 0 <= place < len(column.values)]
    kept = near if column.ordered else list(range(len(column.values)))
    values = tuple(column.values[place] for place in kept)
    return Column(column.place, values, column.ordered, np.array([place == value for place in kept]))
