"""Rows that a model may be asked about in one audit, counted across all processes that ask.

A row counts each time that it may have reached the model: a request that was sent and got no answer counts, and counts
again when it is sent again, for the service may have worked on it and may bill it. A request that was refused before
any work (no connection, too large, too many requests) does not count. So the budget is never passed, whatever the
network does, at the price that an audit which runs close to its budget can end as ERROR where a better network would
have let it finish.

Workers that are killed and replaced share one count where the environment names a folder for it: one file a model,
changed under a lock before the rows are sent.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator

from audit.errors import NotMeasurable, SubjectError

FOLDER_VARIABLE = "AUDITGATE_QUERY_COUNTS"
"""Names the folder in which all processes of one audit count; without it each process counts for itself."""

_DIGITS = 20


class Budget:
    """Rows that may still be asked about.

    Args:
        limit: rows at most; None for no limit, and nothing is counted.
        key: what names the model where several processes count together; only its digest is written.
    """

    def __init__(self, limit: int | None, key: str = "") -> None:
        self._limit = limit
        folder = os.environ.get(FOLDER_VARIABLE) if limit is not None else None
        self._file = os.path.join(folder, hashlib.sha256(key.encode()).hexdigest()[:32]) if folder else None
        self._taken = self._again = 0

    def take(self, rows: int, *, again: bool = False) -> None:
        """Count rows before they are sent.

        Args:
            again: whether they were sent before and got no answer.

        Raises:
            NotMeasurable: fewer are left.
            SubjectError: the count cannot be kept; asking without it would break the budget.
        """
        if self._limit is None:
            return
        with self._counted() as before:
            self._refuse_beyond(rows, before)
            self._taken = before + rows
        self._again += rows if again else 0

    def check(self, rows: int) -> None:
        """Look whether so many rows are left, without counting them; raises as `take` does."""
        if self._limit is not None:
            with self._counted() as before:
                self._refuse_beyond(rows, before)

    def give_back(self, rows: int) -> None:
        """Count rows as not asked: the request did not reach the model."""
        if self._limit is not None:
            with self._counted() as before:
                self._taken = max(0, before - rows)

    @contextlib.contextmanager
    def _counted(self) -> Iterator[int]:
        """Rows taken by all processes so far; what `_taken` is set to inside is theirs afterwards."""
        if self._file is None:
            yield self._taken
            return
        import fcntl

        try:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                before = self._taken = int(os.pread(descriptor, _DIGITS, 0) or b"0")
                yield before
                if self._taken != before:
                    os.pwrite(descriptor, b"%0*d" % (_DIGITS, self._taken), 0)
            finally:
                os.close(descriptor)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is damaged"
            raise SubjectError(f"the count of rows asked so far cannot be kept: {reason}") from None

    def _refuse_beyond(self, rows: int, before: int) -> None:
        left = max(0, (self._limit or 0) - before)
        if rows > left:
            again = f" ({self._again} rows were sent again after a fault)" if self._again else ""
            raise NotMeasurable(
                f"the query budget is used up: {rows} more rows are needed and {left} are left{again}; "
                "raise query_budget"
            )
