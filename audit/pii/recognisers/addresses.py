"""Finds whole postal addresses, on one line or several, from the house to the country.

A street that is told by its words ("12 Mill Road", "Lindenstraße 4", "4 rue de la Paix") is an address by itself; any
other name with a number is one where a town and its postal code follow. The parts after the first line are read on as
long as they are parts of an address, so that the finding is the address as a whole.

Source: forms of addresses as the Universal Postal Union's S42 describes them by country, and USPS Publication 28.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.pii.patterns.pattern import Text
from audit.pii.postal.rest import Reading, rest
from audit.pii.postal.streets import Start, counts_things, starts
from audit.pii.spans import Span

ENTITIES = {"LOCATION": "places and postal addresses"}

WHOLE, STREET, LIKELY = 0.95, 0.7, 0.45
"""Scores: with a code or a country, a street alone or a name with a flat, a street by its common word alone."""


def find(text: Text) -> Iterator[Span]:
    """All addresses, each once, the longest reading of it."""
    begun = list(starts(text.value))
    readings = {end: rest(text.value, end) for end in {start.end for start in begun}}
    found = [
        Span(start.start, readings[start.end].end, "LOCATION", score)
        for start in begun
        if (score := _score(text.value, start, readings[start.end]))
    ]
    taken_until = 0
    for span in sorted(found, key=lambda span: (span.start, -span.score, -span.end)):
        if span.start >= taken_until:
            yield span
            taken_until = span.end


def _score(value: str, start: Start, reading: Reading) -> float:
    """How sure the reading is; 0 where it is none."""
    if reading.coded and reading.placed:
        return WHOLE
    if start.certainty == "street":
        return WHOLE if reading.coded else STREET
    if start.certainty == "likely":
        alone = not value[: start.start].strip() and not value[reading.end :].strip()
        return STREET if reading.placed or reading.unit or alone else LIKELY
    return STREET if reading.unit and not counts_things(value[start.start : start.end]) else 0.0
