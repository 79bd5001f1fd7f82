"""Makes the personal values that leak into the flawed tickets: a few forms each, nobody's, and always the same.

They are kept apart from the values that a scan's own tests plant: those get new forms, the sample's files do not.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from audit.pii import planted
from audit.pii.planted.numbers import luhn, mod_97_10

_FIRST = ("amira", "bruno", "chidi", "dora", "eskil", "farah", "goran", "hina", "ivo", "jolanda", "kofi", "lena")
_LAST = ("abara", "brandt", "costa", "dubois", "eriksen", "fischer", "gallo", "horvat", "ito", "jansen", "kovac")
_HOSTS = ("example.com", "example.org", "example.net", "mail.example.com", "office.example.org")
_AREAS = ("212", "303", "415", "617", "713", "808")
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")
_IBAN_LENGTHS = {"AT": 16, "BE": 12, "DE": 18, "ES": 20, "FR": 23, "NL": 14}


def write(text: str, rng: random.Random) -> str:
    """A text with one personal value between its words, in half of the cases behind words that tell what it is."""
    told, make = rng.choice(_KINDS)
    told = told if rng.random() < 0.5 else ""
    return planted.write(text, make(rng), told, rng).text


def _digits(rng: random.Random, n: int) -> str:
    return "".join(rng.choices("0123456789", k=n))


def _in_fours(number: str, joint: str) -> str:
    return joint.join(number[start : start + 4] for start in range(0, len(number), 4))


def _email(rng: random.Random) -> str:
    return f"{rng.choice(_FIRST)}.{rng.choice(_LAST)}{rng.choice(('', _digits(rng, 2)))}@{rng.choice(_HOSTS)}"


def _phone(rng: random.Random) -> str:
    area, last = rng.choice(_AREAS), f"01{_digits(rng, 2)}"
    return rng.choice((f"({area}) 555-{last}", f"{area}-555-{last}", f"+1 {area} 555 {last}", f"{area}.555.{last}"))


def _iban(rng: random.Random) -> str:
    country = rng.choice(sorted(_IBAN_LENGTHS))
    bank = "ABNA" if country == "NL" else ""
    body = bank + _digits(rng, _IBAN_LENGTHS[country] - len(bank))
    whole = f"{country}{mod_97_10(body + country)}{body}"
    return whole if rng.random() < 0.5 else _in_fours(whole, " ")


def _card(rng: random.Random) -> str:
    body = "4" + _digits(rng, 14)
    return _in_fours(body + luhn(body), rng.choice(("", " ", "-")))


def _ssn(rng: random.Random) -> str:
    return f"{rng.randrange(100, 665)}-{rng.randrange(11, 99)}-{rng.randrange(1000, 9999)}"


def _ip(rng: random.Random) -> str:
    if rng.random() < 0.25:
        return "2001:db8:" + ":".join(f"{rng.randrange(1, 65536):x}" for _ in range(6))
    return f"{rng.choice(_NETWORKS)}.{rng.randrange(1, 255)}"


_KINDS: tuple[tuple[str, Callable[[random.Random], str]], ...] = (
    ("email", _email),
    ("phone", _phone),
    ("transfer to IBAN", _iban),
    ("credit card", _card),
    ("ssn", _ssn),
    ("seen from ip", _ip),
)
