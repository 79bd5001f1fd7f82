"""Makes valid personal values of each kind, and sentences that hold them, for tests of a scan's own sight.

Nothing here is anybody's: telephone numbers lie in the ranges that regulators keep free for fiction or are freephone
numbers, names of hosts end in domains that are reserved for examples, and account and card numbers are random digits
with a right checksum. No list of words here is one that a recogniser reads, and some words are on none of theirs.

A file in `makers` makes values of some kinds; nothing is registered anywhere. It has

    MAKERS: dict[str, Maker]             a value of an entity, in a language
    LABELS: dict[str, dict[str, str]]    words that people write before it, by language; "en" always
    BY_LABEL_ALONE: tuple[str, ...]      optional: kinds that only such words tell
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from audit import plugins
from audit.pii.planted.numbers import Maker


@dataclass(frozen=True)
class Planted:
    """A text that holds one planted value, and the characters at which it starts and ends."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class _Kinds:
    """What the files in `makers` can make, by entity."""

    makers: dict[str, Maker]
    labels: dict[str, dict[str, str]]
    by_label_alone: frozenset[str]


@cache
def _kinds() -> _Kinds:
    package = "audit.pii.planted.makers"
    modules = [plugins.load(package, name) for name in plugins.names(package)]
    return _Kinds(
        {entity: make for module in modules for entity, make in module.MAKERS.items()},
        {entity: words for module in modules for entity, words in module.LABELS.items()},
        frozenset(entity for module in modules for entity in getattr(module, "BY_LABEL_ALONE", ())),
    )


def entities() -> tuple[str, ...]:
    """Entities of which values can be made, sorted."""
    return tuple(sorted(_kinds().makers))


def value(entity: str, rng: random.Random, language: str = "en") -> str:
    """One valid value of an entity.

    Args:
        entity: one of `entities()`.
        rng: source of all choices; the same state gives the same value.
        language: two-letter code of the texts that it is written into.

    Raises:
        KeyError: the entity is not one of `entities()`.
    """
    return _kinds().makers[entity](rng, language)


def needs_label(entity: str) -> bool:
    """Whether only the words before a value tell what it is, as with bare numbers."""
    return entity in _kinds().by_label_alone


def label(entity: str, language: str = "en") -> str:
    """Words that people write before a value; those in English where the language has none, empty for no kind here."""
    words = _kinds().labels.get(entity, {})
    return words.get(language, words.get("en", ""))


def write(text: str, value: str, told: str, rng: random.Random) -> Planted:
    """Write a value into a text, between two of its words or at an end.

    Args:
        text: empty for a value that stands alone.
        told: words before it; empty for none.
        rng: source of the place.
    """
    gaps = [0, *(place + 1 for place, letter in enumerate(text) if letter == " "), len(text)]
    place = rng.choice(gaps)
    left = text[:place] + (" " if place and text[place - 1] != " " else "") + (f"{told} " if told else "")
    return Planted(f"{left}{value} {text[place:]}".rstrip(), len(left), len(left) + len(value))


def insert(text: str, entity: str, rng: random.Random, language: str = "en") -> Planted:
    """Write one value of an entity into a text, in half of the cases with the words that people write before it."""
    told = label(entity, language) if needs_label(entity) or rng.random() < 0.5 else ""
    return write(text, value(entity, rng, language), told, rng)
