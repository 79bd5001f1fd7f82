"""How often each short value of a column recurs: categories do all the time, people and places seldom.

A column of thirty films holds "Forrest Gump" as often as any other, and is no list of people; a column of thirteen
states of an order and twenty first names, each once, is a list of states with people among them. The values with the
lowest checksums are kept, each with all its cells, whichever way the rows are ordered or cut.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from audit.pii.spans import Span

MOST = 2_000
"""Different values that are kept: a share of theirs is exact to about 0.01 at 0.1."""

LONGEST = 300
"""Characters of the longest value that may be a category or a standing phrase."""

OFTEN = 5
"""Cells with one value from which on it recurs."""

CLOSED = 0.8
"""Share of the cells that hold a recurring value from which on a column is one of categories."""

FEWEST_OTHERS = 8
"""Different other values from which on the share of those with a finding says something."""

NAMED_AMONG, DOUBTFUL_AMONG = 1 / 3, 1.0
"""Most values with a clear and with a doubtful finding for each without, for these to be names of categories."""

CLEAR = 0.7
"""Score of a listed name with something beside it that tells; a single listed word has less."""

AS_OFTEN = 0.25
"""Least cells of a value with a finding for each cell of another: what is planted or slips in recurs more seldom."""

PARTLY = 0.5
"""Share of the values with a finding below which, where it is the whole value in no more, things are named so."""

SINGLE_SHARE, FEWEST_SINGLE = 0.5, 5
"""Share of the values that do not recur, and number of them, from which on a kind is what was written in between."""

_DIGITS = re.compile("[0-9]+")


@dataclass(frozen=True)
class _Value:
    """One value.

    Attributes:
        text: of it.
        cells: that hold it.
        scores: best score of each kind in it.
        whole: kinds of findings that are the whole value.
        words: whether it is a few words alone.
    """

    text: str
    cells: int
    scores: Mapping[str, float]
    whole: frozenset[str]
    words: bool


class Recurring:
    """Different short values of a column with a letter in them."""

    def __init__(self) -> None:
        self._kept: dict[int, _Value] = {}
        self._highest: list[int] = []

    def add(self, text: str, cells: int, found: Sequence[Span], *, words: bool) -> None:
        """Put in a value; values that differ alone in numbers that are no part of a finding are one.

        Args:
            text: the value.
            cells: that hold it, in these rows.
            found: what was found in it.
            words: whether it consists of a few words without digits.
        """
        if len(text) > LONGEST or text.upper() == text.lower():
            return
        if not any(_DIGITS.search(text, span.start, span.end) for span in found):
            text = _DIGITS.sub("0", text)
        place = crc32(text.encode("utf-8", "replace"))
        if place in self._kept:
            self._kept[place] = replace(self._kept[place], cells=self._kept[place].cells + cells)
            return
        if len(self._kept) >= MOST:
            if place > -self._highest[0]:
                return
            del self._kept[-heapq.heappop(self._highest)]
        heapq.heappush(self._highest, -place)
        scores: dict[str, float] = {}
        for span in found:
            scores[span.entity] = max(span.score, scores.get(span.entity, 0.0))
        whole = frozenset(span.entity for span in found if text[span.start : span.end] == text.strip())
        self._kept[place] = _Value(text, cells, scores, whole, words)

    def fork(self) -> Recurring:
        """The same values, to which others are added on their own."""
        other = Recurring()
        other._kept, other._highest = self._kept.copy(), self._highest.copy()
        return other

    @property
    def words(self) -> list[str]:
        """The values that consist of a few words."""
        return [value.text for value in self._kept.values() if value.words]

    def category(self, entity: str, score: float) -> bool:
        """Whether the values with an entity are some of the categories of a column of other categories.

        Args:
            entity: what was found.
            score: least score of the findings that are meant.
        """
        found, others = self._apart(entity, score, self._kept.values())
        most = NAMED_AMONG if score >= CLEAR else DOUBTFUL_AMONG
        if not found:
            return False
        if score < CLEAR and _recurring(found + others) >= CLOSED and self._within_others(entity, score):
            return True
        seldom = sum(cells < OFTEN for cells in found)
        if seldom >= FEWEST_SINGLE or len(others) < FEWEST_OTHERS or len(found) > most * len(others):
            return False
        return (
            _recurring(found) >= CLOSED
            and _recurring(others) >= CLOSED
            and sum(found) / len(found) >= AS_OFTEN * sum(others) / len(others)
        )

    def wholly(self, entity: str, score: float) -> int:
        """How many different values are nothing but a finding of an entity with at least such a score."""
        return sum(entity in value.whole and value.scores[entity] >= score for value in self._kept.values())

    def _within_others(self, entity: str, score: float) -> bool:
        """Whether most values with an entity go on beside it, as dishes and makes that are named after somebody do."""
        found = [value for value in self._kept.values() if value.scores.get(entity, -1.0) >= score]
        return sum(entity in value.whole for value in found) < PARTLY * len(found)

    def single(self, entity: str) -> bool:
        """Whether most of the few words that do not recur are of an entity."""
        seldom = [value for value in self._kept.values() if value.words and value.cells < OFTEN]
        found, _ = self._apart(entity, 0.0, seldom)
        return len(found) >= max(FEWEST_SINGLE, SINGLE_SHARE * len(seldom))

    def _apart(self, entity: str, score: float, values: Iterable[_Value]) -> tuple[list[int], list[int]]:
        """Cells of each value with an entity of a score, and of each without."""
        found: list[int] = []
        others: list[int] = []
        for value in values:
            (found if value.scores.get(entity, -1.0) >= score else others).append(value.cells)
        return found, others


def _recurring(cells: list[int]) -> float:
    """Share of cells whose value recurs."""
    return sum(some for some in cells if some >= OFTEN) / sum(cells)
