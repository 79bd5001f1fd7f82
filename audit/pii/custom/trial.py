"""One test in a user's file: a text, and the kinds of personal data that must be found in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """One test.

    Attributes:
        place: `file:line:column`.
        finds: kinds that must be found, sorted; kinds that are harmless alone count only where they are named.
        column: name of the column that the text stands in, empty for none.
    """

    place: str
    text: str
    finds: tuple[str, ...]
    language: str = "en"
    column: str = ""
