"""Writes look-alikes of plain characters as the plain ones, so that patterns see one way to write a value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from audit.pii.spans import Span

_ESCAPED = re.compile(r"\\([nrt])(?![a-z])")
"""A line break or tab as programs write it into a text; before a small letter it may be part of a path."""


_REFERENCE = re.compile(
    r"&#(?P<decimal>[0-9]{2,7});|&#[xX](?P<hex>[0-9a-fA-F]{2,6});|&commat;|%40|\\u(?P<escape>[0-9a-fA-F]{4})"
    r"|[\u00ad\u200b-\u200d\u2060\ufeff]"
)
"""Characters as HTML, web addresses and JSON write them, and soft hyphens and characters without a width."""

_DASH_IN_NUMBER = re.compile(r"(?<=[0-9])[\u2010-\u2013\u2212](?=[0-9])")
"""Hyphens, the dash and the minus that text programs put between the parts of a number."""


@dataclass(frozen=True)
class Decoded:
    """A text with its character references resolved and without what nobody sees.

    Attributes:
        text: what a reader sees.
        starts: where each of its characters begins in the original text; None where nothing was changed.
        ends: where each ends.
    """

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] = ()

    def placed(self, spans: Sequence[Span]) -> tuple[Span, ...]:
        """Findings in this text at their places in the original one."""
        if self.starts is None:
            return tuple(spans)
        return tuple(replace(span, start=self.starts[span.start], end=self.ends[span.end - 1]) for span in spans)


def decoded(text: str) -> Decoded:
    """Resolve `&#64;`, `%40` and `\\u0040`, and leave out soft hyphens and zero-width characters."""
    if text.isascii() and not ("&" in text or "%40" in text or "\\u" in text):
        return Decoded(text)
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    last = 0
    for found in _REFERENCE.finditer(text):
        letter = _referred(found)
        if letter is None:
            continue
        kept = range(last, found.start())
        letters += [text[last : found.start()], letter]
        starts += [*kept, *([found.start()] if letter else [])]
        ends += [*(place + 1 for place in kept), *([found.end()] if letter else [])]
        last = found.end()
    if not last:
        return Decoded(text)
    kept = range(last, len(text))
    return Decoded("".join([*letters, text[last:]]), [*starts, *kept], [*ends, *(place + 1 for place in kept)])


def _referred(found: re.Match[str]) -> str | None:
    """The character that is meant, empty for none that is seen, None where the number is no character."""
    if found["decimal"] or found["hex"] or found["escape"]:
        code = int(found["decimal"]) if found["decimal"] else int(found["hex"] or found["escape"], 16)
        return None if code < ord(" ") or code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)
    return "@" if len(found[0]) > 1 else ""


def plain(text: str) -> str:
    """The text in plain digits, letters and spaces where it uses look-alikes; each character stays at its place.

    A line break that is written as a backslash and a letter becomes a space and a line break: exports of texts are full
    of them, and "\\nSmith" is no word.
    """
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: " \n" if found[1] == "n" else "  ", text)
    if text.isascii():
        return text
    text = _DASH_IN_NUMBER.sub("-", text)
    return text.translate({ord(letter): _plain_letter(letter) for letter in set(text) if not letter.isascii()})


def _plain_letter(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(letter) == "Zs":
        return " "
    return unicodedata.normalize("NFKC", letter) if "\uff01" <= letter <= "\uff5e" else letter
