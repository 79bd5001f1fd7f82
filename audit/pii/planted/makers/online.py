"""Valid addresses of mail, pages and computers, under names and in networks that are reserved for examples.

Source: RFC 2606 (names), RFC 5737 and RFC 3849 (networks), RFC 9562 (UUID).
"""

from __future__ import annotations

import random

from audit.pii.planted.numbers import Maker, filled

_FIRST = ("amira", "bruno", "chidi", "dora", "eskil", "farah", "goran", "hina", "ivo", "jolanda", "kofi", "lena")
_LAST = ("abara", "brandt", "costa", "dubois", "eriksen", "fischer", "gallo", "horvat", "ito", "jansen", "kovac")
_HOSTS = (
    "example.com", "example.org", "example.net", "mail.example.com", "staff.office.example.org", "mx1.example.net",
    "students.harbour-college.example.org", "shop-24.example.net",
)  # fmt: skip
_TAGS = ("news", "shop", "2024")


def _email(rng: random.Random, language: str) -> str:
    first, last, host = rng.choice(_FIRST), rng.choice(_LAST), rng.choice(_HOSTS)
    local = rng.choice((
        f"{first}.{last}", f"{first}.{last}{filled('##', rng)}", f"{first}{filled('####', rng)}", f"{first[0]}{last}",
        f"{first}_{last}", f"{first}-{last}", f"{first[0]}.{last}", f"{first}.{last}+{rng.choice(_TAGS)}", last,
    ))  # fmt: skip
    whole = f"{local}@{host}"
    return rng.choice((whole, whole, whole.upper(), whole.title()))


def _ip(rng: random.Random, language: str) -> str:
    groups = [f"{rng.randrange(1, 65536):x}" for _ in range(6)]
    old = f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}"
    return rng.choice((old, old, old, "2001:db8:" + ":".join(groups), f"2001:db8::{groups[0]}:{groups[1]}"))


def _url(rng: random.Random, language: str) -> str:
    start, host, name = rng.choice(("https://", "http://", "www.")), rng.choice(_HOSTS), rng.choice(_FIRST)
    path = rng.choice(("/{}-###", "/users/{}", "/profile?user={}&id=###", "/~{}/", "/people/{}.html"))
    return start + host + filled(path.format(name), rng)


def _mac(rng: random.Random, language: str) -> str:
    # The two bits of a locally administered, single-receiver address: no maker's number.
    first = rng.randrange(256) & 0xFC | 0x02
    octets = [f"{octet:02x}" for octet in (first, *(rng.randrange(1, 255) for _ in range(5)))]
    in_pairs = ["".join(octets[place : place + 2]) for place in (0, 2, 4)]
    return rng.choice((":".join(octets), "-".join(octets).upper(), ".".join(in_pairs)))


def _uuid(rng: random.Random, language: str) -> str:
    letters = f"{rng.getrandbits(128):032x}"
    whole = f"{letters[:8]}-{letters[8:12]}-4{letters[13:16]}-a{letters[17:20]}-{letters[20:]}"
    return rng.choice((whole, whole.upper()))


MAKERS: dict[str, Maker] = {
    "EMAIL_ADDRESS": _email,
    "IP_ADDRESS": _ip,
    "MAC_ADDRESS": _mac,
    "URL": _url,
    "UUID": _uuid,
}

LABELS = {
    "EMAIL_ADDRESS": {"en": "email"},
    "IP_ADDRESS": {"en": "seen from ip"},
    "MAC_ADDRESS": {"en": "device mac"},
    "URL": {"en": "profile at"},
    "UUID": {"en": "session"},
}
