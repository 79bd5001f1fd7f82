"""What came of triggers: how often a poisoned model obeys them, and how many rows that took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audit.checks._poisoning.counts import capped
from audit.checks._trigger import Kind
from audit.records import Measure

if TYPE_CHECKING:
    from audit.statistics.intervals import Interval


@dataclass(frozen=True)
class Try:
    """What one number of poisoned rows did.

    Attributes:
        success: net share of marked rows won, -1 to 1.
        ends: its interval over test rows.
        accuracy_drop: on the test data, beside the clean model of the same seed.
        moved: whether the mark changed any answer of the poisoned model.
    """

    success: float
    ends: Interval
    accuracy_drop: float
    moved: bool


@dataclass(frozen=True)
class Insertion:
    """One trigger with one wanted label, and what came of it.

    Attributes:
        words: what marks the rows.
        target: class code.
        tries: by number of poisoned rows.
        rows_needed: rows for half of the marked rows, infinite where that was not reached.
        surely_more: the largest number of rows that surely does not do.
        surely_enough: the smallest that surely does, infinite where none does.
    """

    kind: Kind
    words: str
    target: int
    tries: dict[int, Try]
    rows_needed: float
    surely_more: int
    surely_enough: float


def measures(found: Sequence[Insertion], first: int, n: int, confidence: float) -> dict[str, Measure]:
    """The measures `success_rate` and `rows_to_succeed`, medians over triggers.

    Args:
        found: one a trigger, at least one.
        first: rows at which success is measured.
        n: number of training rows.
    """
    import numpy as np

    from audit.statistics.ranks import median

    at_first = [one.tries[min(first, max(one.tries))] for one in found]
    success = median(
        np.array([tried.success for tried in at_first]),
        lows=np.array([tried.ends.low for tried in at_first]),
        highs=np.array([tried.ends.high for tried in at_first]),
        floor=-1.0,
        confidence=confidence,
    )
    needed = median(
        np.array([one.rows_needed for one in found]),
        lows=np.array([max(1, one.surely_more) for one in found]),
        highs=np.array([one.surely_enough for one in found]),
        floor=1.0,
        confidence=confidence,
    )
    return {
        "success_rate": Measure(
            success.value,
            "share",
            len(found),
            min(success.interval.low, success.value),
            min(1.0, success.interval.high),
        ),
        "rows_to_succeed": capped(needed, float(n), len(found)),
    }
