"""Which plain numbers of a column are worth reading; that is slow beside everything else that is done with a number.

Of each length some thousand different ones are read. If hardly any of them has a valid check digit, the column is none
of identifiers, and the others are counted and not read. What stands in the end needs most of all cells to be valid, so
this changes a result only where numbers of another sort begin after thousands of rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from audit.pii.tallies import SURE, Found

ENOUGH_READ = 2_000
"""Different numbers of one length that are read in any case."""

WORTH_READING = 0.25
"""Share of valid ones among them from which on all are read; chance gives 0.1, a finding needs over 0.5."""


class NumberGate:
    """What is known of the numbers of a column, by their length."""

    def __init__(self) -> None:
        self._read: Counter[str] = Counter()
        self._valid: Counter[str] = Counter()

    def first(self, places: Sequence[int], forms: Sequence[str]) -> list[int]:
        """Those of the places whose numbers are read in any case."""
        chosen = []
        for place in places:
            self._read[forms[place]] += 1
            if self._read[forms[place]] <= ENOUGH_READ:
                chosen.append(place)
        return chosen

    def note(self, form: str, found: Iterable[Found]) -> None:
        """Note what a number that was read in any case holds."""
        self._valid[form] += any(one.kind.form and one.kind.score >= SURE for one in found)

    def open(self, form: str) -> bool:
        """Whether further numbers of a length are worth reading."""
        return self._valid[form] >= WORTH_READING * min(self._read[form], ENOUGH_READ)
