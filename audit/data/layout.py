"""What is declared about a data file beside its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_CELL = 64_000_000
TYPES = ("integer", "number", "category", "text", "boolean")


@dataclass(frozen=True)
class Layout:
    """What is declared about a file beside its name.

    Attributes:
        encoding: of CSV and JSONL files.
        delimiter: of CSV files; a tab for TSV.
        types: declared type by column, one of `TYPES`; it wins over what the cells look like.
        max_cell: longest cell, in characters.
        strict: whether a column that is undecidable (whole numbers too wide to keep exactly, text mixed with numbers)
            is an error; otherwise it is kept as text.
    """

    encoding: str = "utf-8"
    delimiter: str | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    max_cell: int = MAX_CELL
    strict: bool = True
