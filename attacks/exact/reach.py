"""Where an attacker can take each row: column by column, as numbers a model sees, never less than what is allowed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.constraints import Column
from attacks.distance import Array
from attacks.exact.mapping import Places, flat_rows
from attacks.exact.span import Span
from attacks.outcome import TOLERANCE
from attacks.target import Target

_STEP_TOLERANCE = 1e-4
"""Share of a step by which the judge of constraints lets a change be off."""


@dataclass(frozen=True, eq=False)
class Choice:
    """Values that a column can be switched to.

    Attributes:
        values: shape (v,).
        allowed: which of them each row may have, shape (n, v), bool; its own among them.
    """

    values: Array
    allowed: Array


@dataclass(frozen=True, eq=False)
class Reach:
    """Limits of n flat rows with D columns, in stored values.

    Attributes:
        low: nothing allowed lies below, shape (n, D).
        high: nothing allowed lies above.
        inner_low: points are looked for from here on, or stay where they are; never beyond what is declared, and at
            most half of the tolerance beyond epsilon, shape (n, D).
        inner_high: up to here.
        budgeted: columns that a distance counts, shape (D,), bool.
        steps: smallest change of each column, 0 where any is possible, shape (D,).
        choices: columns that change by switching.
        groups: columns of each one-hot group.
    """

    low: Array
    high: Array
    inner_low: Array
    inner_high: Array
    budgeted: Array
    steps: Array
    choices: dict[int, Choice]
    groups: tuple[Array, ...]

    def take(self, rows: Array) -> Reach:
        """The same for some rows only."""
        choices = {place: Choice(one.values, one.allowed[rows]) for place, one in self.choices.items()}
        return Reach(
            self.low[rows], self.high[rows], self.inner_low[rows], self.inner_high[rows],
            self.budgeted, self.steps, choices, self.groups,
        )  # fmt: skip


def reach(target: Target, x: Array, epsilon: float) -> Reach:
    """Limits of rows within epsilon in either norm, bounds and constraints; linear rules and costs are left out.

    Args:
        target: gives bounds and constraints.
        x: rows, shape (n, ...).
        epsilon: largest allowed distance.
    """
    base = flat_rows(x)
    ends = [
        np.broadcast_to(np.asarray(end, dtype=np.float64), x.shape[1:]).reshape(-1) for end in (target.low, target.high)
    ]
    outer = _between(base, ends[0] - TOLERANCE, ends[1] + TOLERANCE, epsilon + TOLERANCE)
    inner = _between(base, ends[0], ends[1], epsilon + TOLERANCE / 2)
    width = base.shape[1]
    # a row outside of the bounds may stay where it is
    outer = Span(np.minimum(outer.low, base), np.maximum(outer.high, base))
    found = Reach(outer.low, outer.high, inner.low, inner.high, np.ones(width, dtype=bool), np.zeros(width), {},
                  _groups(target))  # fmt: skip
    if target.constraints is not None:
        found.budgeted[:] = target.constraints.budgeted
        for place, column in enumerate(target.constraints.columns):
            _limit(found, base, place, column)
    return found


def places(target: Target, limits: Reach, stored: Array) -> Places:
    """Where the way to the model has to be tried, for flat rows of shape (n, D)."""
    width = stored.shape[1]
    columns = () if target.constraints is None else target.constraints.columns
    origin = np.array([column.origin for column in columns]) if columns else np.zeros(width)
    unit = np.array([column.unit for column in columns]) if columns else np.ones(width)
    return Places(stored, Span(limits.low, limits.high), origin, unit, limits.steps)


def _between(base: Array, low: Array, high: Array, radius: float) -> Span:
    first, last = np.maximum(base - radius, low), np.minimum(base + radius, high)
    return Span(np.where(first > last, base, first), np.where(first > last, base, last))


def _limit(found: Reach, base: Array, place: int, column: Column) -> None:
    before = base[:, place]
    if not column.mutable or (column.kind == "category" and (column.reach is None or not len(column.reach))):
        for ends in (found.low, found.high, found.inner_low, found.inner_high):
            ends[:, place] = before
        return
    if column.kind == "category":
        _switched(found, place, _codes(column, before), before)
        return
    low, high = (column.low - column.origin) / column.unit, (column.high - column.origin) / column.unit
    if column.group is not None:
        _switched(found, place, _states(column, low, high, before), before)
        return
    for span, slack in ((Span(found.low, found.high), TOLERANCE), (Span(found.inner_low, found.inner_high), 0.0)):
        first, last = np.maximum(span.low[:, place], low - slack), np.minimum(span.high[:, place], high + slack)
        if column.direction != "both":
            first, last = (before, last) if column.direction == "up" else (first, before)
        if column.step > 0:
            step, off = column.step / column.unit, _STEP_TOLERANCE * (slack > 0)
            first = np.maximum(first, before - (np.floor((before - first) / step + _STEP_TOLERANCE) + off) * step)
            last = np.minimum(last, before + (np.floor((last - before) / step + _STEP_TOLERANCE) + off) * step)
        empty = first > last
        span.low[:, place] = np.where(empty, before, np.minimum(first, before) if slack else first)
        span.high[:, place] = np.where(empty, before, np.maximum(last, before) if slack else last)
    found.steps[place] = column.step / column.unit


def _codes(column: Column, before: Array) -> Choice:
    """Codes of a category."""
    table = np.asarray(column.reach, dtype=bool)
    values = np.arange(len(table), dtype=np.float64)
    known = (before >= 0) & (before < len(table)) & (before == np.rint(before))
    allowed = table[np.where(known, before, 0).astype(np.int64)] & known[:, None]
    return Choice(values, np.asarray(allowed | (values == before[:, None])))


def _states(column: Column, low: float, high: float, before: Array) -> Choice:
    """0 and 1 of a column of a one-hot group."""
    values = np.array([0.0, 1.0])
    allowed = np.broadcast_to((values >= low - TOLERANCE) & (values <= high + TOLERANCE), (len(before), 2)).copy()
    allowed &= (column.direction != "up") | (values >= before[:, None])
    allowed &= (column.direction != "down") | (values <= before[:, None])
    return Choice(values, np.asarray(allowed | (values == before[:, None])))


def _switched(found: Reach, place: int, choice: Choice, before: Array) -> None:
    found.choices[place] = choice
    low = np.minimum(before, np.where(choice.allowed, choice.values, np.inf).min(axis=1, initial=np.inf))
    high = np.maximum(before, np.where(choice.allowed, choice.values, -np.inf).max(axis=1, initial=-np.inf))
    for ends, value in ((found.low, low), (found.inner_low, low), (found.high, high), (found.inner_high, high)):
        ends[:, place] = value


def _groups(target: Target) -> tuple[Array, ...]:
    if target.constraints is None:
        return ()
    columns = target.constraints.columns
    names = dict.fromkeys(column.group for column in columns if column.kind == "number" and column.group)
    return tuple(np.array([place for place, one in enumerate(columns) if one.group == name]) for name in names)
