"""Stored rows inside boxes of cells, as close to the original ones as the cells allow."""

from __future__ import annotations

import numpy as np

from attacks.constraints import Constraints
from attacks.distance import Array
from attacks.exact.cells import Cells
from attacks.exact.reach import Reach
from attacks.exact.span import Span


def inside(cells: Cells, source: Array, limits: Reach, rows: Array, boxes: Span, inset: float) -> Array:
    """Points in boxes of cells; it is up to the caller to see whether they are allowed and where they really are.

    Args:
        cells: the grid.
        source: stored column of each input, shape (d,).
        limits: of these rows.
        rows: flat stored rows, shape (n, D).
        boxes: of cells, shape (n, d).
        inset: how far inside of its cells a point should lie, where they are wide enough.

    Returns:
        Shape (n, D), float64.
    """
    ends = _stored_box(cells, source, rows.shape[1], boxes)
    first, last = ends.low, ends.high
    known = np.isfinite(first) & np.isfinite(last)
    room = np.where(known, np.where(known, last, 0.0) - np.where(known, first, 0.0), np.inf) / 2
    depth = np.minimum(inset * np.maximum(1.0, np.abs(rows)), np.maximum(room, 0.0))
    points = rows.copy()
    for end, sign in ((first, 1.0), (last, -1.0)):
        moves = (end - rows) * sign > 0
        aim = np.clip(end + sign * depth, limits.inner_low, limits.inner_high)
        step = np.where(limits.steps > 0, limits.steps, 1.0)
        whole = rows + sign * np.ceil((end - rows) * sign / step - 1e-9) * step
        points = np.where(moves, np.where(limits.steps > 0, whole, aim), points)
    _switch(points, cells, source, limits, rows, boxes)
    return points


def kept(constraints: Constraints | None, x: Array, points: Array) -> Array:
    """Points, with those that break a limit replaced by the nearest ones that do not."""
    if constraints is None or not len(points):
        return points
    bad = constraints.violations(x, points)
    found = points.copy()
    if bad.any():
        found[bad] = constraints.project(x[bad], points[bad])
    return found


def _stored_box(cells: Cells, source: Array, width: int, boxes: Span) -> Span:
    """Stored values that lie in boxes of cells, shape (n, D)."""
    low, high = boxes.low, boxes.high
    first, last = np.full((len(low), width), -np.inf), np.full((len(low), width), np.inf)
    cuts = len(cells.left_end)
    if not cuts:
        return Span(first, last)
    starts = cells.right_start[np.clip(cells.offsets[:-1] + low - 1, 0, cuts - 1)]
    ends = cells.left_end[np.clip(cells.offsets[:-1] + high, 0, cuts - 1)]
    starts, ends = np.where(low > 0, starts, -np.inf), np.where(high < cells.counts, ends, np.inf)
    for place, column in enumerate(source.tolist()):
        first[:, column] = np.maximum(first[:, column], starts[:, place])
        last[:, column] = np.minimum(last[:, column], ends[:, place])
    return Span(first, last)


def _single(limits: Reach) -> list[int]:
    return [place for place in limits.choices if not any(place in group for group in limits.groups)]


def _switch(points: Array, cells: Cells, source: Array, limits: Reach, rows: Array, boxes: Span) -> None:
    """Give categories and one-hot groups values that lie in boxes: the rows' own, else the first that does."""
    tried: list[tuple[Array, Array]] = []
    for columns in [*limits.groups, *(np.array([place]) for place in _single(limits))]:
        options = limits.choices[int(columns[0])].values[:, None] if len(columns) == 1 else np.eye(len(columns))
        tried += [(columns, np.broadcast_to(option, (len(rows), len(columns)))) for option in options]
    if not tried:
        return
    # the way to the model is asked once about all of them: a call costs far more than a row
    changed = np.repeat(rows[None], len(tried) + 1, axis=0)
    for number, (columns, values) in enumerate(tried):
        changed[number + 1][:, columns] = values
    there = cells.of(changed.reshape(-1, rows.shape[1])).reshape(len(changed), len(rows), -1)
    inside = (there >= boxes.low) & (there <= boxes.high)
    waiting: dict[int, Array] = {}
    for number, (columns, values) in enumerate(tried):
        behind, first, own = np.isin(source, columns), int(columns[0]), rows[:, columns]
        if first not in waiting:
            waiting[first] = ~np.asarray(inside[0][:, behind].all(axis=1) & _may(limits, columns, own, own).all(axis=1))
            points[:, columns] = own
        fits = (
            waiting[first] & inside[number + 1][:, behind].all(axis=1) & _may(limits, columns, values, own).all(axis=1)
        )
        points[np.ix_(fits, columns)] = values[fits]
        waiting[first] = waiting[first] & ~fits


def _may(limits: Reach, columns: Array, values: Array, before: Array) -> Array:
    """Which columns each row may set to its value, shape (n, columns), bool."""
    found = values == before
    for at, place in enumerate(columns.tolist()):
        if place in limits.choices:
            choice = limits.choices[place]
            found[:, at] |= (choice.allowed & (choice.values == values[:, at, None])).any(axis=1)
    return np.asarray(found)
