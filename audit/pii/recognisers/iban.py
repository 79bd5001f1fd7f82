"""Finds bank account numbers (IBAN) inside sentences.

Presidio's pattern takes up to three more letters behind the groups of four, so that a word which follows the number
spoils its checksum: in running text it loses about four in ten. Each country has one length; here exactly that many
letters and digits are taken, and the checksum decides.

Source: ISO 13616-1, lengths from the IBAN registry; checksum ISO 7064 MOD 97-10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from audit.pii.patterns.pattern import Text
from audit.pii.spans import Span

ENTITIES = {"IBAN_CODE": "international bank account numbers"}

_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
_START = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})[0-9]{2}")


def find(text: Text) -> Iterator[Span]:
    """All valid numbers, written in one piece or in groups that single spaces or hyphens part."""
    value = text.value
    for match in _START.finditer(value):
        length = _LENGTHS.get(match[1].upper())
        if length is None:
            continue
        body = re.compile(rf"(?:[A-Za-z0-9][ -]?){{{length - 1}}}[A-Za-z0-9](?![A-Za-z0-9])").match(
            value, match.start()
        )
        if body is not None and _of_one_case(body[0]) and _checks(re.sub("[ -]", "", body[0])):
            yield Span(match.start(), body.end(), "IBAN_CODE", 1.0, "checksum")


def _of_one_case(number: str) -> bool:
    """Whether no word of a sentence is among the groups: capital letters are followed by small ones there."""
    return number in (number.upper(), number.lower())


def _checks(number: str) -> bool:
    return int("".join(str(int(letter, 36)) for letter in number[4:] + number[:4])) % 97 == 1
