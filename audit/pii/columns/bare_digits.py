"""Findings that are nothing but a stretch of something else: digits without any sign, versions, parts of a code."""

from __future__ import annotations

import re

from audit.pii.spans import Span

_WRITTEN_AS_PHONE = re.compile(r"^[+(]|^0[1-9][0-9]{7,}$|[0-9)][ ./-][0-9(].*[ ./-][0-9]|[0-9]{3}[ -][0-9]{4}")
"""Digits in groups, or after a plus, a bracket or the zero of a trunk prefix; a decimal number has two groups."""

SHORTEST_CODE = 4
"""Letters and digits of the shortest code that belongs to a person; "X12" is none whatever stands beside it."""

_OF_A_PRODUCT = re.compile(r"[A-Za-z]/[0-9.]*$|\b(?:v|rv|ver|version|rev|release|build)[.: ]{0,2}$", re.IGNORECASE)
"""What stands before the number of a version, as in "Chrome/", "rv:" or "version "."""


def bare(text: str, span: Span) -> bool:
    """Whether a finding is a stretch of digits or letters that nothing tells from any other.

    Presidio calls numbers from six digits on telephone numbers where some country uses them, and takes licence numbers
    out of the middle of hashes. A place or name between slashes is part of a path or the name of a time zone.
    """
    value = text[span.start : span.end]
    if span.basis == "word list":
        return text[span.end : span.end + 1] == "/" or text[: span.start].endswith("/")
    if span.basis in ("pattern", "checksum") and _within_a_code(text, span, value):
        return True
    if len(value) < SHORTEST_CODE and _mixed(value):
        return True
    if text.isdigit() and value != text:
        return True
    if span.basis != "pattern" or span.entity not in ("IP_ADDRESS", "PHONE_NUMBER"):
        return False
    if _OF_A_PRODUCT.search(text[max(0, span.start - 40) : span.start]):
        return True
    return span.entity == "PHONE_NUMBER" and not _WRITTEN_AS_PHONE.search(value)


def _mixed(value: str) -> bool:
    return value.isascii() and value.isalnum() and not (value.isalpha() or value.isdigit())


def _within_a_code(text: str, span: Span, value: str) -> bool:
    """Whether letters or digits go on without a break before or after a value that mixes letters and digits."""
    if not _mixed(value):
        return False
    before, after = text[: span.start][-1:], text[span.end : span.end + 1]
    return (before.isalnum() and before.isascii()) or (after.isalnum() and after.isascii())
