"""Check-digit rules by name, for patterns of the user's own.

The rules are those of the `python-stdnum` package: general ones (`luhn`, `verhoeff`, `damm`, `mod_97_10` and the other
systems of ISO 7064) and those of single numbers by their module (`de.idnr`, `isbn`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module

_GENERAL = {
    "luhn": "luhn",
    "verhoeff": "verhoeff",
    "damm": "damm",
    "mod_11_2": "iso7064.mod_11_2",
    "mod_11_10": "iso7064.mod_11_10",
    "mod_37_2": "iso7064.mod_37_2",
    "mod_37_36": "iso7064.mod_37_36",
    "mod_97_10": "iso7064.mod_97_10",
}
_OF_DIGITS = ("luhn", "verhoeff", "damm", "mod_11_10")
"""Rules for digits alone: letters before and between them, as in `S-104232`, are no part of the number."""
_NO_DIGIT, _BETWEEN_GROUPS = re.compile(r"[^0-9]"), re.compile(r"[\s./-]")
_NO_NUMBERS = ("exceptions", "iso7064", "numdb", "util")
"""Modules of the package that are no kind of number."""


@cache
def names() -> tuple[str, ...]:
    """All names, the general ones first."""
    from stdnum.util import get_number_modules

    modules = (module.__name__.removeprefix("stdnum.") for module in get_number_modules())
    return (*_GENERAL, *sorted(name for name in modules if name not in _GENERAL and name not in _NO_NUMBERS))


@cache
def check(name: str) -> Callable[[str], bool]:
    """The test of a matched text; spaces, points, slashes and hyphens between its groups do not count.

    Of a text under a rule for digits (`luhn`, `verhoeff`, `damm`, `mod_11_10`) only the digits count.

    Args:
        name: one of `names()`.
    """
    module = import_module(f"stdnum.{_GENERAL.get(name, name)}")

    def valid(matched: str) -> bool:
        if name in _GENERAL:
            matched = (_NO_DIGIT if name in _OF_DIGITS else _BETWEEN_GROUPS).sub("", matched)
        return bool(module.is_valid(matched))

    return valid
