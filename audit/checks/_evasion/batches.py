"""When to look at rows that come in random order: early and often enough that a clear case is decided with few rows.

A look costs little beside the attacks on its rows, but attacks on many rows at once cost less for each. So looks come
close together as long as rows are few, where a clear case is decided, and later after half as many rows again.
"""

from __future__ import annotations

from itertools import pairwise

_FIRST = (16, 24, 30)
_FEW = 4
"""So few rows at the end are looked at with those before them."""


def looks(rows: int) -> tuple[int, ...]:
    """After how many rows to look: 16, 24, 30, 45, 68 ... and at the end.

    Args:
        rows: how many there are in all, 0 or more.
    """
    found = list(_FIRST)
    while found[-1] < rows:
        found.append(-(-found[-1] * 3 // 2))
    return (*(look for look in found if look <= rows - _FEW), rows) if rows else ()


def batches(rows: int) -> tuple[range, ...]:
    """Places of the rows to take in before each look."""
    return tuple(range(start, end) for start, end in pairwise((0, *looks(rows))))
