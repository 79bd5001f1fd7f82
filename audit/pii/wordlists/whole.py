"""Texts that are a name as a whole, such as the cells of a table, and names that stand there without capitals.

A cell holds no sentence that could tell what a word is. What tells here: that both words of it are names, the order
"surname, given name", and the name of the column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from audit.pii.column_names import says
from audit.pii.patterns.pattern import Text
from audit.pii.spans import Span
from audit.pii.wordlists.around import before, spaced, told
from audit.pii.wordlists.lexicon import COMMON, DOUBTFUL_PLACES, NEVER, Lexicon
from audit.pii.wordlists.own_lists import entries
from audit.pii.wordlists.own_lists import words as listed_words
from audit.pii.wordlists.words import PARTICLES, Word, every

LONGEST = 60
"""Characters of the longest text that is read as one name."""

MOST_WORDS = 4
"""Words of a name that is a whole text."""

_WHOLE_COMMON, _WHOLE_KNOWN = 0.75, 0.7
"""Scores of a given name and a surname that are the whole text: one of them common, or neither."""

_SHAPE = re.compile(r"[^\W\d_][^\W\d_]*(?:[ ,.'’-]{1,2}[^\W\d_]+){0,5}\.?")
_INVERTED = re.compile(
    r"(?:^|[:;|\t] ?)(?P<surname>(?:[a-z]{2,3} ){0,2}[^\W\d_][^\W\d_'’-]*+(?:['’ -][^\W\d_]{2,20}){0,2}), ?"
    r"(?P<given>[^\W\d_]{2,20}(?:[ -][^\W\d_]{2,20}){0,2}(?: [^\W\d_]\b\.?){0,2})(?=$|[;|\t])",
    re.MULTILINE,
)
_SELF = re.compile("|".join(re.escape(one) for one in entries("people", "introducing oneself")), re.IGNORECASE)
_INTRODUCTIONS = spaced(entries("people", "introductions") + entries("people", "greetings"))
_OF_SOMETHING_ELSE = listed_words("places", "streets and things") | listed_words("organisations", "last words")
_TITLES = listed_words("people", "titles")
_FORMS_OF_ADDRESS = listed_words("people", "forms of address")
_DOING_WORDS = listed_words("people", "doing")
_WORDS = re.compile(r"[^\W\d_]+")
_HINT = re.compile(r"nam|nom|heiß|llam|chiam|heet|naam|nazyw|imię|chamo")
"""In every introduction of oneself, in small letters; much cheaper to look for."""


def may_name(text: Text) -> bool:
    """Whether a text without capitals can hold a name that is looked for: two words, or a column that says so."""
    return " " in text.value.strip() or bool(text.context)


def find(text: Text, lexicon: Lexicon) -> Iterator[Span]:
    """Candidates in a text.

    Args:
        text: with the name of its column as context, if it has one.
        lexicon: what the words may be.
    """
    value = text.value
    lowered = value.lower()
    if len(value) <= LONGEST and _SHAPE.fullmatch(value):
        yield from _full_name(value, lexicon)
        if text.context:
            yield from _by_column(text, lexicon)
    if "," in value:
        yield from _inverted(value, lexicon)
    if value == lowered and not lexicon.clear.isdisjoint(_WORDS.findall(value)):
        yield from _small(value, lexicon)
        yield from _small_places(value, lexicon)
    if _HINT.search(lowered):
        for match in _SELF.finditer(value):
            yield from _introduced(value, match.end(), lexicon)


def _full_name(value: str, lexicon: Lexicon) -> Iterator[Span]:
    """A given name and a surname that are the whole text, and neither a common word nor a place."""
    words = [word for word in every(value) if word.small not in _TITLES]
    if not 2 <= len(words) <= MOST_WORDS or _is_something_else(value.lower(), words, lexicon):
        return
    given, surname = lexicon.given.get(words[0].small, 0), lexicon.surnames.get(words[-1].small, 0)
    known = COMMON in (given, surname)
    if given and surname and (known or value.istitle()):
        yield Span(words[0].start, words[-1].end, "PERSON", _WHOLE_COMMON if known else _WHOLE_KNOWN, "word list")


def _is_something_else(small: str, words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether a text is a place or a company, or holds a word that stands in no name."""
    first, *middle, last = (word.small for word in words)
    if small in lexicon.places.levels or small in lexicon.companies.levels:
        return True
    if not all(len(one) == 1 or one in lexicon.given or one in lexicon.surnames or one in PARTICLES for one in middle):
        return True
    towns = first in lexicon.places.levels and last in lexicon.places.levels
    return towns or any(one in lexicon.words or one in NEVER or one in _OF_SOMETHING_ELSE for one in (first, last))


def _inverted(value: str, lexicon: Lexicon) -> Iterator[Span]:
    """Smith, John A.: a whole line, or what follows a label."""
    for match in _INVERTED.finditer(value):
        surname, given = match["surname"].lower().split(), match["given"].lower().split()
        last, first = surname[-1], given[0]
        named = lexicon.given.get(first, 0)
        place = last in lexicon.places.levels and first in lexicon.places.levels
        if not named or last not in lexicon.surnames or place or NEVER.intersection(given):
            continue
        doubt = 0.2 * (first in lexicon.words) + 0.2 * (last in lexicon.words)
        score = round((0.85 if named == COMMON else 0.65) - doubt, 2)
        yield Span(match.start("surname"), match.end("given"), "PERSON", score, "word list")


def _small(value: str, lexicon: Lexicon) -> Iterator[Span]:
    """Names in a text without capitals, as in forms and chats, where two words or the word before tell."""
    words = every(value)
    place = 0
    while place < len(words):
        one = words[place]
        last = place
        while last + 1 < len(words) and last - place < 3 and _goes_on(words[last + 1], lexicon):
            last += 1
        clear = one.small not in lexicon.words and lexicon.places.levels.get(one.small) != COMMON
        given, surname = lexicon.given.get(one.small) == COMMON, one.small in lexicon.surnames
        if given and clear and last > place and words[last].small in lexicon.surnames:
            yield Span(one.start, words[last].end, "PERSON", 0.5, "word list")
            place = last
        elif one.gap in (" ", ". ") and clear and (given or surname):
            words_before = before(value, one.start)
            titled = words_before.split()[-1].strip(".") in _FORMS_OF_ADDRESS
            if titled or (given and told(words_before, _INTRODUCTIONS)):
                yield Span(one.start, one.end, "PERSON", 0.5, "context")
        place += 1


def _goes_on(word: Word, lexicon: Lexicon) -> bool:
    if word.gap != " " or word.small in lexicon.words:
        return False
    return word.small in lexicon.surnames or lexicon.given.get(word.small) == COMMON


def _small_places(value: str, lexicon: Lexicon) -> Iterator[Span]:
    """Great cities and countries in a text without capitals."""
    words = every(value)
    place = 0
    while place < len(words):
        length = lexicon.places.longest.get(words[place].small, 0)
        for last in range(min(place + length, len(words)) - 1, place - 1, -1):
            name = value[words[place].start : words[last].end]
            doubtful = name in DOUBTFUL_PLACES or name in lexicon.words or name in lexicon.given or len(name) < 4
            if lexicon.places.levels.get(name) == COMMON and not doubtful:
                yield Span(words[place].start, words[last].end, "LOCATION", 0.45, "word list")
                place = last
                break
        place += 1


def _by_column(text: Text, lexicon: Lexicon) -> Iterator[Span]:
    """What the name of the column says, where the cell can hold it."""
    declared = _declared(text.context)
    if declared.isdisjoint(("PERSON", "LOCATION")):
        return
    words = every(text.value)
    smalls = [word.small for word in words]
    if all(small in lexicon.words or small in NEVER for small in smalls):
        return
    end = words[-1].end
    if "PERSON" in declared:
        listed = sum(small in lexicon.given or small in lexicon.surnames for small in smalls) / len(smalls)
        start = next((word.start for word in words if word.small not in _TITLES), 0)
        yield Span(start, end, "PERSON", round(0.55 + 0.35 * listed, 2), "context")
    elif "LOCATION" in declared:
        yield Span(0, end, "LOCATION", 0.85 if text.value.lower() in lexicon.places.levels else 0.55, "context")


@lru_cache
def _declared(names: tuple[str, ...]) -> frozenset[str]:
    """Kinds that the names of a column declare; they are the same for all its cells."""
    return frozenset(entity for name in names for entity in says(name))


def _introduced(value: str, start: int, lexicon: Lexicon) -> Iterator[Span]:
    """A name without capitals behind words such as "my name is"."""
    named: list[Word] = []
    for word in every(value[start : start + LONGEST])[:3]:
        if word.small in NEVER or (named and word.gap != " ") or word.text[0].isupper() or word.small in _DOING_WORDS:
            break
        is_name = word.small in lexicon.given or (bool(named) and word.small in lexicon.surnames)
        if not is_name or (named and word.small in lexicon.words):
            break
        named.append(word)
    if named and named[0].start <= 1:
        yield Span(start + named[0].start, start + named[-1].end, "PERSON", 0.7, "context")
