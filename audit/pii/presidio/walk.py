"""A walk through a text in search of telephone numbers that passes over pieces which no numbering plan allows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from phonenumbers import PhoneNumberMatcher

from audit.pii.presidio.numbering import LEAST_DIGITS, Plan, calling_code, may_be_abroad

_NO_EXTENSION = re.compile(r"[\d\s().\-/\[\]+]*")
"""Pieces without what may begin an extension: their digits are the number's."""

_DIGITS = re.compile(r"\d+")
_LEADS = tuple("(+[（［＋")
"""A piece that begins with one of these may stand right behind a letter."""


class Walk(PhoneNumberMatcher):
    """A matcher that passes over pieces which no plan allows.

    Args:
        text: what is searched.
        region: where numbers without a calling code are from; None accepts nothing and notes what is possible.
        leniency: of `phonenumbers`.
        plans: numbering plans that are asked.
        answers: on pieces, by region; the walks through one text share them.
    """

    def __init__(
        self, text: str, region: str | None, leniency: int, plans: list[Plan], answers: dict[Any, Any]
    ) -> None:
        super().__init__(text, region, leniency=leniency)
        self.plans, self.answers = plans, answers
        self.possible: list[Plan] = []
        self.whole: tuple[int, int] | None = None

    def _extract_match(self, candidate: str, offset: int) -> Any:
        if len(_digits(candidate)) < LEAST_DIGITS:
            return None
        if self.preferred_region is None and self._is_whole(candidate, offset):
            self.whole = offset, offset + len(candidate)
            self._max_tries = 0
            return None
        return super()._extract_match(candidate, offset)

    def _is_whole(self, candidate: str, offset: int) -> bool:
        """Whether the piece is a number and holds all digits of the text.

        Other regions then find nothing beyond it, and what they find within it adds nothing.
        """
        end = offset + len(candidate)
        if "#" in self.text or _DIGITS.search(self.text, 0, offset) or _DIGITS.search(self.text, end):
            return False
        if _in_a_word(self, candidate, offset):
            return False
        for one in _allowing(self.plans, candidate):
            single = Walk(self.text, one.region, self.leniency, [one], self.answers)
            match = single._extract_match(candidate, offset)
            if match is not None and (match.start, match.end) == (offset, end):
                return True
        return False

    def _parse_and_verify(self, candidate: str, offset: int) -> Any:
        if len(_digits(candidate)) < LEAST_DIGITS or _in_a_word(self, candidate, offset):
            return None
        allowing = _allowing(self.plans, candidate)
        if self.preferred_region is None:
            self.possible += [one for one in allowing if one not in self.possible]
            return None
        if not allowing:
            return None
        key = None if _is_abroad(candidate) else self.preferred_region, offset, candidate
        if key not in self.answers:
            self.answers[key] = super()._parse_and_verify(candidate, offset)
        return self.answers[key]


def _in_a_word(walk: Any, candidate: str, offset: int) -> bool:
    """Whether a Latin letter, a currency or a per cent sign stands beside the piece: no number then."""
    text, end = walk.text, offset + len(candidate)
    before = text[offset - 1] if offset and not candidate.startswith(_LEADS) else ""
    return any(
        letter and (walk._is_invalid_punctuation_symbol(letter) or walk._is_latin_letter(letter))
        for letter in (before, text[end : end + 1])
    )


def _is_abroad(candidate: str) -> bool:
    """Whether the piece has a "+" and a calling code: what it is then depends on no region."""
    return ("+" in candidate or "＋" in candidate) and calling_code(_digits(candidate)) is not None


def _allowing(plans: Sequence[Plan], candidate: str) -> list[Plan]:
    """The plans in which a piece may be a valid number."""
    heads = _heads(candidate)
    if heads is None:
        return list(plans)
    if "+" in candidate or "＋" in candidate:
        # Without a calling code `phonenumbers` tries again as if the "+" were not there.
        possible = calling_code(heads[-1]) is None or any(may_be_abroad(head) for head in heads)
        return list(plans) if possible else []
    return [one for one in plans if any(one.may_hold(head) for head in heads)]


def _heads(candidate: str) -> list[str] | None:
    """Digits that may be the number's: all, or those before an extension; None where letters may stand for digits."""
    if _NO_EXTENSION.fullmatch(candidate):
        return [_digits(candidate)]
    letters = [letter for letter in candidate if letter.isalpha()]
    if any(letter not in "xX" for letter in letters) or len(letters) > 2:
        return None
    ends = [match.end() for match in _DIGITS.finditer(candidate)]
    return [_digits(candidate[:end]) for end in ends]


def _digits(text: str) -> str:
    digits = "".join(_DIGITS.findall(text))
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)
