"""Reads CSV, Parquet, JSONL and NPZ files to a `Table`, without guessing.

Text is kept as it was written: "NA" is a word, `00123` is no number, and a row with one field too many is an error
rather than a shifted row. What a file means is decided by its bytes and what audit.yaml declares, never by a sample.
"""

from __future__ import annotations

from pathlib import Path

from audit.data import files
from audit.data.content import FORMATS, format_of, parse, parse_folder
from audit.data.layout import Layout
from audit.data.table import Table

__all__ = ["FORMATS", "Layout", "Table", "format_of", "parse", "parse_folder", "read_table"]


def read_table(
    path: Path,
    *,
    role: str,
    target: str | None,
    format: str | None = None,
    encoding: str = "utf-8",
    text_columns: tuple[str, ...] = (),
) -> Table:
    """Read one file, or a folder of Parquet files, to a table.

    Args:
        path: the file; symbolic links are not followed.
        role: what the subject calls it, for messages.
        target: name of the target column, None where there is none.
        format: `csv`, `tsv`, `parquet`, `jsonl` or `npz`; by suffix where it is None.
        encoding: of CSV and JSONL files.
        text_columns: columns that are kept as text whatever they look like.

    Raises:
        SubjectError: the file cannot be opened or understood; the message names the place.
    """
    layout = Layout(encoding=encoding, types=dict.fromkeys(text_columns, "text"))
    folder, name = path.parent, path.name
    if files.is_folder(folder, name):
        opened = [files.read(folder, member) for member in files.members(folder, name)]
        return parse_folder([(file.path, file.content) for file in opened], role=role, target=target, layout=layout)
    content = files.read(folder, name).content
    return parse(content, name=name, format=format_of(name, format), role=role, target=target, layout=layout)
