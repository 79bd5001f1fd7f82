"""Moves proposals to allowed rows, by moves towards the original row only, and keeps as much of each as it can."""

from __future__ import annotations

import numpy as np

from attacks._limits import SLACK, Limits
from attacks.distance import Array

_PASSES = 8
"""Rounds in which moves are shortened for one rule after the other, before those of a broken rule are given up."""


def project(limits: Limits, start: Array, wanted: Array) -> Array:
    """Allowed rows, each cell between the original and the proposal.

    Args:
        limits: what is allowed.
        start: original rows, shape (n, d), float64.
        wanted: proposals, same shape.
    """
    wanted = np.where(np.isnan(wanted), start, wanted)
    lowest = np.maximum(limits.low, np.where(limits.up, start, -np.inf))
    highest = np.minimum(limits.high, np.where(limits.down, start, np.inf))
    free = movable(limits, start)
    result = np.where(free, stepped(limits, start, np.clip(wanted, lowest, highest)), start)
    for place in limits.categories:
        result[:, place] = _category(limits, place, start[:, place], wanted[:, place])
    for group in limits.groups:
        result[:, group] = _one_hot(limits, group, start[:, group], wanted[:, group])
    if limits.budget is not None:
        result = _within_budget(limits, limits.budget, start, result)
    if len(limits.rules):
        result = _within_rules(limits, start, result)
    return np.asarray(result)


def movable(limits: Limits, start: Array) -> Array:
    """Numeric cells outside of one-hot groups that may change, shape (n, d), bool; what is out of range stays."""
    inside = (start >= limits.low - SLACK) & (start <= limits.high + SLACK)
    return np.asarray(inside & limits.budgeted & limits.mutable)


def stepped(limits: Limits, start: Array, moved: Array) -> Array:
    """Moves cut to whole steps from the start."""
    if not limits.step.any():
        return moved
    step = np.where(limits.step > 0, limits.step, 1.0)
    change = moved - start
    whole = np.sign(change) * np.floor(np.abs(change) / step + SLACK) * step
    return np.asarray(np.where(limits.step > 0, start + whole, moved))


def _category(limits: Limits, place: int, start: Array, wanted: Array) -> Array:
    column = limits.columns[place]
    if not column.mutable or column.reach is None or not len(column.reach):
        return start
    size = len(column.reach)
    known = (start >= 0) & (start < size) & (start == np.rint(start))
    before = np.where(known, start, 0).astype(int)
    after = np.clip(np.rint(wanted), 0, size - 1).astype(int)
    return np.where(known & column.reach[before, after], after, start)


def _one_hot(limits: Limits, group: Array, start: Array, wanted: Array) -> Array:
    valid = ((start == 0) | (start == 1)).all(axis=1) & (start.sum(axis=1) == 1)
    current = start.argmax(axis=1)
    every = np.arange(len(start))
    reachable = np.where(limits.can_go_on[group], wanted, -np.inf)
    reachable[every, current] = wanted[every, current]
    chosen = reachable.argmax(axis=1)
    switched = np.zeros_like(start)
    switched[every, chosen] = 1.0
    return np.where((valid & limits.can_go_off[group][current])[:, None], switched, start)


def _within_budget(limits: Limits, budget: float, start: Array, result: Array) -> Array:
    """Take back the dearest switches until the rest fit, then shorten the numbers that cost something."""
    places = [np.array([place]) for place in limits.categories] + list(limits.groups)
    costs = np.zeros((len(start), len(places)))
    for number, place in enumerate(places):
        prices = np.array([limits.columns[one].cost for one in place])
        costs[:, number] = np.where(result[:, place] != start[:, place], prices, 0.0).max(axis=1)
    order = np.argsort(costs, axis=1, kind="stable")
    fits = np.cumsum(np.take_along_axis(costs, order, axis=1), axis=1) <= budget
    kept = np.zeros(costs.shape, dtype=bool)
    np.put_along_axis(kept, order, fits, axis=1)
    for number, place in enumerate(places):
        result[:, place] = np.where(kept[:, number, None], result[:, place], start[:, place])
    room = budget - np.where(kept, costs, 0.0).sum(axis=1)
    change = np.where(limits.cost > 0, result - start, 0.0)
    price = np.abs(change) @ limits.cost
    share = np.clip(room / np.maximum(price, 1e-300), 0.0, 1.0)[:, None]
    shortened = stepped(limits, start, start + share * change)
    part = np.where((limits.cost > 0) & (share < 1), shortened, result)
    return _refilled(limits, room, start, result, part)


def _refilled(limits: Limits, room: Array, start: Array, wanted: Array, part: Array) -> Array:
    """Give what whole steps left of the budget to one column after the other."""
    room = room - np.abs(np.where(limits.cost > 0, part - start, 0.0)) @ limits.cost
    for place in np.flatnonzero((limits.cost > 0) & (limits.step > 0)):
        step, price = limits.step[place], limits.step[place] * limits.cost[place]
        missing = np.rint(np.abs(wanted[:, place] - part[:, place]) / step)
        steps = np.minimum(missing, np.floor(np.maximum(room, 0.0) / price))
        part[:, place] += np.sign(wanted[:, place] - part[:, place]) * steps * step
        room = room - steps * price
    return part


def _within_rules(limits: Limits, start: Array, result: Array) -> Array:
    """Shorten the moves that push a row over a bound; those that relieve it stay."""
    silent = limits.silent(start)
    for _ in range(_PASSES):
        broken = _broken(limits, start, result) & ~silent
        if not broken.any():
            return result
        for rule in np.flatnonzero(broken.any(axis=0)):
            rows = np.flatnonzero(broken[:, rule])
            result[rows] = _relieved(limits, int(rule), start[rows], result[rows])
    cells = limits.weights != 0
    for group in limits.groups:
        cells[np.ix_(cells[:, group].any(axis=1), group)] = True
    for _ in limits.rules:
        broken = _broken(limits, start, result) & ~silent
        back = (broken.astype(float) @ cells.astype(float)) > 0
        result = np.where(back, start, result)
    return result


def _broken(limits: Limits, start: Array, result: Array) -> Array:
    before, after = limits.excess(start), limits.excess(result)
    allowed = np.maximum(before, 0.0) + limits.rounding(result)
    return np.where(limits.strict & (before < 0), after >= 0, after > allowed)


def _relieved(limits: Limits, rule: int, start: Array, result: Array) -> Array:
    """Rows of one broken rule with those moves shortened that add to its left side."""
    added = limits.weights[rule] * (result - start)
    before = limits.excess(start)[:, rule]
    room = np.maximum(0.0, -before) * (1 - 1e-7 if limits.strict[rule] else 1.0)
    room = room - np.minimum(added, 0.0).sum(axis=1) - np.maximum(added[:, ~limits.budgeted], 0.0).sum(axis=1)
    for group in limits.groups:
        # a switch that alone breaks the rule is taken back whole
        if limits.weights[rule, group].any():
            result[:, group] = np.where((room < 0)[:, None], start[:, group], result[:, group])
    pushing = limits.budgeted & (added > 0)
    push = np.where(pushing, added, 0.0).sum(axis=1)
    share = np.clip(room / np.maximum(push, 1e-300), 0.0, 1.0)[:, None]
    kept_whole = (room < 0)[:, None] if limits.weights[rule][~limits.budgeted].any() else np.zeros_like(share, bool)
    shortened = stepped(limits, start, start + share * (result - start))
    return np.asarray(np.where(pushing & ~kept_whole, shortened, result))
