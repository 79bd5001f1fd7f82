"""Evidence about groups: how many there are of each size, and what each column adds, without any value of the data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from audit import spreadsheet
from audit.checks._reidentification.exposure import Exposure, alone
from audit.checks._reidentification.roles import Roles
from audit.pii import scan_texts
from audit.records import Evidence

LISTED_SIZES = 100
"""Sizes that are told apart; larger groups are counted together."""

COUNTS = 0.4
"""Score from which on a finding in the name of a column counts, as in the check `pii`."""

_MAY_BE_PERSONAL = re.compile(r"@|(?:\d\D?){6}|[^\W\d_]+ +[^\W\d_]+")
"""Addresses, long numbers and words side by side; no other name is scanned, since loading the scanner takes seconds."""


def labels(names: Sequence[str]) -> dict[str, str]:
    """What each column is called in the evidence: its name, or its position where the name itself is personal."""
    doubtful = [name for name in names if _MAY_BE_PERSONAL.search(name)]
    found = dict(zip(doubtful, scan_texts(doubtful), strict=True)) if doubtful else {}
    personal = {name for name, spans in found.items() if any(span.score >= COUNTS for span in spans)}
    return {name: f"column {place + 1}" if name in personal else name for place, name in enumerate(names)}


def sizes_csv(exposures: Sequence[tuple[str, Exposure]]) -> Evidence:
    """How many groups of people who look alike there are of each size, by table."""
    import numpy as np

    lines: list[tuple[object, ...]] = []
    for role, found in exposures:
        sizes = np.minimum(found.people, LISTED_SIZES + 1)
        counts, rows = np.bincount(sizes), np.bincount(sizes, weights=found.groups.rows)
        for size in counts.nonzero()[0].tolist():
            told = size if size <= LISTED_SIZES else f"more than {LISTED_SIZES}"
            lines.append((f"data.{role}", told, int(counts[size]), int(rows[size])))
    return Evidence(
        "group_sizes.csv",
        spreadsheet.table(("table", "people", "groups", "rows"), lines),
        "Groups of rows that look alike, by how many people each holds.",
    )


def columns_csv(tables: Sequence[tuple[str, Roles, Exposure]], shown: Mapping[str, Mapping[str, str]]) -> Evidence:
    """The part of each column and, for those that are compared, the share of rows that stand alone without it."""
    lines: list[tuple[object, ...]] = []
    for role, roles, found in tables:
        for column in roles.columns:
            different, without = "", ""
            if column.name in found.cells:
                different = str(found.cells[column.name].values - 1)
            if column.role == "quasi-identifier":
                rest = [name for name in roles.quasi_identifiers if name != column.name]
                without = f"{alone(found.cells, rest, roles.person):.6f}"
            lines.append((f"data.{role}", shown[role][column.name], column.role, column.why, different, without))
    return Evidence(
        "columns.csv",
        spreadsheet.table(("table", "column", "part", "because", "different_values", "unique_share_without"), lines),
        "What part each column plays, why, and which share of rows would still stand alone without it.",
    )
