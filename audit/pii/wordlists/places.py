"""Cities, states and countries: from lists, and from words that only a place follows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from audit.pii.spans import Span
from audit.pii.wordlists.around import spaced, told
from audit.pii.wordlists.lexicon import COMMON, DOUBTFUL_PLACES, NEVER, Lexicon, heads
from audit.pii.wordlists.own_lists import entries, words
from audit.pii.wordlists.words import Word

_IN = spaced(entries("places", "before places"))
_RIGHT_IN = spaced(entries("places", "right before places"))
_LIVING_IN = spaced(entries("places", "living in"))
_OF_SOMETHING_ELSE = words("places", "streets and things") | words("organisations", "last words")

_STATE_AFTER = re.compile(rf",? (?:{'|'.join(entries('places', 'states')).upper()})\b")
_ABBREVIATED = re.compile(
    r"\b(?:USA|U\.S\.A\.|U\.S\.|UK|U\.K\.|UAE|US(?= (?:citizen|resident|address|market|office)))(?!\w)"
)

_DATED = re.compile(
    r", ?(?:(?:den|am|le|a|el|il|op|dnia|em|aos) )?"
    r"(?:\d{1,2}[./-]\d{1,2}[./-](?:\d\d){1,2}|\d{1,2}(?:er|º|°)?\.? (?:de )?[^\W\d_]{3,12}\.? (?:de )?\d{4})(?!\d)"
)
"""A whole date behind a comma."""

_LONGEST_TOWN = 4
"""Words of the longest name of a town that is told by what stands round it alone."""

_JOINING = frozenset([" and ", " of ", " of the ", " and the ", " et ", " und ", " e ", " y ", " en ", " i "])
_HEADS = words("places", "first words")
_TAILS = entries("places", "last letters")


def find(value: str, runs: Sequence[Sequence[Word]], lexicon: Lexicon) -> Iterator[Span]:
    """Candidates in a text.

    Args:
        value: the text.
        runs: its capitalised words in groups.
        lexicon: what the words may be.
    """
    if "U" in value:
        for match in _ABBREVIATED.finditer(value):
            yield Span(match.start(), match.end(), "LOCATION", 0.5, "word list")
    yield from _over_small_words(value, runs, lexicon)
    for run in runs:
        if (head := _of_letter(value, run, lexicon)) is not None:
            yield head
        place = 0
        while place < len(run):
            length = _listed(value, run, place, lexicon)
            span = _unlisted(value, run, place, lexicon) if length < 2 else None
            if span is not None and (not length or span.end > run[place].end):
                yield span
                length = sum(word.start < span.end for word in run[place:])
            elif length:
                yield from _weighed(value, run, place, length, lexicon)
            place += max(1, length)


def _over_small_words(value: str, runs: Sequence[Sequence[Word]], lexicon: Lexicon) -> Iterator[Span]:
    """Names with small words that join nothing else, such as Trinidad and Tobago."""
    for run, behind in pairwise(runs):
        if behind[0].gap in _JOINING:
            for first, last in product(run[-3:], behind[:2]):
                if lexicon.places.levels.get(value[first.start : last.end].lower()) == COMMON:
                    yield Span(first.start, last.end, "LOCATION", 0.7, "word list")


def _listed(value: str, run: Sequence[Word], first: int, lexicon: Lexicon) -> int:
    """How many words from one on are a place of the lists; 0 for none."""
    most = min(lexicon.places.longest.get(run[first].small, 0), len(run) - first)
    for length in range(most, 0, -1):
        if value[run[first].start : run[first + length - 1].end].lower() in lexicon.places.levels:
            return length
    return 0


def _weighed(value: str, run: Sequence[Word], first: int, length: int, lexicon: Lexicon) -> Iterator[Span]:
    start, end = run[first].start, run[first + length - 1].end
    name = value[start:end].lower()
    level = lexicon.places.levels[name]
    after = run[first + length] if first + length < len(run) else None
    if after is not None and after.gap == " " and after.small in _OF_SOMETHING_ELSE:
        return
    if name in NEVER or (value[start:end].isupper() and end - start < 4):
        return
    score = _from_list(name, level, length, lexicon) + _from_context(value, run[first], end)
    if level < COMMON and length == 1 and end - start < len(value.strip()):
        score -= 0.05  # a small town without a preposition is as often something else
    if after is not None and after.gap == " " and after.small in lexicon.surnames and length == 1:
        score -= 0.3  # Paris Miller is a name
    if score >= 0.25:
        yield Span(start, end, "LOCATION", min(0.9, round(score, 2)), "word list")


def _from_list(name: str, level: int, length: int, lexicon: Lexicon) -> float:
    doubtful = name in lexicon.words or name in DOUBTFUL_PLACES
    person = lexicon.given.get(name, 0) == COMMON or lexicon.surnames.get(name, 0) == COMMON
    if level == COMMON:
        return 0.2 if doubtful else 0.45 if person else 0.6
    if length > 1:
        parts = heads(name)
        return (
            0.5
            if parts[0] in _HEADS or not all(part in lexicon.words or part in lexicon.given for part in parts)
            else 0.25
        )
    if doubtful:
        return 0.1
    if person:
        return 0.1
    return 0.2 if name in lexicon.given else 0.4


def _from_context(value: str, word: Word, end: int) -> float:
    if _STATE_AFTER.match(value, end):
        return 0.4
    words_before = word.before
    if told(words_before, _LIVING_IN):
        return 0.35
    return 0.3 if told(words_before, _RIGHT_IN) else 0.2 if told(words_before, _IN) else 0.0


def _unlisted(value: str, run: Sequence[Word], first: int, lexicon: Lexicon) -> Span | None:
    """A place that no list has, told by the words before it or by what its name is made of."""
    word = run[first]
    headed = word.small in _HEADS and first + 1 < len(run) and run[first + 1].gap in (" ", ". ")
    last = run[first + 1] if headed else word
    if not headed and (word.small in lexicon.words or lexicon.given.get(word.small) == COMMON or len(word.text) < 4):
        return None
    if last.small in NEVER or last.text.isupper() or len(last.text) < 3:
        return None
    words_before = word.before
    score = 0.4 * (_STATE_AFTER.match(value, last.end) is not None)
    listed = word.small in lexicon.surnames or word.small in lexicon.companies.levels
    unknown = word.text[1:].islower() and not listed
    living = told(words_before, _LIVING_IN)
    if living:
        score += 0.45
    elif told(words_before, _RIGHT_IN):
        score += 0.5 if unknown else 0.3
    elif told(words_before, _IN):
        score += 0.15
    score += _from_its_parts(word, last, lexicon)
    if lexicon.surnames.get(word.small) == COMMON and not headed and not living:
        score -= 0.2
    end = _end_of_town(run, first) if living and lexicon.language not in ("de", "en") else last.end
    return Span(word.start, end, "LOCATION", min(0.85, round(score, 2)), "context") if score >= 0.3 else None


def _of_letter(value: str, run: Sequence[Word], lexicon: Lexicon) -> Span | None:
    """A place before the date of a letter or a signature: "Lübben, den 14. Juni 1932"; English letters have none."""
    start, end = run[0].start, run[-1].end
    named = run[0].small in lexicon.given or lexicon.surnames.get(run[-1].small) == COMMON
    if lexicon.language == "en" or len(run) > _LONGEST_TOWN or named or run[0].small in NEVER | lexicon.words:
        return None
    return Span(start, end, "LOCATION", 0.6, "context") if _DATED.match(value, end) else None


def _end_of_town(run: Sequence[Word], first: int) -> int:
    """The end of a name of several words, where the words before it leave no doubt that it is one."""
    last = first
    while last + 1 < len(run) and last - first < _LONGEST_TOWN and run[last + 1].small not in NEVER:
        last += 1
    return run[last].end


def _from_its_parts(head: Word, last: Word, lexicon: Lexicon) -> float:
    """New and a name, or a name and -ville, are made as places are."""
    small = last.small
    listed = small in lexicon.given or small in lexicon.surnames
    tail = next((tail for tail in _TAILS if small.endswith(tail)), "") if small.endswith(_TAILS) else ""
    stem = small.removesuffix(tail) if tail else ""
    made = len(stem) > 2 and not listed and small not in lexicon.words
    of_a_name = made and (stem in lexicon.given or stem in lexicon.surnames)
    if head is not last:
        return 0.45 if of_a_name or (listed and small not in lexicon.words) else 0.3 if made else 0.1
    return 0.45 if of_a_name else 0.3 * made
