"""Finds addresses of computers on a network, and tells four short numbers of a version from one.

Presidio takes every four numbers between points for an address. A version has small numbers in all four places, an
address seldom: one address in a thousand has none above 40. So four small numbers count only beside a telling word.

Source: RFC 791, RFC 4291, RFC 5952; Python's `ipaddress` decides what is valid.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from audit.pii.patterns.pattern import Text
from audit.pii.spans import Span

ENTITIES = {"IP_ADDRESS": "addresses of computers on a network"}

GREATEST_OF_VERSION = 40
"""No usual version of software has a part above this together with three more parts."""

_CANDIDATE = re.compile(
    r"(?<![\w.:%-])(?:\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d|-\w)"
    r"|(?=[\da-fA-F:]{0,38}::|(?:[\da-fA-F]{1,4}:){7})[\da-fA-F:]{2,39}(?:\.\d{1,3}){0,3}(?:%\w{1,15})?(?![\w:]|\.\d))"
)
_WORDS = re.compile(
    r"(?<![a-z])(?:ip|ipv4|ipv6|host|server|address|client|remote|login|logged|network|subnet|gateway|dns|ping|router|"
    r"adresse|dirección|indirizzo|adres|endereço|rechner|serveur|servidor)(?![a-z])"
)
_VERSION_WORDS = re.compile(
    r"(?:(?<![a-z])(?:v|ver|version|versión|versione|versie|wersja|versão|release|firmware|build|patch|upgrade|update|"
    r"software|driver|chrome|section|chapter|abschnitt)s?|[a-z]/)[\s:=.,\"'#(]{0,3}(?:to |is |from |auf )?$"
)


def find(text: Text) -> Iterator[Span]:
    """Valid addresses: surely where they can be nothing else or stand beside a telling word."""
    if "." not in text.value and ":" not in text.value:
        return
    for match in _CANDIDATE.finditer(text.value):
        try:
            address = ipaddress.ip_address(match[0].partition("%")[0])
        except ValueError:
            continue
        if address.version == 6 and (len(match[0]) < 6 or not re.search(r"\d", match[0])):
            # Programs write `a::b` between the names of parts.
            continue
        score = _score(text, match, address.packed)
        if score:
            yield Span(match.start(), match.end(), "IP_ADDRESS", score, "context" if score > 0.9 else "pattern")


def _score(text: Text, match: re.Match[str], octets: bytes) -> float:
    before = text.value[max(0, match.start() - 40) : match.start()].lower()
    named = " ".join(text.context).replace("_", " ")
    if _WORDS.search(f"{named} {before}"):
        return 0.95
    if _VERSION_WORDS.search(before) or _VERSION_WORDS.search(named):
        return 0.0
    return 0.3 if len(octets) == 4 and max(octets) <= GREATEST_OF_VERSION else 0.8
