"""Confidence sequences: they must hold at every moment of a path, and be sharp enough to stop early."""

from __future__ import annotations

import numpy as np
import pytest

from audit.statistics.intervals import share
from audit.statistics.sequential import ShareSequence, lower_limits

PATHS, STEPS = 2000, 300


@pytest.fixture(scope="module")
def limits():
    """Lower limits for every (successes, rows) of a path of 300 rows, at the tail of 95 % confidence."""
    rows = np.repeat(np.arange(1, STEPS + 1), STEPS + 1)
    hits = np.tile(np.arange(STEPS + 1), STEPS)
    possible = hits <= rows
    table = np.full((STEPS + 1, STEPS + 1), np.nan)
    table[rows[possible], hits[possible]] = lower_limits(hits[possible], rows[possible], tail=0.025)
    return table


def paths(p: float) -> np.ndarray:
    return (np.random.default_rng(7).random((PATHS, STEPS)) < p).cumsum(axis=1)


@pytest.mark.parametrize("p", [0.02, 0.3, 0.5, 0.9])
def test_the_true_share_stays_inside_on_the_whole_path(limits, p):
    hits, rows = paths(p), np.arange(1, STEPS + 1)
    missed = (limits[rows, hits] > p) | (1 - limits[rows, rows - hits] < p)
    # 2,000 paths: three standard errors over 5 % are 6.5 %.
    assert missed.any(axis=1).mean() <= 0.065


@pytest.mark.parametrize(("p", "rows_needed"), [(0.95, 30), (0.40, 40)])
def test_clear_cases_are_decided_within_few_rows(limits, p, rows_needed):
    hits, rows = paths(p), np.arange(1, STEPS + 1)
    decided = (limits[rows, hits] >= 0.7) if p > 0.7 else (1 - limits[rows, rows - hits] < 0.7)
    first = np.where(decided.any(axis=1), decided.argmax(axis=1) + 1, STEPS + 1)
    assert np.median(first) <= rows_needed


def test_the_class_agrees_with_the_table_and_never_widens(limits):
    outcomes = np.random.default_rng(1).random(300) < 0.8
    sequence, width = ShareSequence(), 1.0
    best_low, best_high = 0.0, 1.0
    for batch in np.array_split(outcomes, 60):
        interval = sequence.update(batch)
        hits, rows = sequence.successes, sequence.n
        best_low, best_high = max(best_low, limits[rows, hits]), min(best_high, 1 - limits[rows, rows - hits])
        assert (interval.low, interval.high) == pytest.approx((best_low, best_high), abs=1e-9)
        assert interval.high - interval.low <= width
        width = interval.high - interval.low
    assert sequence.n == 300
    assert sequence.value == outcomes.mean()
    assert sequence.interval == interval


def test_looking_at_any_time_costs_width():
    outcomes = np.repeat([True, False], [60, 40])
    fixed, anytime = share(60, 100), ShareSequence().update(outcomes)
    assert anytime.low < fixed.low
    assert anytime.high > fixed.high


def test_five_rows_prove_little_and_no_row_nothing():
    sequence = ShareSequence()
    assert (sequence.interval.low, sequence.interval.high, sequence.n) == (0.0, 1.0, 0)
    assert sequence.update(np.array([], dtype=bool)) == sequence.interval
    assert sequence.update(np.ones(5, dtype=bool)).low < 0.5
    assert sequence.interval.high == 1.0


def test_rows_in_sorted_order_give_an_interval_that_still_has_two_ends():
    sequence = ShareSequence()
    sequence.update(np.ones(500, dtype=bool))
    interval = sequence.update(np.zeros(5000, dtype=bool))
    assert 0 <= interval.low <= interval.high <= 1


def test_many_rows_do_not_overflow():
    interval = ShareSequence().update(np.ones(5_000_000, dtype=bool))
    assert 0.99999 < interval.low < interval.high == 1.0


@pytest.mark.parametrize("outcomes", [np.array([0.5, 1.0]), np.array([[True]]), np.array([2, 0])])
def test_what_is_not_yes_or_no_is_refused(outcomes):
    with pytest.raises(ValueError, match="flat array of bool"):
        ShareSequence().update(outcomes)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95])
def test_a_confidence_that_is_none_is_refused(confidence):
    with pytest.raises(ValueError, match="confidence"):
        ShareSequence(confidence=confidence)
