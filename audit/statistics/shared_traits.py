"""Whether some rows have more in common than the values they were chosen by: a natural group has, a stamped one not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_NEARLY_ALL = 0.9
_CLEARLY = 2.3
"""Nats beyond what the best of all columns has by chance: one in ten."""


def shared_trait(codes: Array, rows: Array, others: Array, *, chosen_by: tuple[int, ...]) -> float:
    """How surprising the most surprising trait is that rows share, were they drawn from the others at random.

    A trait is a level of one column, or all levels up to or from one. The Chernoff bound of each trait's binomial
    probability is corrected for the number of traits, so that x nats happen by chance with a probability under
    exp(-x), however few the rows are.

    Args:
        codes: levels, in their natural order where they have one, shape (n, d), int.
        rows: positions of the rows, shape (r,), int.
        others: positions of the rows that they could have been drawn from, shape (o,), int.
        chosen_by: columns that are left out.

    Returns:
        Nats, 0 upwards.
    """
    largest, traits = 0.0, 0
    for column in range(codes.shape[1]):
        if column in chosen_by or len(others) == 0:
            continue
        width = int(codes[:, column].max()) + 1
        here = np.bincount(codes[rows, column], minlength=width)
        there = np.bincount(codes[others, column], minlength=width)
        hits = np.concatenate([here, here.cumsum(), here[::-1].cumsum()])
        usual = np.concatenate([there, there.cumsum(), there[::-1].cumsum()])
        traits += len(hits)
        # one row more on either side: a trait that none of the others has is rare, not impossible
        shares = (usual + 1) / (len(others) + 2)
        largest = max(largest, float(_surprise(hits / len(rows), shares).max()) * len(rows))
    return max(largest - float(np.log(max(traits, 1))), 0.0)


def telling_columns(
    codes: Array, rows: Array, alike: Array, others: Array, *, columns: tuple[int, ...]
) -> tuple[int, ...]:
    """The columns, of one or two that rows were chosen by, that are needed to tell what marks them.

    Of two columns, one is dropped if rows with the other's value have its value about as often as the others have.
    To one column, the one is added whose value nearly all rows share and the others hardly have.

    Args:
        codes: levels, shape (n, d), int.
        rows: positions of rows that share a level of each of the columns, shape (r,), int.
        alike: positions of all rows with their label, shape (a,), int.
        others: positions of the rows that they could have been drawn from, shape (o,), int.
        columns: one or two positions of columns.
    """
    enough = float(np.log(codes.shape[1])) + _CLEARLY
    if len(columns) == 2:
        for kept, dropped in (columns, columns[::-1]):
            marked = alike[codes[alike, kept] == codes[rows[0], kept]]
            if _surprise_of(codes[:, dropped], marked, others, int(codes[rows[0], dropped])) < enough:
                return (kept,)
        return columns
    surprises = _surprises(codes, rows, others, columns)
    best = int(np.argmax(surprises))
    return tuple(sorted((*columns, best))) if surprises[best] >= enough else columns


def telling_pairs(codes: Array, rows: Array, others: Array, *, columns: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Pairs of one of the columns and another whose value nearly all rows share and the others hardly have.

    Args:
        codes: levels, shape (n, d), int.
        rows: positions of rows that share a level of each of the columns, shape (r,), int.
        others: positions of the rows that they could have been drawn from, shape (o,), int.
        columns: positions of columns.

    Returns:
        Positions of columns, ascending, the most surprising first.
    """
    surprises = _surprises(codes, rows, others, columns)
    telling = np.flatnonzero(surprises >= float(np.log(codes.shape[1])) + _CLEARLY)
    ordered = telling[np.argsort(-surprises[telling], kind="stable")].tolist()
    return [(min(column, other), max(column, other)) for other in ordered for column in columns]


def _surprises(codes: Array, rows: Array, others: Array, columns: tuple[int, ...]) -> Array:
    """How surprising the most frequent level of each other column is, 0 unless nearly all rows have it, nats."""
    found = np.zeros(codes.shape[1])
    for column in range(codes.shape[1]):
        level = int(np.bincount(codes[rows, column]).argmax())
        if column not in columns and (codes[rows, column] == level).mean() >= _NEARLY_ALL:
            found[column] = _surprise_of(codes[:, column], rows, others, level)
    return found


def _surprise_of(column: Array, rows: Array, others: Array, level: int) -> float:
    """How surprising it is that so many rows have a level, were they drawn from the others, nats."""
    usual = (float((column[others] == level).sum()) + 1) / (len(others) + 2)
    return float(_surprise(np.array((column[rows] == level).mean()), np.array(usual))) * len(rows)


def _surprise(seen: Array, usual: Array) -> Array:
    """Kullback-Leibler divergence of two shares where the first is the larger, else 0, nats."""
    with np.errstate(divide="ignore", invalid="ignore"):
        have = np.where(seen > 0, seen * np.log(seen / usual), 0.0)
        lack = np.where(seen < 1, (1 - seen) * np.log((1 - seen) / (1 - usual)), 0.0)
    return np.where(seen > usual, have + lack, 0.0)
