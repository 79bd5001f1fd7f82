"""Tells names of domains from parts of programs, files and companies that end like one.

Presidio takes every name for a domain that ends in the letters of one: "scipy.st" in "scipy.stats", "Co.Ltd".
"""

from __future__ import annotations

import re

_SAYS_SO = re.compile(r"(?i)https?:|ftp:|www\d?\.")
_LEGAL_FORM = re.compile(r"(?i)(?:^|.*\W)(?:co|pte|pty|pvt|sdn)\.(?:ltd|inc|llc)$")
_OF_A_PROGRAM = re.compile(r"^[\w-]+\.(?:md|py|rs|sh)$")
"""Files of programs whose ending is a country's domain too; hardly any site there has a single name before it."""

_BEFORE, _BEHIND = re.compile(r"[\w.`\\]$"), re.compile(r"[\w(`]|\.\w+\(")


_LONGER = re.compile(r"[a-z]{1,12}(?![\w(`]|\.\w)")
_LATER = (
    "app biz blog bank care cloud clinic club dev email expert global group health info life live media museum name "
    "news online page shop site space store studio tech today travel website work world xyz zone"
)
_LATER_ENDINGS = frozenset(_LATER.split())
"""Endings without a country that Presidio reads as the country in their first letters."""


def end_of(text: str, start: int, end: int) -> int:
    """One past the last character of a web address, without the sign that ends its sentence."""
    longer = _LONGER.match(text, end)
    last = text[start:end].rpartition(".")[2]
    if longer and "/" not in last and last + longer[0] in _LATER_ENDINGS:
        return longer.end()
    while end > start and text[end - 1] in ".,;:!?'\")":
        end -= 1
    return end


def is_none(text: str, start: int, end: int) -> bool:
    """Whether what was taken for a web address is none.

    Args:
        text: in which it lies.
        start: its first character.
        end: one past its last.
    """
    value = text[start:end]
    if _SAYS_SO.match(value) or "/" in value:
        return False
    if _BEFORE.search(text[max(0, start - 1) : start]) or _BEHIND.match(text, end):
        return True
    ending = value.rpartition(".")[2]
    mixed = value != value.upper() and ending != ending.lower()
    return mixed or _LEGAL_FORM.match(value) is not None or _OF_A_PROGRAM.match(value) is not None
