"""Turns the cells of columns into numbers that are equal where the cells are, a chunk of rows at a time.

What is kept is one small number a cell and each different value once, so that a table of any width and of many millions
of rows fits into memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from audit.statistics.anonymity import Coded


class _Column:
    """One column so far: the number of each value, and the numbers of the cells by chunk."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._chunks: list[np.ndarray] = []

    def add(self, cells: pd.Series) -> None:
        """Put in further cells; missing and blank ones are 0."""
        import numpy as np
        import pandas as pd

        try:
            codes, values = pd.factorize(cells)
        except TypeError:  # lists and records, which nested Parquet columns hold, cannot be looked up
            codes, values = pd.factorize(cells.map(repr, na_action="ignore"))
        numbers = [0 if _blank(value) else self._number_of(value) for value in values.tolist()]
        told = np.array([0, *numbers], dtype=np.min_scalar_type(len(self._numbers)))
        self._chunks.append(told[codes + 1])

    def _number_of(self, value: Any) -> int:
        return self._numbers.setdefault(value, len(self._numbers) + 1)

    def coded(self) -> Coded:
        """All cells."""
        import numpy as np

        from audit.statistics.anonymity import Coded

        return Coded(np.concatenate(self._chunks), len(self._numbers) + 1)


def coded(chunks: Iterable[pd.DataFrame], columns: Sequence[str]) -> dict[str, Coded]:
    """Some columns of a table as numbers, by name.

    Args:
        chunks: at least one; each has the columns.
        columns: names of those that are needed.
    """
    found = {name: _Column() for name in columns}
    for chunk in chunks:
        for name, column in found.items():
            column.add(chunk[name])
    return {name: column.coded() for name, column in found.items()}


def _blank(value: Any) -> bool:
    """Whether a cell is empty as CSV writes it."""
    return isinstance(value, str) and not value.strip()
