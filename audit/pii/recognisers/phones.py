"""Finds telephone numbers in forms that a numbering plan alone does not tell.

Presidio asks `phonenumbers` which pieces of a text are valid numbers of seven regions. Real data also holds numbers of
all other regions, with an exit code before them (001-), a bracketed trunk zero (+49 (0)30), an extension behind them
(x123), and numbers that are mistyped or belong to a range that is not given out. Here the way a number is written
tells it, and a telling word near it; a plus sign must be followed by a country's code.

Source: ITU-T E.123 (notation) and E.164 (at most 15 digits); country codes of the `phonenumbers` package.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from audit.pii.patterns.pattern import Pattern

ENTITIES = {"PHONE_NUMBER": "telephone numbers"}

LEAST_DIGITS, MOST_DIGITS = 7, 15
"""Digits of a whole number without its extension."""

_WORDS = (
    "phone", "tel", "telephone", "telefo", "téléphone", "teléfono", "mobile", "cell", "cellphone", "cellular", "fax",
    "call ", "called", "dial", "whatsapp", "sms", "text me", "reach me", "message", "messages", "answer", "answers",
    "answering", "voicemail", "reachable", "hang up", "rang", "ring", "hotline", "handy", "mobil", "rufnummer",
    "durchwahl", "festnetz", "anruf", "portable", "appel", "móvil", "llama", "cellulare", "chiama", "mobiel", "bel ",
    "komórk", "kom.", "zadzwoń", "oddzwo", "telemóvel", "ligue", "contact", "my number", "rappel", "joindre",
    "richiam", "al numero", "al número", "au numéro", "pod numer", "op nummer", "unter der nummer", "pelo número",
)  # fmt: skip
_EXTENSION = r"(?: ?(?:x|ext\.?|extension|#|poste|int\.?|wew\.?|Durchwahl|-Durchwahl)[ :.]?\d{1,6})?"
_BOUND, _END = r"(?<![\w.,:/$€£@=+-])(?<!\d[ ])", r"(?![\w@]|[/-]\d|[.,:]\d| ?[%€$£])"
_GAP = r"[ .\-/\u2010-\u2013]"

_EXIT_CODE = re.compile(r"\(?(?:\+|00|011)[ -]?")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d[./ -]\d{1,2}[./ -]\d{1,2}(?:[ T]\d.*)?")


def _digits(number: str) -> str:
    return "".join(letter for letter in re.split(r"(?i)[xe#pdiw]", number)[0] if letter.isdecimal())


def _possible(number: str) -> bool | None:
    digits = _digits(number)
    enough = LEAST_DIGITS <= len(digits) <= MOST_DIGITS + 2
    return None if enough and len(set(digits)) > 1 and not _DATE.fullmatch(number) else False


def _abroad(number: str) -> bool | None:
    """Whether a country's code follows the exit code."""
    begun = _EXIT_CODE.match(number)
    digits = _digits(number[begun.end() :]) if begun else ""
    known = any(int(digits[:length] or 0) in _country_codes() for length in (1, 2, 3))
    return None if known and LEAST_DIGITS <= len(digits) <= MOST_DIGITS else False


@cache
def _country_codes() -> frozenset[int]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return frozenset(COUNTRY_CODE_TO_REGION_CODE)


def _number(
    name: str,
    shape: str,
    score: float,
    *,
    check: Callable[[str], bool | None] = _possible,
    bound: str = _BOUND,
    needs_context: bool = False,
) -> Pattern:
    return Pattern(
        name,
        "PHONE_NUMBER",
        rf"{bound}(?P<value>{shape}{_EXTENSION}){_END}",
        score,
        check=check,
        context=_WORDS,
        needs_context=needs_context,
    )


PATTERNS = (
    _number(
        "with a country's code",
        r"(?:\(\+\d{1,3}\)|(?:\+ ?|00[ -]|011[ -])(?:\(\d{1,3}\)|[1-9]))(?:[ .\-/()\u2010-\u2013]{0,3}\d){6,14}",
        0.75,
        check=_abroad,
        bound=r"(?<![\w.,:/@=+-])",
    ),
    _number(
        "exit code and country's code, in groups",
        r"00[1-9]\d{0,2}[ .-](?:\(0\)[ ]?)?[1-9]\d{0,4}(?:[ .-]\d{2,8}){1,5}",
        0.6,
        check=_abroad,
    ),
    _number("American, area in brackets", rf"(?:(?:00)?1{_GAP})?\(\d{{3}}\) ?\d{{3}}{_GAP}?\d{{4}}", 0.75),
    _number("American, in three groups", rf"(?:(?:\+|00)?1{_GAP})?\d{{3}}(?:-\d{{3}}-|\.\d{{3}}\.)\d{{4}}", 0.7),
    _number("American, with an exit code and an area", rf"001{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{4}}", 0.75),
    _number("with a trunk zero in brackets or an area", r"\(0\d{1,5}\) ?\d{2,5}(?:[ -]?\d{2,6}){0,4}", 0.7),
    _number("area and number parted by a slash", r"0[1-9]\d{1,4} ?/ ?\d{3,8}(?:[ -]\d{1,5}){0,3}", 0.5),
    _number("French pairs", r"0[1-9](?:[ .-]\d{2}){4}", 0.7),
    _number("trunk zero, in three groups or more", r"0[1-9]\d{1,4}(?:[ -]\d{2,4}){2,4}", 0.5),
    _number("trunk zero, in two groups", r"0[1-9]\d{1,4}[ -]\d{5,8}", 0.45),
    _number("exit code, in one piece", r"00[1-9]\d{8,12}", 0.3),
    _number("trunk zero, in one piece", r"0[1-9]\d{8,9}", 0.3),
    _number("in three groups parted by spaces", r"[1-9]\d{2} \d{3} \d{3,4}", 0.35),
    _number("Spanish and Portuguese groups", r"[679]\d{2}(?: \d{2}){3}", 0.4),
    _number("free of charge", r"0?800[ -]\d{6,7}|[89]00(?:-\d{3}){2}", 0.5),
    _number("Spain or Portugal in brackets", r"\((?:34|351)\) ?[26789]\d{2} ?\d{3} ?\d{3}", 0.6),
    _number("ten digits with an extension", r"(?:1[ -]?)?\d{10} ?x\d{1,6}", 0.6),
    _number("any digits", r"\(?\d{1,5}\)?(?:[ .\-/]?\d{2,6}){1,5}", 0.1, needs_context=True),
)
