"""Tables that say where personal data is, without a single value, fragment or mask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audit import spreadsheet
from audit.pii.columns.row_sets import count
from audit.pii.tables.likelihood import bases, likelihood
from audit.pii.tables.sheets import Part, Sheet
from audit.records import Evidence, Measure

LISTED_ROWS = 20
LISTED_SUSPECTS = 5000

LEAST_GROUP = 50
"""Cells that have to share a form before it is printed: the form of a single value tells something of that value."""


def findings_csv(sheets: Sequence[Sheet], prevalence: Mapping[tuple[str, str, str], Measure]) -> Evidence:
    """How many cells of which column hold what, how sure that is and what it rests on.

    Args:
        sheets: what was read.
        prevalence: share of the cells of a column that hold an entity, by role, label and entity.
    """
    lines: list[tuple[object, ...]] = []
    for sheet in sheets:
        for part in sheet.parts:
            for entity, cells in part.entities.items():
                share = prevalence[part.role, part.label, entity]
                low, high = (share.value if end is None else end for end in (share.low, share.high))
                interval = [f"{end:.6f}" for end in (share.value, low, high)]
                told = [likelihood(part, entity), bases(part, entity), _form(part, entity)]
                rows = " ".join(map(str, sheet.first_rows(part.rows_with(entity), LISTED_ROWS)))
                lines.append((f"data.{part.role}", part.label, entity, cells, *interval, *told, rows))
    header = ("table", "column", "entity", "cells", "share", "low", "high", "likelihood", "basis", "form", "rows")
    return Evidence(
        "findings.csv",
        spreadsheet.table(header, lines),
        "Columns with personal data, by kind: cells that hold it, their share with its interval, what that rests on, "
        f"the form that at least {LEAST_GROUP} of them share (9 stands for digits, a for letters), and the positions "
        f"of the first {LISTED_ROWS} rows; it holds no values.",
    )


def suspects_csv(sheets: Sequence[Sheet]) -> Evidence:
    """Rows with personal data: `row,score,reason`, the score being that of the surest finding."""
    lines: list[tuple[object, ...]] = []
    for sheet in sheets:
        for suspect in sheet.suspects(LISTED_SUSPECTS - len(lines)):
            where = ", ".join(f"{entity} in {label}" for entity, label in suspect.where)
            lines.append((suspect.row, f"{suspect.score:.2f}", f"data.{sheet.role}: {where}"))
    total = sum(sheet.hits for sheet in sheets)
    return Evidence(
        "suspect_rows.csv",
        spreadsheet.table(("row", "score", "reason"), lines),
        f"Rows that hold personal data, {len(lines):,} of {total:,}; it holds no values.",
    )


def _form(part: Part, entity: str) -> str:
    """The most usual form of the cells that hold an entity, empty where too few share it."""
    by_form: dict[str, int] = {}
    for form in {kind.form for kind in part.found if kind.entity == entity and kind.form}:
        by_form[form] = count([rows for kind, rows in part.found.items() if (kind.entity, kind.form) == (entity, form)])
    most = max(by_form, key=lambda form: (by_form[form], form), default="")
    return most if most and by_form[most] >= LEAST_GROUP else ""
