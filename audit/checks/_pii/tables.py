"""The tables of a subject, each opened once and read in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from audit import plugins
from audit.data.streams import FrameStream, Stream
from audit.errors import NotMeasurable
from audit.subject import Subject

ROLES = ("train", "test", "reference", "current", "trusted")


@contextmanager
def opened(subject: Subject, tables: tuple[str, ...], columns: tuple[str, ...]) -> Iterator[dict[str, Stream]]:
    """Rows by role; one table under two roles is taken once, and an array has no cells to read.

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
    wanted = [role.removeprefix("data.") for role in tables] or [role for role in ROLES if subject.has(f"data.{role}")]
    with ExitStack() as stack:
        streams: dict[str, Stream] = {}
        for role in wanted:
            if not subject.has_columns(role):
                continue
            stream = stack.enter_context(subject.rows(role))
            if not any(_same(stream, known) for known in streams.values()):
                streams[role] = stream
        if not streams:
            raise NotMeasurable("the data are arrays of numbers without columns; personal data is looked for in tables")
        known_columns = sorted({name for stream in streams.values() for name in stream.columns})
        for name in columns:
            if name not in known_columns:
                raise plugins.unknown("column", name, known_columns)
        yield streams


def _same(one: Stream, other: Stream) -> bool:
    if isinstance(one, FrameStream) and isinstance(other, FrameStream):
        return one.frame is other.frame or one.frame.equals(other.frame)
    return one.sha256 == other.sha256 != ()
