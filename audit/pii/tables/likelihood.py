"""How likely it is that a column holds what was found in it, in words, and what that rests on."""

from __future__ import annotations

from audit.pii.columns.row_sets import count
from audit.pii.spans import Basis
from audit.pii.tables.sheets import Part

WORDS = ("unlikely", "possible", "likely", "very likely")

BASES: tuple[Basis, ...] = ("checksum", "language model", "context", "word list", "pattern")
"""From what proves most to what proves least."""

USUAL = 0.5
"""Share of the cells of a column from which on a kind is what the column is for."""


def likelihood(part: Part, entity: str) -> str:
    """One of `WORDS`.

    A score of 0.4 is Presidio's usual threshold, 0.85 what it gives to a form that is hardly ever anything else. The
    column counts for one step: up where its name declares the kind, or most of its cells hold it.
    """
    score = max(kind.score for kind in part.found if kind.entity == entity)
    step = 3 if score >= 0.85 else 2 if score >= 0.6 else 1 if score >= 0.4 else 0
    at_home = entity in part.told or part.entities[entity] >= USUAL * part.cells
    return WORDS[min(step + at_home, len(WORDS) - 1)]


def bases(part: Part, entity: str) -> str:
    """What the findings rest on, each with the number of its cells, the strongest first."""
    cells = {
        basis: count([rows for kind, rows in part.found.items() if kind.entity == entity and kind.basis == basis])
        for basis in BASES
    }
    return ", ".join(f"{basis} {number}" for basis, number in cells.items() if number)
