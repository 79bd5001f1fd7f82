"""From the bytes of a file to a table, by format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from audit.data.layout import Layout
from audit.data.table import Table, checked_names
from audit.errors import SubjectError
from audit.plugins import near, unknown

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".npz": "npz",
}
DOCUMENTS = {
    ".txt": "text",
    ".text": "text",
    ".md": "text",
    ".log": "text",
    ".json": "json",
    ".jpg": "image",
    ".jpeg": "image",
    ".png": "image",
    ".tif": "image",
    ".tiff": "image",
    ".webp": "image",
    ".gif": "image",
}
"""Files that are no tables and are read as such where personal data is looked for in them."""

FORMATS = ("csv", "tsv", "parquet", "jsonl", "npz", "text", "json", "image")


def format_of(name: str, declared: str | None = None) -> str:
    """Format of a data file: the declared one, else by suffix.

    Raises:
        UnknownName: neither is known.
    """
    if declared is not None:
        if declared not in FORMATS:
            raise unknown("data format", declared, FORMATS)
        return declared
    suffix = PurePosixPath(name).suffix.lower()
    known = {**SUFFIXES, **DOCUMENTS}
    if suffix not in known:
        raise unknown("data format for the suffix", suffix, tuple(known))
    return known[suffix]


def parse(content: bytes, *, name: str, format: str, role: str, target: str | None, layout: Layout) -> Table:
    """A table from the bytes of one file.

    Args:
        name: how messages name the file.

    Raises:
        SubjectError: the bytes cannot be understood; the message names the place.
    """
    from audit.data import csv, image_metadata, jsonl, nested_json, npz, parquet, text

    if format == "npz":
        arrays = npz.read(content, name=name)
        return Table.of_array(arrays.x, arrays.y, role=role, target=target)
    if format == "parquet":
        frame = parquet.read([(name, content)], layout=layout)
    elif format == "jsonl":
        frame = jsonl.read(content, name=name, layout=layout)
    elif format == "json":
        frame = nested_json.read(content, name=name, layout=layout)
    elif format == "text":
        frame = text.read(content, name=name, layout=layout)
    elif format == "image":
        frame = image_metadata.read(content, name=name)
    else:
        frame = csv.read(content, name=name, layout=layout, delimiter="\t" if format == "tsv" else ",")
    return _of_frame(frame, name=name, role=role, target=target)


def parse_folder(contents: Sequence[tuple[str, bytes]], *, role: str, target: str | None, layout: Layout) -> Table:
    """A table from the Parquet files of a folder, in the order given.

    Args:
        contents: name and bytes of each file.

    Raises:
        SubjectError: there is no file, one is no Parquet file, or their columns differ.
    """
    from audit.data import parquet

    check_folder([name for name, _ in contents], role=role)
    frame = parquet.read(contents, layout=layout)
    return _of_frame(frame, name=contents[0][0].rpartition("/")[0], role=role, target=target)


def check_folder(names: Sequence[str], *, role: str) -> None:
    """Refuse a folder of data without files, or with others than Parquet.

    Raises:
        SubjectError: as said.
    """
    if not names:
        raise SubjectError(f"{role}: the folder holds no file")
    for name in names:
        if SUFFIXES.get(PurePosixPath(name).suffix.lower()) != "parquet":
            raise SubjectError(f'"{name}": a folder of data holds Parquet files only')


def _of_frame(frame: object, *, name: str, role: str, target: str | None) -> Table:
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise TypeError(type(frame).__name__)
    columns = tuple(frame.columns)
    checked_names(columns, where=name)
    if frame.empty:
        raise SubjectError(f"{name} has no rows")
    table = Table.of_frame(frame, role=role, target=target)
    if target is not None and target not in columns and near(target, columns):
        raise SubjectError(f'{name} has no target column "{target}"; did you mean "{near(target, columns)[0]}"?')
    return table
