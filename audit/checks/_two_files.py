"""Refuses to compare a file with itself: a bare file is the training and the test data at once."""

from __future__ import annotations

from audit.errors import NotMeasurable
from audit.subject import Subject


def refuse_one_file(subject: Subject, first: str, second: str) -> None:
    """Make sure that two tables come from two files.

    Args:
        first: role of a table, such as `data.train`.
        second: role of the other.

    Raises:
        NotMeasurable: both are the same file.
    """
    data = subject.declaration.data
    one, other = (data.get(role.removeprefix("data.")) for role in (first, second))
    if one is not None and other is not None and one.path == other.path:
        raise NotMeasurable(
            f'{first} and {second} are the same file ("{one.path}"), so there is nothing to compare; '
            'name two files under "data:" in an audit.yaml'
        )
