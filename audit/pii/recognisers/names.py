"""Finds people, places, organisations and groups of people by word lists and context.

The score says how much speaks for a finding: both names on lists about 0.85, one common given name 0.5, a surname alone
less than 0.4, each more with a title, an introduction or a verb beside it. It never reaches 1: a list is no proof.

Blind to: names that are on no list and have nothing telling beside them; names without capitals, other than after an
introduction such as "my name is" or where they are the whole text.
Source: census of the United States of 1990 (`names`), lists of `mimesis`, area codes and countries of `phonenumbers`;
words that tell what stands beside them are this project's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.pii.patterns.pattern import Text
from audit.pii.spans import Span

ENTITIES = {
    "LOCATION": "places and postal addresses",
    "NRP": "nationalities, religious and political groups",
    "ORGANIZATION": "organisations",
    "PERSON": "names of people",
}


def find(text: Text) -> Iterator[Span]:
    """All names that a text holds."""
    # The lists take half a second to load: only texts that may hold a name pay for them.
    from audit.pii.wordlists.reading import read

    yield from read(text)
