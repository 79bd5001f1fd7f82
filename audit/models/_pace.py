"""How fast an endpoint is asked, how patiently, and about how many rows at a time.

`Pace` keeps the declared rate and, once the endpoint says that it is asked too often, a rate of its own: halved on each
complaint, raised by a fixed step on each answer. `Batch` begins moderately and doubles while that goes well.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

LONGEST_TIMEOUT_SECONDS = 86_400.0
"""A day; beyond some weeks the clocks of the system overflow."""
_FIRST_ROWS = 32
_MOST_ROWS = 2048
_QUICK_SHARE = 0.25
"""Of the time of a request: a batch that took more is not doubled."""
_ANSWERS_BEFORE_GROWTH = 8
_LONGEST_GAP_SECONDS = 30.0
_RATE_STEP = 0.3
"""Requests a second that each answer adds to a rate that was halved."""
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.05, 8.0


class Pace:
    """Waits so that an endpoint is asked no faster than it wants.

    Args:
        requests_per_second: declared limit, None for none.
        clock: seconds that only grow.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        requests_per_second: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._least_gap = min(1.0 / requests_per_second, LONGEST_TIMEOUT_SECONDS) if requests_per_second else 0.0
        self._clock, self._sleep = clock, sleep
        self._gap = 0.0
        self._free_at = self._asked_at = 0.0
        self._last_took = 0.01
        # moments of waiting only: no number that is measured depends on it
        self._jitter = random.Random(0)

    @property
    def gap_seconds(self) -> float:
        """Least time between two requests as things stand."""
        return max(self._gap, self._least_gap)

    def wait(self) -> None:
        """Wait until a request may be sent."""
        now = self._clock()
        if now < self._free_at:
            self._sleep(self._free_at - now)
            now = max(self._clock(), self._free_at)
        self._asked_at = now
        self._free_at = now + self.gap_seconds

    def answered(self) -> None:
        """An answer came: ask a little faster again."""
        self._last_took = max(self._clock() - self._asked_at, 0.01)
        if self._gap:
            faster = 1.0 / (1.0 / self._gap + _RATE_STEP)
            self._gap = faster if faster > 1e-3 else 0.0

    def complained(self) -> None:
        """The endpoint is asked too often: halve the rate, counted from what it could be asked at all."""
        self._gap = min(_LONGEST_GAP_SECONDS, 2.0 * max(self.gap_seconds, min(self._last_took, 1.0)))

    def hold(self, seconds: float) -> None:
        """Send nothing for so many seconds."""
        self._free_at = max(self._free_at, self._clock() + seconds)

    def backoff_seconds(self, faults: int) -> float:
        """How long to wait after so many faults in a row: doubled each time, up to a half of it left out by chance."""
        longest = min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2.0 ** min(faults - 1, 30))
        return longest * self._jitter.uniform(0.5, 1.0)


class Batch:
    """How many rows to ask about at once.

    A declared number is kept unless the endpoint refuses it. Without one, batches double from 32 to 2,048 rows while
    answers come quickly, and are halved where the endpoint refuses them.

    Args:
        declared: rows at most, None to find them.
        timeout_seconds: of a request; batches do not grow once one took a quarter of it.
    """

    def __init__(self, declared: int | None = None, *, timeout_seconds: float = float("inf")) -> None:
        self.rows = declared or _FIRST_ROWS
        self._most = declared or _MOST_ROWS
        self._quick_seconds = _QUICK_SHARE * timeout_seconds
        self._answers = self._patience = 0

    def answered(self, rows: int, seconds: float) -> None:
        """A request about so many rows was answered; the last rows of a table say little about a full batch."""
        if rows < self.rows:
            return
        self._answers += 1
        if seconds <= self._quick_seconds and self._answers >= self._patience:
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
