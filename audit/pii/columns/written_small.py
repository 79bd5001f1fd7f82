"""Which words a column writes small more often than not: "Minus" at the start of a sentence is no name there."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable
from zlib import crc32

from audit.pii.spans import Span

TEXTS_READ = 4_000
"""Texts of a chunk whose words are counted, those with the lowest checksums: enough for what would be found often."""

MOST_WORDS = 100_000
"""Different words that are counted; with more of them the texts are no sentences."""

LONGEST_TEXT = 2_000
"""Characters of a text that are read for it."""

_WORD = re.compile(r"[^\W\d_]{2,}")


class WrittenSmall:
    """Words of a column by the way they are written."""

    def __init__(self) -> None:
        self._small: Counter[str] = Counter()
        self._great: Counter[str] = Counter()

    def add(self, texts: Iterable[str]) -> None:
        """Count the words of some texts of a chunk, the same ones in whichever order they stand."""
        if len(self._small) + len(self._great) > MOST_WORDS:
            return
        for text in heapq.nsmallest(TEXTS_READ, texts, key=lambda text: crc32(text.encode("utf-8", "replace"))):
            for word in _WORD.findall(text[:LONGEST_TEXT]):
                if word.islower():
                    self._small[word] += 1
                elif word.istitle():
                    self._great[word.lower()] += 1

    def fork(self) -> WrittenSmall:
        """The same counts, to which others are added on their own."""
        other = WrittenSmall()
        other._small, other._great = self._small.copy(), self._great.copy()
        return other

    def no_name(self, text: str, span: Span) -> bool:
        """Whether a finding rests on one listed word that the column usually writes small."""
        word = text[span.start : span.end]
        return span.basis == "word list" and word.istitle() and self._small[word.lower()] > self._great[word.lower()]
