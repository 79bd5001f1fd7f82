"""A sample of the different values of each form of a column's cells, and what was found in them.

Placeholders repeat, and real values hardly do: a share of cells says little where "000-00-0000" fills most of them. So
different values are compared. Those with the lowest checksums are kept, whichever way the rows are ordered or cut.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from zlib import crc32

from audit.pii.spans import Span

MOST = 400
"""Different values of a form that are kept: a share of theirs is exact to about 0.02 at 0.1."""


def placeholder(text: str) -> bool:
    """Whether a text has one digit alone, as in 000-00-0000; no value of a person looks so."""
    return len({sign for sign in text if sign.isdecimal()}) == 1


class Distinct:
    """Different values by form, with the kinds found in each.

    A kind is an entity and whether its check digit is right.
    """

    def __init__(self) -> None:
        self._found: defaultdict[str, dict[int, frozenset[tuple[str, bool]]]] = defaultdict(dict)
        self._highest: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, text: str, form: str, found: Iterable[Span], sure: float) -> None:
        """Put in a value.

        Args:
            text: the value.
            form: what it looks like.
            found: what was found in it.
            sure: score from which on a check digit is right.
        """
        place, heap = crc32(text.encode("utf-8", "replace")), self._highest[form]
        kept = self._found[form]
        if place in kept or (len(heap) >= MOST and place > -heap[0]) or placeholder(text):
            return
        heapq.heappush(heap, -place)
        kept[place] = frozenset((span.entity, span.score >= sure) for span in found)
        if len(heap) > MOST:
            del kept[-heapq.heappop(heap)]

    def counts(self, forms: Iterable[str], entity: str, *, sure: bool) -> tuple[int, int]:
        """How many different values of some forms were kept, and in how many of them an entity was found."""
        values = [found for form in forms if form in self._found for found in self._found[form].values()]
        return len(values), sum((entity, sure) in found for found in values)
