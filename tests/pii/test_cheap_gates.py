"""Whether the cheap tests before a dear search ever let a finding slip."""

from __future__ import annotations

import random

import pytest

from audit.pii import planted
from audit.pii.patterns.pattern import Text
from audit.pii.postal import streets
from audit.pii.recognisers import titles
from audit.pii.wordlists import around

LANGUAGES = ("de", "en", "es", "fr", "it", "nl", "pl", "pt")


def _addresses() -> list[str]:
    rng = random.Random(4)
    made = [planted.value("LOCATION", rng, language) for language in LANGUAGES for _ in range(40)]
    examples = [form.example for form in streets._FORMS]
    written = ["USS Mill, 12", "postbus12", "lindenstr.4", "c/Mayor.4", "near Clark Meadows", "Flat 4\nmill mews, x"]
    texts = [*made, *examples, *written]
    return [*texts, *map(str.lower, texts), *map(str.upper, texts), *(f"{text}, 1" for text in texts)]


def test_every_form_of_a_street_that_matches_is_tried() -> None:
    """A text with a digit is searched for each form that matches it."""
    matched = 0
    for text in _addresses():
        tried = streets._worth_trying(text)
        for form in streets._FORMS:
            if any(map(str.isdigit, text)) and form.regex.search(text):
                matched += 1
                assert form in tried, form.example
    assert matched > 500


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_listed_occupation_is_looked_for(language: str) -> None:
    """Each name on the list is found where it is the whole text."""
    for name in titles.occupations(language):
        if language != "en" and titles._WORD.fullmatch(name):
            assert list(titles.find(Text(name, language))), name


def test_a_phrase_is_told_by_all_its_words() -> None:
    """The last word alone is no phrase, nor are words of which it ends another word."""
    phrases = around.spaced(("my name is", "is", "works at"))
    assert around.told(" well my name is ", phrases)
    assert around.told(" works at ", phrases)
    assert not around.told(" look at ", phrases)
    assert not around.told(" networks at ", phrases)
    assert not around.told("  ", phrases)
