"""Findings that are nothing but a stretch of something else: digits without any sign, versions, parts of a code."""

from __future__ import annotations

import re

from audit.pii.spans import Span

_WRITTEN_AS_PHONE = re.compile(r"^[+(]|^0[1-9][0-9]{7,}$|[0-9)][ ./-][0-9(].*[ ./-][0-9]|[0-9]{3}[ -][0-9]{4}")
"""Digits in groups, or after a plus, a bracket or the zero of a trunk prefix; a decimal number has two groups."""

SHORTEST_CODE = 4
"""Letters and digits of the shortest code that belongs to a person; "X12" is none whatever stands beside it."""

_DECIMALS = re.compile(r"[-+]?[0-9]{1,3}\.[0-9]+(?:[ ,;]+[-+]?[0-9]{1,3}\.[0-9]+)+")
"""Measurements one after the other."""

_OF_A_YEAR = re.compile(r"(?:19[5-9]|20[0-4])[0-9][-/. ][0-9]{4,}")
"""What is counted from the first of January on, as invoices are."""

_OUTSIDE_THE_PLAN = re.compile(r"(?:[01][0-9]{2}[-.][0-9]{3}|[0-9]{3}[-.][01][0-9]{2})[-.][0-9]{4}")
"""No area or exchange of North America begins with 0 or 1 (North American Numbering Plan)."""

_BYTES = re.compile(r"(?=.*[A-Fa-f])(?:[0-9A-Fa-f]{2} ){5,}[0-9A-Fa-f]{2}")
"""A whole text of bytes in hexadecimal digits; six pairs without a letter may be a telephone number."""

_GROUP_BEFORE, _GROUP_AFTER = re.compile(r"[0-9][A-Za-z0-9]*-$"), re.compile(r"-[A-Za-z]*[0-9]")
_PAIR_BEFORE, _PAIR_AFTER = re.compile(r"[0-9A-Fa-f]{2}[:-]$"), re.compile(r"[:-][0-9A-Fa-f]{2}(?![0-9A-Za-z])")

_RUN_BEFORE, _RUN_AFTER = re.compile(r"[A-Za-z0-9+/_=-]+$"), re.compile(r"[A-Za-z0-9+/_=-]+")
_DIGITS_WITHIN = re.compile(r"[A-Za-z][0-9]+[A-Za-z]")

_OF_A_PRODUCT = re.compile(r"[A-Za-z]/[0-9.]*$|\b(?:v|rv|ver|version|rev|release|build)[.: ]{0,2}$", re.IGNORECASE)
"""What stands before the number of a version, as in "Chrome/", "rv:" or "version "."""


def bare(text: str, span: Span) -> bool:
    """Whether a finding is a stretch of digits or letters that nothing tells from any other.

    Presidio calls numbers from six digits on telephone numbers where some country uses them, and takes licence numbers
    out of the middle of hashes. A place or name between slashes is part of a path or the name of a time zone.
    """
    value = text[span.start : span.end]
    if span.basis == "word list":
        return text[span.end : span.end + 1] == "/" or text[: span.start].endswith("/") or _in_a_blob(text, span)
    if span.basis != "language model" and _within_a_code(text, span, value):
        return True
    if _BYTES.fullmatch(text.strip()) and span.entity != "MAC_ADDRESS":
        return True
    if len(value) < SHORTEST_CODE and _mixed(value):
        return True
    if text.isdigit() and value != text:
        return True
    if span.entity == "MAC_ADDRESS":
        return _goes_on(text, span, _PAIR_BEFORE, _PAIR_AFTER)
    if span.basis != "pattern" or span.entity not in ("IP_ADDRESS", "PHONE_NUMBER"):
        return False
    if _OF_A_PRODUCT.search(text[max(0, span.start - 40) : span.start]):
        return True
    return span.entity == "PHONE_NUMBER" and (_of_no_phone(text, value) or not _WRITTEN_AS_PHONE.search(value))


def _in_a_blob(text: str, span: Span) -> bool:
    """Whether the sign after or before a listed word belongs to a run of letters and digits, as in "Leo9YlzVk"."""
    before, after = _RUN_BEFORE.search(text[max(0, span.start - 40) : span.start]), _RUN_AFTER.match(text, span.end)
    run = (before[0] if before else "") + text[span.start : span.end] + (after[0] if after else "")
    return bool(_DIGITS_WITHIN.search(run))


def _of_no_phone(text: str, value: str) -> bool:
    """Whether digits in groups are measurements or a code that is built otherwise than telephone numbers."""
    alone = value == text.strip() and _OUTSIDE_THE_PLAN.fullmatch(value)
    return bool(alone or _DECIMALS.fullmatch(value) or _OF_A_YEAR.fullmatch(value))


def _goes_on(text: str, span: Span, before: re.Pattern[str], after: re.Pattern[str]) -> bool:
    """Whether groups like those of a value stand before or after it, joined by the same signs."""
    return bool(before.search(text[max(0, span.start - 40) : span.start]) or after.match(text, span.end))


def _mixed(value: str) -> bool:
    return value.isascii() and value.isalnum() and not (value.isalpha() or value.isdigit())


def _within_a_code(text: str, span: Span, value: str) -> bool:
    """Whether a value that mixes letters and digits goes on before or after it, at once or with a hyphen."""
    if not _mixed(value):
        return False
    if _goes_on(text, span, _GROUP_BEFORE, _GROUP_AFTER):
        return True
    before, after = text[: span.start][-1:], text[span.end : span.end + 1]
    return (before.isalnum() and before.isascii()) or (after.isalnum() and after.isascii())
