"""The column names of a data file, read off its beginning or end, so that a mistyped name is found before an audit."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import BinaryIO

from audit import strict_json
from audit.data import files
from audit.data.layout import Layout
from audit.errors import SubjectError

LONGEST = 1 << 20
"""Bytes that are looked at; a header that is longer is not judged."""


def columns(folder: Path, relative: str, *, format: str, layout: Layout) -> tuple[str, ...] | None:
    """All columns that a file of rows has.

    Args:
        folder: what the path is relative to.
        relative: a checked path; of a folder, the first file in it stands for all.
        format: `csv`, `tsv`, `parquet` or `jsonl`; arrays have no columns.

    Returns:
        None where that cannot be said without reading the whole file: arrays, JSON lines of more than 1 MB, whose
        later objects can have more keys, and whatever has no header that can be read. Reading the table says why.
    """
    try:
        if files.is_folder(folder, relative):
            relative = files.members(folder, relative)[0]
        with files.looked_at(folder, relative) as file:
            return _names(file, format, layout)
    except (SubjectError, IndexError, OSError):
        return None


def _names(file: BinaryIO, format: str, layout: Layout) -> tuple[str, ...] | None:
    if format == "parquet":
        return _parquet(file)
    if format not in ("csv", "tsv", "jsonl"):
        return None
    content = file.read(LONGEST)
    whole = os.fstat(file.fileno()).st_size <= LONGEST
    text = _text(content, layout.encoding, whole=whole)
    if text is None or format == "jsonl":
        return _jsonl(text) if text is not None and whole else None
    return _csv(text, layout.delimiter or ("\t" if format == "tsv" else ","), whole=whole)


def _text(content: bytes, encoding: str, *, whole: bool) -> str | None:
    """The beginning as text; a character that is cut in two at its end is left out."""
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding, "strict" if whole else "ignore")
    except (LookupError, UnicodeError, ValueError):
        return None


def _csv(text: str, delimiter: str, *, whole: bool) -> tuple[str, ...] | None:
    source = io.StringIO(text, newline="")
    try:
        header = next(csv.reader(source, delimiter=delimiter, strict=True), None)
    except csv.Error:
        return None
    if not header or (len(header) == 1 and any(mark in header[0] for mark in ",;\t|")):
        return None
    return tuple(header) if whole or source.tell() < len(text) else None


def _jsonl(text: str) -> tuple[str, ...] | None:
    names: dict[str, None] = {}
    for line in text.split("\n"):
        if line.strip():
            try:
                row = strict_json.loads(line)
            except ValueError:
                return None
            if not isinstance(row, dict):
                return None
            names.update(dict.fromkeys(row))
    return tuple(names) or None


def _parquet(file: BinaryIO) -> tuple[str, ...] | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(file).names) or None
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        return None
