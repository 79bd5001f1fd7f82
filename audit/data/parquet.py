"""Reads Parquet, one file or several with the same columns, by the types that the file declares."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from audit.data.columns import EXACT, column
from audit.data.layout import Layout
from audit.data.table import checked_names
from audit.errors import SubjectError, quoted, told

if TYPE_CHECKING:
    import pandas as pd

MAX_VALUES = 2_000_000_000
"""Rows times columns; a small file can claim more than any memory holds, because equal values compress to nothing."""

MAX_RATIO = 1000
"""Bytes of one column of text for each byte of the file, beyond what is always allowed: equal texts are stored once."""

_ALWAYS_ALLOWED = 256 << 20
_SMALL = 16 << 20
"""Larger files are read several times as fast without a list of their texts; a check's memory limit holds there."""

ROW_NUMBERS_BELOW = 10_000_000
"""An index of whole numbers of up to seven digits counts rows; longer ones can be numbers of people or cards."""

UNNAMED_INDEX = re.compile(r"__index_level_[0-9]+__")


def read(contents: Sequence[tuple[str, bytes]], *, layout: Layout) -> pd.DataFrame:
    """A frame from the bytes of Parquet files, their rows one after the other.

    Args:
        contents: name and bytes of each file.

    Raises:
        SubjectError: the bytes are no Parquet file, two columns have one name, columns or types differ between files,
            or a value cannot be kept exactly.
    """
    import pandas as pd

    frames = [_frame(content, name, layout) for name, content in contents]
    first, names = frames[0], list(frames[0].columns)
    for (name, _), frame in zip(contents[1:], frames[1:], strict=True):
        if set(frame.columns) != set(names):
            different = told(sorted(set(names) ^ set(frame.columns)))
            raise SubjectError(f"{name} has other columns than {contents[0][0]}: {different}")
        for column_name in names:
            if _is_text(first[column_name]) != _is_text(frame[column_name]):
                raise SubjectError(
                    f"{name}: column {quoted(column_name)} is text in one file and no text in {contents[0][0]}"
                )
    return first if len(frames) == 1 else pd.concat([frame[names] for frame in frames], ignore_index=True)


def _frame(content: bytes, name: str, layout: Layout) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        if len(content) <= _SMALL:
            # equal texts are read once, so that the size of a column is known before it is unpacked
            file = pq.ParquetFile(pa.BufferReader(content), read_dictionary=text_columns(file))
        rows, width = file.metadata.num_rows, len(file.schema_arrow.names)
        checked_names(file.schema_arrow.names, where=name)
        if rows * max(width, 1) > MAX_VALUES:
            raise SubjectError(f"{name} claims {rows} rows of {width} columns, more than can be read")
        table = file.read(use_pandas_metadata=False)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise SubjectError(f"{name} is no readable Parquet file: {error}") from error
    unnamed = [header for header in table.column_names if UNNAMED_INDEX.fullmatch(header)]
    row_numbers = [header for header in unnamed if _numbers_rows(table.column(header).combine_chunks())]
    return frame_of(table.drop_columns(row_numbers), name, layout, stored=len(content))


def frame_of(table: Any, name: str, layout: Layout, *, stored: int, first: int = 0) -> pd.DataFrame:
    """A frame from an arrow table that was read from a file, or from a part of it.

    Args:
        table: texts may be dictionaries.
        name: of the file, for messages.
        stored: size of the file in bytes.
        first: position of the first row in the file, for messages.

    Raises:
        SubjectError: as `read`.
    """
    import pandas as pd
    import pyarrow as pa

    def place(row: int) -> str:
        return f"{name}, row {first + row}"

    found = {}
    for header in table.column_names:
        try:
            table.column(header).validate(full=True)  # a damaged page can hold positions and offsets beyond its end
            _refuse_inflation(table.column(header), f"{name}: column {quoted(header)}", stored)
            found[header] = _series(table.column(header).combine_chunks(), header, name, layout, place)
        except pa.ArrowException as error:
            raise SubjectError(f"{name}: column {quoted(header)} cannot be read: {error}") from error
    return pd.DataFrame(found)


def text_columns(file: Any) -> list[str]:
    """Columns of text; they can be read as a list of different texts, which is how most writers store them."""
    columns = [file.schema.column(place) for place in range(len(file.schema))]
    return [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]


def _refuse_inflation(column: Any, where: str, stored: int) -> None:
    """Refuse a column of a few long texts that are repeated until they fill any memory."""
    import pyarrow.compute as pc
    from pyarrow import types

    kind = column.type
    if not types.is_dictionary(kind) or not (types.is_string(kind.value_type) or types.is_binary(kind.value_type)):
        return
    size = sum(
        pc.sum(pc.take(pc.binary_length(part.dictionary).cast("int64"), part.indices)).as_py() or 0
        for part in column.chunks
    )
    if size > max(_ALWAYS_ALLOWED, MAX_RATIO * stored):
        raise SubjectError(f"{where} inflates from a file of {stored} bytes to {size} bytes; refused")


def _numbers_rows(values: Any) -> bool:
    """Whether the unnamed index of a frame says no more than where its rows stood: small whole numbers, each once.

    Whatever else somebody kept in an index, such as addresses, stays a column of the table.
    """
    import pyarrow.compute as pc
    from pyarrow import types

    if not types.is_integer(values.type) or values.null_count or len(pc.unique(values)) != len(values):
        return False
    ends = pc.min_max(values).as_py()
    return not len(values) or (ends["min"] >= 0 and ends["max"] < ROW_NUMBERS_BELOW)


def _series(values: Any, header: str, name: str, layout: Layout, place: Any) -> pd.Series:
    import pyarrow as pa
    from pyarrow import types

    if types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = values.type
    declared = layout.types.get(header)
    if declared is not None and not _fits(kind, declared):
        text = _cells(_text(values, header, name), header, place, layout.max_cell)
        return column(text, name=header, declared=declared, place=place, strict=layout.strict)
    if types.is_boolean(kind):
        return _boolean(values)
    if types.is_integer(kind):
        return _integer(values, header, place, layout.strict)
    if types.is_decimal(kind) and kind.scale <= 0 and declared is None:
        return column(values.cast(pa.string()), name=header, declared=None, place=place, strict=layout.strict)
    if types.is_floating(kind) or types.is_decimal(kind):
        return _float(values.cast(pa.float64()), header, place)
    if types.is_null(kind):
        return _float(values.cast(pa.float64()), header, place)
    if types.is_date(kind) or types.is_timestamp(kind):
        return _moments(values, header, name)
    return _kept(_cells(_text(values, header, name), header, place, layout.max_cell))


def _cells(text: Any, header: str, place: Any, max_cell: int) -> Any:
    """Text as it is, once no cell of it is too long or holds a NUL character."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for bad, what in (
        (pc.match_substring(text, "\0"), "a NUL character; remove it"),
        (pc.greater(pc.utf8_length(text), max_cell), f"more than {max_cell} characters"),
    ):
        row = int(pc.index(bad, pa.scalar(True)).as_py())
        if row >= 0:
            raise SubjectError(f"{place(row)}: a cell of column {quoted(header)} holds {what}")
    return text


def _moments(values: Any, header: str, name: str) -> pd.Series:
    """Dates and times as timestamps of a microsecond."""
    import pandas as pd
    import pyarrow as pa

    try:
        # nanoseconds are cut off; of anything else a cast that is not safe would keep what overflows
        finer = getattr(values.type, "unit", "") == "ns"
        moments = values.cast(pa.timestamp("us", getattr(values.type, "tz", None)), safe=not finer)
        return pd.Series(moments.to_pandas())
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise SubjectError(
            f"{name}: column {quoted(header)} holds a date beyond what can be kept in microseconds"
        ) from error


def _fits(kind: Any, declared: str) -> bool:
    """Whether the type of the file is the declared one already, so that no cell has to be read as text."""
    from pyarrow import types

    if declared == "number":
        return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind))
    if declared == "integer":
        return bool(types.is_integer(kind))
    if declared == "boolean":
        return bool(types.is_boolean(kind))
    return False


def _text(values: Any, header: str, name: str) -> Any:
    """A column as text: nested values as JSON, numbers with the shortest digits that give them back."""
    import pyarrow as pa
    from pyarrow import types

    kind = values.type
    try:
        if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
            text = values.cast(pa.string())
        elif types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
            text = values.cast(pa.binary()).cast(pa.string())
        elif types.is_nested(kind):
            cells = [
                None if value is None else json.dumps(value, ensure_ascii=False, default=str)
                for value in values.to_pylist()
            ]
            text = pa.array(cells, type=pa.string())
        else:
            text = values.cast(pa.string())
        text.validate(full=True)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise SubjectError(f"{name}: column {quoted(header)} of type {kind} cannot be read as text: {error}") from error
    return text


def _kept(text: Any) -> pd.Series:
    import pandas as pd

    return pd.Series(text.to_pandas(), dtype="str")


def _boolean(values: Any) -> pd.Series:
    import pandas as pd

    return pd.Series(values.to_pylist(), dtype="bool" if values.null_count == 0 else "object")


def _integer(values: Any, header: str, place: Any, strict: bool) -> pd.Series:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        whole = values.cast(pa.int64())
        if whole.null_count == 0:
            return pd.Series(whole.to_numpy())
        if pc.max(pc.abs_checked(whole)).as_py() is None or pc.max(pc.abs_checked(whole)).as_py() <= EXACT:
            return pd.Series(whole.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype="float64")
    except pa.ArrowInvalid:
        pass  # beyond int64: told apart below
    return column(values.cast(pa.string()), name=header, declared=None, place=place, strict=strict)


def _float(values: Any, header: str, place: Any) -> pd.Series:
    import numpy as np
    import pandas as pd

    numbers = values.to_numpy(zero_copy_only=False).astype(np.float64)
    infinite = np.isinf(numbers)
    if infinite.any():
        raise SubjectError(
            f"{place(int(infinite.argmax()))}: column {quoted(header)} holds infinity; every number has to be finite"
        )
    return pd.Series(numbers)


def _is_text(values: pd.Series) -> bool:
    from pandas.api import types

    return bool(types.is_string_dtype(values) and not values.isna().all())
