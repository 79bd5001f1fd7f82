"""What a user's file comes to: recognisers of its own, and what is allowed to stand in the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from audit.pii.custom.phrases import Phrases
from audit.pii.patterns.matcher import Matcher
from audit.pii.patterns.pattern import Pattern, Text
from audit.pii.spans import Span


@dataclass(frozen=True)
class Listed:
    """Words that are always a finding.

    Attributes:
        words: words and phrases; case does not count.
        languages: of the texts in which they are looked for; empty for all.
    """

    entity: str
    words: tuple[str, ...]
    score: float
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Allowed:
    """What is no finding.

    Attributes:
        words: words and phrases; case does not count.
        patterns: regular expressions.
        entities: kinds of findings that are dropped; empty for all.
    """

    words: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()

    @cached_property
    def _phrases(self) -> Phrases:
        return Phrases(self.words)

    @cached_property
    def _compiled(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern) for pattern in self.patterns)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end of everything in a text that is allowed."""
        yield from self._phrases.find(text)
        for pattern in self._compiled:
            yield from (match.span() for match in pattern.finditer(text))


@dataclass(frozen=True)
class Custom:
    """One user's recognisers and allow lists.

    Attributes:
        described: entities of the recognisers with the words that a reader gets for each.
        patterns: recognisers that are regular expressions.
        lists: recognisers that are lists of words.
        allow: what is no finding.
        samples: made-up values to plant, by entity; entities without any are absent.
    """

    described: tuple[tuple[str, str], ...] = ()
    patterns: tuple[Pattern, ...] = ()
    lists: tuple[Listed, ...] = ()
    allow: tuple[Allowed, ...] = ()
    samples: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def entities(self) -> Mapping[str, str]:
        """Words for the reader by entity."""
        return dict(self.described)

    @property
    def examples(self) -> Mapping[str, tuple[str, ...]]:
        """Made-up values by entity."""
        return dict(self.samples)

    @cached_property
    def allowing_nothing(self) -> Custom:
        """The same recognisers without allow lists; made once, since their patterns are compiled once."""
        return replace(self, allow=())

    @cached_property
    def _matcher(self) -> Matcher:
        return Matcher(self.patterns)

    @cached_property
    def _phrases(self) -> tuple[tuple[Listed, Phrases], ...]:
        return tuple((listed, Phrases(listed.words)) for listed in self.lists)

    def find(self, text: Text) -> Iterator[Span]:
        """All findings of the user's recognisers in a text."""
        yield from self._matcher.find(text)
        for listed, phrases in self._phrases:
            if not listed.languages or text.language in listed.languages:
                for start, end in phrases.find(text.value):
                    yield Span(start, end, listed.entity, listed.score, "word list")

    def kept(self, text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
        """The findings that are not allowed to stand in a text.

        Args:
            text: in which the spans lie.
            spans: of all recognisers, the user's own too.
        """
        spans = tuple(spans)
        if not spans:
            return ()
        for allowed in self.allow:
            places = tuple(allowed.places(text))
            spans = tuple(span for span in spans if not _inside(span, places, allowed.entities))
        return spans


def _inside(span: Span, places: tuple[tuple[int, int], ...], entities: tuple[str, ...]) -> bool:
    if entities and span.entity not in entities:
        return False
    return any(start <= span.start and span.end <= end for start, end in places)
