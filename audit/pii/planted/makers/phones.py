"""Telephone numbers that reach nobody, or nobody in person, as countries of eight languages write them.

Sources of the ranges kept free for fiction: 555-0100 to 555-0199 in North America; the Bundesnetzagentur's numbers for
media productions; ARCEP, decision 2018-0881, annex 1; Ofcom's numbers for drama; the ACMA's numbers for creative works.
Spain, Italy, the Netherlands, Poland and Portugal keep none free: their numbers here are freephone numbers, which only
companies have.
"""

from __future__ import annotations

import random

from audit.pii.planted.numbers import filled

_FORMS = {
    "de": (
        "030 23125###", "030/23125-###", "(030) 23125 ###", "+49 30 23125###", "0049 40 66969###", "+49 (0)69 90009###",
        "0221 4710###", "089 99998-###", "0171 39200##", "+49 171 39200##",
    ),
    "fr": (
        "01 99 00 ## ##", "01.99.00.##.##", "02 61 91 ## ##", "03 53 01 ## ##", "+33 4 65 71 ## ##", "05 36 49 ## ##",
        "+33 (0)2 61 91 ## ##", "035301####", "0033 4 65 71 ## ##",
    ),
    "es": ("900 ### ###", "900 ## ## ##", "900######", "+34 900 ### ###", "0034 900 ### ###"),
    "it": ("800 ######", "800 ### ###", "800-######", "+39 800 ######", "0039 800 ######"),
    "nl": ("0800 #######", "0800-#######", "0800 ### ####", "+31 800 #######", "0031 800 #######"),
    "pl": ("800 ### ###", "800-###-###", "800######", "+48 800 ### ###", "0048 800 ### ###"),
    "pt": ("800 ### ###", "800######", "+351 800 ### ###", "00351 800 ### ###"),
}  # fmt: skip
_AREAS = ("212", "303", "415", "416", "604", "617", "713", "808")
_AMERICAN = (
    "(AREA) 555-01##", "(AREA)555-01##", "AREA-555-01##", "AREA.555.01##", "AREA 555 01##", "1-AREA-555-01##",
    "+1 AREA 555 01##", "+1 (AREA) 555-01##", "+1-AREA-555-01##", "+1AREA55501##", "AREA-555-01## ext. ###",
    "AREA-555-01## x##",
)  # fmt: skip
_BRITISH = (
    "07700 900###", "07700900###", "+44 7700 900###", "+447700900###", "+44 (0)7700 900###", "0044 7700 900###",
    "020 7946 0###", "(020) 7946 0###", "+44 20 7946 0###", "0113 496 0###", "01632 960###", "+44 1632 960###",
)  # fmt: skip
_AUSTRALIAN = ("(02) 5550 ####", "03 5550 ####", "+61 2 5550 ####", "0491 570 156", "+61 491 570 156", "0491570006")


def _phone(rng: random.Random, language: str) -> str:
    # English texts are American more often than not.
    english = rng.choice((_AMERICAN, _AMERICAN, _AMERICAN, _BRITISH, _AUSTRALIAN))
    form = rng.choice(_FORMS.get(language, english))
    return filled(form.replace("AREA", rng.choice(_AREAS)), rng)


MAKERS = {"PHONE_NUMBER": _phone}

LABELS = {
    "PHONE_NUMBER": {
        "en": "phone", "de": "Telefon", "fr": "téléphone", "es": "teléfono", "it": "telefono", "nl": "telefoon",
        "pl": "telefon", "pt": "telefone",
    },
}  # fmt: skip
