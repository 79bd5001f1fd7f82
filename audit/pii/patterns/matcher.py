"""Searches many patterns in many texts, checks what they match and looks for telling words near it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from audit.pii.patterns.pattern import Pattern, Text
from audit.pii.patterns.prefilter import Expression, Prefilter
from audit.pii.spans import Basis, Span

CONTEXT_GAIN = 0.35
"""What a telling word adds to a score; Presidio's own number."""

LEAST_WITH_CONTEXT = 0.4
"""Least score of a match with a telling word; Presidio's own number."""

NEAR, NEAR_BEHIND = 60, 30
"""Characters before and behind a match within which a telling word counts."""

SHORT = 4
"""Letters up to which a telling word has to stand alone: "sin" is no beginning of "since"."""

_ENDINGS = "(?:s|id|no|nr|num|number|nummer|code)?"
"""What may follow a short word in the same piece, as in "zipcode" and "cards"."""

_RUN = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class _Compiled:
    """A pattern, compiled once it is needed: most patterns may match no text of a table."""

    pattern: Pattern

    @cached_property
    def search(self) -> re.Pattern[str]:
        return re.compile(self.pattern.regex, re.IGNORECASE if self.pattern.ignore_case else 0)

    @cached_property
    def words(self) -> re.Pattern[str] | None:
        return _any_of(self.pattern.context)


class Matcher:
    """Patterns, ready to be searched.

    Args:
        patterns: of any recognisers.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._compiled = [_Compiled(one) for one in patterns]
        self._tellers = _Tellers([word for one in patterns if one.needs_context for word in one.context])
        self._prefilter = Prefilter([Expression(one.regex, one.ignore_case) for one in patterns])

    def find(self, text: Text) -> Iterator[Span]:
        """All matches that stand up to their checks."""
        yield from self.find_many([text.value], text.language, text.context)[0]

    def find_many(
        self, texts: Sequence[str], language: str, context: Sequence[str] = (), wanted: Collection[str] = ()
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
            place
            for place, one in enumerate(self._compiled)
            if (not one.pattern.languages or language in one.pattern.languages)
            and (not wanted or one.pattern.entity in wanted)
        ]
        told = {place for place in chosen if named and (words := self._compiled[place].words) and words.search(named)}
        found = []
        for text, worth in zip(texts, self._prefilter.candidates(texts, chosen), strict=True):
            lowered = _lowered(text) if worth else ""
            if worth and not self._tellers.may_be_in(lowered):
                worth = tuple(
                    place for place in worth if place in told or not self._compiled[place].pattern.needs_context
                )
            found.append(
                [span for place in worth for span in _found(self._compiled[place], text, lowered, named=place in told)]
            )
        return found


class _Tellers:
    """A quick test whether a text may hold any of some telling words.

    A word stands behind no letter and no digit, so the letters that it begins with begin a run of letters in the text,
    or are one whole run of one letter, as in "p.iva" and "s/n".

    Args:
        words: in small letters.
    """

    def __init__(self, words: Sequence[str]) -> None:
        runs = [_RUN.match(word) for word in words]
        self._heads = frozenset(run[0][:3] for run in runs if run)
        self._always = None in runs

    def may_be_in(self, lowered: str) -> bool:
        """Whether some run of letters begins as one of the words does; the text is in small letters."""
        if self._always:
            return True
        runs = _RUN.findall(lowered)
        return not self._heads.isdisjoint({head for run in runs for head in (run[:3], run[:2])})


def _found(one: _Compiled, text: str, lowered: str, *, named: bool) -> Iterator[Span]:
    pattern = one.pattern
    words: list[tuple[int, int]] | None = None
    if pattern.needs_context and not named and not (words := _places(one.words, lowered)):
        return
    group = "value" if "value" in one.search.groupindex else 0
    for match in one.search.finditer(text):
        start, end = match.span(group)
        valid = pattern.check(match[group]) if pattern.check and start < end else None
        if start == end or valid is False:
            continue
        if words is None:
            words = _places(one.words, lowered)
        told = named or any(
            (start - NEAR <= begins and ends <= start) or (end <= begins and ends <= end + NEAR_BEHIND)
            for begins, ends in words
        )
        if pattern.needs_context and not told:
            continue
        score = min(1.0, max(LEAST_WITH_CONTEXT, pattern.score + CONTEXT_GAIN)) if told else pattern.score
        basis: Basis = "checksum" if valid else "context" if told else "pattern"
        yield Span(start, end, pattern.entity, 1.0 if valid else score, basis)


def _places(words: re.Pattern[str] | None, lowered: str) -> list[tuple[int, int]]:
    return [match.span() for match in words.finditer(lowered)] if words else []


def _lowered(text: str) -> str:
    """The text in small letters, each at its place: one letter, the dotted capital I, has two small ones."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(letter.lower()[0] for letter in text)


@cache
def _any_of(words: tuple[str, ...]) -> re.Pattern[str] | None:
    if not words:
        return None
    alternatives = "|".join(
        re.escape(word) + (rf"{_ENDINGS}(?![^\W\d_])" if _has_to_stand_alone(word) else "") for word in words
    )
    return re.compile(rf"(?<![^\W_])(?:{alternatives})")


def _has_to_stand_alone(word: str) -> bool:
    # Scripts without capital letters often have no spaces between words either.
    return len(word) <= SHORT and word[-1].isalpha() and word.upper() != word
