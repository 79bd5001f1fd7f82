"""What stands right before and behind a phrase."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_REACH = 40
"""Characters before a phrase that are looked at: longer than any telling phrase."""

_MARKS = re.compile(r"[,(\"“”„«»'’*_>]")
_NEXT = re.compile(r"[ ,]*([^\W\d_]+)")


def before(value: str, start: int) -> str:
    """The words before a place in small letters, with one space between them, before the first and behind the last."""
    return before_unmarked(unmarked(value[max(0, start - _REACH) : start]), start=min(start, _REACH))


def unmarked(value: str) -> str:
    """A text with spaces for the signs that part words, each character at its place."""
    return _MARKS.sub(" ", value)


def before_unmarked(value: str, start: int) -> str:
    """What `before` says of a text that is `unmarked` already, as one with many words is once for all of them."""
    return f" {' '.join(value[max(0, start - _REACH) : start].lower().split())} "


Phrases = Mapping[str, tuple[str, ...]]
"""Phrases by their last word, all with a space before and behind them: few texts hold any of those words."""


def told(before_it: str, phrases: Phrases) -> bool:
    """Whether the words before, as `before` gives them, end in one of the phrases."""
    ending = phrases.get(before_it[before_it.rfind(" ", 0, -1) :])
    return ending is not None and before_it.endswith(ending)


def spaced(phrases: Sequence[str]) -> Phrases:
    """Phrases as `told` needs them."""
    by_last: dict[str, tuple[str, ...]] = {}
    for phrase in phrases:
        last = f" {phrase.split()[-1]} "
        by_last[last] = (*by_last.get(last, ()), f" {phrase.strip()} ")
    return by_last


def next_word(value: str, end: int) -> str:
    """The word behind a place, as it is written; empty where a sentence ends or anything else stands there."""
    match = _NEXT.match(value, end)
    return match[1] if match else ""


def starts_sentence(value: str, start: int) -> bool:
    """Whether a capital at this place may be there for the sentence alone."""
    left = value[max(0, start - 4) : start].rstrip(" \"“'(")
    return not left or left[-1] in ".!?:;\n\t|•*-–"
