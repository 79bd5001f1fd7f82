"""Tables that say where personal data is, without a single value, fragment or mask of it."""

from __future__ import annotations

from collections.abc import Sequence

from audit import spreadsheet
from audit.pii.sheets import Part, Sheet
from audit.records import Evidence

LISTED_ROWS = 20
LISTED_SUSPECTS = 5000


def findings_csv(parts: Sequence[Part]) -> Evidence:
    """How many cells of which column hold what: `table,column,entity,cells,share,rows`; rows are 0-based positions."""
    lines = []
    for part in parts:
        entities = sorted({span.entity for spans in part.rows.values() for span in spans})
        for entity in entities:
            rows = sorted(row for row, spans in part.rows.items() if any(span.entity == entity for span in spans))
            listed = " ".join(map(str, rows[:LISTED_ROWS]))
            share = f"{len(rows) / part.scan.cells:.6f}"
            lines.append((f"data.{part.role}", part.label, entity, len(rows), share, listed))
    return Evidence(
        "findings.csv",
        spreadsheet.table(("table", "column", "entity", "cells", "share", "rows"), lines),
        f"Columns with personal data, by kind, with the positions of the first {LISTED_ROWS} rows; it holds no values.",
    )


def suspects_csv(sheets: Sequence[Sheet]) -> Evidence:
    """Rows with personal data: `row,score,reason`, the score being that of the surest finding."""
    lines = []
    for sheet in sheets:
        for row, found in sheet.suspects.items():
            where = sorted({f"{span.entity} in {label}" for label, span in found})
            score = max(span.score for _, span in found)
            lines.append((row, f"{score:.2f}", f"data.{sheet.role}: {', '.join(where)}"))
    return Evidence(
        "suspect_rows.csv",
        spreadsheet.table(("row", "score", "reason"), lines[:LISTED_SUSPECTS]),
        f"Rows that hold personal data, up to {LISTED_SUSPECTS:,} of {len(lines):,}; it holds no values.",
    )
