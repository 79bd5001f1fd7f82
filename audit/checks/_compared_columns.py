"""Chooses the columns by which rows of two tables are compared: what the model takes, without what only counts rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from audit.errors import MissingExtra, NotMeasurable, SubjectError
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from audit.data import Table

_NEARLY_ALL = 0.9
_FEW_IN_COMMON = 0.05
_DENSE = 1.1
_IDENTIFIER = re.compile(
    r"(^|[_\W])(id|uuid|guid|key|index|idx|hash|row|timestamp|datetime|date|time|created|updated)($|[_\W])|[a-z]Id$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ComparedColumns:
    """Columns by which rows are compared.

    Attributes:
        columns: names, in the order of the training table; empty for arrays, which are compared whole.
        counters: those of them with a value of its own in nearly every row, such as an id or a time.
        reason: whose columns they are, for a note.
    """

    columns: tuple[str, ...]
    counters: tuple[str, ...]
    reason: str

    @property
    def telling(self) -> tuple[str, ...]:
        """The columns without the counters."""
        return tuple(name for name in self.columns if name not in self.counters)


def compared_columns(subject: Subject, train: Table, test: Table) -> ComparedColumns:
    """What the model takes, else the declared features, else all columns that both tables have, but the target."""
    if train.frame is None or test.frame is None:
        return ComparedColumns((), (), "")
    shared = [name for name in train.features.columns if name in test.features.columns]
    taken, reason = _taken(subject)
    columns = tuple(name for name in shared if name in taken)
    if not columns:
        columns, reason = tuple(shared), "all that both tables have"
    counters = tuple(name for name in columns if _counts(name, train.frame[name], test.frame[name]))
    return ComparedColumns(columns, counters, reason)


def _taken(subject: Subject) -> tuple[frozenset[str], str]:
    """Names of the inputs and where they come from; the model is only looked at where that asks nobody else."""
    if subject.has("model") and not subject.remote:
        try:
            if subject.model.columns:
                return frozenset(subject.model_columns), "what the model takes"
        except (SubjectError, MissingExtra, NotMeasurable):
            # A model that cannot be opened is for other checks to blame; the tables can be compared without it.
            return frozenset(subject.features), "the declared features, for the model cannot be opened"
    return frozenset(subject.features), "the declared features"


def _counts(name: str, first: Any, second: Any) -> bool:
    """Whether a column has a value of its own in nearly every row and looks as if it numbered or dated the rows."""
    import numpy as np

    from audit.statistics import rows

    codes = rows.cell_codes(first, second)
    parts = [np.unique(part[part >= 0]) for part in (codes[: len(first)], codes[len(first) :])]
    if any(len(part) <= _NEARLY_ALL * len(cells) for part, cells in zip(parts, (first, second), strict=True)):
        return False
    if _IDENTIFIER.search(name):
        return True
    numbers = [_as_numbers(part) for part in (first, second)]
    if numbers[0] is None or numbers[1] is None:
        return len(np.intersect1d(parts[0], parts[1])) <= _FEW_IN_COMMON * len(parts[1])
    if all((part == np.floor(part)).all() for part in numbers if part is not None):
        dense = any(np.ptp(part) + 1 <= _DENSE * len(part) for part in numbers if part is not None)
        return dense or len(np.intersect1d(parts[0], parts[1])) <= _FEW_IN_COMMON * len(parts[1])
    # Fractions rarely repeat anyway; only a column that runs on from one table to the other counts.
    return bool(numbers[0].max() < numbers[1].min() or numbers[1].max() < numbers[0].min())


def _as_numbers(cells: Any) -> np.ndarray | None:
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(cells):
        return None
    numbers: np.ndarray = cells.dropna().to_numpy(dtype=float)
    return numbers
