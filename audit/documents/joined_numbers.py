"""Joins numbers that say one thing together: ranges, fractions, and "from .. to .." where something changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from audit.documents.cues import CHANGE_VERBS
from audit.documents.document import Number
from audit.documents.tokens import Token

_THROUGH = frozenset(("-", "–", "—", "to"))


@dataclass(frozen=True)
class _Group:
    """What takes the place of some tokens, and how many those are."""

    tokens: tuple[Token, ...]
    length: int


def joined(sentence: Sequence[Token]) -> list[Token]:
    """The sentence with each such group of tokens as one number."""
    found: list[Token] = []
    place = 0
    while place < len(sentence):
        group = _group(sentence, place, found)
        if group is None:
            found.append(sentence[place])
            place += 1
        else:
            found += group.tokens
            place += group.length
    return found


def _group(sentence: Sequence[Token], place: int, before: Sequence[Token]) -> _Group | None:
    first = sentence[place].number
    if first is None:
        return None
    link = [token.text for token in sentence[place + 1 : place + 3]]
    gap = 2 if link == ["out", "of"] else 1
    end = place + 1 + gap
    second = sentence[end].number if end < len(sentence) else None
    if second is None:
        return None
    words = [token.text for token in before[-5:]]
    if link[0] in ("/", "of", "out") and first.whole and second.whole and 0 <= first.value <= second.value > 1:
        return _Group((replace(sentence[place], number=_fraction(first, second)),), gap + 2)
    if link[0] == "to" and words[-1:] == ["from"] and CHANGE_VERBS & set(words):
        return _Group((sentence[end - 1], sentence[end]), 3)
    ranges = link[0] in _THROUGH or (link[0] == "and" and words[-1:] == ["between"])
    if ranges and first.value <= second.value and (first.percent in (False, second.percent)):
        percent = first.percent or second.percent
        text = f"{first.text} to {second.text}"
        both = replace(first, text=text, top=second.value, percent=percent)
        return _Group((replace(sentence[place], number=both),), 3)
    return None


def _fraction(first: Number, second: Number) -> Number:
    value = first.value / second.value
    return Number(f"{first.text} of {second.text}", value, value, 0.5 / second.value, False)
