"""Reads tables row by row in random order, and stops at moments that are planned before the first row is read.

Each look doubles what was read. Because the number of looks is known beforehand, the error that the confidence allows
is shared evenly over them: all intervals of the path hold together, so one may stop at any look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.data.streams import Stream
from audit.pii.tables.sheets import Sheet, SheetReader

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FIRST_LOOK = 500
"""Rows of the first look: without a finding they bound the share of rows with personal data under about 1 %."""

DRAWN_AT_ONCE = 5_000
"""Rows that are taken from a file and read at a time."""


@dataclass(frozen=True)
class Look:
    """What was read up to a moment.

    Attributes:
        sheets: by table.
        looks: how many looks are planned.
        first: by role, the rows of the first look.
    """

    sheets: tuple[Sheet, ...]
    looks: int
    first: Mapping[str, pd.DataFrame]


def looks(streams: Mapping[str, Stream], readers: Mapping[str, SheetReader], *, most: int, seed: int) -> Iterator[Look]:
    """Read growing samples of all tables, drawn without replacement.

    Args:
        streams: rows by role.
        readers: what reads them, by role.
        most: rows of each table that are read at most.
        seed: of the draw.

    Raises:
        SubjectError: rows cannot be read.
    """
    sizes = planned(max(stream.rows for stream in streams.values()), most)
    orders = {role: _order(stream.rows, most, seed) for role, stream in streams.items()}
    first: dict[str, pd.DataFrame] = {}
    before = 0
    for size in sizes:
        for role, stream in streams.items():
            drawn = sorted(orders[role][before:size].tolist())
            for start in range(0, len(drawn), DRAWN_AT_ONCE):
                positions = drawn[start : start + DRAWN_AT_ONCE]
                rows = stream.take(positions)
                readers[role].add(rows, positions)
                first.setdefault(role, rows)
        before = size
        yield Look(tuple(readers[role].sheet(stream.rows) for role, stream in streams.items()), len(sizes), first)


def planned(rows: int, most: int) -> Sequence[int]:
    """Rows that were read at each look: doubled each time, up to `most` or all."""
    last = min(rows, most)
    sizes = []
    size = FIRST_LOOK
    while size < last:
        sizes.append(size)
        size *= 2
    return [*sizes, last]


def _order(rows: int, most: int, seed: int) -> np.ndarray:
    import numpy as np

    return np.random.default_rng(seed).choice(rows, min(rows, most), replace=False)
