"""Finds numbers of passports, identity cards and driving licences.

Most are short and of a form that order numbers have too, so they need the name of the document near them. The British
driving licence, which spells name and birth date, is told by its form.

Source: ICAO 9303 (weights 731 of machine-readable documents), the countries' own descriptions, PRADO (Council of the
EU).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from audit.pii.patterns.check_digits import compact
from audit.pii.patterns.identifiers import OF_ANY, by_form, by_word

ENTITIES = {
    "BR_CNH": "Brazilian driving licences",
    "DE_FUEHRERSCHEIN": "German driving licences",
    "DE_ID_CARD": "German identity cards",
    "DE_PASSPORT": "German passports",
    "ES_PASSPORT": "Spanish passports",
    "FR_DRIVER_LICENSE": "French driving licences",
    "FR_ID_CARD": "French identity cards",
    "FR_PASSPORT": "French passports",
    "IN_PASSPORT": "Indian passports",
    "IT_DRIVER_LICENSE": "Italian driving licences",
    "IT_IDENTITY_CARD": "Italian identity cards",
    "IT_PASSPORT": "Italian passports",
    "NL_DRIVER_LICENSE": "Dutch driving licences",
    "NL_ID_CARD": "Dutch identity cards and passports",
    "PASSPORT": "passports of other countries",
    "PL_DRIVER_LICENSE": "Polish driving licences",
    "PL_ID_CARD": "Polish identity cards",
    "PL_PASSPORT": "Polish passports",
    "PT_DRIVER_LICENSE": "Portuguese driving licences",
    "PT_PASSPORT": "Portuguese passports",
    "UK_DRIVING_LICENCE": "British driving licences",
    "UK_PASSPORT": "British passports",
    "US_DRIVER_LICENSE": "American driving licences",
    "US_PASSPORT": "American passports",
}

_GERMAN_LETTERS = "CFGHJKLMNPRTVWXYZ"
"""Letters of German documents: no vowels and none that looks like another letter or digit."""


def _icao(number: str) -> bool:
    """Weights 7, 3, 1 over digits and letters from A as 10; the last digit is the remainder of 10."""
    written = compact(number)
    total = sum(int(letter, 36) * (7, 3, 1)[place % 3] for place, letter in enumerate(written[:-1]))
    return total % 10 == int(written[-1])


def _german(number: str) -> bool | None:
    """The tenth place, where it is written, is a check digit; nine places prove nothing, but hold a digit."""
    if len(number) == 10:
        return _icao(number)
    return None if re.search(r"\d", number) else False


def _polish(*weights: int) -> Callable[[str], bool]:
    """The test whether digits, and letters from A as 10, each times its weight, make a multiple of 10."""

    def valid(number: str) -> bool:
        values = [int(letter, 36) for letter in compact(number)]
        return sum(value * weight for value, weight in zip(values, weights, strict=True)) % 10 == 0

    return valid


def _cnh(number: str) -> bool:
    digits = [int(digit) for digit in number]
    first = sum(digit * weight for digit, weight in zip(digits, range(9, 0, -1), strict=False)) % 11
    # Where the first check digit would be ten, it is written 0 and the second is lowered by two.
    lowered = 2 if first == 10 else 0
    second = (sum(digit * weight for digit, weight in zip(digits, range(1, 10), strict=False)) % 11 - lowered) % 11
    return first % 10 == digits[9] and second % 10 == digits[10]


def _mostly_digits(number: str) -> bool | None:
    """False for words and short codes."""
    return None if sum(letter.isdigit() for letter in number) >= 4 else False


_IDENTITY_CARD = "ausweis, perso, personalausweisnummer, ausweisnummer, identity card, id card, german id"
_DRIVING = (
    "driver's license, driver’s license, drivers license, driver license, driver's licence, driver licence, "
    "driving license, license number, license no, dl number, dl no, dl#, dln"
)

PATTERNS = (
    by_form("UK_DRIVING_LICENCE",
            r"[A-Z][A-Z9]{4} ?\d[0156]\d(?:[0-2]\d|3[01])\d ?[A-Z9]{2}[A-Z\d] ?[A-Z]{2}", 0.85, None,
            "driving licence, driving license, dvla", ignore_case=True),
    by_word("US_DRIVER_LICENSE",
            r"[A-Z]{0,3}\d[A-Z\d]{3,15}|[A-Z]\d{2,4}(?:[ -]\d{2,6}){2,4}(?:[ -]\d)?|\d{2,3}(?:[ -]\d{2,4}){2}",
            _mostly_digits, _DRIVING),
    by_word("US_PASSPORT", r"[A-Z]?\d{8}|\d{9}", None, "passport", score=OF_ANY, ignore_case=True),
    by_word("UK_PASSPORT", r"\d{9}", None, "uk passport, british passport, hm passport"),
    by_word("DE_PASSPORT", rf"C[{_GERMAN_LETTERS}\d]{{8}}\d?", _german,
            "reisepass, passnummer, pass-nr, german passport", ignore_case=True),
    by_word("DE_ID_CARD", rf"[LMNPRTVWXY][{_GERMAN_LETTERS}\d]{{8}}\d?", _german, _IDENTITY_CARD,
            ignore_case=True),
    by_word("DE_FUEHRERSCHEIN", r"[A-Z]\d{2}[\dA-Z]{6}[\dX][\dA-Z]", _mostly_digits,
            "führerschein, fuehrerschein, fahrerlaubnis, german driving"),
    by_word("FR_PASSPORT", r"\d{2} ?[A-Z]{2} ?\d{5}", None, "passeport, french passport"),
    by_word("FR_ID_CARD", r"\d{12}|[A-Z\d]{9}", _mostly_digits,
            "carte d'identité, carte nationale, carte d’identité, cni, french id card"),
    by_word("FR_DRIVER_LICENSE", r"\d{12}|\d{2}[A-Z]{2}\d{5}", None, "permis de conduire, permis, french driving"),
    by_word("ES_PASSPORT", r"[A-Z]{3} ?\d{6}[A-Z]?", None, "pasaporte, spanish passport"),
    by_word("IT_PASSPORT", r"[A-Z]{2} ?\d{7}", None, "passaporto, italian passport"),
    by_word("IT_IDENTITY_CARD", r"[A-Z]{2} ?\d{5} ?[A-Z]{2}|[A-Z]{2} ?\d{7}|\d{7}[A-Z]{2}", None,
            "carta d'identità, carta d’identità, carta di identità, carta identita, cie, italian id card"),
    by_word("IT_DRIVER_LICENSE", r"[A-Z]{2}\d{7}[A-Z]|U1[A-Z\d]{7}[A-Z]", None, "patente, italian driving"),
    by_word("NL_ID_CARD", r"[A-NP-Z]{2}[A-NP-Z\d]{6}\d", _mostly_digits,
            "paspoort, identiteitskaart, id-kaart, documentnummer, dutch passport, dutch id card"),
    by_word("NL_DRIVER_LICENSE", r"\d{10}", None, "rijbewijs, dutch driving"),
    by_word("PL_ID_CARD", r"[A-Z]{3} ?\d{6}", _polish(7, 3, 1, 9, 7, 3, 1, 7, 3),
            "dowód, dowodu, dowod, polish id card"),
    by_word("PL_PASSPORT", r"[A-Z]{2} ?\d{7}", _polish(7, 3, 9, 1, 7, 3, 1, 7, 3), "paszport, polish passport"),
    by_word("PL_DRIVER_LICENSE", r"\d{5}/\d{2}/\d{4}", None, "prawo jazdy, prawa jazdy, polish driving"),
    by_word("PT_PASSPORT", r"[A-Z]{1,2} ?\d{6}", None, "passaporte, portuguese passport"),
    by_word("PT_DRIVER_LICENSE", r"[A-Z]{1,2}-\d{6,8}(?: ?\d)?", None,
            "carta de condução, carta de conducao, portuguese driving"),
    by_word("BR_CNH", r"\d{11}", _cnh, "cnh, carteira de motorista, habilitação, habilitacao, brazilian driving"),
    by_word("IN_PASSPORT", r"[A-PR-WY][1-9]\d ?\d{4}[1-9]", None, "indian passport"),
    by_word("PASSPORT", r"[A-Z]{1,3} ?\d{6,7}|[A-Z]{2}\d[A-Z]{2}\d{4}", None, "passport, reisepass, travel document",
            score=OF_ANY),
)  # fmt: skip
