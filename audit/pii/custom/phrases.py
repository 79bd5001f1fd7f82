"""Finds listed words and phrases in a text in one pass, however long the list is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_TOKEN = re.compile(r"\w+|[^\w\s]")


class Phrases:
    """Words and phrases, ready to be searched without regard to case and to the spaces between words.

    Args:
        phrases: each of one word or more; `hotline@example.com` is a phrase of five.
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for phrase in phrases:
            words = tuple(match[0].casefold() for match in _TOKEN.finditer(phrase))
            if words:
                self._by_first.setdefault(words[0], []).append(words)
        for group in self._by_first.values():
            group.sort(key=len, reverse=True)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of each phrase, of several at one place the longest."""
        if not self._by_first:
            return
        tokens = [(match[0].casefold(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
        for position, (word, start, _) in enumerate(tokens):
            for phrase in self._by_first.get(word, ()):
                here = tokens[position : position + len(phrase)]
                if tuple(token[0] for token in here) == phrase:
                    yield start, here[-1][2]
                    break
