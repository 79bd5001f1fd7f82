"""How stored values become what a model compares or multiplies, and how far that may be trusted to rise evenly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attacks.distance import Array, flat
from attacks.exact.span import Span
from attacks.structure import Structure

_PROBES = 1025
_MOST_PLACES = 4096
"""Whole numbers, and ends of rows, that one column is tried at."""
_MOST_CELLS = 20_000_000
"""Those of all columns together, which only wide images come to."""
_MARKS = (0.0, 1.0, 9.0, 99.0, 999.0, 9999.0)
"""Numbers that stand for something else, an unknown value above all; their negatives do as well."""
_DIP = 2 * 2.0**-23
"""By how much, relative to its own size, a number may fall while its column rises: rounding in single precision."""
_FLOAT64_ULPS = 4 * 2.0**-52
_FLOAT32_ULPS = 8 * 2.0**-23


@dataclass(frozen=True, eq=False)
class Mapping:
    """The way from attacked rows to the numbers that trees or weights see.

    Attributes:
        values: flat stored rows, shape (n, D), to numbers, shape (n, d), float64.
        source: stored column behind each number, shape (d,), int.
        rising: numbers that were never seen to fall while their column rose, shape (d,), bool.
        slope: change of each number with its column where it is a straight line, shape (d,).
        bend: largest distance from that line that was seen, shape (d,).
        blur: relative size of what rounding may do to each number, shape (d,).
    """

    values: Callable[[Array], Array]
    source: Array
    rising: Array
    slope: Array
    bend: Array
    blur: Array

    def widened(self, span: Span) -> Span:
        """Ends of ranges of numbers, moved outwards by what rounding may do, shape (n, d)."""
        return Span(span.low - self.blur * np.abs(span.low), span.high + self.blur * np.abs(span.high))


@dataclass(frozen=True, eq=False)
class Places:
    """Where a column has to be tried because a model may treat just that value otherwise.

    Attributes:
        rows: flat stored rows, shape (n, D).
        ends: what each of them can reach, each shape (n, D).
        origin: value of each column, in its own unit, that is stored as 0, shape (D,).
        unit: difference of values that is stored as 1.
        step: smallest change, in stored values, 0 where any is possible.
    """

    rows: Array
    ends: Span
    origin: Array
    unit: Array
    step: Array

    def of(self, column: int, low: float, high: float) -> Array:
        """Stored values of one column, within a range."""
        origin, unit, step = self.origin[column], self.unit[column], self.step[column]
        own = np.unique(self.rows[:, column])
        most = max(64, min(_MOST_PLACES, _MOST_CELLS // self.rows.shape[1]))
        whole = (np.array([*_MARKS, *(-mark for mark in _MARKS)]) - origin) / unit
        found = [whole, np.array([*_MARKS, *(-mark for mark in _MARKS)]), _few(own, most)]
        found += [_few(np.unique(end[:, column]), most) for end in (self.ends.low, self.ends.high)]
        numbers = origin + own * unit
        if step <= 0 and (np.abs(numbers - np.rint(numbers)) <= 1e-6 * np.maximum(1.0, np.abs(numbers))).all():
            step = 1.0 / unit
        if step > 0 and (high - low) / step <= most:
            # every row has its own grid; rows of whole numbers share one
            for anchor in own[np.unique(np.round((own / step) % 1.0, 4) % 1.0, return_index=True)[1]][:4]:
                found.append(anchor + np.arange(np.ceil((low - anchor) / step), (high - anchor) / step + 1e-9) * step)
        every = np.unique(np.concatenate(found))
        return np.asarray(every[(every >= low) & (every <= high)])


def _few(values: Array, most: int) -> Array:
    return values[:: max(1, -(-len(values) // most))]


def _with(table: Array, more: list[Array]) -> Array:
    """Columns of a table with further values each, all sorted; the last one repeats where there are fewer."""
    columns = [np.sort(np.concatenate([table[:, place], values])) for place, values in enumerate(more)]
    longest = max((len(column) for column in columns), default=0)
    return np.stack([np.pad(column, (0, longest - len(column)), mode="edge") for column in columns], axis=1)


def mapping(
    structure: Structure, shape: tuple[int, ...], row: Array, extent: Span, places: Places | None = None
) -> Mapping:
    """Try the way from rows to numbers out, at a thousand places of every column and at all that matter more.

    Args:
        structure: the model.
        shape: shape of one attacked row.
        row: any flat row, shape (D,).
        extent: stored values of interest of each column, shape (D,).
        places: what is known of the columns.
    """

    def values(rows: Array) -> Array:
        return np.asarray(structure.inputs(rows.reshape((len(rows), *shape))), dtype=np.float64)

    source = np.asarray(structure.source)
    # uneven steps, so that no plateau between them is overlooked for being as long as they are
    steps = np.sort(np.concatenate([[0.0, 1.0], np.modf(np.arange(1, _PROBES - 1) * 0.6180339887498949)[0]]))
    finite = np.isfinite(extent.low) & np.isfinite(extent.high) & np.isfinite(row)
    start, end = np.where(finite, extent.low, 0.0), np.where(finite, extent.high, 0.0)
    table = start + steps[:, None] * (end - start)
    if places is not None:
        table = _with(table, [places.of(column, start[column], end[column]) for column in range(len(row))])
    seen = values(np.where(finite, table, row))
    size = np.abs(seen).max(axis=0)
    dip = _DIP * np.maximum(np.abs(seen[1:]), np.abs(seen[:-1])) + 64 * 2.0**-52 * size
    rising = (np.diff(seen, axis=0) >= -dip).all(axis=0) & np.isfinite(seen).all(axis=0)
    width = np.where(end > start, end - start, 1.0)[source]
    steps = (table - start)[:, source] / width
    line = seen[0] + steps * (seen[-1] - seen[0])
    bend = np.abs(seen - line).max(axis=0)
    span = (end - start)[source]
    slope = np.divide(seen[-1] - seen[0], span, out=np.zeros_like(size), where=span > 0)
    # a curve is computed by functions that may be wrong in the last bits of single precision; whole numbers are not
    curved = (bend > 1e-6 * size) & (seen != np.rint(seen)).any(axis=0)
    blur = np.where(curved, _FLOAT32_ULPS, _FLOAT64_ULPS)
    return Mapping(values, source, rising, slope, bend, blur)


def flat_rows(x: Array) -> Array:
    """Rows as float64 vectors, shape (n, D)."""
    return np.asarray(flat(x), dtype=np.float64)
