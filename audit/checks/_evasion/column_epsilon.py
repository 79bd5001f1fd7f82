"""Reads how far single columns can be changed, such as "amount: 500" or "duration: 10%", and what all may cost."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from audit.errors import NotMeasurable
from audit.plugins import near

_FORM = 'write it such as "amount: 500", in its own unit, or "amount: 10%", of its range'


@dataclass(frozen=True)
class ColumnEpsilon:
    """Largest change of one column.

    Attributes:
        value: in the column's own unit, or as a share of its range.
        share: which of the two.
        text: the value as it was written.
    """

    value: float
    share: bool
    text: str

    def width(self, span: float) -> float:
        """In the column's own unit, where its range is `span` wide."""
        return self.value * span if self.share else self.value


@dataclass(frozen=True)
class Reach:
    """How far a policy lets attacks go.

    Attributes:
        epsilon: share of its range that each numeric column can change by, where it has no epsilon of its own.
        columns: epsilon of single columns, by name.
        cost_budget: most that all changes of one row may cost together, in the unit of `cost` in audit.yaml.
    """

    epsilon: float
    columns: Mapping[str, ColumnEpsilon] = field(default_factory=dict)
    cost_budget: float | None = None

    def check_names(self, numeric: Collection[str], other: Mapping[str, str]) -> None:
        """Refuse an epsilon of a column that is not there or has no range to move in.

        Args:
            numeric: columns that can have one.
            other: all other columns, with the reason why they cannot.

        Raises:
            NotMeasurable: naming every wrong column, with the nearest right one.
        """
        problems = []
        for name in self.columns:
            if name in other:
                problems.append(f'epsilons: "{name}" {other[name]}')
            elif name not in numeric:
                similar = near(name, tuple(numeric))
                known = ", ".join(list(numeric)[:10]) or "none"
                hint = f'did you mean "{similar[0]}"?' if similar else f"numeric columns: {known}"
                problems.append(f'epsilons: there is no column "{name}"; {hint}')
        if problems:
            raise NotMeasurable("; ".join(problems))

    def unit(self, name: str, span: float) -> float:
        """What a column is stored in, so that a stored change of `epsilon` is the column's own epsilon."""
        own = self.columns.get(name)
        return span if own is None else own.width(span) / self.epsilon

    def words(self) -> str:
        """What the columns with an epsilon of their own can change by; empty where none has."""
        return ", ".join(
            f"{name} by {one.text}{' of its range' if one.share else ''}" for name, one in self.columns.items()
        )


def read(epsilon: float, epsilons: tuple[str, ...] = (), cost_budget: float | None = None) -> Reach:
    """The limits of a policy.

    Args:
        epsilon: share of each range, already checked.
        epsilons: one text a column: its name, a colon, and a number or a percentage.
        cost_budget: finite and at least 0.

    Raises:
        NotMeasurable: an epsilon cannot be read, is not finite or not above 0, a column is named twice, or the budget
            is no finite number of at least 0; all mistakes at once.
    """
    problems: list[str] = []
    columns: dict[str, ColumnEpsilon] = {}
    for text in epsilons:
        name, colon, written = (part.strip() for part in str(text).rpartition(":"))
        if not colon or not name or not written:
            problems.append(f'epsilons: "{text}" names no column and change; {_FORM}')
            continue
        if name in columns:
            problems.append(f'epsilons: "{name}" is listed twice')
        share = written.endswith("%")
        value = _number(written.removesuffix("%").strip())
        if value is None:
            problems.append(f'epsilons: "{written}" of {name} is no number; {_FORM}')
        elif not math.isfinite(value) or value <= 0:
            problems.append(f"epsilons: {name} has {written}; expected a finite number above 0")
        else:
            columns[name] = ColumnEpsilon(value / 100 if share else value, share, written)
    wrong = isinstance(cost_budget, bool) or not isinstance(cost_budget, int | float | None)
    if wrong or (cost_budget is not None and not (math.isfinite(cost_budget) and cost_budget >= 0)):
        problems.append(f"cost_budget is {cost_budget!r}; expected a finite number of at least 0")
    if problems:
        raise NotMeasurable("; ".join(problems))
    return Reach(epsilon, columns, None if cost_budget is None else float(cost_budget))


def _number(text: str) -> float | None:
    """A decimal number or a fraction such as 1/3; None for anything else."""
    try:
        parts = [float(part) for part in text.split("/")]
    except ValueError:
        return None
    if len(parts) == 1:
        return parts[0]
    return parts[0] / parts[1] if len(parts) == 2 and parts[1] else None
