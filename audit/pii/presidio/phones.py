"""Telephone numbers as Presidio's recogniser finds them, asking for a region only where its numbers are possible.

Presidio searches a text once for each of its regions, and nearly all of that work ends in "no". How `phonenumbers`
walks through a text depends on the region only once a number is accepted. So one walk that accepts nothing shows every
piece that any region would be asked about; a region none of whose pieces can be a valid number has no finding.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from audit.pii.presidio.numbering import LEAST_DIGITS, plan

_SIGNS = r"[^\dA-WYZa-wyz]"
"""What may stand between two digits of a number, taken widely: "x" is among the signs of `phonenumbers`."""

CANDIDATE = rf"\d(?:{_SIGNS}{{0,4}}\d){{{LEAST_DIGITS - 1}}}"
"""What a text with a number must hold."""

_PIECE = re.compile(
    rf"(?<![A-Za-z\d])(?=\d(?:{_SIGNS}{{0,4}}\d){{{LEAST_DIGITS - 1}}})\d+(?:{_SIGNS}{{1,4}}\d+)*?"
    r"(?!\d|(?![xX]|[eE][xX]|[iI][nN]|[aA][nN])[A-Za-z])"
)
"""The same between two characters that are no ASCII letters, unless they may begin "x", "ext", "int" or "anexo".

Both cases are written out: regardless of case, a sign such as that of the kelvin would be a letter too.
"""


def numbers(text: str, regions: Sequence[str], leniency: int) -> set[tuple[int, int]]:
    """Start and end of every telephone number, of all regions together.

    Args:
        text: what is searched.
        regions: two-letter codes.
        leniency: of `phonenumbers`, at least 1; 0 takes numbers that are not valid.
    """
    from audit.pii.presidio.walk import Walk  # loads the metadata of all regions

    if not _PIECE.search(text):
        return set()
    explorer = Walk(text, None, leniency, [plan(name) for name in regions], {})
    explorer.has_next()
    if explorer.whole is not None:
        return {explorer.whole}
    found = set()
    for one in explorer.possible:
        found |= {(match.start, match.end) for match in Walk(text, one.region, leniency, [one], explorer.answers)}
    return found
