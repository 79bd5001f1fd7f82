"""Rows that a model may be asked about in one audit, counted across all processes that ask.

A row counts each time that it may have reached the model: a request that was sent and got no answer counts, and counts
again when it is sent again, for the service may have worked on it and may bill it. A request that was refused before
any work (no connection, too large, too many requests) does not count. So the budget is never passed, whatever the
network does, at the price that an audit which runs close to its budget can end as ERROR where a better network would
have let it finish.

Workers that are killed and replaced share one count where the environment names a ledger: a file of fixed-length
records, each written under a lock before its rows are sent.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from audit.errors import NotMeasurable, SubjectError

LEDGER_VARIABLE = "AUDITGATE_ASKED_ROWS"
"""Names the file in which all processes of one audit count; without it each process counts for itself."""

_KEY_LENGTH, _RECORD_LENGTH = 16, 32


class Tally(Protocol):
    """A count of rows."""

    def add(self, rows: int, *, most: int) -> int:
        """Add rows unless the count would then be above `most`; the count before, which is unchanged if refused."""


class ProcessTally:
    """Rows counted in this process."""

    def __init__(self) -> None:
        self._rows = 0

    def add(self, rows: int, *, most: int) -> int:
        """As `Tally.add`."""
        before = self._rows
        if before + rows <= most:
            self._rows += rows
        return before


class LedgerTally:
    """Rows counted in a file that outlives this process.

    Args:
        path: the ledger; made where it is absent.
        key: what names the model in it; only its digest is written.
    """

    def __init__(self, path: str, key: str) -> None:
        self._path = path
        self._key = hashlib.sha256(key.encode()).hexdigest()[:_KEY_LENGTH]
        self._rows, self._read = 0, 0

    def add(self, rows: int, *, most: int) -> int:
        """As `Tally.add`.

        Raises:
            SubjectError: the ledger cannot be read or written; asking without counting would break the budget.
        """
        try:
            with self._locked() as descriptor:
                before = self._catch_up(descriptor)
                if rows and before + rows <= most:
                    os.write(descriptor, f"{self._key} {rows:+014d}\n".encode())
                return before
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is damaged"
            raise SubjectError(f"the count of rows asked so far cannot be kept: {reason}") from None

    @contextmanager
    def _locked(self) -> Iterator[int]:
        import fcntl

        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def _catch_up(self, descriptor: int) -> int:
        """Count what others wrote since; a record that a dying process tore was for rows that were never sent."""
        size = os.fstat(descriptor).st_size
        if size % _RECORD_LENGTH:
            size -= size % _RECORD_LENGTH
            os.ftruncate(descriptor, size)
        content = os.pread(descriptor, max(0, size - self._read), self._read)
        for start in range(0, len(content), _RECORD_LENGTH):
            key, _, rows = content[start : start + _RECORD_LENGTH].decode("ascii").partition(" ")
            if key == self._key:
                self._rows += int(rows)
        self._read = size
        return self._rows


class Budget:
    """Rows that may still be asked about.

    Args:
        limit: rows at most; None for no limit, and nothing is counted.
        key: what names the model where several processes count together.
    """

    def __init__(self, limit: int | None, key: str = "") -> None:
        self._limit = limit
        ledger = os.environ.get(LEDGER_VARIABLE)
        self._tally: Tally = LedgerTally(ledger, key) if ledger and limit is not None else ProcessTally()
        self._again = 0

    def check(self, rows: int) -> None:
        """Look whether so many rows may still be asked about, without counting them.

        Raises:
            NotMeasurable: fewer are left.
        """
        if self._limit is not None:
            self._refuse_above(rows, self._tally.add(0, most=self._limit))

    def take(self, rows: int, *, again: bool = False) -> None:
        """Count rows before they are sent.

        Args:
            again: whether they were sent before and got no answer.

        Raises:
            NotMeasurable: fewer are left.
        """
        if self._limit is not None:
            self._refuse_above(rows, self._tally.add(rows, most=self._limit))
            self._again += rows if again else 0

    def give_back(self, rows: int) -> None:
        """Count rows as not asked: the request did not reach the model."""
        if self._limit is not None:
            self._tally.add(-rows, most=self._limit)

    def _refuse_above(self, rows: int, before: int) -> None:
        left = (self._limit or 0) - before
        if rows > left:
            again = f" ({self._again} rows were sent again after a fault)" if self._again else ""
            raise NotMeasurable(
                f"the query budget is used up: {rows} more rows are needed and {left} are left{again}; "
                "raise query_budget"
            )
