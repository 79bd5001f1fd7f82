"""Makes valid personal values of each kind, and sentences that hold them, for tests of a scan's own sight.

Nothing here is anybody's: phone numbers lie in the ranges that regulators keep free for fiction, names of hosts end in
domains that are reserved for examples, and account and card numbers are random digits with a right checksum.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_FIRST = ("amira", "bruno", "chidi", "dora", "eskil", "farah", "goran", "hina", "ivo", "jolanda", "kofi", "lena")
_LAST = ("abara", "brandt", "costa", "dubois", "eriksen", "fischer", "gallo", "horvat", "ito", "jansen", "kovac")
_HOSTS = ("example.com", "example.org", "example.net", "mail.example.com", "office.example.org")
_IBAN_LENGTHS = {"DE": 18, "FR": 23, "ES": 20, "NL": 14, "AT": 16, "BE": 12}


def value(entity: str, rng: random.Random) -> str:
    """One valid value of an entity.

    Args:
        entity: one of `ENTITIES`.
        rng: source of all choices; the same state gives the same value.

    Raises:
        KeyError: the entity is not one of `ENTITIES`.
    """
    return _MAKERS[entity](rng)


@dataclass(frozen=True)
class Planted:
    """A text that holds one planted value, and the characters at which it starts and ends."""

    text: str
    start: int
    end: int


def insert(text: str, entity: str, rng: random.Random) -> Planted:
    """Write one value of an entity into a text, between two of its words or at an end.

    In half of the cases, and always for bare numbers (`BY_LABEL_ALONE`), the words that people write before such a
    value come with it.
    """
    made = value(entity, rng)
    before = f"{_LABELS[entity]} " if entity in BY_LABEL_ALONE or rng.random() < 0.5 else ""
    gaps = [0, *(place + 1 for place, letter in enumerate(text) if letter == " "), len(text)]
    place = rng.choice(gaps)
    left = text[:place] + (" " if place and text[place - 1] != " " else "") + before
    return Planted(f"{left}{made} {text[place:]}".rstrip(), len(left), len(left) + len(made))


def _digits(rng: random.Random, n: int) -> str:
    return "".join(rng.choices("0123456789", k=n))


def _email(rng: random.Random) -> str:
    return f"{rng.choice(_FIRST)}.{rng.choice(_LAST)}{rng.choice(('', _digits(rng, 2)))}@{rng.choice(_HOSTS)}"


def _phone(rng: random.Random) -> str:
    area = rng.choice(("212", "303", "415", "617", "713", "808"))
    last = f"01{_digits(rng, 2)}"
    return rng.choice((f"({area}) 555-{last}", f"{area}-555-{last}", f"+1 {area} 555 {last}", f"{area}.555.{last}"))


def _card(rng: random.Random) -> str:
    body = "4" + _digits(rng, 14)
    doubled = [int(digit) * (2 - position % 2) for position, digit in enumerate(body)]
    check = -sum(number - 9 * (number > 9) for number in doubled) % 10
    number = f"{body}{check}"
    joint = rng.choice(("", " ", "-"))
    return joint.join(number[start : start + 4] for start in range(0, 16, 4))


def _iban(rng: random.Random) -> str:
    country = rng.choice(sorted(_IBAN_LENGTHS))
    body = ("ABNA" if country == "NL" else "") + _digits(rng, _IBAN_LENGTHS[country] - 4 * (country == "NL"))
    rest = int("".join(str(int(letter, 36)) for letter in f"{body}{country}00")) % 97
    number = f"{country}{98 - rest:02d}{body}"
    if rng.random() < 0.5:
        return number
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _ip(rng: random.Random) -> str:
    if rng.random() < 0.25:
        return "2001:db8:" + ":".join(f"{rng.randrange(1, 65536):x}" for _ in range(6))
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}"


def _ssn(rng: random.Random) -> str:
    return f"{rng.randrange(100, 665)}-{rng.randrange(11, 99)}-{rng.randrange(1000, 9999)}"


def _url(rng: random.Random) -> str:
    return f"https://{rng.choice(_HOSTS)}/{rng.choice(_FIRST)}-{_digits(rng, 3)}"


def _mac(rng: random.Random) -> str:
    # The two bits of a locally administered, single-receiver address: no maker's number.
    first = rng.randrange(256) & 0xFC | 0x02
    return ":".join(f"{octet:02x}" for octet in (first, *(rng.randrange(1, 255) for _ in range(5))))


def _uuid(rng: random.Random) -> str:
    letters = f"{rng.getrandbits(128):032x}"
    return f"{letters[:8]}-{letters[8:12]}-4{letters[13:16]}-a{letters[17:20]}-{letters[20:]}"


def _bitcoin(rng: random.Random) -> str:
    payload = b"\x00" + rng.randbytes(20)
    number = int.from_bytes(payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4], "big")
    letters = ""
    while number:
        number, rest = divmod(number, 58)
        letters = _BASE58[rest] + letters
    return "1" + letters


def _nhs(rng: random.Random) -> str:
    while True:
        body = _digits(rng, 9)
        check = -sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
        if check < 10 and len(set(body)) > 1:
            return f"{body[:3]} {body[3:6]} {body[6:]}{check}"


def _medical(rng: random.Random) -> str:
    digits = [int(digit) for digit in _digits(rng, 6)]
    check = (sum(digits[0::2]) + 2 * sum(digits[1::2])) % 10
    return f"{rng.choice('ABFM')}{rng.choice('ABCDEFGH')}{''.join(map(str, digits))}{check}"


def _date(rng: random.Random) -> str:
    year, month, day = rng.randrange(1940, 2010), rng.randrange(1, 13), rng.randrange(1, 29)
    return rng.choice((f"{year}-{month:02d}-{day:02d}", f"{day:02d}/{month:02d}/{year}", f"{day}.{month}.{year}"))


def _itin(rng: random.Random) -> str:
    return f"9{_digits(rng, 2)}-{rng.choice('57')}{rng.randrange(10)}-{_digits(rng, 4)}"


_MAKERS: dict[str, Callable[[random.Random], str]] = {
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
    "US_BANK_NUMBER": lambda rng: f"{rng.randrange(10**9, 10**12)}",
    "US_DRIVER_LICENSE": lambda rng: f"{rng.choice('ACDMN')}{_digits(rng, 7)}",
    "US_ITIN": _itin,
    "US_PASSPORT": lambda rng: f"{rng.randrange(10**8, 10**9)}",
    "US_SSN": _ssn,
    "UUID": _uuid,
}

_LABELS = {
    "CREDIT_CARD": "credit card",
    "CRYPTO": "bitcoin wallet",
    "DATE_TIME": "born on",
    "EMAIL_ADDRESS": "email",
    "IBAN_CODE": "transfer to IBAN",
    "IP_ADDRESS": "seen from ip",
    "MAC_ADDRESS": "device mac",
    "MEDICAL_LICENSE": "medical certificate",
    "PHONE_NUMBER": "phone",
    "UK_NHS": "nhs number",
    "URL": "profile at",
    "US_BANK_NUMBER": "bank account",
    "US_DRIVER_LICENSE": "driver license",
    "US_ITIN": "taxpayer id itin",
    "US_PASSPORT": "passport",
    "US_SSN": "ssn",
    "UUID": "session",
}

ENTITIES = tuple(sorted(_MAKERS))
"""Entities of which values can be made."""

BY_LABEL_ALONE = ("US_BANK_NUMBER", "US_DRIVER_LICENSE", "US_PASSPORT")
"""Entities that are bare digits: only the words before them tell what they are."""
