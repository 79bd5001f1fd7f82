"""Nationalities, peoples, religions and political groups, by lists of words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from audit.pii.spans import Span
from audit.pii.wordlists import own_lists
from audit.pii.wordlists.around import next_word, starts_sentence
from audit.pii.wordlists.words import Word

_SMALL = frozenset({"de", "es", "fr", "it", "nl", "pl", "pt"})
"""Languages that write such words, or the adjectives among them, with a small letter."""

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")

_ENDINGS = {
    "en": ("s",),
    "de": ("e", "en", "er", "es", "em", "n", "in", "innen", "s"),
    "fr": ("e", "s", "es", "ne", "nes"),
    "es": ("s", "es"),
    "it": (),
    "nl": ("e", "en", "s", "se"),
    "pl": ("ego", "a", "ie", "iej", "ich"),
    "pt": ("s", "es"),
}
"""Endings that the forms of dictionaries take."""

_VOWEL_CHANGES = {
    "de": (("in", "e"), ("innen", "e")),
    "es": (("a", "o"), ("os", "o"), ("as", "o")),
    "it": (("a", "o"), ("i", "o"), ("e", "o"), ("i", "e"), ("hi", "o"), ("he", "o")),
    "pl": (("a", "i"), ("iego", "i"), ("ich", "i"), ("ą", "a"), ("ę", "a")),
    "pt": (("a", "o"), ("os", "o"), ("as", "o"), ("esa", "ês"), ("eses", "ês"), ("ana", "ano")),
}
"""Last letters in a text, and those of the form in the dictionary."""

_LABEL = re.compile(
    r"(?:nationalit|nacionali|nazionalit|narodowo|obywatel|citizenship|cidadania|ciudadan|cittadinanza|staatsangeh|"
    r"religi|faith|glaube|geloof|fede|fe |wyznani|ethnic|ethni|etni|origin|origen|origem|herkunft|afkomst|pochodzeni|"
    r"bekenntnis|konfession)\w*\s?[:=]\s?$"
)
"""What a group is named behind, in eight languages."""

LABELLED = 0.75
"""Score of a group that stands behind the name of what it is: no mere noun of the text."""

_DOUBTFUL = own_lists.words("groups", "doubtful")
_PEOPLE = frozenset(
    (
        "party", "church", "faith", "politician", "senator", "voter", "voters", "people", "man", "woman", "men",
        "women", "citizen", "family",
    )
)  # fmt: skip


def find(value: str, runs: Sequence[Sequence[Word]], language: str) -> Iterator[Span]:
    """Candidates in a text.

    Args:
        value: the text.
        runs: its capitalised words in groups.
        language: two-letter code.
    """
    known = _forms(language)
    if language in _SMALL or value.islower():
        if known.isdisjoint(_WORD.findall(value.lower())):
            return
        words = [(match.start(), match.end(), match[0]) for match in _WORD.finditer(value)]
    else:
        words = [(word.start, word.end, word.text) for run in runs for word in run if word.small in known]
    for start, end, text in words:
        small = text.lower()
        if len(small) > 2 and small in known:
            if _LABEL.search(value[max(0, start - 30) : start].lower()):
                yield Span(start, end, "NRP", LABELLED, "context")
                continue
            doubtful = small in _DOUBTFUL or small.rstrip("s") in _DOUBTFUL
            told = next_word(value, end).lower() in _PEOPLE
            weak = doubtful and not told and (starts_sentence(value, start) or text.isupper() or text == small)
            yield Span(start, end, "NRP", 0.3 if weak else 0.5 if doubtful else 0.6, "word list")


@cache
def _forms(language: str) -> frozenset[str]:
    """The words of a language in all forms that its endings make."""
    known = own_lists.words("groups", language)
    forms = {f"{word}{ending}" for word in known for ending in _ENDINGS[language]}
    forms |= {
        f"{word.removesuffix(old)}{new}"
        for word in known
        for new, old in _VOWEL_CHANGES.get(language, ())
        if word.endswith(old)
    }
    return known | {form for form in forms if len(form) > 4}
