"""The tables of a subject, each opened once and read in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from audit import plugins
from audit.data.streams import FrameStream, Stream
from audit.errors import NotMeasurable
from audit.pii.tables.header import shown
from audit.subject import Subject

if TYPE_CHECKING:
    import pandas as pd

ROLES = ("train", "test", "reference", "current", "trusted")


@contextmanager
def opened(subject: Subject, tables: tuple[str, ...], columns: tuple[str, ...]) -> Iterator[dict[str, Stream]]:
    """Rows by role; one table under two roles is taken once, and of an array labels that are text are read.

    Args:
        tables: roles to read; empty for all that the subject has.
        columns: columns to read; empty for all.

    Raises:
        UnknownName: a role or a column does not exist.
        NotMeasurable: a named table is not there, or there are arrays alone.
        SubjectError: a table cannot be read.
    """
    for role in tables:
        if role.removeprefix("data.") not in ROLES:
            raise plugins.unknown("table", role, ROLES)
    with ExitStack() as stack:
        streams: dict[str, Stream] = {}
        for role in _wanted(subject, tables):
            if subject.has_columns(role):
                stream: Stream = stack.enter_context(subject.rows(role))
            elif (labels := _text_labels(subject, role)) is not None:
                stream = FrameStream(labels)
            else:
                continue
            if not any(_same(stream, known) for known in streams.values()):
                streams[role] = stream
        if not streams:
            raise NotMeasurable("the data are arrays of numbers without columns; personal data is looked for in tables")
        known = {name for stream in streams.values() for name in stream.columns}
        for name in columns:
            if name not in known:
                labels = {label for stream in streams.values() for label in shown(stream.columns)}
                raise plugins.unknown("column", name, sorted(labels))
        yield streams


def arrays(subject: Subject, tables: tuple[str, ...]) -> list[str]:
    """Roles whose features are an array, which has no cells to read."""
    return [role for role in _wanted(subject, tables) if not subject.has_columns(role)]


def _wanted(subject: Subject, tables: tuple[str, ...]) -> list[str]:
    return [role.removeprefix("data.") for role in tables] or [role for role in ROLES if subject.has(f"data.{role}")]


def _text_labels(subject: Subject, role: str) -> pd.DataFrame | None:
    """The labels beside an array as a table of one column; None where they are no text."""
    import pandas as pd

    labels = subject.table(role).labels
    return None if labels is None or labels.dtype.kind not in "OUS" else pd.DataFrame({"y": labels})


def _same(one: Stream, other: Stream) -> bool:
    if isinstance(one, FrameStream) and isinstance(other, FrameStream):
        return one.frame is other.frame or one.frame.equals(other.frame)
    return one.sha256 == other.sha256 != ()
