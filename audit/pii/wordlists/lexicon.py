"""What each word may be in texts of a language: given name, surname, common word, place or company."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain

from audit.pii.wordlists import own_lists, sources

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")
"""Languages that there are words of."""

KNOWN, COMMON = 1, 2
"""How well known a name is: on some list, or borne by many who write the language."""

NEVER = own_lists.words("ambiguous", "never")
"""Words that begin sentences, letters, labels and headings, and are no part of a name by themselves."""

DOUBTFUL_PLACES = own_lists.words("ambiguous", "places")
"""Places that are ordinary words of some language, or mostly something else."""

_SURNAMES_NOT_WORDS = own_lists.words("ambiguous", "surnames")

_COMMON_GIVEN = 0.005
"""In a hundred: above this, a given name of the American census is common; about two thousand names are."""

_COMMON_SURNAME = 0.01
"""In a hundred: the thousand most common surnames of the American census; half of the people bear one of them."""

_MOST_COMMON_SURNAME = 0.04
"""In a hundred: the 250 most common; only these are common where they are ordinary words too, such as Brown or King."""

_SURNAME_AND_WORD = 0.005
"""In a hundred: a rarer surname that is a common word, such as Glasses, is read as the word."""

_COMMON_WORD_OR_NAME = 0.02
"""In a hundred: a rarer given name that is on a list of common words, such as See or Many, is read as the word."""

_OFTEN = 3
"""Times that a word has to occur in running text to be common; rarer ones are often names."""

_MANY_LISTS = 3
"""A name on lists of as many languages is common everywhere."""


@dataclass(frozen=True)
class Phrases:
    """Sets of words that may be several words long, ready to be met in a text.

    Attributes:
        levels: how well known each phrase is, in small letters.
        longest: most words of any phrase that begins with a word.
    """

    levels: Mapping[str, int]
    longest: Mapping[str, int]


@dataclass(frozen=True)
class Lexicon:
    """Words in small letters.

    Attributes:
        language: two-letter code.
        given: given names, `KNOWN` or `COMMON`.
        surnames: surnames, `KNOWN` or `COMMON`.
        words: common words of the language, names left out that nobody takes for a word.
        places: cities, states and countries.
        companies: names of companies that are no word, name or place.
        clear: common given names that are no word, and first words of well-known places: what tells without a capital.
    """

    language: str
    given: Mapping[str, int]
    surnames: Mapping[str, int]
    words: frozenset[str]
    places: Phrases
    companies: Phrases
    clear: frozenset[str]


@cache
def lexicon(language: str) -> Lexicon:
    """The words of a language; the first takes about a second and 50 MB, each further one less."""
    given, surnames, places = _given(language), _surnames(language), _places(language)
    words = _words(language, given, surnames, places)
    born = sources.census("all.last")
    rare = {word for word in words if surnames.get(word) == KNOWN and born.get(word, 0) < _SURNAME_AND_WORD}
    for word in NEVER | rare:
        surnames.pop(word, None)
    companies = _companies(given, surnames, words, places)
    clear = {name for name, level in given.items() if level == COMMON and name not in words}
    clear |= {heads(place)[0] for place, level in places.levels.items() if level == COMMON}
    return Lexicon(language, given, surnames, words, places, companies, frozenset(clear - NEVER))


@cache
def _lists(kind: str) -> Counter[str]:
    """On lists of how many languages each name is; countries that share a language count once."""
    by_language: dict[str, set[str]] = {}
    for locale in sources.LATIN:
        names = sources.flat(sources.mimesis(locale, "person").get(kind))
        by_language.setdefault(locale.partition("-")[0], set()).update(map(str.lower, names))
    return Counter(chain.from_iterable(by_language.values()))


@cache
def _census_given() -> dict[str, float]:
    women, men = sources.census("female.first"), sources.census("male.first")
    return {name: max(women.get(name, 0), men.get(name, 0)) for name in {*women, *men}}


def _own(language: str, kind: str) -> set[str]:
    """Names on the lists of a language; of English ones the American census says which are common."""
    if language == "en":
        return set()
    locales = [locale for locale in sources.LATIN if locale.partition("-")[0] == language]
    return {name.lower() for locale in locales for name in sources.flat(sources.mimesis(locale, "person").get(kind))}


def _given(language: str) -> dict[str, int]:
    census, lists = _census_given(), _lists("names")
    often = {name for name, share in census.items() if share >= _COMMON_GIVEN}
    often |= own_lists.words("people", "given names")
    names = _levels({*census, *lists, *often}, often | _on_many(lists) | _own(language, "names"))
    return {name: level for name, level in names.items() if name not in NEVER}


def _surnames(language: str) -> dict[str, int]:
    census, lists = sources.census("all.last"), _lists("surnames")
    words = _raw_words(language) - _SURNAMES_NOT_WORDS
    often = {
        name
        for name, share in census.items()
        if share >= _COMMON_SURNAME and (share >= _MOST_COMMON_SURNAME or name not in words)
    }
    often |= own_lists.words("people", "surnames")
    return _levels({*census, *lists, *often}, often | _on_many(lists) | _own(language, "surnames"))


def _on_many(lists: Mapping[str, int]) -> set[str]:
    return {name for name, languages in lists.items() if languages >= _MANY_LISTS}


def _levels(names: Iterable[str], common: Container[str]) -> dict[str, int]:
    return {name: COMMON if name in common else KNOWN for name in names if len(name) > 1}


@cache
def _raw_words(language: str) -> frozenset[str]:
    """Words that the language's lists hold, names among them that are often written about included."""
    text, dates = sources.mimesis(language, "text"), sources.mimesis(language, "datetime")
    jobs = " ".join(sources.flat(sources.mimesis(language, "person").get("occupation")))
    times = [word.lower().strip(".") for key in ("day", "month") for word in sources.flat(dates.get(key))]
    listed = (word.lower() for key in ("words", "color") for word in text.get(key, ()))
    return frozenset([*listed, *times, *_cut(jobs)])


@cache
def _running_words(language: str) -> frozenset[str]:
    """Words of questions that people ask: the longest running text that the packages hold, in English alone."""
    seen = Counter(_cut(" ".join(sources.mimesis(language, "text").get("questions", ()))))
    return frozenset(word for word, times in seen.items() if times >= _OFTEN)


def _cut(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _words(language: str, given: Mapping[str, int], surnames: Mapping[str, int], places: Phrases) -> frozenset[str]:
    """Common words, without the names and places among them that are hardly ever a word, such as Aaron or Texas."""
    census = _census_given()
    as_words = own_lists.words("ambiguous", f"given {language}") | own_lists.words("ambiguous", "dates") | NEVER
    raw = _raw_words(language)
    names = {name for name in raw if given.get(name) == COMMON}
    if language == "en":
        names = {name for name in names if census.get(name, 0) >= _COMMON_WORD_OR_NAME}
    asked = {word for word in _running_words(language) if COMMON not in (given.get(word), surnames.get(word))}
    known_places = {place for place, level in places.levels.items() if level == COMMON} - DOUBTFUL_PLACES
    return ((raw - names) | asked) - _SURNAMES_NOT_WORDS - known_places | as_words


def _places(language: str) -> Phrases:
    address = sources.mimesis(language, "address")
    locales = [locale for locale in sources.LATIN if locale.partition("-")[0] in (language, "en")]
    cities = [city for locale in locales for city in sources.mimesis(locale, "address").get("city", ())]
    levels = dict.fromkeys((place.lower() for place in [*sources.towns(), *cities] if len(place) > 2), KNOWN)
    states = [*address.get("state", {}).get("name", ()), *sources.mimesis("en", "address")["state"]["name"]]
    great = [*sources.capitals(), *states, *sources.countries(language), *own_lists.entries("places", "great places")]
    levels.update(dict.fromkeys((place.lower() for place in great if len(place) > 2), COMMON))
    return _phrases(levels)


_HEAD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))*")
_COMPANY_TAIL = re.compile(
    r"[,.]?\s+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|plc|llc|lp|l\.p|sa|s\.a|nv|n\.v|ag|se|spa|ab|asa"
    r"|as|oy|oyj|holdings?|group|trust|fund|\(.*\))\.?$",
    re.IGNORECASE,
)


def _companies(
    given: Mapping[str, int], surnames: Mapping[str, int], words: frozenset[str], places: Phrases
) -> Phrases:
    levels = {}
    for name in sources.companies():
        short = _COMPANY_TAIL.sub("", _COMPANY_TAIL.sub("", name)).strip().lower()
        parts = short.split()
        # A phrase needs at least one word that is nothing else, and a lone word must be long enough to be no acronym.
        rare = any(part not in words and part not in given and part not in places.levels for part in parts)
        lone = len(parts) == 1 and (surnames.get(short) == COMMON or len(short) < 5)
        if rare and not lone and not re.search(r"[^\w&.' -]|\d", short):
            levels[short] = COMMON if len(parts) > 1 else KNOWN
    great = (name.lower() for name in own_lists.entries("organisations", "great companies"))
    levels.update(dict.fromkeys(great, COMMON))
    return _phrases(levels)


def _phrases(levels: Mapping[str, int]) -> Phrases:
    longest: dict[str, int] = {}
    for phrase in levels:
        parts = heads(phrase)
        longest[parts[0]] = max(longest.get(parts[0], 0), len(parts)) if parts else 0
    return Phrases(levels, longest)


def heads(phrase: str) -> list[str]:
    """The words of a phrase as `audit.pii.wordlists.words` cuts them."""
    return [phrase] if phrase.isalpha() else _HEAD.findall(phrase) or [phrase]
