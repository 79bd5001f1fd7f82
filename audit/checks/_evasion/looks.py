"""Numbers that are looked at again and again as rows come in, with intervals that hold at whichever look one stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audit.checks._evasion.batches import looks
from audit.records import Measure

if TYPE_CHECKING:
    import numpy as np

    from audit.statistics.sequential import ShareSequence


def share_of(seen: ShareSequence) -> Measure:
    """A share with its confidence sequence."""
    return Measure(seen.value, "share", seen.n, seen.interval.low, seen.interval.high)


def median(values: np.ndarray, unit: str, *, most: int, top: float, confidence: float) -> Measure:
    """A median with an interval of order statistics that shares its error among all looks that there can be.

    Args:
        values: shape (n,), 0 to `top`.
        most: rows that there can be in all.
    """
    import numpy as np
    from scipy.stats import binom

    found = np.sort(values)
    place = int(binom.ppf((1 - confidence) / len(looks(most)) / 2, len(found), 0.5))
    low = float(found[place - 1]) if place >= 1 else 0.0
    high = float(found[len(found) - place]) if place >= 1 else top
    return Measure(float(np.median(found)), unit, len(found), low, high)
