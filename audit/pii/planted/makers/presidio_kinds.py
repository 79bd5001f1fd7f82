"""Valid values of the kinds that Presidio's own patterns know."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_FIRST = ("amira", "bruno", "chidi", "dora", "eskil", "farah", "goran", "hina", "ivo", "jolanda", "kofi", "lena")
_LAST = ("abara", "brandt", "costa", "dubois", "eriksen", "fischer", "gallo", "horvat", "ito", "jansen", "kovac")
_HOSTS = ("example.com", "example.org", "example.net", "mail.example.com", "office.example.org")
_IBAN_LENGTHS = {"DE": 18, "FR": 23, "ES": 20, "NL": 14, "AT": 16, "BE": 12}


def _digits(rng: random.Random, n: int) -> str:
    return "".join(rng.choices("0123456789", k=n))


def _email(rng: random.Random, language: str) -> str:
    return f"{rng.choice(_FIRST)}.{rng.choice(_LAST)}{rng.choice(('', _digits(rng, 2)))}@{rng.choice(_HOSTS)}"


def _phone(rng: random.Random, language: str) -> str:
    area = rng.choice(("212", "303", "415", "617", "713", "808"))
    last = f"01{_digits(rng, 2)}"
    return rng.choice((f"({area}) 555-{last}", f"{area}-555-{last}", f"+1 {area} 555 {last}", f"{area}.555.{last}"))


def _card(rng: random.Random, language: str) -> str:
    body = "4" + _digits(rng, 14)
    doubled = [int(digit) * (2 - position % 2) for position, digit in enumerate(body)]
    check = -sum(number - 9 * (number > 9) for number in doubled) % 10
    number = f"{body}{check}"
    joint = rng.choice(("", " ", "-"))
    return joint.join(number[start : start + 4] for start in range(0, 16, 4))


def _iban(rng: random.Random, language: str) -> str:
    country = rng.choice(sorted(_IBAN_LENGTHS))
    body = ("ABNA" if country == "NL" else "") + _digits(rng, _IBAN_LENGTHS[country] - 4 * (country == "NL"))
    rest = int("".join(str(int(letter, 36)) for letter in f"{body}{country}00")) % 97
    number = f"{country}{98 - rest:02d}{body}"
    if rng.random() < 0.5:
        return number
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _ip(rng: random.Random, language: str) -> str:
    if rng.random() < 0.25:
        return "2001:db8:" + ":".join(f"{rng.randrange(1, 65536):x}" for _ in range(6))
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}"


def _ssn(rng: random.Random, language: str) -> str:
    return f"{rng.randrange(100, 665)}-{rng.randrange(11, 99)}-{rng.randrange(1000, 9999)}"


def _url(rng: random.Random, language: str) -> str:
    return f"https://{rng.choice(_HOSTS)}/{rng.choice(_FIRST)}-{_digits(rng, 3)}"


def _mac(rng: random.Random, language: str) -> str:
    # The two bits of a locally administered, single-receiver address: no maker's number.
    first = rng.randrange(256) & 0xFC | 0x02
    return ":".join(f"{octet:02x}" for octet in (first, *(rng.randrange(1, 255) for _ in range(5))))


def _uuid(rng: random.Random, language: str) -> str:
    letters = f"{rng.getrandbits(128):032x}"
    return f"{letters[:8]}-{letters[8:12]}-4{letters[13:16]}-a{letters[17:20]}-{letters[20:]}"


def _bitcoin(rng: random.Random, language: str) -> str:
    payload = b"\x00" + rng.randbytes(20)
    number = int.from_bytes(payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4], "big")
    letters = ""
    while number:
        number, rest = divmod(number, 58)
        letters = _BASE58[rest] + letters
    return "1" + letters


def _nhs(rng: random.Random, language: str) -> str:
    while True:
        body = _digits(rng, 9)
        check = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
        if check < 10 and len(set(body)) > 1:
            return f"{body[:3]} {body[3:6]} {body[6:]}{check}"


def _medical(rng: random.Random, language: str) -> str:
    digits = [int(digit) for digit in _digits(rng, 6)]
    check = (sum(digits[0::2]) + 2 * sum(digits[1::2])) % 10
    return f"{rng.choice('ABFM')}{rng.choice('ABCDEFGH')}{''.join(map(str, digits))}{check}"


def _date(rng: random.Random, language: str) -> str:
    year, month, day = rng.randrange(1940, 2010), rng.randrange(1, 13), rng.randrange(1, 29)
    return rng.choice((f"{year}-{month:02d}-{day:02d}", f"{day:02d}/{month:02d}/{year}", f"{day}.{month}.{year}"))


def _itin(rng: random.Random, language: str) -> str:
    return f"9{_digits(rng, 2)}-{rng.choice('57')}{rng.randrange(10)}-{_digits(rng, 4)}"


MAKERS: dict[str, Callable[[random.Random, str], str]] = {
    "CREDIT_CARD": _card,
    "CRYPTO": _bitcoin,
    "DATE_TIME": _date,
    "EMAIL_ADDRESS": _email,
    "IBAN_CODE": _iban,
    "IP_ADDRESS": _ip,
    "MAC_ADDRESS": _mac,
    "MEDICAL_LICENSE": _medical,
    "PHONE_NUMBER": _phone,
    "UK_NHS": _nhs,
    "URL": _url,
    "US_BANK_NUMBER": lambda rng, language: f"{rng.randrange(10**9, 10**12)}",
    "US_DRIVER_LICENSE": lambda rng, language: f"{rng.choice('ACDMN')}{_digits(rng, 7)}",
    "US_ITIN": _itin,
    "US_PASSPORT": lambda rng, language: f"{rng.randrange(10**8, 10**9)}",
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
    "PHONE_NUMBER": {"en": "phone"},
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
