"""Writes patterns for identifiers: numbers and codes that an authority, a bank or a maker gives out.

An order number passes a checksum of one digit one time in ten, so a checksum alone tells little: digits in one piece
count only beside a telling word or in a column of such a name (`by_word`). A form that hardly anything else has, with a
right checksum, counts by itself (`by_form`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from audit.pii.patterns.pattern import Pattern

BESIDE_WORD = 0.4
"""Score of a form that only words tell; the words raise it to 0.75, a right checksum to 1."""

OF_ANY = 0.3
"""Score of a form that many countries use: beside its word 0.65, so that the kind of a country that is named wins."""


def whole(shape: str) -> str:
    """The shape where it is no part of a longer word or number, of a decimal fraction, a path or an address."""
    return rf"(?<![\w@/\\-])(?<!\d[.,:])(?:{shape})(?![\w@\\]|[.,:]\d|[/-]\w)"


def by_form(
    entity: str,
    shape: str,
    score: float,
    check: Callable[[str], bool | None] | None,
    words: str = "",
    *,
    ignore_case: bool = False,
) -> Pattern:
    """A pattern that counts by its form and its check digits.

    Args:
        entity: what it finds.
        shape: regular expression of the number alone; `whole` is put round it.
        score: where `check` says neither yes nor no and no word stands near.
        check: its check digits.
        words: that raise the score, in small letters, parted by a comma and a space.
        ignore_case: whether small and capital letters are the same.
    """
    return Pattern(
        name=f"{entity} by its form",
        entity=entity,
        regex=whole(shape),
        score=score,
        check=check,
        context=tuple(words.split(", ")) if words else (),
        ignore_case=ignore_case,
    )


def by_word(
    entity: str,
    shape: str,
    check: Callable[[str], bool | None] | None,
    words: str,
    *,
    score: float = BESIDE_WORD,
    ignore_case: bool = False,
) -> Pattern:
    """A pattern that counts only beside one of its words.

    Args:
        entity: what it finds.
        shape: regular expression of the number alone; `whole` is put round it.
        check: its check digits.
        words: that tell it, in small letters, parted by a comma and a space.
        score: before the words raise it; `OF_ANY` for what a kind of one country may be too.
        ignore_case: whether small and capital letters are the same.
    """
    formed = by_form(entity, shape, score, check, words, ignore_case=ignore_case)
    return replace(formed, name=f"{entity} beside a word", needs_context=True)
