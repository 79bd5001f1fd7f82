"""Scans a column that is in memory at once, the way that it goes chunk by chunk in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.pii.columns.options import Options
from audit.pii.columns.reader import ColumnReader
from audit.pii.spans import Span

if TYPE_CHECKING:
    import pandas as pd


def scan_column(
    column: pd.Series, name: str, options: Options, declared: str | None = None
) -> dict[int, tuple[Span, ...]]:
    """The findings that stand once the whole column was read; equal cells are read once.

    Args:
        column: the values, any index.
        name: name of the column; its words are context for what the cells hold.
        declared: type from `audit.yaml`, such as `text`.

    Returns:
        Findings by position of the row; rows without a finding are absent.

    Raises:
        AuditError: as `scan_texts`.
    """
    reader = ColumnReader(name, options, declared)
    chunk = reader.add(column, 0)
    standing = reader.findings()
    kept = [tuple(one.span for one in found if one.kind in standing) for found in chunk.found]
    return {row: kept[code] for row, code in enumerate(chunk.codes.tolist()) if code >= 0 and kept[code]}
