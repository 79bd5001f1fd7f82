"""Finds vehicle identification numbers and licence plates.

A plate is too short to be told by its form, so it needs a telling word, in or near its column.

Source: ISO 3779 and 49 CFR 565 (check digit of a vehicle identification number, compulsory in North America alone); the
countries' registration rules for the forms of plates.
"""

from __future__ import annotations

import re

from audit.pii.patterns.identifiers import by_form, by_word

ENTITIES = {
    "DE_KFZ": "German licence plates",
    "LICENSE_PLATE": "licence plates of vehicles",
    "UK_VEHICLE_REGISTRATION": "British licence plates",
    "VIN": "vehicle identification numbers",
}

_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_PLATE_WORDS = (
    "license plate, licence plate, plate, registration number, vehicle reg, reg no, reg number, tag number, vrm, "
    "kennzeichen, immatriculation, plaque, matrícula, matricula, targa, kenteken, nummerplaat, numer rejestracyjny, "
    "nr rej, rejestracja, tablica, placa"
)


_VIN_WORDS = (
    "vin, chassis, vehicle identification, vehicle id, fahrgestell, châssis, bastidor, telaio, podwozia, "
    "voertuigidentificatie"
)


def _vin(number: str) -> bool | None:
    """True if the check digit is right; None if it is not, as outside of North America none is required."""
    letters = number.upper()
    if not re.search("[A-Z]", letters) or not re.search(r"\d{3}\Z", letters) or len(set(letters)) < 6:
        return False
    total = sum((_VALUES.get(letter) or int(letter)) * weight for letter, weight in zip(letters, _WEIGHTS, strict=True))
    return True if "0123456789X"[total % 11] == letters[8] else None


# In small letters only forms that no small words and numbers have by chance.
_GERMAN = r"[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2}[- ]?[1-9]\d{0,3}[EH]?|(?i:[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}[- ]?[1-9]\d{1,3}[EH]?)"
_BRITISH = r"(?i:[A-Z]{2}\d{2} ?[A-Z]{3})|[A-Z]\d{1,3} ?[A-Z]{3}|[A-Z]{3} ?\d{1,3}[A-Z]"
_OTHERS = (
    r"[A-Z]{2}[- ]?\d{3}[- ]?[A-Z]{2}|(?i:[A-Z]{2}-?\d{3}-?[A-Z]{2})"  # France, Italy
    r"|\d{4}[- ]?[BCDFGHJ-NPR-TV-Z]{3}|[A-Z]{1,2}[- ]\d{4}[- ][A-Z]{1,2}"  # Spain, since 2000 and before
    r"|(?:[A-Z\d]{1,3}-){2}[A-Z\d]{1,3}"  # Netherlands, Portugal
    r"|[A-Z]{2,3} ?[A-Z\d]{4,5}"  # Poland
    r"|(?i:\d[A-Z]{3}\d{3})|[A-Z]{3}[- ]?\d{3,4}|\d{3}[- ]?[A-Z]{3}|[A-Z\d]{2,3}[- ][A-Z\d]{3,4}"  # United States
    r"|[A-Z]{3}-?\d[A-Z\d]\d{2}"  # Brazil
)


def _has_digit(plate: str) -> bool | None:
    return None if re.search(r"\d", plate) else False


PATTERNS = (
    by_form("VIN", r"[A-HJ-NPR-Z\d]{17}", 0.3, _vin, _VIN_WORDS),
    by_word("VIN", r"[a-hj-npr-z\d]{17}", _vin, _VIN_WORDS),
    by_word("DE_KFZ", _GERMAN, None, "kennzeichen, nummernschild, german plate, german license plate"),
    by_word("UK_VEHICLE_REGISTRATION", _BRITISH, None,
            "registration number, vehicle reg, reg no, reg number, number plate, vrm, uk plate, british plate, "
            "licence plate"),
    by_word("LICENSE_PLATE", _OTHERS, _has_digit, _PLATE_WORDS),
)  # fmt: skip
