"""Check-digit rules of identifiers, for the recognisers.

Most rules are those of the `python-stdnum` package, which also tests birth dates and regions where a number holds them;
the few that it lacks are sums with weights.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

_BETWEEN_GROUPS = re.compile(r"[\s./-]")


def standard(name: str) -> Callable[[str], bool]:
    """The test of a number by the rule of one `python-stdnum` module, which is imported at its first use.

    Args:
        name: of the module without the package, such as `pl.pesel`.
    """

    def valid(number: str) -> bool:
        try:
            return bool(_module(name).is_valid(number))
        except LookupError:  # `cn.ric` looks for the county of a region that has none
            return False

    return valid


@cache
def _module(name: str) -> Any:
    return import_module(f"stdnum.{name}")


def compact(number: str) -> str:
    """A number without the spaces, points, slashes and hyphens between its groups, in capital letters."""
    return _BETWEEN_GROUPS.sub("", number).upper()


def luhn(number: str) -> bool:
    """Whether the last digit is right by Luhn's rule (ISO/IEC 7812-1, annex B); only digits are read."""
    digits = [int(letter) for letter in reversed(number) if letter.isdecimal()]
    doubled = (2 * digit - 9 * (digit > 4) for digit in digits[1::2])
    return len(digits) > 1 and (sum(digits[0::2]) + sum(doubled)) % 10 == 0


def weighted(weights: Sequence[int], modulus: int) -> Callable[[str], bool]:
    """The test whether the digits, each times its weight, leave the last digit as remainder.

    Args:
        weights: one a digit; the last digit has none.
        modulus: what the sum is divided by; where it is 11, a remainder of 10 equals no digit.
    """

    def valid(number: str) -> bool:
        digits = [int(letter) for letter in number if letter.isdecimal()]
        if len(digits) != len(weights) + 1:
            return False
        return sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % modulus == digits[-1]

    return valid


def possible(check: Callable[[str], bool]) -> Callable[[str], bool | None]:
    """A test that can rule a number out and proves nothing: for rules without a check digit, such as ranges."""

    def not_ruled_out(number: str) -> bool | None:
        return None if check(number) else False

    return not_ruled_out
