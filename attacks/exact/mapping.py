"""How stored values become what a model compares or multiplies, and how far that may be trusted to rise evenly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attacks.distance import Array, flat
from attacks.exact.span import Span
from attacks.structure import Structure

_PROBES = 1025
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


def mapping(structure: Structure, shape: tuple[int, ...], row: Array, extent: Span) -> Mapping:
    """Try the way from rows to numbers out, at a thousand places of every column.

    Args:
        structure: the model.
        shape: shape of one attacked row.
        row: any flat row, shape (D,).
        extent: stored values of interest of each column, shape (D,).
    """

    def values(rows: Array) -> Array:
        found = np.asarray(structure.inputs(rows.reshape((len(rows), *shape))), dtype=np.float64)
        return np.asarray(found * structure.slope + structure.shift)

    source = np.asarray(structure.source)
    # uneven steps, so that no plateau between them is overlooked for being as long as they are
    steps = np.sort(np.concatenate([[0.0, 1.0], np.modf(np.arange(1, _PROBES - 1) * 0.6180339887498949)[0]]))
    finite = np.isfinite(extent.low) & np.isfinite(extent.high) & np.isfinite(row)
    start, end = np.where(finite, extent.low, 0.0), np.where(finite, extent.high, 0.0)
    seen = values(np.where(finite, start + steps[:, None] * (end - start), row))
    size = np.abs(seen).max(axis=0)
    rising = (np.diff(seen, axis=0) >= -1e-5 * size).all(axis=0) & np.isfinite(seen).all(axis=0)
    line = seen[0] + steps[:, None] * (seen[-1] - seen[0])
    bend = np.abs(seen - line).max(axis=0)
    span = (end - start)[source]
    slope = np.divide(seen[-1] - seen[0], span, out=np.zeros_like(size), where=span > 0)
    # a curve is computed by functions that may be wrong in the last bits of single precision; whole numbers are not
    curved = (bend > 1e-6 * size) & (seen != np.rint(seen)).any(axis=0)
    scaled = (np.asarray(structure.slope) != 1) | (np.asarray(structure.shift) != 0)
    blur = np.where(curved | scaled, _FLOAT32_ULPS, _FLOAT64_ULPS)
    return Mapping(values, source, rising, slope, bend, blur)


def flat_rows(x: Array) -> Array:
    """Rows as float64 vectors, shape (n, D)."""
    return np.asarray(flat(x), dtype=np.float64)
