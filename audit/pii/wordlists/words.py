"""Cuts a text into its capitalised words, with what stands between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from audit.pii.wordlists import own_lists
from audit.pii.wordlists.around import before_unmarked, unmarked

# Latin letters with all their accents; other scripts have no capitals or are not written in the eight languages.
_LETTERS = [chr(code) for code in (*range(0x41, 0x250), *range(0x1E00, 0x1F00)) if chr(code).isalpha()]
_CAPITALS = "".join(letter for letter in _LETTERS if letter.isupper())
_ALL = "".join(_LETTERS)

# An apostrophe belongs to the word before a letter (O'Brien), but not where it marks the possessive (Anna's).
_INSIDE = rf"(?:[{_ALL}]|-(?=[{_ALL}])|['’](?!s(?![{_ALL}]))(?=[{_ALL}]))"
_CAPITALISED = re.compile(rf"(?<![{_ALL}\d_@./\\])(?:[dD]['’]|[lL]['’]|[oO]['’])?[{_CAPITALS}]{_INSIDE}*")
_ANY = re.compile(rf"[{_ALL}]{_INSIDE}*")

PARTICLES = own_lists.words("people", "inside names")
"""Small words that begin what stands inside names, such as van der."""

WRITTEN_LARGE = own_lists.words("people", "inside names written large")
"""Those that some write with a capital, such as Le Goff."""

_AFTER_PARTICLES = PARTICLES | frozenset(["der", "den", "la", "las", "los", "le", "el", "'t"])
_ABBREVIATED = own_lists.words("people", "abbreviations inside a phrase")

BEFORE_NAME = re.compile(
    r"(?<!\w)(?:(?:van|von|de|del|della|di|da|do|dos|du|ter|ten|el|al|bin|zu|af)(?: (?:der|den|de|la|los|las|het|'t))?"
    r"|d[ae]l) $"
)
"""Small words right before the first capital of a name."""


@dataclass(slots=True)
class Word:
    """A capitalised word. Not frozen: a frozen one takes three times as long to make.

    Attributes:
        start: first character in the text.
        end: one past its last.
        text: as it is written.
        small: in small letters.
        gap: what stands between it and the word before, or "\\n" at the start of the text.
        joined: whether the word before may belong to the same name or phrase: nothing stands between but a space, the
            dot of an abbreviation or small words inside names.
        before: what `around.before` says of its place; empty where it was not asked for.
    """

    start: int
    end: int
    text: str
    small: str
    gap: str
    joined: bool
    before: str = ""


def capitalised(value: str) -> list[Word]:
    """All words that begin with a capital, in their order."""
    words: list[Word] = []
    last: Word | None = None
    flat = unmarked(value)
    for match in _CAPITALISED.finditer(value):
        start, end = match.span()
        text = match[0]
        gap = value[last.end : start] if last else "\n"
        joined = last is not None and _joined(last, gap)
        last = Word(start, end, text, text.lower(), gap, joined, before_unmarked(flat, start))
        words.append(last)
    return words


def _joined(before: Word, gap: str) -> bool:
    if gap in (" ", "\u00a0"):
        return True
    if gap in (".", ". "):
        return len(before.text) == 1 or before.small in _ABBREVIATED
    inside = gap.split()
    if not 0 < len(inside) <= 2 or gap[0] + gap[-1] != "  ":
        return False
    return inside[0] in PARTICLES and inside[-1] in _AFTER_PARTICLES


def every(value: str) -> list[Word]:
    """All words, small ones too; for texts that are a name written without capitals."""
    words: list[Word] = []
    for match in _ANY.finditer(value):
        gap = value[words[-1].end : match.start()] if words else "\n"
        words.append(Word(*match.span(), match[0], match[0].lower(), gap, gap == " "))
    return words


def runs(words: Sequence[Word]) -> list[list[Word]]:
    """The words in groups of which each may hold one name or phrase."""
    groups: list[list[Word]] = []
    for word in words:
        if word.joined:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups
