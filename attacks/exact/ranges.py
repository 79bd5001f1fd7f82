"""Ranges of the numbers that a model sees of each row, and which rows can be reasoned about at all."""

from __future__ import annotations

import numpy as np

from attacks.distance import Array
from attacks.evasion._search import Search
from attacks.exact.mapping import Mapping, flat_rows
from attacks.exact.reach import Reach, reach
from attacks.exact.span import Span
from attacks.structure import Structure

_LARGEST = 3e38


def ranges(way: Mapping, limits: Reach, rows: Array) -> Span:
    """Smallest and largest number that each row can show the model, rounding included, each shape (n, d).

    Args:
        way: from stored values to numbers.
        limits: of the rows.
        rows: the flat stored rows themselves, shape (n, D).

    Returns:
        -inf and inf where a column moves that does not rise evenly.
    """
    asked = [limits.low, limits.high, rows]
    for place, choice in limits.choices.items():
        asked += [np.where(np.arange(rows.shape[1]) == place, value, rows) for value in choice.values]
    numbers = way.values(np.concatenate(asked)).reshape(len(asked), len(rows), -1)
    low, high = np.minimum(*numbers[:2]), np.maximum(*numbers[:2])
    at = 3
    for place, choice in limits.choices.items():
        behind, fine = np.flatnonzero(way.source == place), choice.allowed.T[:, :, None]
        there = numbers[at : at + len(choice.values)][:, :, behind]
        at += len(choice.values)
        own = numbers[2][:, behind]
        low[:, behind] = np.minimum(own, np.where(fine, there, np.inf).min(axis=0, initial=np.inf))
        high[:, behind] = np.maximum(own, np.where(fine, there, -np.inf).max(axis=0, initial=-np.inf))
    wide = way.widened(Span(low, high))
    switched = np.isin(way.source, list(limits.choices))
    lost = ~way.rising & ~switched & (limits.low < limits.high)[:, way.source]
    return Span(np.where(lost, -np.inf, wide.low), np.where(lost, np.inf, wide.high))


def usable(search: Search, structure: Structure, rows: Array) -> Array:
    """Rows without a number that is missing, infinite or too large, shape (n,), bool."""
    x = search.x[rows]
    stored = flat_rows(x)
    limits = reach(search.target, x, search.epsilon)
    fine = np.asarray(np.isfinite(stored).all(axis=1))
    if search.target.constraints is not None:
        for place, column in enumerate(search.target.constraints.columns):
            # nobody knows what filling an empty cell does to the way to the model
            empty = column.empty is not None and limits.low[:, place] < limits.high[:, place]
            fine &= ~np.asarray(empty & (stored[:, place] == column.empty))
    parts = [np.where(fine[:, None], part, 0.0) for part in (stored, limits.low, limits.high)]
    values = np.asarray(structure.inputs(np.concatenate(parts).reshape(3 * len(x), *x.shape[1:])))
    small = (np.abs(values) < _LARGEST).all(axis=1)
    fine &= small.reshape(3, len(x)).all(axis=0)
    return np.asarray(fine)


def extent(limits: Reach, stored: Array) -> Span:
    """Smallest and largest stored value that any row can move to, by column; the first row's own where none moves."""
    moves = limits.low < limits.high
    low = np.where(moves, limits.low, np.inf).min(axis=0)
    high = np.where(moves, limits.high, -np.inf).max(axis=0)
    some = np.asarray(moves.any(axis=0))
    return Span(np.where(some, low, stored[0]), np.where(some, high, stored[0]))
