"""What share of a column's values are names or places: one cell proves little, a column of them much.

A value such as "Jordan" or "Lincoln" may be a person, a town or a product. Where most values of a column are given
names, the rest are names too, those on no list included; where a few in a hundred are, each stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit.pii.wordlists.lexicon import COMMON, Lexicon, lexicon
from audit.pii.wordlists.words import PARTICLES, every

FEWEST = 20
"""Different values of a column below which shares say nothing."""

MOST_READ = 2_000
"""Different values that are read; shares of so many are exact to about two in a hundred."""

MOST = 0.6
"""Share from which on the column as a whole is told."""

LONGEST_NAME = 5
"""Words of the longest value that can be a name."""


@dataclass(frozen=True)
class Shares:
    """How many of a column's different values can be what, 0 to 1; a value may be both a name and a place.

    Attributes:
        read: different values that were read.
        names: consist of given names and surnames alone.
        common_names: hold a name that many bear and that is no common word.
        places: are a city, a state or a country.
        great_places: are one that every reader knows.
    """

    read: int
    names: float = 0.0
    common_names: float = 0.0
    places: float = 0.0
    great_places: float = 0.0

    @property
    def holds(self) -> str | None:
        """`PERSON` or `LOCATION` where the column as a whole is told, else None."""
        if self.read < FEWEST:
            return None
        if self.names >= MOST and self.common_names > max(0.25, 2 * self.great_places):
            return "PERSON"
        return "LOCATION" if self.places >= MOST and self.great_places > 0 else None


def shares(values: Iterable[str], language: str) -> Shares:
    """Look a column's values up.

    Args:
        values: cells as text; repeated ones count once.
        language: two-letter code.
    """
    known = lexicon(language)
    different = [value for value in dict.fromkeys(values) if value.strip()][:MOST_READ]
    if not different:
        return Shares(0)
    flags = [_readings(value, known) for value in different]
    return Shares(len(different), *(sum(kind in told for told in flags) / len(flags) for kind in _KINDS))


_KINDS = ("names", "common_names", "places", "great_places")


def _readings(value: str, known: Lexicon) -> set[str]:
    words = [word.small for word in every(value) if len(word.small) > 1 and word.small not in PARTICLES]
    if not 0 < len(words) <= LONGEST_NAME or any(letter.isdigit() for letter in value):
        return set()
    told = set()
    if all(word in known.given or word in known.surnames for word in words) and not set(words) <= known.words:
        told.add("names")
        if any(
            COMMON in (known.given.get(word), known.surnames.get(word)) for word in words if word not in known.words
        ):
            told.add("common_names")
    level = known.places.levels.get(value.strip().lower(), 0)
    return told | ({"places"} if level else set()) | ({"great_places"} if level == COMMON else set())
