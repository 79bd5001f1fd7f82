"""Numbers of rows as measures, also where no number that was tried was enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.records import Measure

if TYPE_CHECKING:
    from audit.statistics.ranks import Median


def capped(median: Median, top: float, n: int) -> Measure:
    """A median of counts as a measure, whose numbers have to be finite.

    Where more rows are needed than were tried, the number of training rows stands for "more"; the lower end is then
    what was surely not enough.

    Args:
        top: number of training rows.
        n: what the median was taken over.
    """
    ends = (min(median.interval.low, top), min(median.interval.high, top))
    return Measure(min(median.value, top), "rows", n, *ends)
