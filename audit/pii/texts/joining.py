"""Which of several recognisers' findings count where they lie over each other.

No two findings lie over each other, with two exceptions: kinds of `BESIDE` say what a value is in addition to another
kind at the same place, and findings too weak to count (below `COUNTS`) stay beside those that do, because a word
elsewhere in the data, such as the name of a column, may raise them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from audit.pii.spans import Span
from audit.pii.texts.domain_names import end_of, is_none

COUNTS = 0.4
"""Least score that Presidio's users usually take for a finding."""

BESIDE = frozenset(
    {
        "BIOMETRICS", "DATE_OF_BIRTH", "ETHNIC_ORIGIN", "HEALTH", "POLITICS", "RELIGION", "SEXUAL_ORIENTATION",
        "TRADE_UNION",
    }
)  # fmt: skip
"""Kinds that are found in addition: a date of birth is a date too, a nationality may tell an origin."""

NAMES = frozenset({"LOCATION", "NRP", "ORGANIZATION", "PERSON"})
"""Kinds that consist of words, of which a finding may hold others: a company's name its founder's."""

OF_FIGURES = frozenset({"AGE", "DATE_TIME", "LOCATION", "ZIP_CODE"})
"""Kinds that have a form of their own where a pattern found figures in them: "06.07.2024", "12 Mill Road"."""

FORMLESS = NAMES | {"AGE", "DATE_TIME", "TITLE", "ZIP_CODE"}
"""Kinds that may be a part of a name or an address; every other value has a form that no name has."""

SURE = 0.95
"""From here on a value proves itself, by its checksum or its form."""

LETTER_GAIN, MOST_GAIN = 0.03, 0.6
"""What each character of a name adds to its weight, up to a length of 20: "Martin Luther Hospital" is one name, however
sure "Martin" alone would be, unless the long reading is much less sure."""

_EDGES = " \t\r\n,;:!?\"'“”‘’()[]{}<>|*#_=-–—/"
_POSSESSIVE = re.compile(r"['’]s?$")
_ABBREVIATED = re.compile(r"(?:^|[\s.])[^\W\d]{1,4}\.$")


def joined(text: str, spans: Iterable[Span], wanted: Set[str]) -> tuple[Span, ...]:
    """The findings that count, in the order of their start.

    Args:
        text: in which they lie.
        spans: of all recognisers.
        wanted: kinds that are asked for; at equal weight they win, and no other is returned.
    """
    surest: dict[tuple[int, int, str], Span] = {}
    for span in sorted(_agreed(_tidied(text, list(spans))), key=lambda span: span.score):
        surest[span.start, span.end, span.entity] = span
    if len(surest) == 1:
        return tuple(span for span in surest.values() if span.entity in wanted)
    taken = _Taken(len(text))
    ranked = sorted(surest.values(), key=lambda one: _rank(text, one, wanted), reverse=True)
    return tuple(sorted(span for span in ranked if taken.by(span) and span.entity in wanted))


class _Taken:
    """Characters of a text on which a finding lies, of each kind and of any that lets no other stand beside it."""

    def __init__(self, length: int) -> None:
        self._any = bytearray(length)
        self._of: defaultdict[str, bytearray] = defaultdict(lambda: bytearray(length))

    def by(self, span: Span) -> bool:
        """Take the place of a finding; False where it is taken already."""
        places = [self._of[span.entity]]
        if span.score >= COUNTS and span.entity not in BESIDE:
            places.append(self._any)
        if any(place.find(1, span.start, span.end) >= 0 for place in places):
            return False
        for place in places:
            place[span.start : span.end] = b"\1" * (span.end - span.start)
        return True


def _rank(text: str, span: Span, wanted: Set[str]) -> tuple[bool, int, float, bool, int, str]:
    """How much a finding counts among those that lie over it; the first difference decides."""
    length = span.end - span.start
    gain = min(LETTER_GAIN * length, MOST_GAIN) if span.entity in NAMES else 0.0
    weight = length if span.score >= SURE else span.score + gain
    return span.score >= COUNTS, _firmness(text, span), weight, span.entity in wanted, length, span.entity


def _firmness(text: str, span: Span) -> int:
    if span.score >= SURE:
        return 2
    of_form = span.basis not in ("language model", "word list") and span.entity in OF_FIGURES
    if span.entity in FORMLESS and not (of_form and any(map(str.isdigit, text[span.start : span.end]))):
        return 0
    return 1


def _agreed(spans: list[Span]) -> list[Span]:
    """The findings, a language model's surer where a list or the words around say the same of an overlapping place."""
    listed = [span for span in spans if span.basis in ("word list", "context") and span.entity in NAMES]
    return [_with_support(span, listed) if span.basis == "language model" else span for span in spans]


def _with_support(span: Span, listed: Sequence[Span]) -> Span:
    doubt = min(
        (
            1 - one.score
            for one in listed
            if one.entity == span.entity and one.start < span.end and span.start < one.end
        ),
        default=1.0,
    )
    # As if both were independent; never as sure as a checksum.
    return replace(span, score=max(span.score, min(1 - (1 - span.score) * doubt, SURE - 0.01)))


def _tidied(text: str, spans: Sequence[Span]) -> list[Span]:
    """The findings without what recognisers of names take in by mistake: titles and signs at the edges."""
    titles = {span.start: span.end for span in spans if span.entity == "TITLE" and span.score >= COUNTS}
    return [tidy for span in spans if (tidy := _tidy(text, span, titles)) is not None]


def _is_edge(text: str, start: int, end: int) -> bool:
    """Whether the last sign is no part of a name: neither an abbreviation's dot nor the bracket of "Torino (TO)"."""
    last = text[end - 1]
    if last == ".":
        return not _ABBREVIATED.search(text[max(start, end - 6) : end])
    closes = last == ")" and text.count("(", start, end) == text.count(")", start, end)
    return last in _EDGES and not closes


def _tidy(text: str, span: Span, titles: dict[int, int]) -> Span | None:
    if span.entity == "URL":
        end = end_of(text, span.start, span.end)
        return None if is_none(text, span.start, end) else replace(span, end=end)
    if span.entity not in NAMES:
        return span
    start, end = span.start, span.end
    if span.entity == "PERSON" and titles.get(start, end) < end:
        start = titles[start]
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and _is_edge(text, start, end):
        end -= 1
    if span.entity in ("PERSON", "LOCATION") and (owner := _POSSESSIVE.search(text, start, end)):
        end = owner.start()
    if (start, end) == (span.start, span.end):
        return span
    return replace(span, start=start, end=end) if start < end else None
