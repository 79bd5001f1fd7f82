"""Names of columns that may be printed: a table that was turned on its side has e-mail addresses and people there."""

from __future__ import annotations

from collections.abc import Sequence

from audit.pii.column_reader import Options
from audit.pii.columns import scan_header


def shown(names: Sequence[str]) -> tuple[str, ...]:
    """The names in their order, and `column N` in place of each that is personal itself; N counts from 1."""
    personal = scan_header(names, Options())
    return tuple(label_of(position) if position in personal else name for position, name in enumerate(names))


def label_of(position: int) -> str:
    """What a column whose name is personal is called instead.

    Args:
        position: 0-based.
    """
    return f"column {position + 1}"
