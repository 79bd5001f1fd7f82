"""One thing that speaks against a bundle: which file, where in it, what stands there and what should."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 120
"""Characters of a value that a finding repeats."""

_NAMED = re.compile(
    r"(?P<file>bundle\.json|run\.json|waivers\.json|policy\.lock|policy\.resolved\.yaml|attestation\.dsse\.json"
    r"|MANIFEST\.sha256|(?:policy|reports|evidence)/[^:]*)(?::(?P<line>[0-9]+)(?::[0-9]+)?)?"
    r"(?:\.(?P<place>[^:]*))?: (?P<message>.*)",
    re.DOTALL,
)
_EXPECTED = re.compile(r"expected (?P<expected>.*?), found (?P<found>.*)", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """Why a bundle may not be believed.

    Attributes:
        file: path in the bundle, or of the subject; empty where the whole folder is meant.
        message: what is wrong, in words.
        line: counted from 1, where the file has lines that a reader looks up.
        place: inside the file, such as `entries[3].verdict`.
        expected: what should stand there; empty where that cannot be said.
        found: what stands there.
    """

    file: str
    message: str
    line: int | None = None
    place: str = ""
    expected: str = ""
    found: str = ""

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        where = [part for part in (f"{self.file}{line}", self.place) if part]
        values = [f"{word} {text}" for word, text in (("expected", self.expected), ("found", self.found)) if text]
        told = self.message + (f"; {', '.join(values)}" if values else "")
        return ": ".join([*where, told])


def of_text(text: str) -> Finding:
    """The finding that a message makes whose first words are a file of the bundle and a place in it."""
    named = _NAMED.fullmatch(text)
    if named is None:
        return Finding("", text)
    place, message = named["place"] or "", named["message"]
    line = None if named["line"] is None else int(named["line"])
    values = _EXPECTED.fullmatch(message)
    if values is None:
        return Finding(named["file"], message, line, place)
    return Finding(named["file"], "does not fit", line, place, values["expected"], values["found"])


def cut(value: object) -> str:
    """A value in few enough characters for a message; text as Python writes it, so that its ends are seen."""
    shown = repr(value)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 4]} ..."


def cut_around(text: str, position: int) -> str:
    """The part of a line around a position, in few enough characters for a message."""
    begin = max(0, min(position - LONGEST // 3, len(text) - LONGEST))
    part = text[begin : begin + LONGEST]
    return f"{'... ' if begin else ''}{part!r}{' ...' if begin + LONGEST < len(text) else ''}"
