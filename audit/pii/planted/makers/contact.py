"""Values of ages, occupations, postal codes and dates, in the forms of eight languages."""

from __future__ import annotations

import random

from audit.pii.planted.lists import one_of
from audit.pii.planted.numbers import Maker

_OCCUPATIONS = {
    "en": "nurse|bus driver|primary school teacher|software engineer|sales assistant|electrician",
    "de": "Lehrer|Krankenschwester|Bäcker|Ingenieur|Polizist|Koch",
    "fr": "infirmier|boulanger|avocat|architecte|journaliste|pharmacien",
    "es": "profesor|abogado|médico|carpintero|cocinero|periodista",
    "it": "avvocato|medico|infermiere|cuoco|architetto|giornalista",
    "nl": "boekhouder|kok|verpleegkundige|advocaat|bakker|timmerman",
    "pl": "lekarz|nauczyciel|kucharz|architekt|adwokat|dziennikarz",
    "pt": "médico|advogado|professor|enfermeiro|cozinheiro|jornalista",
}
_MONTHS = {
    "en": ("January", "April", "July", "October"),
    "de": ("Januar", "April", "Juli", "Oktober"),
    "fr": ("janvier", "avril", "juillet", "octobre"),
    "es": ("enero", "abril", "julio", "octubre"),
    "it": ("gennaio", "aprile", "luglio", "ottobre"),
    "nl": ("januari", "april", "juli", "oktober"),
    "pl": ("stycznia", "kwietnia", "lipca", "października"),
    "pt": ("janeiro", "abril", "julho", "outubro"),
}


def _age(rng: random.Random, language: str) -> str:
    return str(rng.randrange(18, 96))


def _occupation(rng: random.Random, language: str) -> str:
    return one_of(_OCCUPATIONS, rng, language)


def _postal_code(rng: random.Random, language: str) -> str:
    digits = f"{rng.randrange(10_000, 99_999)}"
    if language == "en":
        british = (
            f"{rng.choice('BLMS')}{rng.randrange(1, 20)} "
            f"{rng.randrange(1, 10)}{rng.choice('ABDEFG')}{rng.choice('HJLNPQ')}"
        )
        return rng.choice((digits, f"{digits}-{rng.randrange(1000, 9999)}", british))
    forms = {
        "nl": f"{digits[:4]} {rng.choice('ABEGHK')}{rng.choice('ABEGHK')}",
        "pl": f"{digits[:2]}-{digits[2:]}",
        "pt": f"{digits[:4]}-{rng.randrange(100, 999)}",
    }
    return forms.get(language, digits)


def _date_of_birth(rng: random.Random, language: str) -> str:
    year, month, day = rng.randrange(1935, 2008), rng.randrange(4), rng.randrange(1, 29)
    name = _MONTHS.get(language, _MONTHS["en"])[month]
    number = month * 3 + 1
    worded = {
        "en": rng.choice((f"{name} {day}, {year}", f"{day} {name} {year}")),
        "de": f"{day}. {name} {year}",
        "es": f"{day} de {name} de {year}",
        "pt": f"{day} de {name} de {year}",
    }.get(language, f"{day} {name} {year}")
    signs = {"en": "/", "fr": "/", "es": "/", "it": "/", "pt": "/", "nl": "-"}.get(language, ".")
    return rng.choice((worded, f"{day:02d}{signs}{number:02d}{signs}{year}", f"{year}-{number:02d}-{day:02d}"))


def _date(rng: random.Random, language: str) -> str:
    year, month, day = rng.randrange(1940, 2010), rng.randrange(1, 13), rng.randrange(1, 29)
    return rng.choice((f"{year}-{month:02d}-{day:02d}", f"{day:02d}/{month:02d}/{year}", f"{day}.{month}.{year}"))


MAKERS: dict[str, Maker] = {
    "AGE": _age,
    "DATE_OF_BIRTH": _date_of_birth,
    "DATE_TIME": _date,
    "TITLE": _occupation,
    "ZIP_CODE": _postal_code,
}
LABELS = {
    "AGE": {
        "en": "age:", "de": "Alter:", "fr": "âge :", "es": "edad:", "it": "età:", "nl": "leeftijd:", "pl": "wiek:",
        "pt": "idade:",
    },
    "DATE_OF_BIRTH": {
        "en": "born on", "de": "geboren am", "fr": "née le", "es": "fecha de nacimiento:", "it": "data di nascita:",
        "nl": "geboortedatum:", "pl": "data urodzenia:", "pt": "data de nascimento:",
    },
    "DATE_TIME": {"en": "born on"},
    "TITLE": {
        "en": "occupation:", "de": "Beruf:", "fr": "métier :", "es": "profesión:", "it": "professione:",
        "nl": "beroep:",
        "pl": "zawód:", "pt": "profissão:",
    },
    "ZIP_CODE": {
        "en": "postcode", "de": "PLZ", "fr": "code postal", "es": "código postal", "it": "codice postale",
        "nl": "postcode",
        "pl": "kod pocztowy", "pt": "código postal",
    },
}  # fmt: skip
BY_LABEL_ALONE = ("AGE", "DATE_OF_BIRTH", "TITLE", "ZIP_CODE")
"""An age is two digits and a date of birth a date: only the words before them tell what they are."""
