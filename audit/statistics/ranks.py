"""Interval for a median by ranks: no shape of the distribution is assumed, and a value may be "more than all"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from audit.statistics.intervals import Array, Interval


@dataclass(frozen=True)
class Median:
    """A median with its interval; either may be infinite where values are."""

    value: float
    interval: Interval


def median(
    values: Array, *, lows: Array | None = None, highs: Array | None = None, floor: float, confidence: float = 0.95
) -> Median:
    """Median of independent values, each of which may be known only within two ends.

    Args:
        values: shape (n,), at least one; infinite where a value is larger than could be seen. Of an even number the
            smaller middle one is taken.
        lows: smallest that each value may be, shape (n,); None where values are exact.
        highs: largest that each value may be.
        floor: the smallest possible value, the lower end where there are too few values; the upper is infinite then.
        confidence: of covering the median of the population that the values were drawn from.

    Source:
        The sign test; for example Conover, "Practical Nonparametric Statistics", 3rd edition, section 3.2.
    """
    numbers = np.sort(np.asarray(values, dtype=float))
    n = len(numbers)
    below = numbers if lows is None else np.sort(np.asarray(lows, dtype=float))
    above = numbers if highs is None else np.sort(np.asarray(highs, dtype=float))
    # ranks cut off on either side: the largest number whose binomial tail is within the allowed error
    cut = int(stats.binom.ppf((1 - confidence) / 2, n, 0.5))
    cut -= stats.binom.cdf(cut, n, 0.5) > (1 - confidence) / 2
    low = floor if cut < 0 else float(below[cut])
    high = float("inf") if cut < 0 else float(above[n - 1 - cut])
    value = float(numbers[(n - 1) // 2])
    return Median(value, Interval(min(low, value), max(high, value)))
