"""Other ways to write the same word, by short lists and rules for English, and words that lie close to each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from attacks.distance import Array
from attacks.text.characters import Edit
from attacks.text.distance import changed_characters

_PIECE = 12
_WORD = re.compile(r"[^\W_][\w\u0300-\u036f'’-]*|[^\w\s!-/:-@\[-`{-~]+")
_MOST_WORDS = 3000
_LONGEST = 24
_CONTRACTIONS = (
    ("do not", "don't"), ("does not", "doesn't"), ("did not", "didn't"), ("is not", "isn't"), ("are not", "aren't"),
    ("was not", "wasn't"), ("were not", "weren't"), ("has not", "hasn't"), ("have not", "haven't"),
    ("had not", "hadn't"), ("will not", "won't"), ("would not", "wouldn't"), ("could not", "couldn't"),
    ("should not", "shouldn't"), ("cannot", "can't"), ("can not", "cannot"), ("I am", "I'm"), ("I have", "I've"),
    ("I will", "I'll"), ("it is", "it's"), ("that is", "that's"), ("you are", "you're"), ("we are", "we're"),
    ("they are", "they're"),
)  # fmt: skip
_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_SPELLINGS = {
    "analys": "analyz", "apologis": "apologiz", "authoris": "authoriz", "behaviour": "behavior", "cancell": "cancel",
    "catalogue": "catalog", "centre": "center", "cheque": "check", "colour": "color", "defence": "defense",
    "dialogue": "dialog", "favour": "favor", "grey": "gray", "honour": "honor", "judgement": "judgment",
    "labour": "labor", "licence": "license", "litre": "liter", "metre": "meter", "neighbour": "neighbor",
    "organis": "organiz", "programme": "program", "realis": "realiz", "recognis": "recogniz", "theatre": "theater",
    "travell": "travel", "tyre": "tire",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A word of a row, or a piece of a long one.

    Attributes:
        column: which text of the row.
        start: its first character, 0-based.
        end: the character after its last one.
    """

    column: int
    start: int
    end: int


@dataclass(frozen=True)
class Variant:
    """Another way to write a word.

    Attributes:
        text: the word in its other form.
        kind: what evidence calls the change.
    """

    text: str
    kind: str


def units(text: str, column: int) -> list[Unit]:
    """The words of a text; a text without any is one unit."""
    found = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        for piece in range(start, end, _PIECE) if end - start > _LONGEST else (start,):
            found.append(Unit(column, piece, min(piece + _PIECE, end) if end - start > _LONGEST else end))
    return found or [Unit(column, 0, len(text))]


def words(text: str) -> list[str]:
    """The words of a text in small letters; signs and very long words stay out."""
    return [word.lower() for word in _WORD.findall(text) if len(word) <= _LONGEST and word[0].isalnum()]


@cache
def variants(word: str) -> tuple[Variant, ...]:
    """Other ways to write an English word: number, spelling, plural, hyphen."""
    small = word.lower()
    found = []
    if small in _NUMBERS:
        found.append(Variant(str(_NUMBERS.index(small)), "number word"))
    if small.isascii() and small.isdigit() and int(small[:3]) < len(_NUMBERS) and len(small) < 3:
        found.append(Variant(_NUMBERS[int(small)], "number word"))
    for british, american in _SPELLINGS.items():
        for one, other in ((british, american), (american, british)):
            if small.startswith(one) and not small.startswith(other):
                found.append(Variant(word[:1] + (other + small[len(one) :])[1:], "British or American spelling"))
    if small.isascii() and small.isalpha() and len(small) > 3:
        plural = small.endswith("s") and not small.endswith("ss")
        found.append(Variant(word[:-1] if plural else word + "s", "singular or plural"))
    if "-" in small[1:-1]:
        found += [Variant(word.replace("-", ""), "hyphen"), Variant(word.replace("-", " "), "hyphen")]
    return tuple(one for one in found if one.text != word)


def word_edits(text: str, unit: Unit) -> Iterator[Edit]:
    """Other ways to write the word of a unit, and contractions that begin or end with it."""
    word = text[unit.start : unit.end]
    for variant in variants(word):
        yield _edit(unit, unit.start, unit.end, word, variant.text)
    for long, short in _CONTRACTIONS:
        for one, other in ((long, short), (short, long)):
            for start in (unit.start, unit.end - len(one)):
                part = text[max(0, start) : max(0, start) + len(one)]
                if part.lower() == one.lower() and _stands_alone(text, max(0, start), len(one)):
                    yield _edit(unit, max(0, start), max(0, start) + len(one), part, part[0] + other[1:])


def _stands_alone(text: str, start: int, size: int) -> bool:
    before, after = text[max(0, start - 1) : start], text[start + size : start + size + 1]
    return not before.isalnum() and not after.isalnum()


def _edit(unit: Unit, start: int, end: int, before: str, after: str) -> Edit:
    return Edit(unit.column, start, end, after, int(changed_characters(before, after)))


class Vocabulary:
    """Words of texts that an attacker knows, and which class each of them speaks for.

    Args:
        texts: known texts, all texts of a row together.
        labels: class codes of the texts, shape (n,).
        n_classes: number of classes.
    """

    def __init__(self, texts: Sequence[Iterable[str]], labels: Array, n_classes: int) -> None:
        counts: dict[str, Array] = {}
        sizes = np.zeros(n_classes)
        for row, label in zip(texts, labels, strict=True):
            sizes[label] += 1
            # in order of appearance: it decides between words of equal worth, and a set has another one in each process
            for word in dict.fromkeys(word for text in row for word in words(text)):
                if word not in counts and len(counts) >= _MOST_WORDS:
                    continue
                counts.setdefault(word, np.zeros(n_classes))[label] += 1
        self._odds = {word: _log_odds(found, sizes) for word, found in counts.items()}
        self._near: dict[str, list[str]] = {}
        for word in counts:
            for short in _shortened(word):
                self._near.setdefault(short, []).append(word)
        self._strongest: dict[int, list[str]] = {}

    def weight(self, word: str, label: int) -> float:
        """How much a word speaks for a class, as log odds; 0 for an unknown word."""
        found = self._odds.get(word.lower())
        return 0.0 if found is None else float(found[label])

    def against(self, label: int, count: int) -> list[str]:
        """The words that speak most for other classes, strongest first."""
        if label not in self._strongest:
            scored = {word: _best_other(odds, label) for word, odds in self._odds.items()}
            self._strongest[label] = sorted(
                (word for word, gain in scored.items() if gain > 0), key=lambda w: -scored[w]
            )
        return self._strongest[label][:count]

    def near(self, word: str, label: int, most: int) -> list[str]:
        """Known words that differ from a word in one or two characters, those that speak for other classes first."""
        small = word.lower()
        if len(small) > _LONGEST or len(small) < 3:
            return []
        found = {other for short in _shortened(small) for other in self._near.get(short, ()) if other != small}
        return sorted(found, key=lambda other: (-_best_other(self._odds[other], label), other))[:most]


def _log_odds(found: Array, sizes: Array) -> Array:
    inside = (found + 0.5) / (sizes + 1)
    outside = (found.sum() - found + 0.5) / (sizes.sum() - sizes + 1)
    return np.asarray(np.log(inside) - np.log(outside))


def _best_other(odds: Array, label: int) -> float:
    others = np.delete(odds, label)
    return float(others.max() - max(0.0, odds[label])) if len(others) else 0.0


def _shortened(word: str) -> set[str]:
    """The word and every form of it that lacks one letter: words with a common one differ in two letters at most."""
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))} if len(word) > 2 else {word}


def kind_of_word(before: str, after: str) -> str | None:
    """What a change of a whole word is called in evidence; None where it is none of the known variants."""
    known: Mapping[str, str] = {variant.text.lower(): variant.kind for variant in variants(before)}
    return known.get(after.lower())
