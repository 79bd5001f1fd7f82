"""Scans one table: all its columns and their names, over all rows or a random sample of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.pii.columns import ColumnScan, Options, filled, reading, scan_column, scan_header
from audit.pii.spans import Span

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Part:
    """One column of a table.

    Attributes:
        role: which table, such as `train`.
        label: name of the column, or `column N` where the name itself is personal.
        cells: non-empty cells in the whole table.
        scan: what was read of it.
        rows: findings by position of the row in the whole table.
    """

    role: str
    label: str
    cells: int
    scan: ColumnScan
    rows: Mapping[int, tuple[Span, ...]]


@dataclass(frozen=True)
class Sheet:
    """One table.

    Attributes:
        rows: rows of the table.
        read: rows that were read.
        header: findings in the names of columns, by position of the column.
        left_out: labels of columns that were not read.
    """

    role: str
    rows: int
    read: int
    parts: tuple[Part, ...]
    header: Mapping[int, tuple[Span, ...]]
    left_out: tuple[str, ...]

    @property
    def suspects(self) -> dict[int, list[tuple[str, Span]]]:
        """Findings by row, in the order of the rows: labels of columns with spans."""
        found: dict[int, list[tuple[str, Span]]] = {}
        for part in self.parts:
            for row, spans in part.rows.items():
                found.setdefault(row, []).extend((part.label, span) for span in spans)
        return dict(sorted(found.items()))

    def label(self, position: int) -> str:
        """What a column whose name is personal is called instead."""
        return f"column {position + 1}"


def chosen(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple[str, pd.Series]]:
    """The columns to read, with their names; all where none are named."""
    return ((str(name), column) for name, column in frame.items() if not columns or str(name) in columns)


def scan_sheet(
    role: str,
    frame: pd.DataFrame,
    options: Options,
    *,
    columns: Sequence[str] = (),
    declared: Mapping[str, str] | None = None,
    rows: int | None = None,
    seed: int = 0,
) -> Sheet:
    """Scan one table.

    Args:
        role: which table it is, such as `train`.
        frame: the rows.
        columns: names of the columns to read; empty for all.
        declared: types by column name, as audit.yaml declares them.
        rows: size of the sample; None reads all rows.
        seed: of the sample.

    Raises:
        AuditError: as `scan_texts`.
    """
    names = [str(name) for name in frame.columns]
    header = scan_header(names, options)
    whole = rows is None or rows >= len(frame)
    read = range(len(frame)) if rows is None or whole else sorted(random.Random(seed).sample(range(len(frame)), rows))
    sheet = Sheet(role, len(frame), len(read), (), header, ())
    parts, left_out = [], []
    for name, column in chosen(frame, columns):
        position = names.index(name)
        label = sheet.label(position) if position in header else name
        how = reading(column, name, (declared or {}).get(name))
        if how == "none":
            left_out.append(label)
            continue
        scan = scan_column(column if whole else column.iloc[list(read)], name, how, options)
        found = {read[row]: spans for row, spans in scan.found.items()}
        parts.append(Part(role, label, scan.cells if whole else filled(column), scan, found))
    return Sheet(role, len(frame), len(read), tuple(parts), header, tuple(left_out))
