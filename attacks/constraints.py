"""What a real attacker can change: fixed columns, ranges, steps, directions, categories, one-hot groups, linear rules.

Rows are float arrays of shape (n, d), one column a feature: a number is stored as (value - origin) / unit, a category
as its code. `project` moves any proposal to an allowed row by moves towards the original row only, so it never leaves
a ball around it; `violations` is the judge, written apart from it. A value that was not changed never violates
anything, and a rule that the original row itself breaks only forbids to break it further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from attacks._rules import LinearRule, parse_rule
from attacks.distance import Array

__all__ = ["Column", "Constraints", "LinearRule", "parse_rule"]

_SLACK = 1e-9


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


class Constraints:
    """The rules of one attack on one table.

    Args:
        columns: one for each column of the rows, in order.
        rules: linear relations that hold in every real row, in the features' own units, as text or parsed.

    Raises:
        ValueError: a rule is not linear or names no numeric column of the table.
    """

    def __init__(self, columns: Sequence[Column], rules: Sequence[str | LinearRule] = ()) -> None:
        self.columns = tuple(columns)
        parsed = [one for rule in rules for one in (parse_rule(rule) if isinstance(rule, str) else (rule,))]
        self.rules = tuple(parsed)
        places = {column.name: place for place, column in enumerate(self.columns) if column.kind == "number"}
        for rule in parsed:
            for name in rule.coefficients:
                if name not in places:
                    known = ", ".join(places) or "none"
                    raise ValueError(f'rule "{rule.text}" names "{name}", which is no numeric column; numeric: {known}')
        self._weights = np.zeros((len(parsed), len(self.columns)))
        for row, rule in enumerate(parsed):
            for name, value in rule.coefficients.items():
                self._weights[row, places[name]] = value

    @cached_property
    def budgeted(self) -> Array:
        """Columns that a distance counts, shape (d,), bool: numbers outside one-hot groups."""
        return np.array([column.kind == "number" and column.group is None for column in self.columns], dtype=bool)

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
        for group in self._groups:
            for chosen in group[self._mutable[group]]:
                found.append(np.full(len(self.columns), np.nan))
                found[-1][group] = group == chosen
        return np.array(found).reshape(-1, len(self.columns))

    def movable(self, x0: Array) -> Array:
        """Numeric cells that may change, shape (n, d), bool: cells outside their range stay as they are."""
        inside = (x0 >= self._low - _SLACK) & (x0 <= self._high + _SLACK)
        return np.asarray(inside & self.budgeted & self._mutable)

    def project(self, x0: Array, x: Array) -> Array:
        """Nearest allowed rows, by moves towards the original row only.

        Args:
            x0: original rows, shape (n, d).
            x: proposals, same shape.

        Returns:
            Rows without violations, shape (n, d), dtype of `x`.
        """
        wanted = np.asarray(x, dtype=np.float64)
        start = np.asarray(x0, dtype=np.float64)
        movable = self.movable(start)
        moved = np.clip(wanted, np.maximum(self._low, np.where(self._up, start, -np.inf)),
                        np.minimum(self._high, np.where(self._down, start, np.inf)))  # fmt: skip
        result = np.where(movable, self._stepped(start, moved), start)
        for place in self._category_columns:
            result[:, place] = self._category(place, start[:, place], wanted[:, place])
        for group in self._groups:
            result[:, group] = self._one_hot(group, start[:, group], wanted[:, group])
        if len(self.rules):
            result = self._within_rules(start, result)
        return np.where(result == start, x0, result).astype(x.dtype)

    def violations(self, x0: Array, x: Array) -> Array:
        """Rows that a real attacker could not produce from the original ones.

        Args:
            x0: original rows, shape (n, d).
            x: changed rows, same shape.

        Returns:
            Shape (n,), bool; True where any constraint is broken.
        """
        before, after = np.asarray(x0, dtype=np.float64), np.asarray(x, dtype=np.float64)
        tolerance = 1e-6
        change = after - before
        changed = after != before
        broken = changed & ~self._mutable
        outside = (after < self._low - tolerance) | (after > self._high + tolerance)
        broken |= changed & self._numeric & outside
        broken |= (self._up & (change < 0)) | (self._down & (change > 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            steps = np.abs(change) / self._step
            off_step = np.abs(steps - np.rint(steps)) > 1e-4
        broken |= changed & (self._step > 0) & off_step
        for place in self._category_columns:
            kept = self._category(place, before[:, place], after[:, place])
            broken[:, place] |= kept != after[:, place]
        result: Array = broken.any(axis=1) | ~np.isfinite(after).all(axis=1)
        for group in self._groups:
            one_hot = ((after[:, group] == 0) | (after[:, group] == 1)).all(axis=1) & (after[:, group].sum(axis=1) == 1)
            result |= changed[:, group].any(axis=1) & ~one_hot
        if len(self.rules):
            result |= self._rule_breaks(before, after).any(axis=1)
        return result

    def _stepped(self, start: Array, moved: Array) -> Array:
        step = np.where(self._step > 0, self._step, 1.0)
        change = moved - start
        whole = np.sign(change) * np.floor(np.abs(change) / step + _SLACK) * step
        return np.asarray(start + np.where(self._step > 0, whole, change))

    def _category(self, place: int, start: Array, wanted: Array) -> Array:
        column = self.columns[place]
        if not column.mutable or column.reach is None:
            return start
        size = len(column.reach)
        known = (start >= 0) & (start < size) & (start == np.rint(start))
        before = np.where(known, start, 0).astype(int)
        after = np.clip(np.rint(wanted), 0, size - 1).astype(int)
        return np.where(known & column.reach[before, after], after, start)

    def _one_hot(self, group: Array, start: Array, wanted: Array) -> Array:
        mutable = self._mutable[group]
        valid = ((start == 0) | (start == 1)).all(axis=1) & (start.sum(axis=1) == 1)
        current = start.argmax(axis=1)
        free = valid & mutable[current]
        chosen = np.where(mutable, wanted, -np.inf).argmax(axis=1)
        switched = np.zeros_like(start)
        switched[np.arange(len(start)), chosen] = 1.0
        return np.where(free[:, None], switched, start)

    def _within_rules(self, start: Array, result: Array) -> Array:
        """Shorten the moves of a broken rule's columns; where steps leave it broken, take those moves back."""
        for shorten in (True, True, False):
            before, after = self._residuals(start), self._residuals(result)
            breaks = self._rule_breaks(start, result)
            for rule in np.flatnonzero(np.asarray(breaks.any(axis=0))):
                rows = np.flatnonzero(breaks[:, rule])
                columns = np.flatnonzero(self._rule_columns[rule])
                cells = np.ix_(rows, columns)
                share = np.zeros(len(rows))
                if shorten:
                    room = np.maximum(0.0, -before[rows, rule])
                    share = room / np.maximum(after[rows, rule] - before[rows, rule], 1e-300) * (1 - 1e-7)
                part = start[rows] + np.clip(share, 0, 1)[:, None] * (result[rows] - start[rows])
                shortened = self._stepped(start[rows], part)
                kept = np.where(self.budgeted, shortened, start[rows])
                result[cells] = kept[:, columns]
        broken = np.asarray(self._rule_breaks(start, result).any(axis=1))
        return np.asarray(np.where(broken[:, None], start, result))

    def _residuals(self, x: Array) -> Array:
        values = self._origin + x * self._unit
        return np.asarray(values @ self._weights.T - self._bounds)

    def _rule_breaks(self, start: Array, x: Array) -> Array:
        before, after = self._residuals(start), self._residuals(x)
        touched = ((x != start)[:, None, :] & (self._weights != 0)).any(axis=2)
        limit = np.maximum(before, 0.0) + _SLACK * (1.0 + np.abs(self._bounds))
        over = np.where(self._strict & (before < 0), after >= 0, after > limit)
        return np.asarray(touched & over)

    @cached_property
    def _rule_columns(self) -> Array:
        """Columns that have to be taken back with a rule: its own, and the whole one-hot group of each."""
        mask: Array = np.asarray(self._weights != 0)
        for group in self._groups:
            mask[np.ix_(mask[:, group].any(axis=1), group)] = True
        return mask

    @cached_property
    def _bounds(self) -> Array:
        return np.array([rule.bound for rule in self.rules])

    @cached_property
    def _strict(self) -> Array:
        return np.array([rule.strict for rule in self.rules], dtype=bool)

    @cached_property
    def _numeric(self) -> Array:
        return np.array([column.kind == "number" for column in self.columns], dtype=bool)

    @cached_property
    def _mutable(self) -> Array:
        return np.array([column.mutable for column in self.columns], dtype=bool)

    @cached_property
    def _up(self) -> Array:
        return np.array([column.direction == "up" for column in self.columns], dtype=bool) & self.budgeted

    @cached_property
    def _down(self) -> Array:
        return np.array([column.direction == "down" for column in self.columns], dtype=bool) & self.budgeted

    @cached_property
    def _origin(self) -> Array:
        return np.array([column.origin for column in self.columns])

    @cached_property
    def _unit(self) -> Array:
        return np.array([column.unit for column in self.columns])

    @cached_property
    def _low(self) -> Array:
        return (np.array([column.low for column in self.columns]) - self._origin) / self._unit

    @cached_property
    def _high(self) -> Array:
        return (np.array([column.high for column in self.columns]) - self._origin) / self._unit

    @cached_property
    def _step(self) -> Array:
        return np.array([column.step for column in self.columns]) / self._unit

    @cached_property
    def _category_columns(self) -> tuple[int, ...]:
        return tuple(place for place, column in enumerate(self.columns) if column.kind == "category")

    @cached_property
    def _groups(self) -> tuple[Array, ...]:
        names = dict.fromkeys(column.group for column in self.columns if column.kind == "number" and column.group)
        return tuple(
            np.array([place for place, column in enumerate(self.columns) if column.group == name]) for name in names
        )
