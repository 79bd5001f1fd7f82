"""Finds geographic positions: degrees with their hemispheres, as cameras and maps write them, or after a telling word.

Two plain numbers are a position only beside such a word. A position of fewer than three decimals is a region of some
kilometres and is not taken for a place of a person.

Source: ISO 6709 (order, signs and ranges of latitude and longitude), EXIF 2.32 section 4.6.6.
"""

from __future__ import annotations

import re

from audit.pii.patterns.pattern import Pattern

ENTITIES = {"LOCATION": "places and postal addresses"}

_LATITUDE, _LONGITUDE = r"(?:90|[0-8]?\d)\.\d{3,10}", r"(?:180|1[0-7]\d|\d?\d)\.\d{3,10}"
_MINUTES = r" ?[°º] ?[0-5]?\d ?['′’](?: ?[0-5]?\d(?:\.\d{1,6})? ?(?:[\"″”]|''))? ?"
_WORDS = (
    "gps", "latitude", "longitude", "lat", "lon", "lng", "latlon", "coordinates", "coordinate", "geo", "geolocation",
    "position", "koordinaten", "standort", "coordonnées", "coordenadas", "ubicación", "coordinate geografiche",
    "posizione", "coördinaten", "locatie", "współrzędne", "położenie", "localização",
)  # fmt: skip


def _not_nowhere(pair: str) -> bool | None:
    """False for 0.000, 0.000, which devices write that know no position."""
    return None if re.search("[1-9]", pair) else False


PATTERNS = (
    Pattern(
        "degrees with hemispheres",
        "LOCATION",
        rf"(?<![\w.]){_LATITUDE} ?°? ?[NS],? ?{_LONGITUDE} ?°? ?[EWO](?!\w)",
        0.85,
        check=_not_nowhere,
    ),
    Pattern(
        "degrees, minutes and seconds",
        "LOCATION",
        rf"(?<![\w.])(?:90|[0-8]?\d){_MINUTES}[NS],? ?(?:180|1[0-7]\d|0?\d?\d){_MINUTES}[EWO](?!\w)",
        0.85,
    ),
    Pattern(
        "decimal degrees beside a word",
        "LOCATION",
        rf"(?<![\w.])[+-]?{_LATITUDE}(?:, ?| |; ?)[+-]?{_LONGITUDE}(?![\w.])",
        0.4,
        check=_not_nowhere,
        context=_WORDS,
        needs_context=True,
    ),
)
