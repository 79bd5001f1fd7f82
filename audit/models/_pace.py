"""How fast an endpoint is asked, and about how many rows at a time.

`Pace` keeps the declared rates and, once the endpoint says that it is asked too often, a rate of its own: halved on
each complaint, raised by a fixed step on each answer. `Batch` begins small and doubles.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable

_FIRST_ROWS = 16
_MOST_ROWS = 2048
_MOST_BYTES = 4 << 20
_CLEARLY_WORSE = 2.0
"""Times the best seconds per row; less is noise, and a batch size that follows noise differs from run to run."""
_ANSWERS_BEFORE_GROWTH = 8
_LONGEST_GAP_SECONDS = 30.0
_RATE_STEP = 0.1
"""Requests a second that each answer adds to a rate that was halved."""
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.05, 8.0
_DOUBLINGS = 8


class Pace:
    """Waits so that an endpoint is asked no faster than it wants.

    Args:
        requests_per_second: declared limit, None for none.
        rows_per_second: declared limit, None for none.
        clock: seconds that only grow.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        requests_per_second: float | None = None,
        rows_per_second: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._least_gap = 1.0 / requests_per_second if requests_per_second else 0.0
        self._seconds_a_row = 1.0 / rows_per_second if rows_per_second else 0.0
        self._clock, self._sleep = clock, sleep
        self._gap = 0.0
        self._free_at = 0.0
        self._asked: deque[float] = deque(maxlen=9)
        # moments of waiting only: no number that is measured depends on it
        self._jitter = random.Random(0)

    @property
    def gap_seconds(self) -> float:
        """Least time between two requests as things stand."""
        return max(self._gap, self._least_gap)

    def wait(self, rows: int) -> None:
        """Wait until a request with so many rows may be sent, and count it."""
        now = self._clock()
        if now < self._free_at:
            self._sleep(self._free_at - now)
            now = max(self._clock(), self._free_at)
        self._asked.append(now)
        self._free_at = now + max(self.gap_seconds, rows * self._seconds_a_row)

    def answered(self) -> None:
        """An answer came: ask a little faster again."""
        if self._gap:
            faster = 1.0 / (1.0 / self._gap + _RATE_STEP)
            self._gap = faster if faster > 1e-3 else 0.0

    def complained(self) -> None:
        """The endpoint is asked too often: halve the rate, counted from what it was really asked."""
        spans = len(self._asked) - 1
        observed = (self._asked[-1] - self._asked[0]) / spans if spans > 0 else 0.0
        self._gap = min(_LONGEST_GAP_SECONDS, 2.0 * max(self._gap, min(observed, 1.0), 0.01))

    def hold(self, seconds: float) -> None:
        """Send nothing for so many seconds."""
        self._free_at = max(self._free_at, self._clock() + seconds)

    def backoff_seconds(self, faults: int) -> float:
        """How long to wait after so many faults in a row: doubled each time, a random half of it left out."""
        longest = min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2.0 ** min(faults - 1, _DOUBLINGS))
        return longest * self._jitter.uniform(0.5, 1.0)


class Batch:
    """How many rows to ask about at once.

    A declared number is kept unless the endpoint refuses it. Without one, batches double from 16 rows until a request
    would pass 2,048 rows or 4 MiB, until the time for a row becomes clearly worse, or until the endpoint refuses.

    Args:
        declared: rows at most, None to find them.
        longest_seconds: batches do not grow once a request took so long.
    """

    def __init__(self, declared: int | None = None, *, longest_seconds: float = float("inf")) -> None:
        self.rows = declared or _FIRST_ROWS
        self._most = declared or _MOST_ROWS
        self._longest_seconds = longest_seconds
        self._best: float | None = None
        self._answers = 0
        self._patience = 0

    def answered(self, rows: int, seconds: float, request_bytes: int) -> None:
        """A request about so many rows was answered."""
        if rows < self.rows:
            return  # the last rows of a table say little about a full batch
        self._answers += 1
        per_row = seconds / rows
        if self._best is not None and per_row > _CLEARLY_WORSE * self._best:
            self._most = self.rows  # stay: smaller batches only pay where the fault is one of size
        self._best = per_row if self._best is None else min(self._best, per_row)
        fits = 2 * rows * (request_bytes / rows) <= _MOST_BYTES and 2 * seconds <= self._longest_seconds
        if fits and self._answers >= self._patience:
            self.rows, self._answers = min(self._most, 2 * self.rows), 0

    def refused(self, rows: int, *, for_ever: bool) -> None:
        """A request about so many rows was too much: halve.

        Args:
            for_ever: whether so many will be too much each time, as the size of a request is; a request that took too
                long may pass another time.
        """
        self.rows = max(1, rows // 2)
        self._answers, self._patience = 0, _ANSWERS_BEFORE_GROWTH
        if for_ever:
            self._most = self.rows
