"""Presidio's recognisers as forms that are searched one at a time.

A recogniser's own `analyze` runs all of its patterns with the engine `regex` and explains every match. Here only the
patterns that may match are run, with `re` where the text is plain ASCII (there both engines agree, and `re` is two to
three times as fast), and nothing is explained. Validation is the recogniser's own method.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from audit.pii.patterns.prefilter import Expression
from audit.pii.presidio import phones
from audit.pii.spans import Basis, Span

if TYPE_CHECKING:
    from presidio_analyzer import EntityRecognizer

Search = Callable[[str], Iterator[Any]]


@dataclass(frozen=True)
class Reading:
    """A text as a recogniser gets it.

    Attributes:
        text: its characters.
        plain: whether it holds nothing but printable ASCII, tabs and line ends.
        artifacts: what a language model has made of it, None without one.
        wanted: entities that are looked for.
    """

    text: str
    plain: bool
    artifacts: Any
    wanted: list[str]


@dataclass(frozen=True)
class _Form:
    """One pattern, compiled for each engine once that is needed: some of Presidio's are thousands of letters long."""

    regex: str
    flags: int
    score: float

    @cached_property
    def search(self) -> Search:
        return cast(Search, import_module("regex").compile(self.regex, self.flags).finditer)

    @cached_property
    def search_plain(self) -> Search:
        try:
            return re.compile(self.regex, self.flags & (re.IGNORECASE | re.MULTILINE | re.DOTALL)).finditer
        except re.error:
            return self.search


class Recogniser:
    """One recogniser of Presidio.

    Attributes:
        theirs: the recogniser itself.
        entities: what it finds.
        words: its context words in small letters.
        expressions: one of them must match a text for the recogniser to find anything; empty where none can be named.
    """

    def __init__(self, theirs: EntityRecognizer) -> None:
        from presidio_analyzer import PatternRecognizer
        from presidio_analyzer.predefined_recognizers import PhoneRecognizer

        self.theirs = theirs
        self.entities: tuple[str, ...] = tuple(theirs.supported_entities)
        self.words = tuple(word.lower() for word in theirs.context or ())
        self.expressions: tuple[Expression, ...] = ()
        self._forms: tuple[_Form, ...] = ()
        kind = type(theirs)
        self._phones = kind is PhoneRecognizer and theirs.leniency >= 1
        if self._phones:
            self.expressions = (Expression(phones.CANDIDATE),)
        if isinstance(theirs, PatternRecognizer):
            ignore_case = bool(theirs.global_regex_flags & re.IGNORECASE)
            self.expressions = tuple(Expression(pattern.regex, ignore_case) for pattern in theirs.patterns)
            if kind.analyze is PatternRecognizer.analyze:
                flags = int(theirs.global_regex_flags)
                self._forms = tuple(_Form(one.regex, flags, float(one.score)) for one in theirs.patterns)
            self._validates = _overrides(theirs, PatternRecognizer, "validate_result")
            self._invalidates = _overrides(theirs, PatternRecognizer, "invalidate_result")

    def find(self, reading: Reading, which: Sequence[int]) -> list[Span]:
        """What it finds, before any context counts.

        Args:
            reading: the text.
            which: places of the expressions that may match it.
        """
        if self._forms:
            found = [span for place in which for span in self._matches(self._forms[place], reading)]
            return widest(found) if len(found) > 1 else found
        if self._phones:
            places = phones.numbers(reading.text, self.theirs.supported_regions, self.theirs.leniency)
            return widest([Span(start, end, self.entities[0], self.theirs.SCORE) for start, end in places])
        results = self.theirs.analyze(reading.text, reading.wanted, reading.artifacts)
        basis: Basis = "pattern" if self.expressions else "language model"
        return [
            Span(one.start, one.end, one.entity_type, one.score, "checksum" if one.score == 1 else basis)
            for one in results or ()
        ]

    def _matches(self, form: _Form, reading: Reading) -> Iterator[Span]:
        text = reading.text
        for match in (form.search_plain if reading.plain else form.search)(text):
            start, end = match.span()
            if start == end:
                continue
            score: float = form.score
            basis: Basis = "pattern"
            if self._validates:
                valid = self.theirs.validate_result(text[start:end])
                if valid is not None:
                    score = self.theirs.MAX_SCORE if valid else self.theirs.MIN_SCORE
                    # What validates an address is the list of public suffixes.
                    basis = "pattern" if self.entities[0] == "EMAIL_ADDRESS" else "checksum"
            if self._invalidates and self.theirs.invalidate_result(text[start:end]):
                score = self.theirs.MIN_SCORE
            if score > self.theirs.MIN_SCORE:
                yield Span(start, end, self.entities[0], score, basis)


def widest(spans: Sequence[Span]) -> list[Span]:
    """The spans that no other one of the same entity holds with at least the same score: Presidio's own rule."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.entity, span.start, -span.end, -span.score)):
        if span.score > 0 and not any(
            one.entity == span.entity and one.start <= span.start and span.end <= one.end and span.score <= one.score
            for one in kept
        ):
            kept.append(span)
    return kept


def _overrides(recogniser: Any, parent: type, method: str) -> bool:
    own = method in vars(recogniser)
    return own or getattr(type(recogniser), method) is not getattr(parent, method)
