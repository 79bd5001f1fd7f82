"""Names of organisations: by legal form, by their last words, from lists, and by words that only they follow."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from audit.pii.spans import Span
from audit.pii.wordlists.around import spaced, starts_sentence, told
from audit.pii.wordlists.lexicon import COMMON, NEVER, Lexicon
from audit.pii.wordlists.own_lists import entries
from audit.pii.wordlists.own_lists import words as listed_words
from audit.pii.wordlists.words import BEFORE_NAME, Word

_WORKING_AT = spaced(entries("organisations", "working at"))
_LAST_WORDS = listed_words("organisations", "last words")
_FIRST_WORDS = listed_words("organisations", "first words")
_OF = frozenset([" of ", " of the ", " for ", " de ", " della ", " di ", " du ", " do ", " für ", " van "])
_FORM = re.compile(
    r"""(?:,?\ (?:Inc|Incorporated|Corp|Corporation|Ltd|Limited|LLC|LLP|PLC|Plc|plc|Co|Pty\ Ltd
    |SA|SPA|INC|LTD|CORP|CORPORATION|LIMITED|CO|N\.A|[Bb]t|[Nn]yrt|[Oo]ÜE?|UAB|AD|EOOD|[Bb]hd
    |[Cc][Oo]\.,?\ ?(?:[Ll][Tt][Dd]|[Ii][Nn][Cc])|[Pp]vt\.?\ [Ll]td|[Pp]te\.?\ [Ll]td
    |g?GmbH|AG|KG|KGaA|OHG|SE|GbR|UG|PartG|[eE]\.\ ?[VGK]|eG|eK|VVaG|Stiftung|und\ Söhne
    |S\.A\.S|S\.A\.R\.L|S\.A|SARL|SAS|SASU|EURL|SCI|SNC|et\ Fils
    |S\.L\.U|S\.L\.L|S\.L|SLU?|S\.\ ?[Cc]oop|S\.A\.U|A\.C|e\ [Hh]ijos|y\ [Aa]sociados
    |S\.p\.A|SpA|[Ss]\.r\.l\.s|[Ss]\.r\.l|Srl|[Ss]\.n\.c|[Ss]\.a\.s
    |[Ss]\.?[Cc]\.?(?:[Aa]\.?)?[Rr]\.?[Ll]|e\ [Ff]igli|Lda|Ltda
    |B\.V|BV|N\.V|(?<!,\ )NV|V\.?O\.?F|C\.V|en\ [Zz]onen|[Ss]p\.\ ?z\ ?o\.\ ?o|[Ss]p\.\ ?[jkp]|S\.K\.A|and\ Sons
    |A/S|AB|ApS|ASA|Oyj?|S/A|d\.o\.o|d\.d|[Kk]ft|[Zz]rt|a\.s|s\.r\.o)
    (?!\w)\.?(?:\ &\ Co\.?(?:\ (?:KGaA|KG|OHG))?|\ de\ (?:C\.V\.|R\.L\.))?)""",
    re.VERBOSE,
)
"""A legal form behind a name, with what joins it to the name."""


def find(value: str, runs: Sequence[Sequence[Word]], lexicon: Lexicon) -> Iterator[Span]:
    """Candidates in a text.

    Args:
        value: the text.
        runs: its capitalised words in groups.
        lexicon: what the words may be.
    """
    words = [word for run in runs for word in run]
    if not words:
        return
    ends = {word.end: place for place, word in enumerate(words)}
    for match in _FORM.finditer(value):
        start = _first_before(words, ends.get(match.start()), lexicon)
        if start is not None:
            particles = BEFORE_NAME.search(value, max(0, start - 12), start)
            # One small word before a company is mostly "of" or "by"; two are the beginning of its founder's name.
            start = particles.start() if particles and " " in particles[0].rstrip() else start
            yield Span(start, _without_stop(value, match), "ORGANIZATION", 0.8, "word list")
    for run in runs:
        if len(run) > 1:
            yield from _ended(value, run, lexicon)
    yield from _headed(words)
    yield from _listed(value, words, lexicon)
    yield from _worked_at(words, lexicon)
    yield from _firms_of_names(words, lexicon)


def _without_stop(value: str, match: re.Match[str]) -> int:
    """The end of a legal form; a dot that may as well end the sentence is left out where the form has no other."""
    end = match.end()
    if value[end - 1] != "." or "." in match[0][:-1]:
        return end
    ends = end >= len(value.rstrip()) or value[end : end + 2].strip()[:1].isupper()
    return end - 1 if ends else end


def _first_before(words: Sequence[Word], last: int | None, lexicon: Lexicon) -> int | None:
    """Where the capitalised phrase starts that ends with a word."""
    if last is None:
        return None
    first = last
    while first and words[first].gap in (" ", " & ", "-", ", ", " and ") and last - first < 6:
        listing = words[first].gap == ", " and (first == last or words[first + 1].gap not in (" and ", " & ", ", "))
        if words[first].gap in (", ", " and ") and (listing or words[first - 1].small not in lexicon.surnames):
            break
        first -= 1
    while first < last and (words[first].small in NEVER):
        first += 1
    return None if words[first].small in NEVER else words[first].start


def _ended(value: str, run: Sequence[Word], lexicon: Lexicon) -> Iterator[Span]:
    """Names that end in a word such as Bank or University."""
    for place in range(len(run) - 1, 0, -1):
        word = run[place]
        if word.small in _LAST_WORDS and word.gap == " ":
            first = place - 1
            while first and place - first < 4 and run[first - 1].small not in NEVER and run[first].gap in (" ", " & "):
                first -= 1
            while first < place and run[first].small in NEVER:
                first += 1
            if first < place:
                named = any(one.small not in lexicon.words for one in run[first:place])
                score = 0.55 if named else 0.3 if starts_sentence(value, run[first].start) else 0.4
                yield Span(run[first].start, word.end, "ORGANIZATION", score, "word list")
            return


def _headed(words: Sequence[Word]) -> Iterator[Span]:
    """Names such as University of X or Banco de X."""
    for place, word in enumerate(words[:-1]):
        if word.small in _FIRST_WORDS and words[place + 1].gap in _OF:
            last = place + 1
            while last + 1 < len(words) and words[last + 1].gap == " " and last - place < 3:
                last += 1
            yield Span(word.start, words[last].end, "ORGANIZATION", 0.6, "word list")


def _listed(value: str, words: Sequence[Word], lexicon: Lexicon) -> Iterator[Span]:
    for place, word in enumerate(words):
        for length in range(min(lexicon.companies.longest.get(word.small, 0), len(words) - place), 0, -1):
            end = words[place + length - 1].end
            level = lexicon.companies.levels.get(value[word.start : end].lower(), 0)
            if level and all(other.gap in (" ", " & ", "-", " of ") for other in words[place + 1 : place + length]):
                yield Span(word.start, end, "ORGANIZATION", 0.55 if level == COMMON else 0.4, "word list")
                break


def _worked_at(words: Sequence[Word], lexicon: Lexicon) -> Iterator[Span]:
    """What somebody works at or owns shares of."""
    for place, word in enumerate(words):
        if word.joined and place and words[place - 1].small not in NEVER:
            continue
        if word.small in NEVER or not told(word.before, _WORKING_AT):
            continue
        last = place
        while last + 1 < len(words) and _links(words, last + 1, lexicon) and last - place < 5:
            last += 1
        if word.small in lexicon.places.levels and last == place:
            continue
        lone_name = last == place and lexicon.given.get(word.small, 0) == COMMON
        yield Span(word.start, words[last].end, "ORGANIZATION", 0.3 if lone_name else 0.6, "context")


def _links(words: Sequence[Word], place: int, lexicon: Lexicon) -> bool:
    gap = words[place].gap
    if gap in (" ", " & ", "-"):
        return words[place].small not in NEVER
    names = words[place].small in lexicon.surnames and words[place - 1].small in lexicon.surnames
    follows = place > 1 and gap == " and " and words[place - 1].gap == ", "
    return (gap in (", ", " and ") and names) or follows


def _firms_of_names(words: Sequence[Word], lexicon: Lexicon) -> Iterator[Span]:
    """Firms named after their partners: A, B and C; A & B; A-B."""
    for place in range(len(words) - 1):
        one, two = words[place], words[place + 1]
        if two.gap == " & " and one.small not in NEVER and two.small not in NEVER:
            yield Span(one.start, two.end, "ORGANIZATION", 0.5, "word list")
        elif two.gap == ", " and place + 2 < len(words) and words[place + 2].gap in (" and ", ", and ", " & "):
            three = (one, two, words[place + 2])
            surnames = sum(word.small in lexicon.surnames for word in three) + (three[2].small in lexicon.words)
            given = sum(lexicon.given.get(word.small, 0) == COMMON for word in three)
            goes_on = place + 3 < len(words) and words[place + 3].joined
            towns = sum(word.small in lexicon.places.levels for word in three)
            if surnames >= 3 and given < 3 and towns < 3 and not one.joined and not goes_on:
                yield Span(one.start, words[place + 2].end, "ORGANIZATION", 0.5, "word list")
