"""Judges whether a real attacker could have produced a row; shares no step with the code that proposes rows."""

from __future__ import annotations

import numpy as np

from attacks._limits import SLACK, Column, Limits
from attacks.distance import Array

_TOLERANCE = 1e-6
"""How far a stored value may lie out of range, as single precision rounds it."""
_STEP_TOLERANCE = 1e-4


def violations(limits: Limits, before: Array, after: Array) -> Array:
    """Rows that break a limit, shape (n,), bool.

    Args:
        limits: what is allowed.
        before: original rows, shape (n, d), float64.
        after: changed rows, same shape.
    """
    same = (after == before) | (np.isnan(after) & np.isnan(before))
    broken = (~np.isfinite(after) & ~same).any(axis=1)
    for place, column in enumerate(limits.columns):
        changed = ~same[:, place]
        if column.kind == "category":
            broken |= changed & ~_category_allows(column, before[:, place], after[:, place])
        else:
            broken |= changed & ~_number_allows(column, before[:, place], after[:, place])
    for group in limits.groups:
        changed = (~same[:, group]).any(axis=1)
        broken |= changed & ~(_one_hot(before[:, group]) & _one_hot(after[:, group]))
    broken |= _rules_broken(limits, before, after)
    if limits.budget is not None:
        broken |= _cost(limits, before, after) > limits.budget * (1 + SLACK) + SLACK
    return np.asarray(broken)


def _number_allows(column: Column, before: Array, after: Array) -> Array:
    """Which changes of a number are its own to make, each looked at alone."""
    if not column.mutable:
        return np.zeros(len(before), dtype=bool)
    low, high = ((end - column.origin) / column.unit for end in (column.low, column.high))
    fine = np.asarray((after >= low - _TOLERANCE) & (after <= high + _TOLERANCE))
    if column.direction != "both":
        fine &= (after > before) if column.direction == "up" else (after < before)
    if column.step > 0:
        with np.errstate(invalid="ignore"):
            steps = (after - before) * column.unit / column.step
            fine &= np.abs(steps - np.rint(steps)) <= _STEP_TOLERANCE
    return fine


def _category_allows(column: Column, before: Array, after: Array) -> Array:
    fine = np.zeros(len(before), dtype=bool)
    if column.mutable and column.reach is not None:
        for source, goal in np.argwhere(column.reach):
            fine |= (before == source) & (after == goal)
    return fine


def _one_hot(cells: Array) -> Array:
    return np.asarray(((cells == 0) | (cells == 1)).all(axis=1) & (cells.sum(axis=1) == 1))


def _rules_broken(limits: Limits, before: Array, after: Array) -> Array:
    """Rules in the features' own units, one after the other, as far as the number types of the data can tell."""
    places = {column.name: place for place, column in enumerate(limits.columns)}
    found = np.zeros(len(before), dtype=bool)
    for rule in limits.rules:
        old, new, rounding = (value * np.ones(len(before)) for value in (-rule.bound, -rule.bound, 0.0))
        silent = np.zeros(len(before), dtype=bool)
        for name, factor in rule.coefficients.items():
            place, column = places[name], limits.columns[places[name]]
            values = column.origin + after[:, place] * column.unit
            old = old + factor * (column.origin + before[:, place] * column.unit)
            new = new + factor * values
            rounding = rounding + np.abs(factor * values) * (2e-3 * SLACK + 2 * column.precision)
            silent |= np.isnan(before[:, place]) | (before[:, place] == column.empty)
        over = new > np.maximum(old, 0.0) + rounding + 2 * SLACK * (1 + abs(rule.bound))
        if rule.strict:
            over |= (old < 0) & (new >= 0)
        found |= over & ~silent
    return found


def _cost(limits: Limits, before: Array, after: Array) -> Array:
    """What the changes of each row cost, shape (n,)."""
    total = np.zeros(len(before))
    dearest: dict[str, Array] = {}
    for place, column in enumerate(limits.columns):
        change = np.where(after[:, place] == before[:, place], 0.0, after[:, place] - before[:, place])
        price = column.cost * (change != 0)
        if column.kind == "category":
            total += price
        elif column.group is not None:
            dearest[column.group] = np.maximum(dearest.get(column.group, 0.0), price)
        else:
            total += column.cost * np.abs(change) * column.unit
    return total + sum(dearest.values())
