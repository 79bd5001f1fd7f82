"""Which of the fields that a policy demands a document fills in, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from audit.documents.document import Document, Entry
from audit.documents.field_titles import ALIASES, KNOWN, Titles
from audit.documents.placeholders import says_something
from audit.documents.plain_text import words

_LONGEST_TITLE = 12
"""Words; what is longer is a sentence with a colon in it."""
_NUMBERING = frozenset(("ii", "iii", "iv", "vi", "vii", "viii", "ix", "section", "part", "chapter"))
_Words = tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What a document says for one field.

    Attributes:
        state: `said`, `empty` where there is a title with nothing of substance below, or `absent`.
        entries: where; those that say something where any does.
    """

    state: str
    entries: tuple[Entry, ...] = ()


def find(document: Document, wanted: Iterable[str]) -> dict[str, Found]:
    """Look for fields by name; one whose name is not known is looked for by its own words.

    Returns:
        What was found, by the names in `wanted`.
    """
    titles = [_own_words(entry.title) for entry in document.entries]
    known = [_fields_of(title) for title in titles]
    found = {}
    for field in wanted:
        name = _canonical(field)
        own = words(field)
        places = [
            place
            for place, title in enumerate(titles)
            if (name in known[place] if name in KNOWN else bool(own) and _inside(title, own))
        ]
        found[field] = _found(document.entries, known, places, name)
    return found


def _canonical(field: str) -> str:
    plain = " ".join(field.casefold().split())
    return ALIASES.get(plain, plain)


def _found(entries: Sequence[Entry], known: Sequence[frozenset[str]], places: Sequence[int], name: str) -> Found:
    if not places:
        return Found("absent")
    saying = [
        entries[place]
        for place in places
        if says_something(_content(entries, known, place, name), entries[place].title)
    ]
    return Found("said", tuple(saying)) if saying else Found("empty", tuple(entries[place] for place in places))


def _content(entries: Sequence[Entry], known: Sequence[frozenset[str]], start: int, name: str) -> str:
    """Text under a title, with what is nested below it unless that is titled as another known field."""
    texts = [entries[start].text]
    skipped: int | None = None
    for place in range(start + 1, len(entries)):
        level = entries[place].level
        if level <= entries[start].level:
            break
        if skipped is not None and level > skipped:
            continue
        skipped = level if known[place] and name not in known[place] else None
        if skipped is None:
            texts.append(entries[place].text)
    return "\n".join(texts)


def _own_words(title: str) -> _Words:
    """Words of a title less its numbering; nothing where it is too long to be one."""
    found = words(title[:200])
    if len(found) > 1 and (len(found[0]) == 1 or found[0] in _NUMBERING):
        found = found[1:]
    return found if len(found) <= _LONGEST_TITLE else ()


@lru_cache(maxsize=4096)
def _fields_of(title: _Words) -> frozenset[str]:
    """Every known field that a title may head."""
    return frozenset(name for name, titles in KNOWN.items() if _heads(title, titles))


def _heads(title: _Words, titles: Titles) -> bool:
    if not title or set(titles.never) & set(title):
        return False
    plain = " ".join(title)
    # longest phrases are short, so looking for one between blanks is the quickest way
    return plain in titles.whole or any(f" {phrase} " in f" {plain} " for phrase in titles.inside)


def _inside(title: _Words, phrase: _Words) -> bool:
    return f" {' '.join(phrase)} " in f" {' '.join(title)} "
