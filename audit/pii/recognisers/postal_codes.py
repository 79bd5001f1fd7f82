"""Finds postal codes that stand alone; those inside an address belong to the address.

Five digits may be anything, so most forms count only beside a word for a postal code, in a column that is called so, or
behind the name of an American state. British and Canadian codes have a form of their own.

Source: forms by country of the Universal Postal Union.
"""

from __future__ import annotations

from audit.pii.patterns.pattern import Pattern
from audit.pii.postal.words import STATE_CODES, STATE_NAMES

ENTITIES = {"ZIP_CODE": "postal codes"}

_WORDS = (
    "zip", "postal code", "postcode", "post code", "plz", "postleitzahl", "code postal", "código postal",
    "codigo postal", "codice postale", "cap ", "cap:", "c.a.p.", "c.p.", "cp", "npa", "kod pocztowy", "cep",
    "postnummer",
)  # fmt: skip
_BOUND, _END = r"(?<![\w.,:/$€£#@+-])", r"(?![\w@/-]|[.,:]\d| ?[%€$£])"

FORM, HALF, DIGITS = 0.6, 0.35, 0.15
"""Scores: a form that hardly anything else has, one that some numbers have, one that many have; the last two count
beside a telling word alone."""


def _code(name: str, shape: str, score: float) -> Pattern:
    return Pattern(
        name, "ZIP_CODE", rf"{_BOUND}(?P<value>{shape}){_END}", score, context=_WORDS, needs_context=score == DIGITS
    )


PATTERNS = (
    _code("British", r"(?:[A-PR-UWYZ][A-HK-Y]?\d[\dA-HJKPSTUW]?|GIR) \d[ABD-HJLNP-UW-Z]{2}", FORM),
    _code("British in one piece", r"[A-PR-UWYZ][A-HK-Y]?\d[\dA-HJKPSTUW]?\d[ABD-HJLNP-UW-Z]{2}", DIGITS),
    _code("Canadian", r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]\d[ABCEGHJ-NPRSTV-Z]\d", FORM),
    _code("Dutch", r"[1-9]\d{3} ?[A-Z]{2}", DIGITS),
    _code("American with four more digits", r"\d{5}-\d{4}", HALF),
    _code("Polish or Portuguese", r"\d{2}-\d{3}|\d{4}-\d{3}", DIGITS),
    _code("Brazilian", r"\d{5}-\d{3}", HALF),
    _code("five or six digits", r"(?:[A-Z]{1,2}-)?\d{5,6}", DIGITS),
    _code("four digits", r"[1-9]\d{3}", DIGITS),
    Pattern(
        "where something is sent or is",
        "ZIP_CODE",
        r"\b(?:deliver(?:y|ed|s|ing)?|ship(?:ped|ping|s)?|mail(?:ed)?|liv(?:e|es|ing|ed)|mov(?:e|ed|ing)|weather|stores?"
        r"|located|shops?|service|area|resides?|based)(?: \w{1,12}){0,2} (?:to|in|near|around|at|for)(?: area| zip)? "
        r"(?P<value>\d{5}(?:-\d{4})?)(?=[,;.?!]?(?:\s|\Z))"
        r"(?! (?!takes|is|was)(?:[a-z]{2,20}s|people|USD|EUR)\b)",
        0.5,
        ignore_case=True,
    ),
    Pattern(
        "behind an American state",
        "ZIP_CODE",
        rf"\b(?:{'|'.join(sorted(STATE_CODES | STATE_NAMES))}),? (?P<value>\d{{5}}(?:-\d{{4}})?){_END}",
        FORM,
    ),
)
