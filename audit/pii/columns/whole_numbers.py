"""Whole numbers as programs and spreadsheets write them: 4155550000.0, 4,155,550,000 and 4.15555e+09 are 4155550000.

A column of whole numbers with a gap is written with ".0" by pandas, and long numbers come out of spreadsheets with
separators or a power of ten. What they say is the number, so they are read as the digits alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONGEST = 40
"""Characters of the longest such text."""

MOST_DIGITS = 19
"""Digits of the longest number of a person, that of a card (ISO/IEC 7812-1); a higher power of ten is a measurement."""

GREATEST = 255
"""Greatest of the four numbers of an address on a network."""

_NONE_AFTER_POINT = re.compile(r"(?P<number>[-+]?[0-9]+)[.,]0+")
_GROUPS = re.compile(r"(?P<number>[-+]?[0-9]{1,3}(?P<sign>[.,'’])[0-9]{3}(?:(?P=sign)[0-9]{3})+)(?:[.,]0+)?")
_POWER = re.compile(r"(?P<sign>[-+]?)(?P<first>[1-9])(?:[.,](?P<rest>[0-9]+))?[eE][+]?(?P<power>[0-9]{1,2})")
_ADDRESS = re.compile(r"[0-9]{1,3}(?:[.][0-9]{3}){3}")
_LETTER_AFTER_GROUPS = re.compile(r"(?P<number>[0-9]{1,2}[.][0-9]{3}[.][0-9]{3})(?P<letter>-?[A-JL-Za-jl-z])")
"""The Spanish identity number as it is printed, 12.345.678-Z; with K at its end it may be one of Chile, which stays."""


def undressed(texts: Sequence[str]) -> list[str]:
    """The texts, those that are whole numbers with their digits alone."""
    return [_digits(text) if _may_be(text) else text for text in texts]


def _may_be(text: str) -> bool:
    return len(text) <= LONGEST and not text.isdigit() and any(map(str.isdigit, text[-5:]))


def _digits(text: str) -> str:
    plain = text.strip()
    if match := _NONE_AFTER_POINT.fullmatch(plain):
        return match["number"]
    if match := _POWER.fullmatch(plain):
        rest = (match["rest"] or "").rstrip("0")
        power = int(match["power"])
        return match["sign"] + match["first"] + rest.ljust(power, "0") if len(rest) <= power < MOST_DIGITS else text
    if match := _LETTER_AFTER_GROUPS.fullmatch(plain):
        return match["number"].replace(".", "") + match["letter"]
    if (match := _GROUPS.fullmatch(plain)) and not _address(plain):
        return match["number"].replace(match["sign"], "")
    return text


def _address(text: str) -> bool:
    """Whether groups of three digits are as well the four numbers of an address on a network."""
    return bool(_ADDRESS.fullmatch(text)) and max(map(int, text.split("."))) <= GREATEST
