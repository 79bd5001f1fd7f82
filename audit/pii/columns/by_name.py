"""What the name of a column makes of cells that no pattern would tell: digits under "phone", a word under "religion".

A name declares and proves nothing, so a cell has to look as such values do, and its finding rests on context.
"""

from __future__ import annotations

import re

from audit.pii.column_names import ARTICLE_9
from audit.pii.spans import Span

SCORE = 0.75
"""A finding by name: Presidio's 0.4 for a pattern that may be many things and the 0.35 that a telling word adds."""

_LOOKS = {
    # E.164 allows 15 digits. Whether a number is in use in some country nobody has to ask under such a name.
    "PHONE_NUMBER": re.compile(r"\+?\(?[0-9](?:[ ()./-]{0,2}[0-9]){7,14}"),
    "DATE_OF_BIRTH": re.compile(
        r"(?:19|20)[0-9]{2}([-/.]?)[01][0-9]\1[0-3][0-9](?:[T ][0-9:.+Z-]*)?"
        r"|[0-3]?[0-9][-/. ][0-3]?[0-9][-/. ](?:[0-9]{2}){1,2}"
    ),
    "US_SSN": re.compile(r"(?!000|666|9)[0-9]{3}([- ]?)(?!00)[0-9]{2}\1(?!0000)[0-9]{4}"),
    **dict.fromkeys(("PERSON", "LOCATION"), re.compile(r"(?=.{2,120}\Z)[^\W\d_].*[^\W\d_]?.*", re.DOTALL)),
}
_NOBODY = frozenset(
    {
        "anonymous", "false", "missing", "n/a", "na", "nan", "nil", "no", "none", "null", "other", "redacted", "test",
        "true", "unknown", "unspecified", "yes",
    }
)  # fmt: skip
_NUMBERED = ("CREDIT_CARD", "DATE_OF_BIRTH", "IBAN_CODE", "PHONE_NUMBER", "US_SSN")
_ZEROS_LOST = re.compile(r"[0-9]{7,8}")
"""A social security number that was kept as a whole number lost the zeros that it began with, at most two."""

_OF_A_PERSON = re.compile(r"device|phone|handset|android|udid|imei|ger(?:ä|ae)t", re.IGNORECASE)
"""Words for what a person carries."""

_OF_CODES = re.compile(r"(?:^|[^a-z])(?:code|codes|iso|abbr|abbreviation|kürzel|sigla)(?:$|[^a-z])", re.IGNORECASE)
_CODE = re.compile(r"[A-Z]{2,3}")
"""DE, USA: where a column says that it holds codes, they sort its rows by a country and tell no place of anybody."""

_OF_SPEECH = re.compile(
    r"lang|language|languages|locale|sprache|langue|idioma|lingua|taal|jezyk|język|cuisine|k[uü]che|cucina|cocina",
    re.IGNORECASE,
)
"""Words for what is French or Thai and no person."""

_OF_PEOPLE = re.compile(
    r"assign|owner|agent|manager|author|approve|review(?:er|ed_by)|contact|seller|teacher|doctor|physician|nurse|driver"
    r"|handled|created_?by|updated_?by|employee|customer|client|requester|reporter|recipient|responsible|bearbeiter",
    re.IGNORECASE,
)
"""Words for who did something; beside people there may be teams."""

_TELLING_NAME = re.compile(r"ssn|passport|licen[cs]e", re.IGNORECASE)


def finding(text: str, entity: str) -> Span | None:
    """The whole text as a finding of a kind that its column's name declares; None where it does not look like one.

    Every filled cell of a special category (GDPR, article 9) counts: "0" under `is_pregnant` says as much as "yes".
    """
    plain = text.strip()
    if entity == "US_SSN" and _ZEROS_LOST.fullmatch(plain):
        plain = plain.zfill(9)
    if entity not in ARTICLE_9:
        looks = _LOOKS.get(entity)
        if looks is None or not looks.fullmatch(plain) or plain.lower() in _NOBODY:
            return None
    return Span(0, len(text), entity, SCORE, "context")


def of_people(name: str) -> bool:
    """Whether the name of a column says that somebody has something to do with each row."""
    return bool(_OF_PEOPLE.search(name))


def only_named(text: str, span: Span) -> bool:
    """Whether a weak finding rests on the column's name and the cell does not look as such values do."""
    return (
        span.basis == "context" and span.score < SCORE and span.entity in _LOOKS and finding(text, span.entity) is None
    )


def of_others(name: str, text: str, span: Span) -> bool:
    """Whether the name of a column says that a finding in it is no person's."""
    return _of_things(name, text, span) or _sorts_things(name, text, span)


def _of_things(name: str, text: str, span: Span) -> bool:
    """Whether nothing but the word "serial" in a column's name makes a code a finding: machines and goods have them."""
    whole = text.strip() == text[span.start : span.end]
    return whole and span.entity == "DEVICE_ID" and span.basis == "context" and not _OF_A_PERSON.search(name)


def _sorts_things(name: str, text: str, span: Span) -> bool:
    """Whether a whole cell names a language, a cuisine or the code of a country, as the column's name says."""
    value = text[span.start : span.end]
    if text.strip() != value:
        return False
    if span.entity == "NRP":
        return any(_OF_SPEECH.fullmatch(word) for word in re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", name))
    return span.entity == "LOCATION" and bool(_OF_CODES.search(name) and _CODE.fullmatch(value))


def numbers_are_personal(name: str, told: frozenset[str]) -> bool:
    """Whether plain numbers in a column of this name are read as text.

    Args:
        name: of the column.
        told: kinds that it declares.
    """
    return bool(told & ARTICLE_9 or told.intersection(_NUMBERED) or _TELLING_NAME.search(name))
