"""Writes look-alikes of plain characters as the plain ones, so that patterns see one way to write a value."""

from __future__ import annotations

import re
import unicodedata

_ESCAPED = re.compile(r"\\([nrt])(?![a-z])")
"""A line break or tab as programs write it into a text; before a small letter it may be part of a path."""


def plain(text: str) -> str:
    """The text in plain digits, letters and spaces where it uses look-alikes; each character stays at its place.

    A line break that is written as a backslash and a letter becomes a space and a line break: exports of texts are full
    of them, and "\\nSmith" is no word.
    """
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: " \n" if found[1] == "n" else "  ", text)
    if text.isascii():
        return text
    return text.translate({ord(letter): _plain_letter(letter) for letter in set(text) if not letter.isascii()})


def _plain_letter(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    if digit is not None:
        return str(digit)
    if unicodedata.category(letter) == "Zs":
        return " "
    return unicodedata.normalize("NFKC", letter) if "\uff01" <= letter <= "\uff5e" else letter
