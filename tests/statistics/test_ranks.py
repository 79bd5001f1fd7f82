"""The interval covers the median as often as it says, of any distribution, and few values leave it open."""

from __future__ import annotations

import math

import numpy as np
import pytest

from audit.statistics.ranks import median


@pytest.mark.parametrize("n", [6, 9, 12, 25])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_median_is_covered_as_often_as_promised(n: int, confidence: float) -> None:
    rng = np.random.default_rng(n)
    covered = 0
    for _ in range(2000):
        found = median(rng.exponential(size=n), floor=0.0, confidence=confidence).interval
        covered += found.low <= math.log(2) <= found.high
    assert covered / 2000 > confidence - 0.015


def test_few_values_leave_the_interval_open() -> None:
    found = median(np.arange(5.0), floor=-1.0)
    assert (found.interval.low, found.interval.high) == (-1.0, math.inf)
    found = median(np.arange(6.0), floor=-1.0)
    assert (found.interval.low, found.value, found.interval.high) == (0.0, 2.0, 5.0)


def test_a_value_may_be_more_than_could_be_seen() -> None:
    found = median(np.array([1, 2, 3, math.inf, math.inf, math.inf]), floor=0.0)
    assert found.value == 3
    assert found.interval.high == math.inf
    assert median(np.full(6, math.inf), lows=np.full(6, 40.0), floor=0.0).interval.low == 40


def test_ends_of_the_values_widen_the_interval() -> None:
    values = np.arange(10.0, 22.0)
    alone, within = median(values, floor=0.0), median(values, lows=values - 3, highs=values + 5, floor=0.0)
    assert within.value == alone.value
    assert within.interval.low == alone.interval.low - 3
    assert within.interval.high == alone.interval.high + 5
