"""What a real attacker can change: fixed columns, ranges, steps, directions, categories, one-hot groups, linear rules,
and what all changes of a row may cost together.

Rows are float arrays of shape (n, d), one column a feature: a number is stored as (value - origin) / unit, a category
as its code. `project` moves any proposal to an allowed row by moves towards the original row only, so it never leaves
a ball around it; `violations` is the judge, written apart from it. A value that was not changed never violates
anything, and a rule that the original row itself breaks only forbids to break it further.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from attacks import _projection, _violations
from attacks._limits import Column, Limits
from attacks._rules import LinearRule, parse_rule
from attacks.distance import Array

__all__ = ["Column", "Constraints", "LinearRule", "parse_rule"]


class Constraints:
    """The rules of one attack on one table.

    Args:
        columns: one for each column of the rows, in order.
        rules: linear relations that hold in every real row, in the features' own units, as text or parsed.
        budget: most that all changes of one row may cost together, in the unit of the columns' `cost`; None is
            unlimited.

    Raises:
        ValueError: a rule is not linear or names no numeric column of the table, or a cost or the budget is negative or
            no finite number.
    """

    def __init__(
        self, columns: Sequence[Column], rules: Sequence[str | LinearRule] = (), *, budget: float | None = None
    ) -> None:
        self.columns = tuple(columns)
        parsed = [one for rule in rules for one in (parse_rule(rule) if isinstance(rule, str) else (rule,))]
        self.rules = tuple(parsed)
        numeric = [column.name for column in self.columns if column.kind == "number"]
        for rule in parsed:
            for name in rule.coefficients:
                if name not in numeric:
                    known = ", ".join(numeric) or "none"
                    raise ValueError(f'rule "{rule.text}" names "{name}", which is no numeric column; numeric: {known}')
        prices = [(f"cost of {column.name}", column.cost) for column in self.columns]
        for what, value in (*prices, ("cost budget", 0.0 if budget is None else budget)):
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{what} is {value}; expected a finite number of at least 0")
        self._limits = Limits(self.columns, self.rules, budget)

    @property
    def budget(self) -> float | None:
        """Most that all changes of one row may cost together; None is unlimited."""
        return self._limits.budget

    @property
    def budgeted(self) -> Array:
        """Columns that a distance counts, shape (d,), bool: numbers outside one-hot groups."""
        return self._limits.budgeted

    @property
    def steps(self) -> Array:
        """Smallest change of each column, in stored units, 0 where any is possible, shape (d,)."""
        return np.where(self._limits.budgeted, self._limits.step, 0.0)

    @cached_property
    def switches(self) -> Array:
        """Every change of category that some row allows; whether a certain row does, `project` decides.

        Returns:
            Shape (s, d), float: one change a row, the new stored values of its columns, NaN in all others.
        """
        found: list[Array] = []
        for place, column in enumerate(self.columns):
            if column.kind == "category" and column.mutable and column.reach is not None:
                for code in np.flatnonzero((column.reach & ~np.eye(len(column.reach), dtype=bool)).any(axis=0)):
                    found.append(np.full(len(self.columns), np.nan))
                    found[-1][place] = code
        for group in self._limits.groups:
            for chosen in group[self._limits.can_go_on[group]]:
                found.append(np.full(len(self.columns), np.nan))
                found[-1][group] = group == chosen
        return np.array(found).reshape(-1, len(self.columns))

    @cached_property
    def ties(self) -> tuple[tuple[int, int], ...]:
        """Every (rule, column) in which a number can be moved to keep the rule when another column moves."""
        free = self._limits.budgeted & self._limits.mutable
        return tuple((int(rule), int(place)) for rule, place in np.argwhere((self._limits.weights != 0) & free))

    def tied(self, rule: int) -> Array:
        """Columns of a rule, shape (d,), bool."""
        return np.asarray(self._limits.weights[rule] != 0)

    def kept_by(self, rules: Array, places: Array, x: Array) -> Array:
        """Rows in which one column has moved by as much as its rule is exceeded, in whole steps.

        Args:
            rules: number of a rule for each row, shape (n,).
            places: the column to move, shape (n,); with the rule one of `ties`.
            x: rows that may break their rule, shape (n, d); those that keep it stay as they are.
        """
        limits, every = self._limits, np.arange(len(x))
        over = limits.excess(x)[every, rules]
        over[over <= limits.rounding(x)[every, rules]] = 0.0
        change = -over / limits.weights[rules, places]
        step = limits.step[places]
        whole = np.sign(change) * np.ceil(np.abs(change) / np.where(step > 0, step, 1.0) - 1e-9) * step
        moved = x.copy()
        moved[every, places] += np.where(step > 0, whole, change)
        return moved

    def trials(self, x0: Array, size: float) -> Iterator[Array]:
        """Allowed rows that show which numbers can move: all at once and, where limits join columns, each alone.

        Args:
            x0: original rows, shape (n, d).
            size: change of each number to try, in stored units.

        Yields:
            Rows of the shape of `x0`.
        """
        for change in (size, -size):
            yield self.project(x0, x0 + change)
        joined = len(self.rules) > 0 or self._limits.budget is not None
        for place in np.flatnonzero(self._limits.budgeted & self._limits.mutable) if joined else ():
            for change in (size, -size):
                moved = np.where(np.arange(x0.shape[1]) == place, x0 + change, x0)
                yield self.project(x0, moved)
                for rule, other in self.ties:
                    if self.tied(rule)[place] and other != place:
                        both = np.full(len(x0), rule), np.full(len(x0), other)
                        reached = np.clip(self.kept_by(*both, moved), x0 - size, x0 + size)
                        yield self.project(x0, np.where(self.budgeted, reached, x0))

    def movable(self, x0: Array) -> Array:
        """Numeric cells that may change, shape (n, d), bool: cells outside their range stay as they are."""
        return _projection.movable(self._limits, np.asarray(x0, dtype=np.float64))

    def project(self, x0: Array, x: Array) -> Array:
        """Allowed rows near proposals, by moves towards the original row only.

        Args:
            x0: original rows, shape (n, d).
            x: proposals, same shape.

        Returns:
            Rows without violations, shape (n, d), dtype of `x`.
        """
        start = np.asarray(x0, dtype=np.float64)
        result = _projection.project(self._limits, start, np.asarray(x, dtype=np.float64))
        return np.asarray(np.where(result == start, x0, result).astype(x.dtype))

    def violations(self, x0: Array, x: Array) -> Array:
        """Rows that a real attacker could not produce from the original ones.

        Args:
            x0: original rows, shape (n, d).
            x: changed rows, same shape.

        Returns:
            Shape (n,), bool; True where any constraint is broken.
        """
        before, after = np.asarray(x0, dtype=np.float64), np.asarray(x, dtype=np.float64)
        return _violations.violations(self._limits, before, after)
