"""Intervals: simulated coverage, and width where few rows show no spread."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from audit.statistics import intervals


@pytest.mark.parametrize("n", [1, 5, 30])
@pytest.mark.parametrize("p", [0.01, 0.3, 0.97])
def test_share_covers_exactly_as_often_as_it_says(n, p):
    """No simulation: the probability of every count is known, so that coverage is a sum."""
    found = [intervals.share(k, n, confidence=0.9) for k in range(n + 1)]
    inside = np.array([interval.low <= p <= interval.high for interval in found])
    assert stats.binom.pmf(np.arange(n + 1), n, p)[inside].sum() >= 0.9


def test_share_at_its_ends():
    assert intervals.share(0, 0) == intervals.Interval(0.0, 1.0)
    assert intervals.share(5, 5).high == 1.0
    assert intervals.share(5, 5).low == pytest.approx(0.025 ** (1 / 5))
    assert intervals.share(0, 5).low == 0.0
    with pytest.raises(ValueError, match="6 successes out of 5"):
        intervals.share(6, 5)


@pytest.mark.parametrize("n", [5, 40])
def test_mean_covers_normal_values(n):
    rng = np.random.default_rng(3)
    found = [intervals.mean(rng.normal(2.0, size=n), seed=run) for run in range(500)]
    assert np.mean([interval.low <= 2.0 <= interval.high for interval in found]) >= 0.93


def test_mean_covers_skewed_errors_about_as_well():
    rng = np.random.default_rng(4)
    found = [intervals.mean(np.abs(rng.normal(size=30)), seed=run) for run in range(500)]
    truth = float(np.sqrt(2 / np.pi))
    assert np.mean([interval.low <= truth <= interval.high for interval in found]) >= 0.92


def test_mean_makes_room_for_a_loss_that_few_rows_cannot_show():
    small = np.full(5, 0.01)
    assert intervals.mean(small).high == pytest.approx(0.01)
    assert intervals.mean(small, rare=1.0).high > 0.5
    assert intervals.mean(np.full(5000, 0.01), rare=1.0).high < 0.02


@pytest.mark.parametrize("values", [[], [1.0], [1.0, np.nan], [[1.0, 2.0]]])
def test_mean_refuses_what_has_no_spread_to_measure(values):
    with pytest.raises(ValueError, match="two or more finite numbers"):
        intervals.mean(np.array(values))


def test_paired_difference_covers_and_uses_the_pairing():
    rng = np.random.default_rng(5)
    draws = rng.multinomial(120, [0.15, 0.05, 0.8], size=800)
    found = [intervals.paired_difference(int(wins), int(losses), 120) for wins, losses, _ in draws]
    assert np.mean([interval.low <= 0.1 <= interval.high for interval in found]) >= 0.93
    unpaired = 2 * 1.96 * (0.25 / 120 * 2) ** 0.5
    assert np.mean([interval.high - interval.low for interval in found]) < 0.75 * unpaired


def test_paired_difference_of_equal_answers_is_not_certain():
    same = intervals.paired_difference(0, 0, 100)
    assert same.low < 0 < same.high
    assert intervals.paired_difference(0, 0, 0) == intervals.Interval(-1.0, 1.0)
    assert intervals.paired_difference(5, 0, 5).low < 0.2
    assert intervals.paired_difference(100, 0, 100).high == 1.0
    with pytest.raises(ValueError, match="wins"):
        intervals.paired_difference(4, 4, 5)


def test_mean_of_shares_covers_and_a_rare_class_widens_it():
    rng = np.random.default_rng(6)
    totals, truth = np.array([100, 12]), np.array([0.9, 0.5])
    found = [intervals.mean_of_shares(rng.binomial(totals, truth), totals, seed=run) for run in range(400)]
    assert np.mean([interval.low <= 0.7 <= interval.high for interval in found]) >= 0.94
    certain = intervals.mean_of_shares(np.array([100, 0]), np.array([100, 0]))
    assert certain.high - certain.low > 0.4
    assert intervals.mean_of_shares(np.array([3]), np.array([9])) == intervals.share(3, 9)


def test_bootstrap_of_an_undefined_statistic_is_refused():
    with pytest.raises(ValueError, match="undefined on most resamples"):
        intervals.bootstrap(lambda rows: np.full(len(rows), np.nan), 10)
