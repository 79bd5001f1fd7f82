"""Evidence about changed texts that holds none of their text: how many characters, where, by what kind of edit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from audit import spreadsheet
from audit.records import Evidence

if TYPE_CHECKING:
    from attacks.text.outcome import Rewritten

_MOST_ROWS = 100
_MOST_POSITIONS = 30

RowChanges = Mapping[str, "Rewritten"]
"""What became of the texts of one row, by column."""


def kinds(row: RowChanges) -> Counter[str]:
    """Edits of one row by kind."""
    return Counter(
        {kind: sum(one.kinds.get(kind, 0) for one in row.values()) for one in row.values() for kind in one.kinds}
    )


def evidence(rows: Mapping[int, RowChanges]) -> tuple[Evidence, ...]:
    """The files; none where no row was broken.

    Args:
        rows: what became of each broken row, by its position in data.test.

    Returns:
        `changed_texts.csv`, one line a row, and `kinds_of_edits.csv`, one line a kind. Text may name people, so neither
        holds any of it.
    """
    if not rows:
        return ()
    listed = dict(list(rows.items())[:_MOST_ROWS])
    lines = [
        [position, sum(one.characters for one in row.values()), _counted(kinds(row)), _places(row)]
        for position, row in listed.items()
    ]
    return (
        Evidence(
            "changed_texts.csv",
            spreadsheet.table(["row", "changed_characters", "edits", "positions"], lines),
            f"{len(listed)} rows whose text, changed within the limits, makes the model answer wrongly: how many "
            "characters, by which edits and at which places, without the text.",
        ),
        Evidence("kinds_of_edits.csv", _table_of_kinds(rows), "Which kinds of edits turned how many answers."),
    )


def _table_of_kinds(rows: Mapping[int, RowChanges]) -> bytes:
    used: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    edits: Counter[str] = Counter()
    for row in rows.values():
        found = kinds(row)
        edits.update(found)
        used.update(dict.fromkeys(found, 1))
        if len(found) == 1:
            alone.update(dict.fromkeys(found, 1))
    lines = [[kind, count, alone[kind], edits[kind]] for kind, count in used.most_common()]
    return spreadsheet.table(["kind", "rows", "rows_by_it_alone", "edits"], lines)


def _counted(found: Counter[str]) -> str:
    return "; ".join(f"{kind}: {count}" for kind, count in found.most_common())


def _places(row: RowChanges) -> str:
    """Character positions, with the column where there are several texts."""
    parts = []
    for name, one in row.items():
        if one.positions:
            shown = " ".join(str(place) for place in one.positions[:_MOST_POSITIONS])
            more = " ..." if len(one.positions) > _MOST_POSITIONS else ""
            parts.append(f"{name}: {shown}{more}" if len(row) > 1 else shown + more)
    return "; ".join(parts)
