"""Columns as an attacker sees them, and all their limits as arrays in stored units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from attacks._rules import LinearRule
from attacks.distance import Array

SLACK = 1e-9
"""How far, relative to its size, a sum may miss a bound by rounding alone."""


@dataclass(frozen=True)
class Column:
    """One feature, as the attacker sees it.

    Attributes:
        kind: "number", or "category" whose values are codes 0..k-1.
        mutable: whether the attacker can change it at all.
        low: smallest value that it may be changed to, in the feature's own unit.
        high: largest one.
        step: changes are multiples of it; 0 is continuous.
        direction: whether it can only grow ("up") or only shrink ("down").
        group: name of the one-hot group that it belongs to.
        reach: for categories, (k, k) bool: row = code before, column = code after. None: cannot be changed.
        origin: value that is stored as 0.
        unit: difference of values that is stored as 1.
        cost: of a change by 1 in its own unit, or of any change of a category; a switch within a one-hot group costs
            what the dearest of its changed columns does.
        empty: stored value of an empty cell; None where no cell is empty. A rule says nothing of a row in which one of
            its columns is.
        precision: largest relative error with which the data keeps its values, such as 1.2e-7 for single precision.
    """

    name: str
    kind: Literal["number", "category"] = "number"
    mutable: bool = True
    low: float = -np.inf
    high: float = np.inf
    step: float = 0.0
    direction: Literal["up", "down", "both"] = "both"
    group: str | None = None
    reach: Array | None = None
    origin: float = 0.0
    unit: float = 1.0
    cost: float = 0.0
    empty: float | None = None
    precision: float = 0.0


class Limits:
    """The limits of all columns, d of them, and of all rules, r of them; values in stored units unless said otherwise.

    Args:
        columns: one for each column of the rows, in order.
        rules: relations in the features' own units.
        budget: most that all changes of one row may cost together; None is unlimited.
    """

    def __init__(self, columns: Sequence[Column], rules: Sequence[LinearRule], budget: float | None) -> None:
        self.columns, self.rules, self.budget = tuple(columns), tuple(rules), budget
        self.numeric = self._mask([column.kind == "number" for column in self.columns])
        self.budgeted = self._mask([column.kind == "number" and column.group is None for column in self.columns])
        self.mutable = self._mask([column.mutable for column in self.columns])
        self.up = self._mask([column.direction == "up" for column in self.columns])
        self.down = self._mask([column.direction == "down" for column in self.columns])
        self.origin = np.array([column.origin for column in self.columns])
        self.unit = np.array([column.unit for column in self.columns])
        self.low = (np.array([column.low for column in self.columns]) - self.origin) / self.unit
        self.high = (np.array([column.high for column in self.columns]) - self.origin) / self.unit
        self.step = np.array([column.step for column in self.columns]) / self.unit
        self.cost = np.where(self.budgeted, np.array([column.cost for column in self.columns]) * self.unit, 0.0)

    @cached_property
    def factors(self) -> Array:
        """What a change by 1 in a column's own unit adds to the left side of each rule, shape (r, d)."""
        places = {column.name: place for place, column in enumerate(self.columns)}
        found = np.zeros((len(self.rules), len(self.columns)))
        for row, rule in enumerate(self.rules):
            for name, value in rule.coefficients.items():
                found[row, places[name]] = value
        return found

    @cached_property
    def weights(self) -> Array:
        """What a stored change of 1 adds to the left side of each rule, shape (r, d)."""
        return np.asarray(self.factors * self.unit)

    @cached_property
    def bounds(self) -> Array:
        """What the left side of each rule is at most, in the rule's own unit, shape (r,)."""
        return np.array([rule.bound for rule in self.rules])

    @cached_property
    def strict(self) -> Array:
        """Rules that do not allow equality, shape (r,), bool."""
        return self._mask([rule.strict for rule in self.rules])

    @cached_property
    def empty(self) -> Array:
        """Stored value of an empty cell, NaN where a column has none, shape (d,)."""
        return np.array([np.nan if column.empty is None else column.empty for column in self.columns])

    @cached_property
    def categories(self) -> tuple[int, ...]:
        """Places of columns whose values are codes."""
        return tuple(place for place, column in enumerate(self.columns) if column.kind == "category")

    @cached_property
    def groups(self) -> tuple[Array, ...]:
        """Places of the columns of each one-hot group."""
        names = dict.fromkeys(column.group for column in self.columns if column.kind == "number" and column.group)
        return tuple(
            np.array([place for place, column in enumerate(self.columns) if column.group == name]) for name in names
        )

    @cached_property
    def can_go_on(self) -> Array:
        """Columns of one-hot groups that can be switched to 1, shape (d,), bool."""
        return np.asarray(self.mutable & ~self.down & (self.low <= 1) & (self.high >= 1))

    @cached_property
    def can_go_off(self) -> Array:
        """Columns of one-hot groups that can be switched to 0, shape (d,), bool."""
        return np.asarray(self.mutable & ~self.up & (self.low <= 0) & (self.high >= 0))

    def excess(self, x: Array) -> Array:
        """By how much rows exceed the bound of each rule, in the rules' own units, shape (n, r); at most 0 is kept."""
        return np.asarray((self.origin + x * self.unit) @ self.factors.T - self.bounds)

    def rounding(self, x: Array) -> Array:
        """How far rounding alone may take a row over the bound of each rule, shape (n, r)."""
        size = np.abs(self.origin + x * self.unit) @ np.abs(self.factors).T + np.abs(self.bounds)
        return np.asarray(SLACK + 1e-3 * SLACK * size)

    def silent(self, x0: Array) -> Array:
        """Rules that say nothing of a row, since one of its cells is empty, shape (n, r), bool."""
        return np.asarray(((x0 == self.empty).astype(float) @ (self.weights != 0).T.astype(float)) > 0)

    @staticmethod
    def _mask(values: list[bool]) -> Array:
        return np.array(values, dtype=bool)
