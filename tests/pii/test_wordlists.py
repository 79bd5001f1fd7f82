"""Word lists of installed packages: what they hold, and what a column as a whole tells."""

from __future__ import annotations

import subprocess
import sys

import pytest

from audit.errors import AuditError
from audit.pii.wordlists import own_lists, sources
from audit.pii.wordlists.columns import FEWEST, shares
from audit.pii.wordlists.lexicon import COMMON, KNOWN, lexicon
from audit.pii.wordlists.words import capitalised, runs


def test_the_census_ranks_names() -> None:
    surnames = sources.census("all.last")
    assert surnames["smith"] > surnames["thompson"] > surnames["pemberton"] > 0


def test_places_come_from_area_codes_cities_and_countries() -> None:
    places = lexicon("de").places.levels
    assert places["köln"] == places["frankreich"] == COMMON
    assert places["abbeville"] == KNOWN


def test_names_that_are_words_count_as_words() -> None:
    known = lexicon("en")
    assert {"will", "may", "grace", "brown"} <= known.words
    assert not {"anna", "smith", "texas", "kevin"} & known.words
    assert known.surnames["brown"] == COMMON
    assert "glasses" not in known.surnames


def test_a_package_without_the_file_is_said() -> None:
    with pytest.raises(AuditError, match="no file dist\\.none"):
        sources.census("none")


def test_own_lists_are_small_letters_without_doubles() -> None:
    for section in ("titles", "introductions", "saying", "doing"):
        entries = own_lists.entries("people", section)
        assert len(entries) == len(set(entries))
        assert all(entry == entry.lower() for entry in entries)


def test_words_are_cut_at_possessives_and_joined_over_particles() -> None:
    words = capitalised("Anna's friend Ludwig van Beethoven met D'Amico. Then Dr. Ito left.")
    assert [word.text for word in words] == ["Anna", "Ludwig", "Beethoven", "D'Amico", "Then", "Dr", "Ito"]
    assert [[word.text for word in run] for run in runs(words)][1:3] == [["Ludwig", "Beethoven"], ["D'Amico"]]


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        (["Anna", "Peter", "Deborah", "Kevin", "Sarah"], "PERSON"),
        (["Anna Smith", "Peter Jones", "Thompson, Sarah", "Kevin Clark", "Zyx Wvut"], "PERSON"),
        (["Chicago", "Boston", "Tokyo", "Berlin", "Springfield"], "LOCATION"),
        (["red", "Blue", "Dark Green", "yellow", "Silver"], None),
        (["A-100", "B-200", "C-300", "D-400", "E-500"], None),
        (["apple", "bread", "Milk", "Sugar", "Rice"], None),
    ],
)
def test_what_a_column_as_a_whole_holds(values: list[str], holds: str | None) -> None:
    # Numbers would make a name no name; letters keep the values different, as long columns have them.
    many = [f"{value}{' ' * repeat}" for value in values for repeat in range(FEWEST // len(values) + 1)]
    assert shares(many, "en").holds == holds
    assert shares(values, "en").holds is None


def test_lists_load_only_for_texts_that_need_them_and_without_the_packages_code() -> None:
    script = (
        "import sys; from audit.pii.patterns.pattern import Text; from audit.pii.recognisers import names;"
        "list(names.find(Text('a1b2c3', 'en')));"
        "from audit.pii.wordlists.lexicon import lexicon; assert lexicon.cache_info().currsize == 0;"
        "list(names.find(Text('Anna Smith', 'en'))); assert lexicon.cache_info().currsize == 1;"
        "assert not {'mimesis', 'names', 'phonenumbers', 'numpy', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
