"""A sample of the different values of each form of a column's cells, and what was found in them.

Placeholders repeat, and real values hardly do: a share of cells says little where "000-00-0000" fills most of them. So
different values are compared. Those with the lowest checksums are kept, whichever way the rows are ordered or cut.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from zlib import crc32

from audit.pii.spans import Span

MOST = 800
"""Different values of a form that are kept: a share of theirs is exact to about 0.01 at 0.1."""


def placeholder(text: str) -> bool:
    """Whether a text has one digit alone, as in 000-00-0000; no value of a person looks so."""
    return len({sign for sign in text if sign.isdecimal()}) == 1


@dataclass(frozen=True)
class Value:
    """A value and what was found in it: each entity, and whether its check digit is right."""

    text: str
    kinds: frozenset[tuple[str, bool]]


class Distinct:
    """Different values by form, with the kinds found in each."""

    def __init__(self) -> None:
        self._kept: defaultdict[str, dict[int, Value]] = defaultdict(dict)
        self._highest: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, text: str, form: str, found: Iterable[Span] = (), sure: float = 1.0) -> None:
        """Put in a value.

        Args:
            text: the value.
            form: what it looks like.
            found: what was found in it.
            sure: score from which on a check digit is right.
        """
        place, heap = crc32(text.encode("utf-8", "replace")), self._highest[form]
        kept = self._kept[form]
        if place in kept or (len(heap) >= MOST and place > -heap[0]) or placeholder(text):
            return
        heapq.heappush(heap, -place)
        kept[place] = Value(text, frozenset((span.entity, span.score >= sure) for span in found))
        if len(heap) > MOST:
            del kept[-heapq.heappop(heap)]

    def values(self, forms: Iterable[str]) -> list[Value]:
        """The values of some forms that were kept, those of each form with the lowest checksum first."""
        kept = (self._kept[form] for form in sorted(forms) if form in self._kept)
        return [some[place] for some in kept for place in sorted(some)]

    def fork(self) -> Distinct:
        """The same values, to which others are added on their own."""
        other = Distinct()
        other._kept.update({form: kept.copy() for form, kept in self._kept.items()})
        other._highest.update({form: heap.copy() for form, heap in self._highest.items()})
        return other
