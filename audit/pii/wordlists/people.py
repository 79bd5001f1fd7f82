"""Names of people: what the words of a phrase are on lists, and what stands around it.

Evidence adds up. A given name and a surname that are both on lists and no common words are a name anywhere. One name
alone counts if it is a given name that many bear and that is no word of the language; a surname alone, a rare name or a
name that is a word (Will, May, Brown) counts with a title, an introduction or somebody's doing beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from audit.pii.spans import Span
from audit.pii.wordlists.around import before, next_word, spaced, starts_sentence, told
from audit.pii.wordlists.lexicon import COMMON, KNOWN, NEVER, Lexicon
from audit.pii.wordlists.own_lists import entries, words
from audit.pii.wordlists.words import BEFORE_NAME, WRITTEN_LARGE, Word

MOST_WORDS = 5
"""Words of the longest name that is looked for."""

SUREST = 0.9
"""Highest score: lists and context never prove a name."""

LEAST = 0.25
"""Score under which a candidate is not worth telling."""

_ALONE = {COMMON: 0.5, KNOWN: 0.25, 0: 0.0}
_SURNAME_ALONE = {COMMON: 0.3, KNOWN: 0.15, 0: 0.05}
_FIRST = {COMMON: 0.5, KNOWN: 0.35, 0: 0.0}
_LAST = {COMMON: 0.35, KNOWN: 0.25, 0: 0.15}
"""What each word of a name adds to its score, by how well known it is; a name that is a common word adds half."""

_TOLD, _TITLED, _SAYING, _DOING = 0.4, 0.5, 0.3, 0.2
"""What an introduction before a name, a title before it, a verb of saying behind it and one of doing add."""

_UNHEARD_OF = 0.4
"""Score of two or three words with capitals inside a sentence that are on no list of any kind."""

_BETWEEN = 0.15
"""What a small word such as "by" before a lone given name adds."""

_TITLES = words("people", "titles")
_FORMS_OF_ADDRESS = words("people", "forms of address")
_ABBREVIATED = words("people", "abbreviated titles")
_INTRODUCTIONS = spaced(entries("people", "introductions") + entries("people", "greetings"))
_NAMED_AFTER = spaced(entries("people", "greetings") + entries("people", "introducing oneself"))
_BEFORE_PEOPLE = spaced(entries("people", "before people"))
_IN = spaced(entries("places", "right before places"))
_SAYING_WORDS, _DOING_WORDS = words("people", "saying"), words("people", "doing")
_OF_SOMETHING_ELSE = words("places", "streets and things") | words("organisations", "last words")
_OF_IS_FROM = frozenset({"de", "fr", "it", "nl"})
"""Languages in which the small words inside names also say what firm somebody is from, and names seldom have two."""

_AFTER_NAMES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})


def find(value: str, runs: Sequence[Sequence[Word]], lexicon: Lexicon) -> Iterator[Span]:
    """Candidates in a text.

    Args:
        value: the text.
        runs: its capitalised words in groups.
        lexicon: what the words may be.
    """
    for run in runs:
        place = 0
        while place < len(run):
            length = 0
            if _may_start(run, place, lexicon):
                told_by = _from_before(value, run[place], lexicon)
                length = _length(run, place, told_by > 0, lexicon)
                yield from _weighed(value, run, place, length, told_by, lexicon)
            place += max(1, length)


def _may_start(run: Sequence[Word], place: int, lexicon: Lexicon) -> bool:
    small = run[place].small
    if place + 1 < len(run) and small not in lexicon.given and told(run[place + 1].before, _INTRODUCTIONS):
        return False  # Kontoinhaber Jan Roth; Unterschrieben von Jan Roth
    word_first = small in lexicon.words and small not in lexicon.given and place + 1 < len(run)
    if word_first and lexicon.given.get(run[place + 1].small) == COMMON:
        return False  # Driver Dana Hull
    initial = len(small) == 1 and place + 1 < len(run) and run[place + 1].gap.startswith(".")
    return initial or (small not in NEVER and small not in _TITLES)


def _length(run: Sequence[Word], first: int, told_by: bool, lexicon: Lexicon) -> int:
    """How many words from one on may be a name."""
    last = first
    while last + 1 < len(run) and last + 1 - first < MOST_WORDS and _continues(run, first, last + 1, told_by, lexicon):
        last += 1
    while last > first and (len(run[last].text) == 1 or run[last].small in WRITTEN_LARGE):
        last -= 1
    return last + 1 - first


def _continues(run: Sequence[Word], first: int, place: int, told_by: bool, lexicon: Lexicon) -> bool:
    word, before_it = run[place], run[place - 1]
    small = word.small
    complete = place - first > 1 and before_it.small not in lexicon.given
    if complete and word.gap.strip(" .") and lexicon.language in _OF_IS_FROM:
        return False  # Jan Bakker van Drukwerk
    if word.gap.strip(" .") or before_it.small in WRITTEN_LARGE:
        return True  # Koen van der Meer: what follows van der is a surname
    if len(small) == 1 or (small in WRITTEN_LARGE and place + 1 < len(run)):
        return True
    if small in NEVER or small in _TITLES or small in _AFTER_NAMES:
        return False
    if small in lexicon.words and small not in lexicon.surnames:
        return False
    if word.text.isupper() != before_it.text.isupper() and min(len(word.text), len(before_it.text)) > 1:
        return word.small in lexicon.surnames and word.text.isupper()
    if small in _OF_SOMETHING_ELSE:
        return lexicon.surnames.get(small) == COMMON
    # A word on no list may be a surname behind a given name, an initial or an introduction, and behind nothing else.
    listed = small in lexicon.surnames or small in lexicon.given
    unheard = _is_unheard_of(word, lexicon) and _is_unheard_of(before_it, lexicon)
    return listed or told_by or unheard or _level(run[first].small, lexicon.given) > 0 or len(before_it.text) == 1


def _weighed(
    value: str, run: Sequence[Word], first: int, length: int, told_by: float, lexicon: Lexicon
) -> Iterator[Span]:
    words = run[first : first + length]
    start, end = words[0].start, words[-1].end
    after = run[first + length] if first + length < len(run) else None
    if after is not None and after.gap == " " and after.small in _OF_SOMETHING_ELSE:
        return
    alone = words[0].small if length == 1 else ""
    if len(alone) == 1 or alone in _OF_SOMETHING_ELSE:
        return
    score = _from_lists(words, lexicon)
    if told_by == _TOLD and score < 0.1 and not _may_follow(words[0], lexicon):
        return
    told_by = told_by or _from_behind(value, end)
    if alone and not told_by and alone in lexicon.given and told(words[0].before, _BEFORE_PEOPLE):
        told_by = _BETWEEN
    if not told_by and _unheard_of(value, words, lexicon):
        score = max(score, _UNHEARD_OF)
    score = (score + told_by) * _doubt(value, words, told_by, lexicon)
    if score >= LEAST:
        start = _with_particles(value, start) if told_by >= _TOLD else start
        yield Span(start, end, "PERSON", min(SUREST, round(score, 2)), "context" if told_by else "word list")


def _unheard_of(value: str, words: Sequence[Word], lexicon: Lexicon) -> bool:
    """Whether two or three words inside a sentence are nothing that any list has: names of far countries mostly."""
    if lexicon.language == "de" or not 2 <= len(words) <= 3 or starts_sentence(value, words[0].start):
        return False  # in German every noun has a capital
    return all(_is_unheard_of(word, lexicon) for word in words)


def _is_unheard_of(word: Word, lexicon: Lexicon) -> bool:
    small = word.small
    known = small in lexicon.words or small in lexicon.places.longest or small in lexicon.companies.longest
    return not known and len(small) > 2 and word.text[1:].islower()


def _with_particles(value: str, start: int) -> int:
    particles = BEFORE_NAME.search(value, max(0, start - 12), start) if start else None
    return particles.start() if particles else start


def _doubt(value: str, words: Sequence[Word], told_by: float, lexicon: Lexicon) -> float:
    """What is left of a score where something speaks against a name."""
    left = 1.0
    if value[max(0, words[0].start - 2) : words[0].start].rstrip(" ")[-1:].isdigit():
        left *= 0.4 if words[-1].small in _OF_SOMETHING_ELSE else 0.6  # 12 Riley Close, 12 Riley
    if told_by >= _TOLD:
        return left
    if len(words) > 1:
        left *= _in_capitals(words, lexicon)
        return left * (0.6 if value[words[0].start : words[-1].end].lower() in lexicon.places.levels else 1.0)
    word = words[0]
    if word.text.isupper():
        left *= 0.5  # a lone word in capitals is more often an acronym or a heading
    level = lexicon.places.levels.get(word.small, 0)
    if level and told(word.before, _IN):
        left *= 0.5
    if level == COMMON or (level and lexicon.given.get(word.small, 0) < COMMON):
        left *= 0.5
    return left


def _in_capitals(words: Sequence[Word], lexicon: Lexicon) -> float:
    """What is left of a score where all words are in capitals, as in headings: there a capital tells nothing."""
    if not all(word.text.isupper() for word in words):
        return 1.0
    return 0.85 if words[-1].small in lexicon.surnames else 0.5


def _may_follow(word: Word, lexicon: Lexicon) -> bool:
    """Whether a word on no list of names is one for the introduction before it."""
    small = word.small
    taken = small in lexicon.words or small in lexicon.places.levels or small in lexicon.companies.levels
    return not taken and told(word.before, _NAMED_AFTER)


def _from_lists(words: Sequence[Word], lexicon: Lexicon) -> float:
    smalls = [word.small for word in words]
    as_word = [0.5 if small in lexicon.words else 1.0 for small in smalls]
    given = _level(smalls[0], lexicon.given)
    if len(words) == 1:
        surname = _SURNAME_ALONE[lexicon.surnames.get(smalls[0], 0)]
        if as_word[0] < 1:
            return 0.15 if given == COMMON else 0.0
        return max(_ALONE[given], surname)
    surname = max(_level(smalls[-1], lexicon.surnames), KNOWN * (smalls[-1] in lexicon.given))
    last = _LAST[surname] * as_word[-1]
    if len(smalls[0]) == 1:
        return (0.3 if surname == COMMON else 0.2 if surname else 0.05) + 0.2 * as_word[-1]
    initial = 0.2 * any(len(small) == 1 for small in smalls[1:-1])
    if given:
        return _FIRST[given] * as_word[0] + last + initial
    return (0.15 if as_word[0] == 1 else 0.0) + last * (1 if len(words) == 2 else 0.8) + initial


def _level(small: str, levels: Mapping[str, int]) -> int:
    """How well known a name is; of a double one such as Anna-Lena the less known half."""
    if small in levels or "-" not in small:
        return levels.get(small, 0)
    return min(levels.get(part, 0) for part in small.split("-"))


def _titled(words_before: str, small: str, lexicon: Lexicon) -> float:
    """What a title before a word adds; a title that is a word itself adds nothing to another word."""
    last = words_before.rsplit(maxsplit=1)[-1] if words_before.strip() else ""
    title = last.removesuffix(".")
    if title not in _TITLES or (last != title and title not in _ABBREVIATED):
        return 0.0
    if small in lexicon.words and small not in lexicon.surnames:
        return 0.4 if title in _FORMS_OF_ADDRESS else 0.0
    return _TITLED


def _from_before(value: str, word: Word, lexicon: Lexicon) -> float:
    start = _with_particles(value, word.start)
    words_before = word.before if start == word.start else before(value, start)
    titled = _titled(words_before, word.small, lexicon)
    return titled or _TOLD * told(words_before, _INTRODUCTIONS)


def _from_behind(value: str, end: int) -> float:
    behind = next_word(value, end) if value[end : end + 1] != "," else ""
    return _SAYING if behind in _SAYING_WORDS else _DOING if behind in _DOING_WORDS else 0.0
