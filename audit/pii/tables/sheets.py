"""Scans one table: all its columns and their names, chunk by chunk, over all rows or over those of a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from audit.pii.columns import degrees
from audit.pii.columns.options import Options
from audit.pii.columns.reader import ColumnReader
from audit.pii.columns.row_sets import RowSet, count, first_of
from audit.pii.columns.tallies import Kind
from audit.pii.spans import Span
from audit.pii.tables.header import label_of, scan_header

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Part:
    """What was read of one column of a table.

    Attributes:
        role: which table, such as `train`.
        label: name of the column, or `column N` where the name itself is personal.
        cells: non-empty cells that were read.
        found: rows by kind of finding; rows are counted in the order in which they were read.
        told: kinds that the name of the column says it holds.
        shortened: cells that were read only in part.
        unread: numbers that were not looked at and might have counted (`ColumnReader.unread`).
        unreadable: cells with objects that cannot be read as text.
        dropped: cells with findings that do not stand, as the column has many that look alike, by kind.
        allowed: cells in which the user's own rules dropped a finding that would have counted.
    """

    role: str
    label: str
    cells: int
    found: Mapping[Kind, RowSet]
    told: frozenset[str] = frozenset()
    shortened: int = 0
    unread: int = 0
    unreadable: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    allowed: int = 0

    @cached_property
    def hits(self) -> int:
        """Cells with a finding."""
        return count(list(self.found.values()))

    @cached_property
    def entities(self) -> Mapping[str, int]:
        """Cells with each entity that was found, sorted by name."""
        names = sorted({kind.entity for kind in self.found})
        return {entity: count(self.rows_with(entity)) for entity in names}

    def rows_with(self, entity: str) -> list[RowSet]:
        """Rows with an entity, by kind."""
        return [rows for kind, rows in self.found.items() if kind.entity == entity]


@dataclass(frozen=True)
class Suspect:
    """A row with findings: its 0-based position in the file, the surest score, and labels of columns with entities."""

    row: int
    score: float
    where: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sheet:
    """What was read of one table.

    Attributes:
        rows: rows of the table.
        read: rows that were read.
        header: findings in the names of columns, by position of the column.
        left_out: labels of columns that hold nothing to read.
        positions: where each row that was read stands in the file; None where all were read in order.
    """

    role: str
    rows: int
    read: int
    parts: tuple[Part, ...]
    header: Mapping[int, tuple[Span, ...]]
    left_out: tuple[str, ...]
    positions: Sequence[int] | None = None

    @cached_property
    def hits(self) -> int:
        """Rows with a finding."""
        return count([rows for part in self.parts for rows in part.found.values()])

    @property
    def personal_names(self) -> tuple[str, ...]:
        """Labels of columns whose name itself is personal, in the order of `header`."""
        return tuple(label_of(position) for position in self.header)

    def hits_of(self, entity: str) -> int:
        """Rows with an entity."""
        return count([rows for part in self.parts for rows in part.rows_with(entity)])

    def place(self, row: int) -> int:
        """Where a row that was read stands in the file."""
        return row if self.positions is None else self.positions[row]

    def first_rows(self, sets: Sequence[RowSet], most: int) -> list[int]:
        """The lowest positions in the file of rows in any of the sets, at most so many."""
        if self.positions is None:
            return first_of(sets, most)
        return sorted(self.place(row) for row in first_of(sets, self.read))[:most]

    def suspects(self, most: int) -> list[Suspect]:
        """The first rows with findings, at most so many, in the order of the file."""
        every = [(part.label, kind, rows) for part in self.parts for kind, rows in part.found.items()]
        found: dict[int, list[tuple[str, Kind]]] = {}
        listed = set(self.first_rows([rows for _, _, rows in every], most))
        for label, kind, rows in every:
            for start in rows.starts:
                inside = rows.chunk(start)
                for row in [] if inside is None else inside.nonzero()[0].tolist():
                    if (place := self.place(start + row)) in listed:
                        found.setdefault(place, []).append((label, kind))
                if self.positions is None and start > max(listed, default=-1):
                    break
        return [
            Suspect(
                row,
                max(kind.score for _, kind in kinds),
                tuple(sorted({(kind.entity, label) for label, kind in kinds})),
            )
            for row, kinds in sorted(found.items())
        ]


@dataclass
class SheetReader:
    """Reads one table chunk by chunk.

    Attributes:
        role: which table it is, such as `train`.
        names: of all its columns.
        options: of the scan.
        columns: names of the columns to read; empty for all.
        declared: types by column name, as audit.yaml declares them.
    """

    role: str
    names: Sequence[str]
    options: Options
    columns: Sequence[str] = ()
    declared: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._header = scan_header(self.names, self.options)
        # A name is not printed whatever is looked for.
        self._hidden = {*self._header, *scan_header(self.names, replace(self.options, entities=()))}
        chosen = [name for name in self.names if not self.columns or name in self.columns]
        coordinates = degrees.bounds(self.names)
        self._readers = {
            name: ColumnReader(name, self.options, self.declared.get(name), coordinates.get(name)) for name in chosen
        }
        self._read = 0
        self._positions: list[int] | None = None

    def add(self, chunk: pd.DataFrame, positions: Sequence[int] | None = None) -> None:
        """Read some rows.

        Args:
            chunk: rows with the columns of the table.
            positions: where each of them stands in the file; None where the file is read in order.

        Raises:
            AuditError: as `scan_texts`.
        """
        for name, column in chunk.items():
            if str(name) in self._readers:
                self._readers[str(name)].add(column, self._read)
        self._read += len(chunk)
        if positions is not None:
            self._positions = [*(self._positions or ()), *positions]

    def sheet(self, rows: int | None = None) -> Sheet:
        """What was found so far.

        Args:
            rows: rows of the whole table; None where all were read.
        """
        parts, left_out = [], []
        for position, name in enumerate(self.names):
            if name not in self._readers:
                continue
            reader = self._readers[name]
            label = label_of(position) if position in self._hidden else name
            if reader.left_out:
                left_out.append(label)
                continue
            found = reader.findings()
            tally = reader.tally
            shown = (tally.shortened, reader.unread, tally.unreadable, dropped(tally.found, found), tally.allowed)
            parts.append(Part(self.role, label, tally.cells, found, reader.told, *shown))
        whole = self._read if rows is None else rows
        return Sheet(self.role, whole, self._read, tuple(parts), self._header, tuple(left_out), self._positions)


def dropped(found: Mapping[Kind, RowSet], standing: Mapping[Kind, RowSet]) -> Mapping[str, int]:
    """Cells by entity with findings of which none stands."""
    lost: dict[str, list[RowSet]] = {}
    for kind, rows in found.items():
        if kind not in standing:
            lost.setdefault(kind.entity, []).append(rows)
    held = {entity: [rows for kind, rows in standing.items() if kind.entity == entity] for entity in lost}
    return {entity: count([*lost[entity], *held[entity]]) - count(held[entity]) for entity in sorted(lost)}
