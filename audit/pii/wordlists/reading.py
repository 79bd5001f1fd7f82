"""Reads a text for people, places, organisations and groups at once, so that they compete for the same words."""

from __future__ import annotations

from collections.abc import Iterable

from audit.pii.patterns.pattern import Text
from audit.pii.spans import Span
from audit.pii.texts.joining import COUNTS
from audit.pii.wordlists import groups, organisations, people, places, whole
from audit.pii.wordlists.lexicon import lexicon
from audit.pii.wordlists.words import capitalised, runs


def read(text: Text) -> list[Span]:
    """What a text names, in the order of the words; no two findings overlap."""
    value = text.value
    found = capitalised(value)
    if not found and not whole.may_name(text):
        return sorted(groups.find(value, (), text.language))
    known, grouped = lexicon(text.language), runs(found)
    candidates = [
        *whole.find(text, known),
        *people.find(value, grouped, known),
        *places.find(value, grouped, known),
        *organisations.find(value, grouped, known),
        *groups.find(value, grouped, text.language),
    ]
    return sorted(_apart(candidates, len(value)))


def _apart(candidates: Iterable[Span], length: int) -> list[Span]:
    """The surest of those that overlap; a longer one wins over what lies inside it if it counts at all."""
    ranked = sorted(candidates, key=_weight, reverse=True)
    if len(ranked) < 2:
        return ranked
    kept: list[Span] = []
    taken = bytearray(length)
    for span in ranked:
        if taken.find(1, span.start, span.end) < 0:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
            kept.append(span)
    return kept


def _weight(span: Span) -> tuple[bool, float]:
    # Letters add up to what a list of names does: Bank of Paris is one thing, not two.
    return span.score >= COUNTS, span.score + 0.03 * min(20, span.end - span.start)
