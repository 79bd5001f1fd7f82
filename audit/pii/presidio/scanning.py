"""Finds in many texts exactly what Presidio's analyser finds in each of them.

A word near a value raises its score where Presidio's recogniser lists it. A pipeline without lemmas gives Presidio no
such words, so then the words that belong to every text (`context`) count alone, and no text is cut into tokens. Where
words of the text do count, Presidio's own enhancer decides, for those findings alone whose score it may change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from audit.errors import AuditError
from audit.pii.patterns.prefilter import Prefilter
from audit.pii.presidio.engines import analyser
from audit.pii.presidio.forms import Reading, Recogniser, widest
from audit.pii.spans import Span

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpArtifacts

_NOT_PLAIN = re.compile(r"[^\t\n\r\x20-\x7e]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def scan(
    texts: Sequence[str],
    language: str,
    *,
    model: str | None = None,
    context_words: bool = False,
    wanted: Sequence[str] = (),
    context: Sequence[str] = (),
    artifacts: Sequence[NlpArtifacts] | None = None,
) -> list[tuple[Span, ...]]:
    """Find what Presidio finds, in many texts at once.

    Args:
        texts: what to read; one call with a whole column is much quicker than many calls.
        language: two-letter code, one of `LANGUAGES`.
        model: name or folder of an installed spaCy pipeline that finds names and places; None for patterns alone.
        context_words: as for `analyser`.
        wanted: entities to look for, those that Presidio lacks are passed over; empty for all that the language has.
        context: words that belong to every text, such as the name of its column.
        artifacts: what `model` has made of each text, where that is known already.

    Returns:
        Findings of each text in the order of their start, all scores above 0.

    Raises:
        UnknownName: the language is not one of `LANGUAGES`.
        AuditError: `model` is not there, or a recogniser stumbled over a text; the message does not quote it.
    """
    scanner = _scanner(language, model, context_words)
    return scanner.scan(texts, wanted, [word.lower() for word in context], artifacts)


@cache
def _scanner(language: str, model: str | None, context_words: bool) -> _Scanner:
    return _Scanner(analyser(language, model, context_words=context_words), language, model, context_words)


class _Scanner:
    """The recognisers of one analyser, ready to be run."""

    def __init__(self, engine: AnalyzerEngine, language: str, model: str | None, context_words: bool) -> None:
        self._engine, self._language = engine, language
        self._has_model, self._reads_words = model is not None, model is not None or context_words
        self._recognisers = [Recogniser(theirs) for theirs in engine.get_recognizers(language)]
        self._owner = [
            (number, place)
            for number, recogniser in enumerate(self._recognisers)
            for place in range(len(recogniser.expressions))
        ]
        self._always = [number for number, recogniser in enumerate(self._recognisers) if not recogniser.expressions]
        self._prefilter = Prefilter([one for which in self._recognisers for one in which.expressions])

    def scan(
        self,
        texts: Sequence[str],
        wanted: Sequence[str],
        context: list[str],
        artifacts: Sequence[NlpArtifacts] | None,
    ) -> list[tuple[Span, ...]]:
        """Findings of each text."""
        known = [entity for recogniser in self._recognisers for entity in recogniser.entities]
        entities = [entity for entity in known if entity in wanted] if wanted else known
        chosen = frozenset(
            number for number, which in enumerate(self._recognisers) if set(which.entities) & set(entities)
        )
        told = frozenset(
            number
            for number, which in enumerate(self._recognisers)
            if any(word in belonging for word in which.words for belonging in context)
        )
        always = [number for number in self._always if number in chosen]
        among = [place for place, (number, _) in enumerate(self._owner) if number in chosen]
        with self._memory():
            read = iter(artifacts) if artifacts is not None else self._read(texts)
            found = []
            for text, candidates, made in zip(texts, self._prefilter.candidates(texts, among), read, strict=True):
                if candidates or always:
                    reading = Reading(text, not _NOT_PLAIN.search(text), made, entities)
                    found.append(self._one(reading, candidates, always, told))
                else:
                    found.append(())
            return found

    def _one(
        self, reading: Reading, candidates: Sequence[int], always: Sequence[int], told: frozenset[int]
    ) -> tuple[Span, ...]:
        which: dict[int, list[int]] = {number: [] for number in always}
        for candidate in candidates:
            number, place = self._owner[candidate]
            which.setdefault(number, []).append(place)
        spans: list[Span] = []
        try:
            for number, places in which.items():
                recogniser = self._recognisers[number]
                found = recogniser.find(reading, places)
                if found and number in told:
                    found = [self._raised(span) for span in found]
                elif found and self._reads_words and recogniser.words:
                    found = self._with_words_near(reading, recogniser, found)
                spans += found
        except ValueError:
            # A recogniser may write the value that it stumbled over into its message; that must not reach a report.
            raise AuditError(f"the scanner could not read a text of {len(reading.text)} characters") from None
        return tuple(sorted(widest(spans) if len(spans) > 1 else spans))

    def _raised(self, span: Span) -> Span:
        enhancer = self._engine.context_aware_enhancer
        raised = max(span.score + enhancer.context_similarity_factor, enhancer.min_score_with_context_similarity)
        return span if span.score == 1 else replace(span, score=min(raised, enhancer.MAX_SCORE), basis="context")

    def _with_words_near(self, reading: Reading, recogniser: Recogniser, found: list[Span]) -> list[Span]:
        from presidio_analyzer import AnalysisExplanation, RecognizerResult

        open_ones = [span for span in found if span.score < 1]
        lowered = reading.text.lower()
        if not open_ones or not (self._has_model or any(word in lowered for word in recogniser.words)):
            return found
        made = reading.artifacts or self._engine.nlp_engine.process_text(_readable(reading.text), self._language)
        by = {RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: recogniser.theirs.id}
        results = self._engine.context_aware_enhancer.enhance_using_context(
            text=reading.text,
            raw_results=[
                RecognizerResult(span.entity, span.start, span.end, span.score, AnalysisExplanation("", span.score), by)
                for span in open_ones
            ],
            nlp_artifacts=made,
            recognizers=[recogniser.theirs],
        )
        return [span for span in found if span.score == 1] + [
            replace(span, score=one.score, basis="context") if one.score != span.score else span
            for span, one in zip(open_ones, results, strict=True)
        ]

    def _read(self, texts: Sequence[str]) -> Iterator[Any]:
        """What the model makes of each text; None without one, when a text is read only once a word in it counts."""
        if not self._has_model:
            return iter([None] * len(texts))
        batch = self._engine.nlp_engine.process_batch(list(map(_readable, texts)), self._language, batch_size=64)
        return (made for _, made in batch)

    def _memory(self) -> AbstractContextManager[Any]:
        """Gives back what the tokeniser has kept of the texts: else it would grow with every new word."""
        pipeline = self._engine.nlp_engine.nlp[self._language]
        # From spaCy 3.8 on.
        return pipeline.memory_zone() if self._reads_words and hasattr(pipeline, "memory_zone") else nullcontext()


def _readable(text: str) -> str:
    """The text without halves of characters, which no tokeniser reads; all others stay at their places."""
    return _SURROGATES.sub("\ufffd", text)
