"""When something must have been made to count as fresh."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from audit.provenance.record import Record

_CLOCKS_DIFFER = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A window that ends on the day of the audit.

    Attributes:
        today: the UTC day of the audit.
        days: how many days back it reaches.
    """

    today: datetime.date
    days: int

    def problem(self, record: Record) -> str:
        """Why a record is not fresh, in words; empty if it is.

        The time is what the signed record says, or what a verified log says of its signature; the earlier of both.
        """
        told = [time for time in (record.made, *(seal.logged for seal in record.seals)) if time]
        if not told:
            return f"{record.path}: nothing in it says when it was made, so it cannot be fresh"
        end = datetime.datetime.combine(self.today, datetime.time.max, datetime.UTC)
        for time in told:
            try:
                when = datetime.datetime.fromisoformat(time)
            except ValueError:
                return f"{record.path}: {time!r:.40} is no time"
            if when.tzinfo is None:
                return f"{record.path}: {time} has no time zone"
            if when > end + _CLOCKS_DIFFER:
                return f"{record.path}: made on {when.date()}, after the day of the audit"
            if (self.today - when.astimezone(datetime.UTC).date()).days > self.days:
                return f"{record.path}: made on {when.date()}, more than {self.days} days before the audit"
        return ""
