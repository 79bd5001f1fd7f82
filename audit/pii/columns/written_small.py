"""Which words a column writes small more often than not: "Minus" at the start of a sentence is no name there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from audit.pii.spans import Span

TEXTS_READ = 4_000
"""Texts whose words are counted: enough for the words that would be found often."""

LONGEST_TEXT = 2_000
"""Characters of a text that are read for it."""

_WORD = re.compile(r"[^\W\d_]{2,}")


class WrittenSmall:
    """Words of a column by the way they are written."""

    def __init__(self) -> None:
        self._small: Counter[str] = Counter()
        self._great: Counter[str] = Counter()
        self._read = 0

    def add(self, texts: Iterable[str]) -> None:
        """Count the words of texts, until enough were read."""
        for text in texts:
            if self._read >= TEXTS_READ:
                return
            self._read += 1
            for word in _WORD.findall(text[:LONGEST_TEXT]):
                if word.islower():
                    self._small[word] += 1
                elif word.istitle():
                    self._great[word.lower()] += 1

    def no_name(self, text: str, span: Span) -> bool:
        """Whether a finding rests on one listed word that the column usually writes small."""
        word = text[span.start : span.end]
        return span.basis == "word list" and word.istitle() and self._small[word.lower()] > self._great[word.lower()]
