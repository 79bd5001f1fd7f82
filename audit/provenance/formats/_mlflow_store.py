"""MLflow's store of runs in SQLite: which data went into which run, and which model came out.

The digests of data sets in it are eight digits over a sample of rows, which no file can be compared with.

The database is foreign: it is copied into memory, only tables are read, and only by statements that this file holds.
Views, triggers and extensions have no part in that, and work is cut off after a number of steps.

Source: MLflow 3, database schema (`runs`, `datasets`, `inputs`, `tags`, `logged_models`, `model_versions`).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from audit.provenance.json_text import shown
from audit.provenance.record import Link, Malformed, Record

MAGIC = b"SQLite format 3\x00"
_TABLES = {
    "runs": ("run_uuid", "name", "lifecycle_stage"),
    "datasets": ("dataset_uuid", "name"),
    "inputs": ("source_type", "source_id", "destination_type", "destination_id"),
    "tags": ("value",),
    "logged_models": ("name", "source_run_id"),
    "model_versions": ("name", "version", "run_id"),
}
_NEEDED = ("runs",)
_WHERE = {"tags": " WHERE key = 'mlflow.source.git.commit'"}
_MOST_ROWS = 25_000
_LONGEST_VALUE = 10_000
_MOST_STEPS = 200
_STEP = 100_000
"""Instructions of SQLite's machine between two looks at the count; two hundred looks are about a second of work."""


def read_store(path: str, content: bytes, kind: str) -> Record:
    """The lineage that a store tells.

    Raises:
        Malformed: it is no SQLite database, damaged, no store of MLflow, or reading it takes too much.
    """
    with contextlib.closing(sqlite3.connect(":memory:")) as store:
        try:
            _confine(store, content)
            rows = {table: tuple(_rows(store, table, columns, path)) for table, columns in _TABLES.items()}
        except (sqlite3.Error, UnicodeError, OverflowError, MemoryError) as problem:
            raise Malformed(f"{path}: not readable as a store of MLflow: {shown(str(problem))}") from problem
    commits = sorted({row["value"] for row in rows["tags"]} - {""})
    facts = {"runs": str(len(rows["runs"])), "git_commits": ", ".join(commits[:20])}
    return Record(
        path,
        kind,
        (),
        names_are_paths=False,
        notes=(f"{path}: the digests of MLflow cover a sample of the data, so they tie no file",),
        links=tuple(dict.fromkeys(_links(rows))),
        facts={name: text for name, text in facts.items() if text},
    )


def _confine(store: sqlite3.Connection, content: bytes) -> None:
    """Open a database in memory so that nothing in it can run or grow."""
    # two bytes say that the file had a write-ahead log, which a database in memory cannot have
    store.deserialize(content[:18] + b"\x01\x01" + content[20:])
    store.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(len(content), 1_000_000))
    store.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    store.execute("PRAGMA trusted_schema = OFF")
    store.execute("PRAGMA query_only = ON")
    store.execute("PRAGMA cell_size_check = ON")
    looks = iter(range(_MOST_STEPS))
    store.set_progress_handler(lambda: next(looks, None) is None, _STEP)


def _rows(store: sqlite3.Connection, table: str, columns: tuple[str, ...], path: str) -> Iterator[Mapping[str, str]]:
    """The rows of a table as text; none where the store has no such table, as older ones do not."""
    # the list comes from what SQLite made of the schema, so no wording of a statement in the file can deceive it
    found = store.execute("SELECT type FROM pragma_table_list WHERE schema = 'main' AND name = ?", (table,)).fetchone()
    if found is None:
        if table in _NEEDED:
            raise Malformed(f"{path}: a SQLite database without the table {table!r}, so no store of MLflow")
        return
    if found[0] != "table":  # a view or a virtual table runs statements or code of its own
        raise Malformed(f"{path}: {table!r} is of the kind {found[0]!r}, and a plain table is expected")
    present = {row[1] for row in store.execute(f"PRAGMA table_info({table})")}
    missing = [column for column in columns if column not in present]
    if missing:
        raise Malformed(f"{path}: the table {table!r} has no column {missing[0]!r}")
    for count, row in enumerate(store.execute(f"SELECT {', '.join(columns)} FROM {table}{_WHERE.get(table, '')}")):
        if count >= _MOST_ROWS:
            raise Malformed(f"{path}: the table {table!r} has more than {_MOST_ROWS:,} rows")
        yield {column: _as_text(value, table, path) for column, value in zip(columns, row, strict=True)}


def _as_text(value: Any, table: str, path: str) -> str:
    if isinstance(value, bytes) or (isinstance(value, str) and len(value) > _LONGEST_VALUE):
        raise Malformed(f"{path}: a value in {table!r} is no text, or too long")
    return "" if value is None else str(value)


def _links(rows: Mapping[str, tuple[Mapping[str, str], ...]]) -> Iterator[Link]:
    """From data to run, and from run to model; a run goes by its id, and one that was deleted tells nothing."""
    runs = {row["run_uuid"]: row["name"] for row in rows["runs"] if row["lifecycle_stage"] != "deleted"}
    datasets = {row["dataset_uuid"]: row["name"] for row in rows["datasets"]}
    for row in rows["inputs"]:
        source, run = datasets.get(row["source_id"]), row["destination_id"]
        if row["source_type"] == "DATASET" and row["destination_type"] == "RUN" and source and run in runs:
            yield Link(source, run, f"input of MLflow run {runs[run]}".rstrip())
    for row in rows["logged_models"]:
        run = row["source_run_id"]
        if run in runs and row["name"]:
            yield Link(run, row["name"], f"logged by MLflow run {runs[run]}".rstrip())
    for row in rows["model_versions"]:
        run = row["run_id"]
        if run in runs and row["name"]:
            yield Link(
                run, f"{row['name']} version {row['version']}", f"registered from MLflow run {runs[run]}".rstrip()
            )
