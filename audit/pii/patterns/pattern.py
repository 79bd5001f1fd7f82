"""What a recogniser is made of: patterns that are data, and the text that it reads.

A recogniser is a file in `audit.pii.recognisers`; nothing is registered anywhere. It has

    ENTITIES: dict[str, str]               what it finds, with the words that a reader gets for it
    LANGUAGES: tuple[str, ...]             of the texts it is made for; absent or empty for all
    PATTERNS: tuple[Pattern, ...]          what can be said as patterns; all files' patterns are searched in one pass
    def find(text: Text) -> Iterator[Span] optional, for what patterns cannot say

and at least one of the last two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pattern:
    """One form of a value.

    Attributes:
        name: what the form is called, such as `German tax number`.
        entity: what it finds.
        regex: in the syntax of Python's `re`; where it has a group named `value`, that group is the finding.
        score: of a match without a checksum and without a telling word near it, 0 to 1.
        check: called with the matched characters; False drops the finding, True makes it certain, None says nothing.
        context: words, in small letters, that tell the kind of value when they stand near it or name its column.
        needs_context: whether a match without such a word is no finding.
        ignore_case: whether small and capital letters are the same.
        languages: of the texts in which it is searched; empty for all.
    """

    name: str
    entity: str
    regex: str
    score: float
    check: Callable[[str], bool | None] | None = None
    context: tuple[str, ...] = ()
    needs_context: bool = False
    ignore_case: bool = False
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Text:
    """What a recogniser reads.

    Attributes:
        value: the characters, digits and spaces already plain.
        language: two-letter code.
        context: words that belong to the whole text, such as the name of its column, in small letters.
    """

    value: str
    language: str
    context: tuple[str, ...] = ()
