"""Cuts and drops what language models take for names by mistake.

Models that were trained on news read forms, signatures and addresses as if they were sentences: a name goes on over the
end of its line, the word before a colon is an organisation, a state with its postal code another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from audit.pii.spans import Span

NAMES = ("LOCATION", "NRP", "ORGANIZATION", "PERSON")

_BREAK = re.compile(r"\s*(?:[\n\r\t|;=<>]|\s[-–—]\s)")
"""What no name goes on over: the end of a line or cell, a dash between spaces."""

_LABEL = re.compile(r"[ \t]*[A-Z][\w.]*(?: [\w.']+){0,3} ?[:=]")
"""A form's words for what follows, at the start of a line."""

_DIGITS = {"PERSON": re.compile(r"\d"), "NRP": re.compile(r"\d"), "ORGANIZATION": re.compile(r"\d{3}|[A-Z]{2} \d")}
"""Figures that no name of the kind has: three in a row, or a state's letters and the start of its postal code."""

_LOWER_CASE_START = re.compile(
    r"(?!(?:al|bin|da|de|del|della|den|der|di|do|dos|du|el|la|le|ten|ter|van|von|y|zu)\b)[a-z]+\s+"
)
"""A word without a capital at the start of a name that has capitals, particles of surnames aside."""

_OF_PROGRAMS = re.compile(r"[_`\\{}]|::|\w\(")
"""Signs of names in programs, which no other name has."""

_LETTERS = re.compile(r"[^\W\d_]{2}")


def tidied(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """The findings of a model as names of their own, without those that are none.

    Args:
        text: in which they lie.
        spans: of a language model; kinds other than names pass unchanged.
    """
    for span in spans:
        if span.entity not in NAMES:
            yield span
            continue
        part = text[span.start : span.end]
        start = span.start + len(part) - len(part.lstrip())
        if part != part.lower():
            while lower := _LOWER_CASE_START.match(text, start, span.end):
                start = lower.end()
        broken = _BREAK.search(text, start, span.end)
        whole = replace(span, start=start, end=broken.start() if broken else span.end)
        name = text[whole.start : whole.end]
        digits = _DIGITS.get(span.entity)
        in_program = _OF_PROGRAMS.search(name) or text[whole.end : whole.end + 1] in ("(", "_", "`")
        if (
            _LETTERS.search(name)
            and not in_program
            and not (digits and digits.search(name))
            and not _in_label(text, whole)
        ):
            yield whole


def _in_label(text: str, span: Span) -> bool:
    """Whether a finding is part of the words before a colon. A name alone there is one: somebody who speaks."""
    line_start = text.rfind("\n", 0, span.start) + 1
    label = _LABEL.match(text, line_start)
    if label is None or span.end > label.end():
        return False
    return span.entity != "PERSON" or bool(text[span.end : label.end()].strip(" :="))
