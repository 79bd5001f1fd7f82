"""Changes of single characters that people read over: slips of the keyboard, look-alikes, signs that nobody sees."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from attacks.text.distance import Change

INVISIBLE = "\u200b\u00ad\u2060\u200c"
"""Zero-width space, soft hyphen, word joiner, zero-width non-joiner."""
_KEYBOARDS = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("qwertzuiopü", "asdfghjklöä", "yxcvbnm"),
    ("azertyuiop", "qsdfghjklm", "wxcvbn"),
    ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
)
_LOOK_ALIKES = {
    "a": "а", "c": "с", "d": "ԁ", "e": "е", "g": "ɡ", "h": "һ", "i": "і", "j": "ј", "l": "ӏ", "o": "о", "p": "р",
    "q": "ԛ", "s": "ѕ", "v": "ѵ", "w": "ԝ", "x": "х", "y": "у", "n": "ո", "u": "ս",
    "A": "А", "B": "В", "C": "С", "E": "Е", "H": "Н", "I": "І", "J": "Ј", "K": "К", "M": "М", "N": "Ν", "O": "О",
    "P": "Р", "S": "Ѕ", "T": "Т", "X": "Х", "Y": "Ү", "Z": "Ζ",
}  # fmt: skip
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя", "αβγδεζηθικλμνξοπρστυφχψω")
_LEET = {"a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1", "o": "0", "s": "5$", "t": "7", "z": "2"}


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one text of a row.

    Attributes:
        column: which text of the row.
        start: first character concerned, 0-based in the text before.
        end: character after the last one; equal to `start` where something is put in.
        text: what stands there afterwards.
        cost: changed characters.
    """

    column: int
    start: int
    end: int
    text: str
    cost: int

    def touches(self, other: Edit) -> bool:
        """Whether both concern the same place, so that only one of them can be made."""
        if self.column != other.column:
            return False
        if self.start == self.end or other.start == other.end:
            return self.start <= other.end and other.start <= self.end
        return self.start < other.end and other.start < self.end


@cache
def _neighbours() -> dict[str, str]:
    """Keys beside each key, on any of the keyboards; rows are set off by half a key."""
    found: dict[str, set[str]] = {}
    for keyboard in _KEYBOARDS:
        for above, row in enumerate(keyboard):
            below = keyboard[above + 1] if above + 1 < len(keyboard) else ""
            for place, key in enumerate(row):
                near = (
                    row[max(0, place - 1) : place] + row[place + 1 : place + 2] + below[max(0, place - 1) : place + 1]
                )
                for other in near:
                    found.setdefault(key, set()).add(other)
                    found.setdefault(other, set()).add(key)
    return {key: "".join(sorted(others)) for key, others in found.items()}


@cache
def _doubles() -> dict[str, str]:
    """Look-alikes both ways."""
    return {**{alike: letter for letter, alike in _LOOK_ALIKES.items()}, **_LOOK_ALIKES}


def character_edits(text: str, column: int, start: int, end: int) -> dict[str, list[Edit]]:
    """Every change of a single character between two places of a text, by kind; each costs one."""
    found: dict[str, list[Edit]] = {}

    def add(kind: str, first: int, last: int, after: str) -> None:
        found.setdefault(kind, []).append(Edit(column, first, last, after, 1))

    for place in range(start, end):
        letter = text[place]
        for kind, others in _others(letter).items():
            for other in others:
                add(kind, place, place + 1, other)
        if not letter.isalpha():
            continue
        add("dropped", place, place + 1, "")
        add("repeated", place, place + 1, letter * 2)
        if place + 1 < end and text[place + 1].isalpha() and text[place + 1] != letter:
            add("swapped", place, place + 2, text[place + 1] + letter)
    for place in range(start + 1, end):
        add("split", place, place, " ")
        for sign in INVISIBLE:
            add("invisible", place, place, sign)
    if start > 0 and text[start - 1] == " ":
        add("joined", start - 1, start, "")
    if end - start < 2:
        add("invisible", end, end, INVISIBLE[0])
    return found


def any_letter(text: str, column: int, start: int, end: int, *, put_in: bool, seed: int) -> Iterator[Edit]:
    """Any letter of the same script put in before a letter, or in its place, in random order."""
    letters = [(place, _alphabet(text[place])) for place in range(start, end)]
    choices = [(place, other) for place, alphabet in letters for other in alphabet]
    random.Random(seed).shuffle(choices)
    for place, other in choices:
        yield Edit(column, place, place if put_in else place + 1, other, 1)


def _alphabet(letter: str) -> str:
    """Letters of the same script; none where that is not known."""
    small = letter.lower()
    found = next((signs for signs in _ALPHABETS if small in signs), "").replace(small, "")
    return found if small == letter else found.upper()


def _others(letter: str) -> dict[str, str]:
    """What can stand in place of a letter, by kind."""
    small, turned = letter.lower(), letter.swapcase()
    near = _neighbours().get(small, "")
    if letter != small and len(near.upper()) == len(near):
        near = near.upper()
    found = {"look-alike": _doubles().get(letter, ""), "leet": _LEET.get(small, ""), "key": near}
    return {**found, "case": turned if turned != letter and len(turned) == 1 else ""}


def kind_of(change: Change, before: str) -> str:
    """What a step from one text to another is called in evidence."""
    removed, added = change.removed, change.added
    if len(removed) == 2:
        return "letters swapped"
    if not added:
        return _kind_of_lost(removed)
    if not removed:
        return _kind_of_added(added, before[max(0, change.position - 1) : change.position + 1])
    if _doubles().get(removed) == added:
        return "look-alike letter"
    if added in _LEET.get(removed.lower(), ""):
        return "digit or sign for a letter"
    if added.lower() == removed.lower():
        return "upper or lower case"
    if added.lower() in _neighbours().get(removed.lower(), ""):
        return "neighbouring key"
    if "'" in (removed, added) or "’" in (removed, added):
        return "contraction"
    return "hyphen" if "-" in (removed, added) else "other letter"


def _kind_of_lost(removed: str) -> str:
    if removed.isspace():
        return "words joined"
    return "hyphen" if removed == "-" else "letter dropped"


def _kind_of_added(added: str, around: str) -> str:
    if added in INVISIBLE:
        return "invisible sign"
    if added.isspace():
        return "space inside a word"
    if added == "-":
        return "hyphen"
    return "letter repeated" if added in around else "letter added"
