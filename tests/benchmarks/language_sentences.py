"""Sentences in seven languages with labelled personal data, and clean ones, for benchmarks of the scanner.

The templates are in `language_sentences.txt`. Those at even places of their part are for development, the others are
held out: whoever improves a recogniser may see the errors in the first and must not see those in the second. All were
written by one hand before any was scanned. Values are Faker's. Half of the held-out ones come from providers of other
countries with the same language, which development does not use; Italian and Polish have no second one.

Labels are Presidio's words. A birthday is a DATE_OF_BIRTH, any other date a DATE_TIME; streets, towns and postal
addresses are LOCATION, plates of all countries LICENSE_PLATE. Polish names and towns in other cases than the first are
a list beside the templates, since Faker has none.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

from faker import Faker
from stdnum.pt import nif

from tests.benchmarks.labelled_sentences import Maker, Sentence, filled

TEMPLATES = Path(__file__).with_suffix(".txt")
LOCALES = {
    "de": ("de_DE", "de_AT", "de_CH"),
    "fr": ("fr_FR", "fr_CH", "fr_CA"),
    "es": ("es_ES", "es_MX", "es_AR", "es_CL", "es_CO"),
    "it": ("it_IT",),
    "nl": ("nl_NL", "nl_BE"),
    "pl": ("pl_PL",),
    "pt": ("pt_PT", "pt_BR"),
}
"""The first is that of development; half of the held-out values come from the others."""

_NUMBERS = {
    "pension": ("DE_SOCIAL_SECURITY", "de_DE", "rvnr"),
    "ahv": ("CH_AHV", "de_CH", "ssn"),
    "secu": ("FR_INSEE", "fr_FR", "ssn"),
    "nif es": ("ES_NIF", "es_ES", "nif"),
    "nie": ("ES_NIE", "es_ES", "nie"),
    "nuss": ("ES_SOCIAL_SECURITY", "es_ES", "nuss"),
    "fiscal": ("IT_FISCAL_CODE", "it_IT", "ssn"),
    "bsn": ("NL_BSN", "nl_NL", "ssn"),
    "rijks": ("BE_NATIONAL_NUMBER", "nl_BE", "ssn"),
    "pesel": ("PL_PESEL", "pl_PL", "pesel"),
    "nip": ("PL_NIP", "pl_PL", "nip"),
    "cpf": ("BR_CPF", "pt_BR", "cpf"),
    "nif pt": ("PT_NIF", "pt_PT", "vat_id"),
}
"""Numbers of people: entity, locale and provider; a language behind a kind tells two of the same name apart."""

_MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
_DATES = {
    "de": ("{d:02}.{m:02}.{y}", "{d}. {month} {y}", "{d}.{m}.{y}"),
    "fr": ("{d:02}/{m:02}/{y}", "{d} {month} {y}"),
    "es": ("{d:02}/{m:02}/{y}", "{d} de {month} de {y}", "{d}-{m}-{y}"),
    "it": ("{d:02}/{m:02}/{y}", "{d} {month} {y}"),
    "nl": ("{d:02}-{m:02}-{y}", "{d} {month} {y}"),
    "pl": ("{d:02}.{m:02}.{y}", "{d} {month} {y}"),
    "pt": ("{d:02}/{m:02}/{y}", "{d} de {month} de {y}"),
}


def labelled(language: str, count: int, *, held_out: bool, seed: int = 1) -> list[Sentence]:
    """Sentences with values, all templates of one half equally often.

    Args:
        language: one of `LOCALES`.
        count: how many.
        held_out: which half of the templates and locales.
        seed: of all values.
    """
    templates = _parts()[language][held_out::2]
    rng = random.Random(f"{language} {seed} {held_out}")
    makers = _makers(language, rng, held_out=held_out)
    return [filled(templates[place % len(templates)], makers, rng) for place in range(count)]


def clean(language: str, *, held_out: bool) -> list[str]:
    """Sentences of one half that hold no personal data."""
    return _parts()[f"{language} clean"][held_out::2]


@cache
def _parts() -> dict[str, list[str]]:
    """Lines of each part; the values of a list stand under its language and its kind with a sign of equality."""
    parts: dict[str, list[str]] = {}
    part = ""
    for line in TEMPLATES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            part = line.strip("[]")
            parts[part] = []
        elif line.startswith("="):
            kind, values = line[2:].split(" ", 1)
            parts[f"{part} = {kind}"] = values.split("; ")
        elif line and not line.startswith("#"):
            parts[part].append(line)
    return parts


def _makers(language: str, rng: random.Random, *, held_out: bool) -> dict[str, Maker]:
    """What makes each kind of value that the templates of a language ask for."""
    first, *others = LOCALES[language]
    main = _faker(first, rng)
    abroad = [_faker(locale, rng) for locale in others]

    def drawn(name: str) -> Callable[[], str]:
        def value() -> str:
            fake = rng.choice(abroad) if held_out and abroad and rng.random() < 0.5 else main
            return str(getattr(fake, name)()).strip()

        return value

    def listed(kind: str) -> Callable[[], str]:
        return lambda: rng.choice(_parts()[f"{language} = {kind}"])

    lines = drawn("address")
    return {
        "person": ("PERSON", lambda: f"{drawn('first_name')()} {drawn('last_name')()}"),
        "first_name": ("PERSON", drawn("first_name")),
        "last_name": ("PERSON", drawn("last_name")),
        "inflected": ("PERSON", listed("inflected")),
        "title": ("TITLE", listed("title")),
        "lady": ("TITLE", listed("lady")),
        "address": ("LOCATION", lambda: rng.choice((", ", "\n")).join(map(str.strip, lines().split("\n")))),
        "street": ("LOCATION", lambda: drawn("street_address")().replace("\n", " ")),
        "city": ("LOCATION", drawn("city")),
        "town_in": ("LOCATION", listed("town_in")),
        "zip_code": ("ZIP_CODE", drawn("postcode")),
        "company": ("ORGANIZATION", drawn("company")),
        "phone": ("PHONE_NUMBER", drawn("phone_number")),
        "email": ("EMAIL_ADDRESS", main.email),
        "url": ("URL", main.url),
        "ip": ("IP_ADDRESS", main.ipv4),
        "iban": ("IBAN_CODE", main.iban),
        "credit_card": ("CREDIT_CARD", main.credit_card_number),
        "plate": ("LICENSE_PLATE", main.license_plate),
        "age": ("AGE", lambda: str(rng.randint(2, 99))),
        "dob": ("DATE_OF_BIRTH", lambda: _date(language, main, rng)),
        "date": ("DATE_TIME", lambda: _date(language, main, rng)),
        "stamp": ("DATE_TIME", lambda: main.iso8601(sep=" ")),
        "weekday": ("DATE_TIME", listed("weekday")),
        **_numbers(language, rng),
    }


def _numbers(language: str, rng: random.Random) -> dict[str, Maker]:
    makers: dict[str, Maker] = {}
    for name, (entity, locale, provider) in _NUMBERS.items():
        kind, _, only = name.partition(" ")
        if only in ("", language):
            make = getattr(_faker(locale, rng), provider)
            makers[kind] = (entity, _portuguese(make) if entity == "PT_NIF" else make)
    return makers


def _portuguese(make: Callable[[], str]) -> Callable[[], str]:
    """Faker's Portuguese numbers begin with their country and have random check digits."""

    def value() -> str:
        digits = make().removeprefix("PT")[:-1]
        return digits + str(nif.calc_check_digit(digits))

    return value


def _faker(locale: str, rng: random.Random) -> Faker:
    fake = Faker(locale)
    fake.seed_instance(seed := rng.random())
    random.seed(seed)  # Spanish social security numbers are drawn from the module itself
    return fake


def _date(language: str, fake: Faker, rng: random.Random) -> str:
    day = fake.date_of_birth()
    month = _MONTHS[language].split()[day.month - 1]
    return rng.choice(_DATES[language]).format(d=day.day, m=day.month, y=day.year, month=month)
