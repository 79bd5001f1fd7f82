"""Reads the cells of table columns that can hold personal data.

Text is always read. A number is no phone number just because it has ten digits, so numeric columns are read in two
cases only: their name says what they hold ("phone", "ssn"), or more of their long numbers than by chance carry a valid
check digit.
In a column that is named after phones every number of 8 to 15 digits is one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from audit.pii import by_name
from audit.pii.cells import MAX_CELL
from audit.pii.column_names import says
from audit.pii.column_options import Options, spans_of
from audit.pii.column_reader import ColumnReader
from audit.pii.spans import Span

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MAX_CELL", "ColumnReader", "ColumnScan", "Options", "Reading", "reading", "scan_column", "scan_header"]

WHOLE_NAME = 0.7
"""Least score of a given name and a surname that a list of words knows both and that are no ordinary words."""

Reading = Literal["text", "numbers", "none"]


@dataclass(frozen=True)
class ColumnScan:
    """What one column holds.

    Attributes:
        reading: how the column was read.
        cells: non-empty cells that were read.
        found: findings by position of the row in the series that was scanned; rows without a finding are absent.
        shortened: cells of more than `MAX_CELL` characters.
    """

    reading: Reading
    cells: int
    found: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    shortened: int = 0


def reading(column: pd.Series, name: str, declared: str | None = None) -> Reading:
    """How a column is read: as `text`, as `numbers` that may be identifiers, or not at all (`none`).

    Args:
        column: the values.
        name: name of the column.
        declared: type from `audit.yaml`, such as `text`; it wins over what the values look like.
    """
    from pandas.api import types

    values = column.dtype.categories.dtype if hasattr(column.dtype, "categories") else column.dtype
    if types.is_bool_dtype(values) or types.is_datetime64_any_dtype(values) or types.is_timedelta64_dtype(values):
        return "none"
    if not types.is_numeric_dtype(values):
        return "text"
    if declared == "text" or (by_name.numbers_are_personal(name, says(name)) and _whole(column)):
        return "text"
    return "numbers" if _whole(column) else "none"


def scan_column(column: pd.Series, name: str, how: Reading, options: Options) -> ColumnScan:
    """Scan one column that is in memory; equal cells are read once.

    Args:
        column: the values, any index.
        name: name of the column; its words are context for what the cells hold.
        how: what `reading` said.

    Raises:
        AuditError: as `scan_texts`.
    """
    from pandas.api import types

    if how == "none":
        return ColumnScan(how, 0)
    # texts go the way that they go in a table; numbers can be declared to be texts
    declared = "text" if how == "text" and types.is_numeric_dtype(column.dtype) else None
    reader = ColumnReader(name, options, declared)
    chunk = reader.add(column, 0)
    standing = reader.findings()
    kept = [tuple(one.span for one in found if one.kind in standing) for found in chunk.found]
    found = {row: kept[code] for row, code in enumerate(chunk.codes.tolist()) if code >= 0 and kept[code]}
    return ColumnScan(how, reader.tally.cells, found, reader.tally.shortened)


def scan_header(names: Sequence[str], options: Options) -> Mapping[int, tuple[Span, ...]]:
    """Findings in the names of the columns themselves, by position of the column.

    What only a list of words or a language model calls a name is none here, as "city" and "Jordan" are usual headers,
    but for a given name with a surname.
    """
    counted = {
        place: tuple(span for span in found if options.counts(span) and _tells_in_header(names[place], span))
        for place, found in enumerate(spans_of(list(names), (), options))
    }
    return {place: found for place, found in counted.items() if found}


def _tells_in_header(name: str, span: Span) -> bool:
    if span.basis == "word list" and span.entity == "PERSON":
        return span.score >= WHOLE_NAME and " " in name[span.start : span.end]
    return span.basis not in ("word list", "language model")


def _whole(column: pd.Series) -> bool:
    """Whether most numbers are whole: one slip such as 0.5 makes no measurements of identifiers."""
    import numpy as np

    values = column.dropna().to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    return not len(values) or bool((values == np.trunc(values)).mean() > 0.5)
