"""Telephone numbers that reach nobody, or nobody in person, as countries of eight languages write them.

Sources of the ranges kept free for fiction: 555-0100 to 555-0199 in North America; the Bundesnetzagentur's numbers for
media productions; ARCEP, decision 2018-0881, annex 1. Spain, Italy, the Netherlands, Poland and Portugal keep none
free: their numbers here are freephone numbers, which only companies have.
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
        "06 39 98 ## ##", "+33 (0)6 39 98 ## ##", "063998####", "0033 6 39 98 ## ##",
    ),
    "es": ("900 ### ###", "900 ## ## ##", "900######", "+34 900 ### ###", "0034 900 ### ###"),
    "it": ("800 ######", "800 ### ###", "800-######", "+39 800 ######", "0039 800 ######"),
    "nl": ("0800 #######", "0800-#######", "0800 ### ####", "+31 800 #######", "0031 800 #######"),
    "pl": ("800 ### ###", "800-###-###", "800######", "+48 800 ### ###", "0048 800 ### ###"),
    "pt": ("800 ### ###", "800######", "+351 800 ### ###", "00351 800 ### ###"),
}  # fmt: skip


def _american(rng: random.Random) -> str:
    area = rng.choice(("212", "303", "415", "617", "713", "808"))
    last = f"01{''.join(rng.choices('0123456789', k=2))}"
    return rng.choice((f"({area}) 555-{last}", f"{area}-555-{last}", f"+1 {area} 555 {last}", f"{area}.555.{last}"))


def _phone(rng: random.Random, language: str) -> str:
    return filled(rng.choice(_FORMS[language]), rng) if language in _FORMS else _american(rng)


MAKERS = {"PHONE_NUMBER": _phone}

LABELS = {
    "PHONE_NUMBER": {
        "en": "phone", "de": "Telefon", "fr": "téléphone", "es": "teléfono", "it": "telefono", "nl": "telefoon",
        "pl": "telefon", "pt": "telefone",
    },
}  # fmt: skip
