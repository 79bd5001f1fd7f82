"""Positions on the earth are told by their hemispheres or by a word beside them; pairs of other numbers are not."""

from __future__ import annotations

import re

import pytest

from audit.pii.recognisers.coordinates import PATTERNS


def alone(text: str) -> str:
    """The finding of the patterns that need no word beside them, or nothing."""
    for pattern in PATTERNS:
        match = None if pattern.needs_context else re.search(pattern.regex, text)
        if match and (pattern.check is None or pattern.check(match.group()) is not False):
            return match.group()
    return ""


@pytest.mark.parametrize(
    "place",
    [
        "52.520008 N 13.404950 E", "33.8569° S, 151.2150° E", "40.7128N,74.0060W", "52°31'12.0\"N 13°24'17.8\"E",
        "52° 31′ N, 13° 24′ E", "48°51’30”N 2°17’40”O",
    ],
)  # fmt: skip
def test_a_position_with_hemispheres_is_found_whole(place: str) -> None:
    assert alone(f"seen at {place} today") == place


@pytest.mark.parametrize(
    "text",
    ["prices 52.520, 13.404", "5 N 3 E", "0.0000 N 0.0000 E", "91.0001 N 12.0001 E", "12.345.678 N", "rows 10 N, 20 E",
     "v52.520008 N 13.404950 Erlang"],
)  # fmt: skip
def test_other_numbers_are_no_position(text: str) -> None:
    assert alone(text) == ""


def test_two_plain_numbers_need_a_word() -> None:
    pair = next(pattern for pattern in PATTERNS if pattern.needs_context)
    assert re.search(pair.regex, "lat/lng: -33.856900, 151.215000")
    assert "gps" in pair.context
    assert not re.search(pair.regex, "1.52.520008, 13.404950.2")
