"""Searches many patterns in one text, checks what they match and looks for telling words near it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from audit.pii.pattern import Pattern, Text
from audit.pii.spans import Basis, Span

CONTEXT_GAIN = 0.35
"""What a telling word adds to a score; Presidio's own number."""

LEAST_WITH_CONTEXT = 0.4
"""Least score of a match with a telling word; Presidio's own number."""

NEAR = 60
"""Characters before and 30 after a match in which a telling word counts."""


class Matcher:
    """Patterns, ready to be searched.

    Args:
        patterns: of any recognisers.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._compiled = [
            (pattern, re.compile(pattern.regex, re.IGNORECASE if pattern.ignore_case else 0)) for pattern in patterns
        ]

    def find(self, text: Text) -> Iterator[Span]:
        """All matches that stand up to their checks."""
        for pattern, compiled in self._compiled:
            if pattern.languages and text.language not in pattern.languages:
                continue
            for match in compiled.finditer(text.value):
                yield from _judged(pattern, match, text)


def _judged(pattern: Pattern, match: re.Match[str], text: Text) -> Iterator[Span]:
    group = "value" if "value" in match.re.groupindex else 0
    start, end = match.span(group)
    valid = pattern.check(match[group]) if pattern.check else None
    if start == end or valid is False:
        return
    told = bool(pattern.context) and _told(pattern.context, text, start, end)
    if pattern.needs_context and not told:
        return
    score = min(1.0, max(LEAST_WITH_CONTEXT, pattern.score + CONTEXT_GAIN)) if told else pattern.score
    basis: Basis = "checksum" if valid else "context" if told else "pattern"
    yield Span(start, end, pattern.entity, 1.0 if valid else score, basis)


def _told(words: Sequence[str], text: Text, start: int, end: int) -> bool:
    near = f"{text.value[max(0, start - NEAR) : start]} {text.value[end : end + NEAR // 2]}".lower()
    named = " ".join(re.sub("[_-]", " ", word) for word in text.context)
    return any(re.search(rf"(?<!\w){re.escape(word)}", part) for word in words for part in (near, named))
