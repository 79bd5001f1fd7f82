"""What stands right before and behind a phrase."""

from __future__ import annotations

import re

_REACH = 40
"""Characters before a phrase that are looked at: longer than any telling phrase."""

_MARKS = re.compile(r"[,(\"“”„«»'’*_>]")
_NEXT = re.compile(r"[ ,]*([^\W\d_]+)")


def before(value: str, start: int) -> str:
    """The words before a place in small letters, with one space between them, before the first and behind the last."""
    return f" {' '.join(_MARKS.sub(' ', value[max(0, start - _REACH) : start]).lower().split())} "


def told(before_it: str, phrases: tuple[str, ...]) -> bool:
    """Whether the words before end in one of the phrases, each of which begins and ends with a space."""
    return before_it.endswith(phrases)


def spaced(phrases: tuple[str, ...]) -> tuple[str, ...]:
    """Phrases as `told` needs them."""
    return tuple(f" {phrase.strip()} " for phrase in phrases)


def next_word(value: str, end: int) -> str:
    """The word behind a place, as it is written; empty where a sentence ends or anything else stands there."""
    match = _NEXT.match(value, end)
    return match[1] if match else ""


def starts_sentence(value: str, start: int) -> bool:
    """Whether a capital at this place may be there for the sentence alone."""
    left = value[max(0, start - 4) : start].rstrip(" \"“'(")
    return not left or left[-1] in ".!?:;\n\t|•*-–"
