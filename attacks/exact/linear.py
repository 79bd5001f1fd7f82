"""Exact verification of linear models: the worst allowed point of each row against each class has a closed form.

In Linf it is a corner of the row's box. In L2 with a box every column moves against its weight until its end, and how
far is one number that halving finds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array, between
from attacks.evasion._search import Search
from attacks.exact import points
from attacks.exact.mapping import Mapping, flat_rows, mapping
from attacks.exact.ranges import extent, ranges, usable
from attacks.exact.reach import Reach, places, reach
from attacks.exact.span import Span
from attacks.outcome import TOLERANCE, allowed
from attacks.structure import Linear, Structure

_FLOOR = 1e-11
_HALVINGS = 200
_STRAIGHT = 1e-3
"""Share of a column's range by which it may miss a straight line; further off, its length is left out of the proof."""
_BEYOND = 1e-3
"""How far past the boundary a point lies, as a share of the way to it."""


@dataclass(frozen=True, eq=False)
class _Plane:
    """Margin of each row's class over one other as `weights @ numbers + bias`.

    Attributes:
        weights: shape (n, d).
        bias: shape (n,).
        margin: at the rows themselves, shape (n,).
    """

    weights: Array
    bias: Array
    margin: Array


@dataclass(frozen=True, eq=False)
class _Option:
    """A value that a category, or values that a one-hot group, can be switched to.

    Attributes:
        columns: which ones, shape (c,).
        values: of each row, its own where it may not switch, shape (n, c).
        numbers: what the model sees of the rows then, shape (n, d).
    """

    columns: Array
    values: Array
    numbers: Array


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows that can be reasoned about, and what they can show the model.

    Attributes:
        ends: numbers at the lower and at the upper ends that points are looked for at, each shape (n, d).
    """

    rows: Array
    y: Array
    stored: Array
    reach: Reach
    way: Mapping
    numbers: Array
    span: Span
    ends: Span
    options: tuple[_Option, ...]


def verify(search: Search, structure: Structure, linear: Linear) -> Array:
    """Break or certify rows.

    Args:
        search: rows, labels, epsilon and norm; what is found is recorded there, with what it cost.
        structure: of the model.
        linear: its weights.

    Returns:
        Certified rows, shape (n,), bool.

    Raises:
        QueryBudgetExceeded: the target's budget ended.
    """
    every = np.arange(len(search.x))
    certified = np.zeros(len(every), dtype=bool)
    right = every[~search.labels(every, search.x)] if len(every) else every
    right = right[usable(search, structure, right)] if len(right) else right
    if not len(right):
        return certified
    known = _rows(search, structure, right)
    tolerance = _tolerance(structure, linear, known)
    planes = [_plane(linear, known, other) for other in range(len(linear.bias))]
    margins = np.stack([plane.margin for plane in planes], axis=1)
    if (margins < -tolerance[:, None]).any():
        return certified  # the model answers otherwise than its weights: they are not all there is to it
    least = np.stack([_least(search, known, plane) for plane in planes], axis=1)
    least[np.arange(len(right)), known.y] = np.inf
    certified[right] = (least > tolerance[:, None]).all(axis=1)
    _break(search, known, planes, least, tolerance)
    return certified


def _rows(search: Search, structure: Structure, rows: Array) -> _Rows:
    x = search.x[rows]
    stored, limits = flat_rows(x), reach(search.target, x, search.epsilon)
    way = mapping(structure, x.shape[1:], stored[0], extent(limits, stored), places(search.target, limits, stored))
    y, options = search.y[rows].astype(np.int64), _options(limits, stored)
    # all that is ever asked of the way to the model but the points themselves: a call costs far more than a row
    asked = [stored, limits.inner_low, limits.inner_high]
    for columns, values in options:
        asked.append(stored.copy())
        asked[-1][:, columns] = values
    numbers = way.values(np.concatenate(asked)).reshape(len(asked), len(stored), -1)
    switched = tuple(_Option(*option, there) for option, there in zip(options, numbers[3:], strict=True))
    span = ranges(way, limits, stored)
    return _Rows(rows, y, stored, limits, way, numbers[0], span, Span(numbers[1], numbers[2]), switched)


def _options(limits: Reach, stored: Array) -> list[tuple[Array, Array]]:
    """Columns and their values for every way to switch a category or a one-hot group."""
    found = []
    for place, choice in limits.choices.items():
        if not any(place in group for group in limits.groups):
            for value, fine in zip(choice.values, choice.allowed.T, strict=True):
                found.append((np.array([place]), np.where(fine, value, stored[:, place])[:, None]))
    for group in limits.groups:
        for column in group:
            can = _can(limits, len(stored), column)
            found.append((group, np.where(can[:, None], group == column, stored[:, group])))
    return found


def _plane(linear: Linear, known: _Rows, other: int) -> _Plane:
    weights = linear.weights[known.y] - linear.weights[other]
    bias = linear.bias[known.y] - linear.bias[other]
    return _Plane(weights, bias, (weights * known.numbers).sum(axis=1) + bias)


def _tolerance(structure: Structure, linear: Linear, known: _Rows) -> Array:
    largest = np.maximum(np.abs(known.span.low), np.abs(known.span.high))
    largest = np.where(np.isfinite(largest), largest, np.abs(known.numbers))
    size = (largest @ np.abs(linear.weights).T + np.abs(linear.bias)).max(axis=1)
    return np.asarray((structure.slack + _FLOOR) * size + 1e-300)


def _least(search: Search, known: _Rows, plane: _Plane) -> Array:
    """What the margin is at least over all that is allowed, shape (n,)."""
    with np.errstate(invalid="ignore"):
        corner = np.where(
            plane.weights == 0, 0.0, np.minimum(plane.weights * known.span.low, plane.weights * known.span.high)
        )
    least = corner.sum(axis=1) + plane.bias
    if search.norm == "linf":
        return np.asarray(least)
    counts = _straight(known)
    steepness = _by_column(known, plane.weights * known.way.slope * counts)
    change = _moved(steepness, known, search.epsilon + TOLERANCE, outer=True)
    bend = 2 * np.abs(plane.weights) * known.way.bend
    alone = np.where(counts, -bend, corner - plane.weights * known.numbers)
    return np.asarray(np.maximum(least, plane.margin + (steepness * change).sum(axis=1) + alone.sum(axis=1)))


def _straight(known: _Rows) -> Array:
    """Inputs whose share in the length of a change is counted, shape (d,), bool."""
    way = known.way
    span = np.abs(way.slope) * (known.reach.high - known.reach.low).max(axis=0)[way.source]
    switched = np.isin(way.source, list(known.reach.choices))
    return np.asarray(
        way.rising & ~switched & known.reach.budgeted[way.source] & (way.bend <= _STRAIGHT * span + 1e-300)
    )


def _by_column(known: _Rows, values: Array) -> Array:
    """Sums over all inputs that read each stored column, shape (n, D)."""
    found = np.zeros(known.stored.shape)
    for place, column in enumerate(known.way.source.tolist()):
        found[:, column] += values[:, place]
    return found


def _moved(steepness: Array, known: _Rows, radius: float, *, outer: bool) -> Array:
    """The change within a radius and the box that lowers a linear function most, shape (n, D).

    Args:
        outer: one that is a little too long, for a bound; else a little too short, for a point.
    """
    limits = known.reach
    ends = (limits.low, limits.high) if outer else (limits.inner_low, limits.inner_high)
    first, last = ends[0] - known.stored, ends[1] - known.stored
    steep = steepness != 0
    pull = np.where(steep, steepness, 1.0)
    most = np.where(steep, np.maximum(-first, last) / np.abs(pull), 0.0).max(axis=1, initial=0.0) * 2

    def at(factor: Array) -> Array:
        return np.asarray(
            np.clip(-factor[:, None] * np.where(steep, steepness, 0.0), np.minimum(first, 0), np.maximum(last, 0))
        )

    short, long = np.zeros(len(most)), most
    # where even the whole box is no longer than the radius, its corner is the answer
    whole = np.sqrt((at(most) ** 2).sum(axis=1)) <= radius
    for _ in range(_HALVINGS):
        middle = (short + long) / 2
        fits = np.sqrt((at(middle) ** 2).sum(axis=1)) <= radius
        short, long = np.where(fits, middle, short), np.where(fits, long, middle)
    return at(np.where(whole, most, long if outer else short))


def _break(search: Search, known: _Rows, planes: list[_Plane], least: Array, tolerance: Array) -> None:
    """Ask about the worst point of each row against each class that can win, the most dangerous first."""
    order = np.argsort(least, axis=1, kind="stable")
    for turn in range(least.shape[1] - 1):
        others = order[:, turn]
        standing = np.isin(known.rows, search.active)
        open_rows = np.flatnonzero(standing & (least[np.arange(len(others)), others] <= tolerance))
        if not len(open_rows):
            continue
        worst, weights, bias = known.stored.copy(), np.zeros(known.numbers.shape), np.zeros(len(others))
        for other in np.unique(others[open_rows]):
            here, plane = open_rows[others[open_rows] == other], planes[other]
            worst[here] = _worst(search, known, plane)[here]
            weights[here], bias[here] = plane.weights[here], plane.bias[here]
        margin = (weights * known.numbers).sum(axis=1) + bias
        _try(search, known, open_rows, _Plane(weights, bias, margin), worst[open_rows])


def _try(search: Search, known: _Rows, here: Array, plane: _Plane, worst: Array) -> None:
    """Ask about a point just past the boundary, and about the worst one where the model holds there."""
    x, stored = search.x[known.rows[here]], known.stored[here]
    after = (plane.weights[here] * known.way.values(worst)).sum(axis=1) + plane.bias[here]
    share = plane.margin[here] / np.maximum(plane.margin[here] - after, 1e-300) * (1 + _BEYOND)
    small = stored + np.clip(share, 0.0, 1.0)[:, None] * (worst - stored)
    free = ~np.isin(np.arange(stored.shape[1]), list(known.reach.choices)) & (known.reach.steps == 0)
    small = np.where(free | (worst == stored), small, worst)
    for flat in (small, worst):
        kept = points.kept(search.target.constraints, stored, flat)
        tried = kept.reshape(x.shape).astype(x.dtype)
        near = between(x, tried, search.norm, search.columns) <= search.epsilon + TOLERANCE
        good = near & allowed(search.target, x, tried) & np.isin(known.rows[here], search.active)
        if good.any():
            search.labels(known.rows[here[good]], tried[good])


def _worst(search: Search, known: _Rows, plane: _Plane) -> Array:
    """The allowed point with the least margin of each row, shape (n, D), flat."""
    found, limits, way = known.stored.copy(), known.reach, known.way
    gains = {}
    for name, numbers in (("low", known.ends.low), ("high", known.ends.high)):
        gains[name] = _by_column(known, plane.weights * (numbers - known.numbers))
    found = np.where((gains["low"] < 0) & (gains["low"] <= gains["high"]), limits.inner_low, found)
    found = np.where((gains["high"] < 0) & (gains["high"] < gains["low"]), limits.inner_high, found)
    if search.norm == "l2":
        change = _moved(
            _by_column(known, plane.weights * way.slope), known, search.epsilon + TOLERANCE / 2, outer=False
        )
        found = np.where(limits.budgeted, known.stored + change, found)
    best: dict[int, Array] = {}
    for option in known.options:
        first, columns = int(option.columns[0]), option.columns
        if first not in best:
            best[first], found[:, columns] = plane.margin, known.stored[:, columns]
        margin = (plane.weights * option.numbers).sum(axis=1) + plane.bias
        found[:, columns] = np.where((margin < best[first])[:, None], option.values, found[:, columns])
        best[first] = np.minimum(margin, best[first])
    return found


def _can(limits: Reach, rows: int, column: int) -> Array:
    """Rows that may switch a one-hot group to one of its columns, shape (n,), bool."""
    if column not in limits.choices:
        return np.zeros(rows, dtype=bool)
    choice = limits.choices[column]
    return np.asarray(choice.allowed[:, choice.values == 1.0].any(axis=1))
