"""Findings that are less sure than their form says, or none at all, by what stands in them and before them.

Every tenth number has the right form by chance, and shops and offices number what they handle in the forms of telephone
numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from audit.pii.spans import Span

UNTOLD_PHONE = 0.3
"""Score of digits in one piece, or with points alone, that may be a telephone number in some country: nearly every
number of ten digits may. A telling word raises it through a recogniser of this project."""

NEVER_ISSUED = ("000", "666", "9")
"""Starts of no American social security number; those with 9 are taxpayer numbers (Social Security Administration)."""

_ONE_PIECE = re.compile(r"[\d.]+")
_SIGNS = re.compile(r"\D")

_REACH = 24
"""Characters before a number in which a word says what it numbers."""

_NUMBERED = re.compile(
    r"(?i)(?<![^\W_])(?:orders?|ord|po|p\.o\.|purchase order|invoice|inv|receipt|quote|ref|reference|lot|batch"
    r"|ticket|case|claim|item|part|model|sku|serial|tracking|article|version|bestell(?:ung|nummer)|auftrag|rechnung"
    r"|artikel|charge|commande|facture|pedido|factura|fatura|lote|ordine|fattura|lotto|bestelling|factuur|zamówienie"
    r"|zamówienia|faktura|faktury)[ ]?(?:number|num|nummer|no|nr|id|code)?\.?[ ]?[:#=]?[ -]?\Z"
)
"""Words of orders, bills, goods and cases, up to the number."""

_BEGINS_WITH_YEAR = re.compile(r"(?:19|20)\d\d[ -]\d{5,6}\Z")
"""Numbers that are counted anew each year: "2024-309824"."""


def presidios_in_doubt(text: str, spans: Iterable[Span]) -> list[Span]:
    """Presidio's findings, less sure where chance makes as many, without parts of numbers and what nobody gives out.

    Args:
        text: in which they lie.
        spans: what Presidio finds.
    """
    return [
        replace(span, score=min(span.score, UNTOLD_PHONE), basis="pattern") if _may_be_any_number(text, span) else span
        for span in spans
        if not _never_issued(text, span) and not _is_part_of_a_number(text, span)
    ]


def without_order_numbers(text: str, spans: Sequence[Span]) -> Sequence[Span]:
    """The findings, without telephone numbers that a word right before them calls the number of something else."""
    if not any(span.entity == "PHONE_NUMBER" for span in spans):
        return spans
    return [span for span in spans if span.entity != "PHONE_NUMBER" or not _counts_something(text, span)]


def _counts_something(text: str, span: Span) -> bool:
    # A plus sign or brackets belong to a telephone number whatever stands before it.
    if not text[span.start].isdigit() or text[max(0, span.start - 1) : span.start] == "(":
        return False
    if _NUMBERED.search(text, max(0, span.start - _REACH), span.start):
        return True
    return span.basis != "context" and _BEGINS_WITH_YEAR.match(text[span.start : span.end]) is not None


def _is_part_of_a_number(text: str, span: Span) -> bool:
    return any(0 < edge < len(text) and text[edge - 1 : edge + 1].isdecimal() for edge in (span.start, span.end))


def _never_issued(text: str, span: Span) -> bool:
    # Nine nines fill a form; as a taxpayer number they would be one in five million.
    if span.entity == "US_ITIN":
        return len(set(_SIGNS.sub("", text[span.start : span.end]))) == 1
    return span.entity == "US_SSN" and text.startswith(NEVER_ISSUED, span.start)


def _may_be_any_number(text: str, span: Span) -> bool:
    one_piece = span.entity == "PHONE_NUMBER" and _ONE_PIECE.fullmatch(text, span.start, span.end) is not None
    return one_piece and not text.endswith("+", 0, span.start)
