"""Digits that nothing tells from any other number: no words around them, no groups, no check digit."""

from __future__ import annotations

import re

from audit.pii.spans import Span

_WRITTEN_AS_PHONE = re.compile(r"^[+(]|^0[1-9][0-9]{7,}$|[0-9)][ ./-][0-9(].*[ ./-][0-9]|[0-9]{3}[ -][0-9]{4}")
"""Digits in groups, or after a plus, a bracket or the zero of a trunk prefix; a decimal number has two groups."""

_OF_A_PRODUCT = re.compile(r"[A-Za-z]/[0-9.]*$|\bv(?:er(?:sion)?)?[. ]?$", re.IGNORECASE)
"""What stands before the number of a version, as in "Chrome/" or "version "."""


def bare(text: str, span: Span) -> bool:
    """Whether a finding is a stretch of digits that nothing tells from any other number.

    Presidio calls numbers from six digits on telephone numbers where some country uses them.
    """
    value = text[span.start : span.end]
    if text.isdigit() and value != text:
        return True
    if span.basis != "pattern" or span.entity not in ("IP_ADDRESS", "PHONE_NUMBER"):
        return False
    if _OF_A_PRODUCT.search(text[max(0, span.start - 40) : span.start]):
        return True
    return span.entity == "PHONE_NUMBER" and not _WRITTEN_AS_PHONE.search(value)
