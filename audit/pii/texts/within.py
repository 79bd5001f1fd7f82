"""What findings of a text tell about its other words.

Somebody who is named in full is called by one name later on, and a number before a street belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from audit.pii.spans import Span

FULL_NAME_SCORE = 0.55
"""From here on a name of several words is taken for somebody's full name."""

PART_SCORE = 0.65
"""Of a word that is part of a full name elsewhere in the text."""

CONFIRMED = 0.45
"""Of a name with a number that may be a street, where a language model takes the words for a name of any kind."""

LEAST_LETTERS = 3
"""Of a part of a name that is looked for elsewhere: initials are everywhere."""

_HOUSE_NUMBER = re.compile(r"(?<![\w.,:/#-])(?<!\d )\d{1,5}[A-Za-z]?[ ,]{1,2}\Z")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_PARTICLES = frozenset(("van", "von", "der", "den", "del", "della", "dos", "the", "and"))


def repeated(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """People at every place where a part of a full name stands alone.

    Args:
        text: in which the findings lie.
        spans: of all kinds.
    """
    names = [span for span in spans if span.entity == "PERSON" and span.score >= FULL_NAME_SCORE]
    parts = {
        word
        for name in names
        if " " in text[name.start : name.end]
        for word in _WORD.findall(text[name.start : name.end])
        if len(word) >= LEAST_LETTERS and word[0].isupper() and word.lower() not in _PARTICLES
    }
    if not parts:
        return
    for match in _WORD.finditer(text):
        bare = re.sub(r"['’]s?\Z", "", match[0])
        if bare in parts:
            yield Span(match.start(), match.start() + len(bare), "PERSON", PART_SCORE, "context")


def housed(text: str, spans: Sequence[Span]) -> list[Span]:
    """The findings, addresses with the house number before them, and likely streets that a model confirms as names."""
    named = [span for span in spans if span.basis == "language model"]
    return [_housed(text, span, named) if _is_address(text, span) else span for span in spans]


def _is_address(text: str, span: Span) -> bool:
    of_form = span.entity == "LOCATION" and span.basis in ("pattern", "context")
    return of_form and any(map(str.isdigit, text[span.start : span.end]))


def _housed(text: str, span: Span, named: Sequence[Span]) -> Span:
    number = _HOUSE_NUMBER.search(text, max(0, span.start - 8), span.start)
    start = number.start() if number else span.start
    confirmed = any(one.start < span.end and span.start < one.end for one in named)
    if start == span.start and not confirmed:
        return span
    return replace(span, start=start, score=max(span.score, CONFIRMED) if confirmed else span.score)
