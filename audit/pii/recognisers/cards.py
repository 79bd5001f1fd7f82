"""Finds payment card numbers of all usual brands: by the brand's first digits and length, and by the last digit.

Presidio takes any 12 to 17 digits that begin with 1, 3, 4, 5 or 6, so one in twenty random numbers is a card to it, and
it misses cards of 19 digits and those that begin with 2. Here a number in one piece counts alone only in the brands and
lengths that most cards have; all others need a telling word, since brands come and go.

Source: ISO/IEC 7812-1; ranges as the brands publish them for merchants.
"""

from __future__ import annotations

import re

from audit.pii.patterns.check_digits import luhn
from audit.pii.patterns.identifiers import whole
from audit.pii.patterns.pattern import Pattern

ENTITIES = {"CREDIT_CARD": "payment card numbers"}

_WORDS = (
    "card", "credit", "debit", "visa", "mastercard", "amex", "american express", "discover", "diners", "jcb", "maestro",
    "unionpay", "payment", "cc number", "cc no", "ccn", "karte", "kreditkarte", "carte", "tarjeta", "carta", "kaart",
    "karta", "karty", "cartão", "cartao",
)  # fmt: skip

_USUAL = re.compile(
    r"4\d{15}"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|3(?:0[0-5]|095|[689]\d)\d{11}"  # Diners Club
    r"|62\d{14}"  # UnionPay
)
_RARE = re.compile(
    r"4\d{12}(?:\d{6})?"  # Visa of 13 and 19 digits
    r"|(?:2131|1800)\d{11}"  # JCB of 15 digits
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d|35(?:2[89]|[3-8]\d))\d{13,15}"  # 17 to 19 digits
    r"|(?:50|5[6-9]|6[0-9])\d{10,17}|0604\d{8,15}"  # Maestro and domestic brands
    r"|220[0-4]\d{12,15}|9792\d{12}|8[12]\d{14}|1\d{14}"  # Mir, Troy, RuPay, UATP
)


def _usual(number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    return _USUAL.fullmatch(digits) is not None and luhn(digits)


def _any_brand(number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    return (_USUAL.fullmatch(digits) or _RARE.fullmatch(digits)) is not None and luhn(digits)


def _right_digit(number: str) -> bool:
    return luhn(re.sub(r"\D", "", number))


_FOURS = r"\d{4}(?P<gap>[ .-]|[ ]{2}|-[ ]| - )\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{3})?"
_AS_EMBOSSED = r"3\d{3}(?P<gap>[ .-])\d{6}(?P=gap)\d{4,5}"

PATTERNS = (
    Pattern("card in one piece", "CREDIT_CARD", whole(r"[2-6]\d{13,15}"), 0.5, _usual, _WORDS),
    Pattern("card in groups of four", "CREDIT_CARD", whole(_FOURS), 0.5, _any_brand, _WORDS),
    Pattern("card in groups as embossed", "CREDIT_CARD", whole(_AS_EMBOSSED), 0.5, _usual, _WORDS),
    Pattern(
        "card of a rarer brand", "CREDIT_CARD", whole(r"\d{12,19}|\d{4}[ -]\d{4}[ -]\d{4}"), 0.5, _any_brand, _WORDS,
        needs_context=True,
    ),
    Pattern(
        "any number that is called a card's", "CREDIT_CARD", whole(rf"[1-9]\d{{12,18}}|{_FOURS}"), 0.5, _right_digit,
        tuple(word for word in _WORDS if word != "payment"), needs_context=True,
    ),
)  # fmt: skip
