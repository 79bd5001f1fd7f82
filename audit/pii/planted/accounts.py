"""Makers of bank account numbers as they stand in international ones, by country, with the national check digits.

Source: the IBAN registry's lengths (ISO 13616); the check digits that banks of Belgium, France, Italy, the Netherlands,
Norway, Poland, Portugal and Spain write inside. Accounts in the other countries have none, or no one rule for them.
"""

from __future__ import annotations

from audit.pii.planted.numbers import italian_letter, mod_97_10, number, weighted


def _spanish(body: str) -> str:
    bank = weighted((4, 8, 5, 10, 9, 7, 3, 6), 11, sign=-1, ten="1")(body[:8])
    account = weighted((1, 2, 4, 8, 5, 10, 9, 7, 3, 6), 11, sign=-1, ten="1")(body[8:])
    return f"{bank}{account}"


def _french(body: str) -> str:
    return f"{97 - int(body) * 100 % 97:02d}"


def _belgian(body: str) -> str:
    return f"{int(body) % 97 or 97:02d}"


def _dutch(body: str) -> str | None:
    return weighted(range(10, 1, -1), 11, sign=-1)(body[4:])


def _polish(body: str) -> str | None:
    return weighted((3, 9, 7, 1, 3, 9, 7), 10, sign=-1)(body[:7])


NATIONAL = {
    "AT": number("#" * 16),
    "BE": number("0" + "#" * 9, _belgian),
    "CH": number("#" * 17),
    "DE": number("[123456789]" + "#" * 17),
    "ES": number("#" * 18, _spanish, at=8),
    "FR": number("#" * 21, _french),
    "GB": number("@@@@" + "#" * 14),
    "IE": number("@@@@" + "#" * 14),
    "IT": number("#" * 22, italian_letter, at=0),
    "NL": number("@@@@" + "#" * 9, _dutch),
    "NO": number("#" * 10, weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, sign=-1)),
    "PL": number("#" * 23, _polish, at=7),
    "PT": number("#" * 19, mod_97_10),
}
"""What follows a country's two letters and the two check digits after them."""
