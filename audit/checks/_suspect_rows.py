"""Writes the rows that a check points at as `suspect_rows.csv`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from audit import spreadsheet
from audit.records import Evidence


@dataclass(frozen=True)
class SuspectRow:
    """One row that somebody should look at.

    Attributes:
        row: 0-based position in the file.
        score: the larger, the more suspicious.
        reason: in plain words, without a value of the row.
    """

    row: int
    score: float
    reason: str


def suspect_rows(rows: Iterable[SuspectRow], sentence: str) -> Evidence:
    """The evidence file, most suspicious row first.

    Args:
        rows: in any order.
        sentence: what the file shows, for a reader who knows no ML.
    """
    worst_first = sorted(rows, key=lambda suspect: (-suspect.score, suspect.row))
    cells = [(suspect.row, f"{suspect.score:.6g}", suspect.reason) for suspect in worst_first]
    return Evidence("suspect_rows.csv", spreadsheet.table(("row", "score", "reason"), cells), sentence)
