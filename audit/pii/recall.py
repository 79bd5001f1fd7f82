"""Plants known values in copies of real cells and runs the scanner over them: what a scan can see, measured."""

from __future__ import annotations

import random
from collections.abc import Sequence

from audit.pii import planted
from audit.pii.columns import Options, reading, scan_column

N_CARDS = 48


def found_in_text(entity: str, name: str, values: Sequence[object], options: Options, rng: random.Random) -> bool:
    """Whether a value that is written into a random cell is found at its place and as what it is.

    Args:
        entity: what to write, one of `planted.entities()`.
        name: name of the column.
        values: its cells.
        options: of the scan.
        rng: source of all choices.
    """
    import pandas as pd

    cell = rng.choice(values)
    made = planted.insert(cell if isinstance(cell, str) else "", entity, rng)
    scan = scan_column(pd.Series([made.text]), name, "text", options)
    spans = scan.found.get(0, ())
    return any(span.entity == entity and span.start < made.end and made.start < span.end for span in spans)


def found_among_numbers(name: str, values: Sequence[object], options: Options, rng: random.Random) -> list[bool]:
    """For each of `N_CARDS` card numbers that are written among the numbers of a column, whether it is found."""
    import pandas as pd

    column = [*values] * -(-N_CARDS // len(values))
    rows = rng.sample(range(len(column)), N_CARDS)
    for row in rows:
        column[row] = int(planted.value("CREDIT_CARD", rng).replace(" ", "").replace("-", ""))
    series = pd.Series(column, dtype=object)
    found = scan_column(series, name, reading(series.infer_objects(), name), options).found
    return [row in found for row in rows]
