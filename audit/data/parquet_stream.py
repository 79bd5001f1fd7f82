"""Reads Parquet row group by row group, one file or several with the same columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from audit.data.layout import Layout
from audit.data.parquet import ROW_NUMBERS_BELOW, UNNAMED_INDEX, frame_of, text_columns
from audit.data.sealed import BLOCK, SealedFile
from audit.data.sealed_reader import SealedReader
from audit.data.streams import CHUNK_ROWS, picked
from audit.data.table import checked_names
from audit.errors import SubjectError, told

if TYPE_CHECKING:
    import pandas as pd


class ParquetStream:
    """Rows of Parquet files, one after the other.

    Args:
        files: kept open by the caller.

    Raises:
        SubjectError: a file is no Parquet file, has no rows, or other columns than the first.
    """

    def __init__(self, files: Sequence[SealedFile], *, layout: Layout) -> None:
        self._files, self._layout = files, layout
        self.sha256 = tuple(file.sha256 for file in files)
        opened = [_opened(file) for file in files]
        self._groups = [
            [file.metadata.row_group(place).num_rows for place in range(file.metadata.num_row_groups)]
            for file in opened
        ]
        names = [_columns(file, sealed.path) for file, sealed in zip(opened, files, strict=True)]
        self.columns = names[0]
        for file, found in zip(files, names, strict=True):
            if set(found) != set(self.columns):
                different = told(sorted(set(found) ^ set(self.columns)))
                raise SubjectError(f"{file.path} has other columns than {files[0].path}: {different}")
        if not self.rows:
            raise SubjectError(f"{files[0].path} has no rows")

    @property
    def rows(self) -> int:
        """Number of rows."""
        return sum(map(sum, self._groups))

    def chunks(self) -> Iterator[pd.DataFrame]:
        """All rows in order.

        Raises:
            SubjectError: a page is damaged, or a value cannot be kept exactly.
        """
        for file, groups in zip(self._files, self._groups, strict=True):
            yield from self._read(file, range(len(groups)), 0)

    def take(self, positions: Sequence[int]) -> pd.DataFrame:
        """Some rows; row groups without any of them are not read. Errors as `chunks`."""
        import numpy as np
        import pandas as pd

        wanted = np.asarray(positions, dtype=np.int64)
        found: list[pd.DataFrame] = []
        start = 0
        for file, groups in zip(self._files, self._groups, strict=True):
            for group, count in enumerate(groups):
                inside = wanted[np.searchsorted(wanted, start) : np.searchsorted(wanted, start + count)]
                if len(inside):
                    found.append(picked(self._read(file, [group], start), inside - start))
                start += count
        return pd.concat(found, ignore_index=True)

    def _read(self, sealed: SealedFile, groups: Sequence[int], first: int) -> Iterator[pd.DataFrame]:
        import pyarrow as pa

        file = _opened(sealed)
        try:
            batches = file.iter_batches(
                CHUNK_ROWS, row_groups=list(groups), columns=list(self.columns), use_threads=False
            )
            for batch in batches:
                table = pa.Table.from_batches([batch])
                yield frame_of(table, sealed.path, self._layout, stored=sealed.size, first=first)
                first += len(batch)
        except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
            raise SubjectError(f"{sealed.path} is no readable Parquet file: {error}") from error


def _opened(sealed: SealedFile) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # pages are fetched as they are needed, not a whole row group before its first row is given
        how: dict[str, Any] = {"pre_buffer": False, "buffer_size": BLOCK}
        file = pq.ParquetFile(SealedReader(sealed), **how)
        # equal texts are read once, so that the size of a column is known before it is unpacked
        return pq.ParquetFile(SealedReader(sealed), read_dictionary=text_columns(file), **how)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise SubjectError(f"{sealed.path} is no readable Parquet file: {error}") from error


def _columns(file: Any, name: str) -> tuple[str, ...]:
    """Names of the columns, without an unnamed index that only counts rows."""
    names = file.schema_arrow.names
    checked_names(names, where=name)
    return tuple(header for header in names if not (UNNAMED_INDEX.fullmatch(header) and _counts_rows(file, header)))


def _counts_rows(file: Any, header: str) -> bool:
    """Whether the statistics of all row groups say that a column holds small whole numbers alone."""
    for group in range(file.metadata.num_row_groups):
        described = file.metadata.row_group(group)
        for place in range(described.num_columns):
            column = described.column(place)
            if column.path_in_schema == header:
                known = column.statistics
                if known is None or not known.has_min_max or known.physical_type not in ("INT32", "INT64"):
                    return False
                if known.null_count or known.min < 0 or known.max >= ROW_NUMBERS_BELOW:
                    return False
    return True
