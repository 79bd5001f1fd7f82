"""Which plain numbers of a column can hold anything that counts; to read one is slow beside all else that is done.

Numbers count by their check digit alone. Cards of 12 to 19 digits have that of Luhn, which is tested here for all. What
else has one, under the name of the column, shows in values that are made for it: all numbers of their lengths are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit.pii.columns import probes
from audit.pii.columns.options import Options, spans_of
from audit.pii.columns.tallies import SURE

if TYPE_CHECKING:
    import numpy as np

FEW = 500
"""Numbers that are read without asking: the values that are made to learn the lengths cost as much."""

SHORTEST_CARD = 12
"""Digits of the shortest payment card number (ISO/IEC 7812-1)."""


class NumberGate:
    """The numbers of one column that are worth reading.

    Args:
        name: of the column.
        options: of the scan.
    """

    def __init__(self, name: str, options: Options) -> None:
        self._name, self._options = name, options
        self._lengths: frozenset[int] | None = None

    def chosen(self, texts: Sequence[str]) -> np.ndarray:
        """Whether each text has to be read: all but digits alone that cannot count; bool, shape (len(texts),)."""
        import numpy as np

        if len(texts) <= FEW or not probes.all_made(self._options):
            return np.ones(len(texts), dtype=bool)
        if self._lengths is None:
            self._lengths = self._learned()
        sizes = np.array([len(text) if text.isascii() and text.isdigit() else 0 for text in texts])
        chosen = (sizes == 0) | np.isin(sizes, list(self._lengths))
        for size in np.unique(sizes[sizes >= SHORTEST_CARD]).tolist():
            places = np.flatnonzero((sizes == size) & ~chosen)
            chosen[places] = valid([texts[place] for place in places.tolist()], size)
        return np.asarray(chosen, dtype=bool)

    def _learned(self) -> frozenset[int]:
        """Lengths at which something else than a card has a check digit."""
        made = probes.values(self._options.entities, self._options.language)
        numbers = list(dict.fromkeys(digits for value in made if (digits := "".join(filter(str.isdigit, value)))))
        found = spans_of(numbers, (self._name,), self._options)
        return frozenset(
            len(text)
            for text, spans in zip(numbers, found, strict=True)
            if any(span.score >= SURE and span.entity != "CREDIT_CARD" and self._options.counts(span) for span in spans)
        )


def valid(numbers: Sequence[str], size: int) -> np.ndarray:
    """Whether the last digit of each is right by Luhn's rule (ISO/IEC 7812-1, annex B); bool, shape (len(numbers),).

    Args:
        numbers: ASCII digits.
        size: how many digits each has.
    """
    import numpy as np

    digits = np.frombuffer("".join(numbers).encode("ascii"), dtype=np.uint8).reshape(-1, size) - ord("0")
    doubled = 2 * digits[:, -2::-2].astype(np.int64)
    sums = digits[:, -1::-2].sum(axis=1, dtype=np.int64) + (doubled - 9 * (doubled > 9)).sum(axis=1)
    return np.asarray(sums % 10 == 0)
