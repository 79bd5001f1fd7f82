"""Which plain numbers of a column can hold anything that counts; to read one is slow beside all else that is done.

Numbers count by their check digit alone. Cards of 12 to 19 digits have that of Luhn, which is tested here for all. What
else has one, under the name of the column, shows in values that are made for it: all numbers of their lengths are read.
Of numbers of any other length some are read, and all where a check digit is right in more of those than by chance.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING
from zlib import crc32

from audit.pii.columns import chance, probes
from audit.pii.columns.options import Options, spans_of
from audit.pii.columns.tallies import SURE

if TYPE_CHECKING:
    import numpy as np

FEW = 500
"""Numbers that are read without asking: the values that are made to learn the lengths cost as much."""

TRIED = 100
"""Numbers of a length that are read in each chunk: once in ten thousand times as many as 24 pass by chance."""

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

    def fork(self) -> NumberGate:
        """The same gate, which learns more on its own."""
        other = NumberGate(self._name, self._options)
        other._lengths = self._lengths
        return other

    def chosen(self, texts: Sequence[str]) -> np.ndarray:
        """Whether each text has to be read: all but digits alone that cannot count; bool, shape (len(texts),)."""
        import numpy as np

        if len(texts) <= FEW or not probes.all_made(self._options):
            return np.ones(len(texts), dtype=bool)
        if self._lengths is None:
            self._lengths = self._learned()
        sizes = np.array([len(text) if text.isascii() and text.isdigit() else 0 for text in texts])
        self._lengths |= self._told_by_trial(texts, sizes)
        chosen = (sizes == 0) | np.isin(sizes, list(self._lengths))
        for size in np.unique(sizes[sizes >= SHORTEST_CARD]).tolist():
            places = np.flatnonzero((sizes == size) & ~chosen)
            chosen[places] = valid([texts[place] for place in places.tolist()], size)
        return np.asarray(chosen, dtype=bool)

    def _learned(self) -> frozenset[int]:
        """Lengths at which something else than a card has a check digit."""
        made = probes.values(self._options.entities, self._options.language)
        numbers = list(dict.fromkeys(digits for value in made if (digits := "".join(filter(str.isdigit, value)))))
        found = self._sure(numbers)
        return frozenset(len(text) for text, sure in zip(numbers, found, strict=True) if sure)

    def _told_by_trial(self, texts: Sequence[str], sizes: np.ndarray) -> frozenset[int]:
        """Other lengths at which something has a check digit in more of these numbers than by chance."""
        import numpy as np

        lengths = set()
        for size in set(np.unique(sizes[sizes > 0]).tolist()) - (self._lengths or frozenset()):
            numbers = (texts[place] for place in np.flatnonzero(sizes == size).tolist())
            tried = heapq.nsmallest(TRIED, numbers, key=lambda text: crc32(text.encode()))
            if not chance.explains(chance.Outcome(sum(self._sure(tried)), len(tried)), chance.ONE_IN_TEN):
                lengths.add(size)
        return frozenset(lengths)

    def _sure(self, numbers: list[str]) -> list[bool]:
        """Whether each number has a check digit that is right for something else than a card."""
        return [
            any(span.score >= SURE and span.entity != "CREDIT_CARD" and self._options.counts(span) for span in spans)
            for spans in spans_of(numbers, (self._name,), self._options)
        ]


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
