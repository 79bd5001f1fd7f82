"""Valid values of the kinds that Presidio's own patterns know."""

from __future__ import annotations

import random
from collections.abc import Callable

from audit.pii.planted import coins
from audit.pii.planted.numbers import luhn, mod_97_10, number, weighted

_FIRST = ("amira", "bruno", "chidi", "dora", "eskil", "farah", "goran", "hina", "ivo", "jolanda", "kofi", "lena")
_LAST = ("abara", "brandt", "costa", "dubois", "eriksen", "fischer", "gallo", "horvat", "ito", "jansen", "kovac")
_HOSTS = ("example.com", "example.org", "example.net", "mail.example.com", "office.example.org")
_IBAN_LENGTHS = {"DE": 18, "FR": 23, "ES": 20, "NL": 14, "AT": 16, "BE": 12}


def _digits(rng: random.Random, n: int) -> str:
    return "".join(rng.choices("0123456789", k=n))


def _email(rng: random.Random, language: str) -> str:
    return f"{rng.choice(_FIRST)}.{rng.choice(_LAST)}{rng.choice(('', _digits(rng, 2)))}@{rng.choice(_HOSTS)}"


def _card(rng: random.Random, language: str) -> str:
    body = "4" + _digits(rng, 14)
    whole = body + luhn(body)
    joint = rng.choice(("", " ", "-"))
    return joint.join(whole[start : start + 4] for start in range(0, 16, 4))


def _iban(rng: random.Random, language: str) -> str:
    country = rng.choice(sorted(_IBAN_LENGTHS))
    body = ("ABNA" if country == "NL" else "") + _digits(rng, _IBAN_LENGTHS[country] - 4 * (country == "NL"))
    whole = f"{country}{mod_97_10(body + country)}{body}"
    if rng.random() < 0.5:
        return whole
    return " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))


def _ip(rng: random.Random, language: str) -> str:
    if rng.random() < 0.25:
        return "2001:db8:" + ":".join(f"{rng.randrange(1, 65536):x}" for _ in range(6))
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}"


def _ssn(rng: random.Random, language: str) -> str:
    return f"{rng.randrange(100, 665)}-{rng.randrange(11, 99)}-{rng.randrange(1000, 9999)}"


def _url(rng: random.Random, language: str) -> str:
    place = f"{rng.choice(_HOSTS)}/{rng.choice(_FIRST)}-{_digits(rng, 3)}"
    return rng.choice(("https://", "http://", "www.")) + place


def _mac(rng: random.Random, language: str) -> str:
    # The two bits of a locally administered, single-receiver address: no maker's number.
    first = rng.randrange(256) & 0xFC | 0x02
    octets = [f"{octet:02x}" for octet in (first, *(rng.randrange(1, 255) for _ in range(5)))]
    in_pairs = ["".join(octets[place : place + 2]) for place in (0, 2, 4)]
    return rng.choice((":".join(octets), "-".join(octets).upper(), ".".join(in_pairs)))


def _uuid(rng: random.Random, language: str) -> str:
    letters = f"{rng.getrandbits(128):032x}"
    return f"{letters[:8]}-{letters[8:12]}-4{letters[13:16]}-a{letters[17:20]}-{letters[20:]}"


def _date(rng: random.Random, language: str) -> str:
    year, month, day = rng.randrange(1940, 2010), rng.randrange(1, 13), rng.randrange(1, 29)
    return rng.choice((f"{year}-{month:02d}-{day:02d}", f"{day:02d}/{month:02d}/{year}", f"{day}.{month}.{year}"))


MAKERS: dict[str, Callable[[random.Random, str], str]] = {
    "CREDIT_CARD": _card,
    "CRYPTO": coins.address,
    "DATE_TIME": _date,
    "EMAIL_ADDRESS": _email,
    "IBAN_CODE": _iban,
    "IP_ADDRESS": _ip,
    "MAC_ADDRESS": _mac,
    "MEDICAL_LICENSE": number("[ABFM][ABCDEFGH]######", lambda body: weighted((1, 2, 1, 2, 1, 2), 10)(body[2:])),
    "UK_NHS": number(
        "#########", weighted(range(10, 1, -1), 11, sign=-1), forms=("### ### ####", "###-###-####", "##########")
    ),
    "URL": _url,
    "US_BANK_NUMBER": lambda rng, language: f"{rng.randrange(10**9, 10**12)}",
    "US_DRIVER_LICENSE": number(
        ("[ADMN]#######", "########", "### ### ###", "[FM]###-###-##-###-#", "[IK]###-####-####")
    ),
    "US_ITIN": number(
        ("9##5#####", "9##6[012345]####", "9##7#####", "9##8[012345678]####", "9##9[012456789]####"),
        forms=("###-##-####", "### ## ####"),
    ),
    "US_PASSPORT": number(("[123456789]########", "A########")),
    "US_SSN": _ssn,
    "UUID": _uuid,
}

LABELS = {
    "CREDIT_CARD": {"en": "credit card"},
    "CRYPTO": {"en": "bitcoin wallet"},
    "DATE_TIME": {"en": "born on"},
    "EMAIL_ADDRESS": {"en": "email"},
    "IBAN_CODE": {"en": "transfer to IBAN"},
    "IP_ADDRESS": {"en": "seen from ip"},
    "MAC_ADDRESS": {"en": "device mac"},
    "MEDICAL_LICENSE": {"en": "medical certificate"},
    "UK_NHS": {"en": "nhs number"},
    "URL": {"en": "profile at"},
    "US_BANK_NUMBER": {"en": "bank account"},
    "US_DRIVER_LICENSE": {"en": "driver license"},
    "US_ITIN": {"en": "taxpayer id itin"},
    "US_PASSPORT": {"en": "passport"},
    "US_SSN": {"en": "ssn"},
    "UUID": {"en": "session"},
}

BY_LABEL_ALONE = ("MEDICAL_LICENSE", "UK_NHS", "US_BANK_NUMBER", "US_DRIVER_LICENSE", "US_PASSPORT")
"""Entities that are bare digits, or nearly so with one check digit: only the words before them tell what they are."""
