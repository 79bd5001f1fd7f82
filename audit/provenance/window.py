"""When something must have been made to count as fresh."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from audit.provenance.record import Record

_CLOCKS_DIFFER = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A window that ends on the day of the audit.

    Attributes:
        today: the UTC day of the audit.
        days: how many days back it reaches, 0 upwards.
    """

    today: datetime.date
    days: int

    def problem(self, record: Record, logged: Sequence[str] = ()) -> str:
        """Why a record is not fresh, in words; empty if it is.

        Args:
            logged: when verified logs say that a trusted signer signed it, ISO with a time zone; empty texts are left
                aside. What the signed record says of itself counts beside it: all of these times have to lie inside.
        """
        told = [time for time in (record.made, *logged) if time]
        if not told:
            return f"{record.path}: nothing in it says when it was made, so it cannot be fresh"
        reasons = (self._outside(time) for time in told)
        return next((f"{record.path}: {reason}" for reason in reasons if reason), "")

    def _outside(self, time: str) -> str:
        try:
            when = datetime.datetime.fromisoformat(time)
            if when.tzinfo is None:
                return f"{time!r:.40} has no time zone"
            when = when.astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            return f"{time!r:.40} is no time"
        if when > datetime.datetime.combine(self.today, datetime.time.max, datetime.UTC) + _CLOCKS_DIFFER:
            return f"made on {when.date()}, after the day of the audit"
        if (self.today - when.date()).days > self.days:
            return f"made on {when.date()}, more than {self.days} days before the audit"
        return ""
