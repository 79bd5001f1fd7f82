"""Which digits may be a valid telephone number in a region, told from the numbering plans inside `phonenumbers`.

The answer is "yes" too often and never "no" for a number that `phonenumbers` takes for valid, at a small part of its
time: the digits are compared with all forms of all numbers that share a calling code, with and without what may be
dialled before them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

LEAST_DIGITS = 4
"""Digits of the shortest valid number, with or without its calling code."""

_KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip
"""Kinds of numbers, one of which a valid number is."""


@dataclass(frozen=True)
class Plan:
    """How numbers are made in one region.

    Attributes:
        region: two-letter code.
        code: calling code, such as 49.
        abroad: matches the digits that begin a call to another country.
        national: matches the digits that begin a call to another place, None where there are none.
        transformed: what stays of them where they hold a part of the number, in the syntax of `re.sub`.
        valid: matches a whole number without the digits before it, of any region with the same calling code.
        least: digits below which there is none.
    """

    region: str
    code: str
    abroad: re.Pattern[str]
    national: re.Pattern[str] | None
    transformed: str
    valid: re.Pattern[str]
    least: int

    def may_hold(self, digits: str) -> bool:
        """Whether the digits, dialled within the region, may reach a valid number."""
        if len(digits) < self.least:
            return False
        call = self.abroad.match(digits)
        # No calling code begins with 0.
        if call and digits[call.end() : call.end() + 1] != "0":
            return may_be_abroad(digits[call.end() :])
        if self.may_follow(digits):
            return True
        return digits.startswith(self.code) and self.may_follow(digits[len(self.code) :])

    def may_follow(self, digits: str) -> bool:
        """Whether the digits may be a valid number, with or without those that begin a call to another place."""
        if self.valid.fullmatch(digits):
            return True
        # They may be taken off twice: once with the calling code and once without.
        for _ in range(2):
            rest = self._without_national(digits)
            if rest == digits:
                return False
            if self.valid.fullmatch(rest):
                return True
            digits = rest
        return False

    def _without_national(self, digits: str) -> str:
        begun = self.national.match(digits) if self.national else None
        if begun is None:
            return digits
        if self.transformed and begun.re.groups and begun[begun.re.groups] is not None:
            return begun.re.sub(self.transformed, digits, count=1)
        return digits[begun.end() :]


@cache
def plan(name: str) -> Plan:
    """The plan of a region, or of the chief region of a calling code.

    Args:
        name: two-letter code, or calling code.
    """
    from phonenumbers import PhoneMetadata
    from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE, country_code_for_valid_region

    region = COUNTRY_CODE_TO_REGION_CODE[int(name)][0] if name.isdecimal() else name
    code = int(name) if name.isdecimal() else country_code_for_valid_region(region)
    about: Any = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    shapes = [
        shape
        for same in COUNTRY_CODE_TO_REGION_CODE[code]
        for kind in _KINDS
        if (shape := getattr(PhoneMetadata.metadata_for_region_or_calling_code(code, same), kind))
        and shape.national_number_pattern
    ]
    return Plan(
        region=region,
        code=str(code),
        abroad=re.compile(about.international_prefix or "(?!)"),
        national=re.compile(about.national_prefix_for_parsing) if about.national_prefix_for_parsing else None,
        transformed=about.national_prefix_transform_rule or "",
        valid=re.compile("|".join(sorted({f"(?:{shape.national_number_pattern})" for shape in shapes}))),
        # Digits that are written anew may become more.
        least=0
        if about.national_prefix_transform_rule
        else min(size for one in shapes for size in one.possible_length),
    )


@cache
def _calling_codes() -> frozenset[str]:
    from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

    return frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))


def calling_code(digits: str) -> str | None:
    """The calling code with which the digits begin, None where they begin with none."""
    return next((digits[:length] for length in (1, 2, 3) if digits[:length] in _calling_codes()), None)


def may_be_abroad(digits: str) -> bool:
    """Whether digits that begin with a calling code may be a valid number."""
    code = calling_code(digits)
    return code is not None and plan(code).may_follow(digits[len(code) :])
