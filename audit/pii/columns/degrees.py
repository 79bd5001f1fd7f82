"""Pairs of columns that say where something is: degrees of latitude in one and of longitude in the other.

A number of degrees is one measurement among others unless its column is named so and a column of the other coordinate
stands beside it. From the fourth decimal on it tells a house (0.0001 degrees are eleven metres of latitude).

Source: ISO 6709 (ranges of latitude and longitude).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from audit.pii.spans import Span

if TYPE_CHECKING:
    import numpy as np

_LATITUDE = "lat", "latitude", "latitud", "latitudine", "breitengrad", "breite", "breedtegraad", "szerokosc"
_LONGITUDE = "lon", "lng", "long", "longitude", "longitud", "longitudine", "laengengrad", "lengtegraad", "dlugosc"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_FINE = re.compile(r"[-+]?(?P<whole>[0-9]{1,3})\.[0-9]{3}(?=[0-9]*[1-9])[0-9]+")

SCORE = 0.75
"""As a pair of decimal degrees beside a telling word: 0.4, and 0.35 for that word."""

COARSE = 1000
"""Parts of a degree that a position of a region is rounded to; one of three decimals is no place of a person."""

SLIP = 0.02
"""Thousandths of a degree: a float of 32 bits is off by up to 0.008 of them at 180 degrees, a fourth decimal is 0.1."""


def bounds(names: Sequence[str]) -> Mapping[str, float]:
    """The columns that hold one coordinate each, with the greatest number of degrees of it.

    Args:
        names: of all columns of a table. `home_lat` and `home_lon` are a pair, `home_lat` and `office_lon` none.
    """
    sides: dict[tuple[str, ...], dict[float, str]] = {}
    for name in names:
        words = [word.lower() for word in _WORD.findall(name)]
        for known, most in ((_LATITUDE, 90.0), (_LONGITUDE, 180.0)):
            for word in set(known).intersection(words):
                rest = tuple(other for other in words if other != word)
                sides.setdefault(rest, {})[most] = name
    return {name: most for pair in sides.values() if len(pair) == 2 for most, name in pair.items()}


def fine(values: np.ndarray, most: float) -> np.ndarray:
    """Whether each number is one of degrees with more than three decimals; bool, shape (n,).

    Args:
        values: float64, shape (n,).
        most: greatest number of degrees.
    """
    import numpy as np

    parts = values * COARSE
    return np.asarray((np.abs(values) <= most) & (np.abs(parts - np.round(parts)) > SLIP))


def finding(text: str, most: float) -> Span | None:
    """The whole text as a place where it is a number of degrees with more than three decimals."""
    match = _FINE.fullmatch(text.strip())
    if match is None or float(match["whole"]) > most:
        return None
    return Span(0, len(text), "LOCATION", SCORE, "context")
