"""Writes what each attack tried, found and cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit import spreadsheet
from audit.records import Evidence

_HEADER = ("attack", "access", "rows", "broken", "certified", "moved", "blind", "queries")


@dataclass(frozen=True)
class AttackCount:
    """One attack in numbers.

    Attributes:
        access: what it needs to know of the model: "labels", "scores", "gradients" or "structure".
        tried: rows that it was given.
        broken: of these, rows that it broke.
        certified: rows that it proved to stand.
        moved: rows of which it asked about a changed form.
        blind: rows on which it had nothing to follow, and that it did not break.
        queries: rows that it asked of the model in all.
    """

    name: str
    access: str
    tried: int
    broken: int
    certified: int
    moved: int
    blind: int
    queries: int


def attacks_table(counts: Sequence[AttackCount]) -> tuple[Evidence, ...]:
    """The file `attacks.csv`, one line an attack in the order in which they ran; none where none ran."""
    if not counts:
        return ()
    cells = [
        (one.name, one.access, one.tried, one.broken, one.certified, one.moved, one.blind, one.queries)
        for one in counts
    ]
    sentence = (
        f"What {len(counts)} attacks, each on the rows that still stood, tried, broke and asked; "
        f"{sum(one.queries for one in counts)} rows were asked of the model in all."
    )
    return (Evidence("attacks.csv", spreadsheet.table(_HEADER, cells), sentence),)
