"""Writes the rows that a check points at as `suspect_rows.csv`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from audit.records import Evidence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


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
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["row", "score", "reason"])
    for suspect in sorted(rows, key=lambda suspect: (-suspect.score, suspect.row)):
        # A spreadsheet runs a cell that begins like a formula, and a reason may begin with a column's name.
        reason = f"'{suspect.reason}" if suspect.reason.startswith(_FORMULA) else suspect.reason
        writer.writerow([suspect.row, f"{suspect.score:.6g}", reason])
    return Evidence("suspect_rows.csv", text.getvalue().encode("utf-8"), sentence)
