"""Searches many patterns in many texts, checks what they match and looks for telling words near it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.pii.pattern import Pattern, Text
from audit.pii.prefilter import Expression, Prefilter
from audit.pii.spans import Basis, Span

CONTEXT_GAIN = 0.35
"""What a telling word adds to a score; Presidio's own number."""

LEAST_WITH_CONTEXT = 0.4
"""Least score of a match with a telling word; Presidio's own number."""

NEAR = 60
"""Characters before and 30 after a match in which a telling word counts."""


@dataclass(frozen=True)
class _Compiled:
    pattern: Pattern
    search: re.Pattern[str]
    words: re.Pattern[str] | None


class Matcher:
    """Patterns, ready to be searched.

    Args:
        patterns: of any recognisers.
        automaton: whether Hyperscan is used where it is installed; the findings are the same.
    """

    def __init__(self, patterns: Sequence[Pattern], *, automaton: bool = True) -> None:
        self._compiled = [
            _Compiled(one, re.compile(one.regex, re.IGNORECASE if one.ignore_case else 0), _any_of(one.context))
            for one in patterns
        ]
        self._prefilter = Prefilter([Expression(one.regex, one.ignore_case) for one in patterns], automaton=automaton)

    def find(self, text: Text) -> Iterator[Span]:
        """All matches that stand up to their checks."""
        yield from self.find_many([text.value], text.language, text.context)[0]

    def find_many(
        self, texts: Sequence[str], language: str, context: Sequence[str] = (), wanted: Sequence[str] = ()
    ) -> list[list[Span]]:
        """All matches in each text that stand up to their checks.

        Args:
            texts: what is searched; one call with many texts is much quicker than many calls.
            language: two-letter code of the texts.
            context: words that belong to every text, such as the name of its column, in small letters.
            wanted: entities to look for; empty for all.
        """
        named = " ".join(re.sub("[_-]", " ", word) for word in context)
        chosen = [
            (not one.pattern.languages or language in one.pattern.languages)
            and (not wanted or one.pattern.entity in wanted)
            for one in self._compiled
        ]
        told = [one.words is not None and one.words.search(named) is not None for one in self._compiled]
        return [
            [
                span
                for place in candidates
                if chosen[place]
                for span in _found(self._compiled[place], text, named=told[place])
            ]
            for text, candidates in zip(texts, self._prefilter.candidates(texts), strict=True)
        ]


def _found(one: _Compiled, text: str, *, named: bool) -> Iterator[Span]:
    pattern = one.pattern
    group = "value" if "value" in one.search.groupindex else 0
    for match in one.search.finditer(text):
        start, end = match.span(group)
        valid = pattern.check(match[group]) if pattern.check and start < end else None
        if start == end or valid is False:
            continue
        told = named or (one.words is not None and _near(one.words, text, start, end))
        if pattern.needs_context and not told:
            continue
        score = min(1.0, max(LEAST_WITH_CONTEXT, pattern.score + CONTEXT_GAIN)) if told else pattern.score
        basis: Basis = "checksum" if valid else "context" if told else "pattern"
        yield Span(start, end, pattern.entity, 1.0 if valid else score, basis)


def _near(words: re.Pattern[str], text: str, start: int, end: int) -> bool:
    near = f"{text[max(0, start - NEAR) : start]} {text[end : end + NEAR // 2]}"
    return words.search(near.lower()) is not None


def _any_of(words: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})") if words else None
