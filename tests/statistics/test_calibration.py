"""Calibration: a perfect model must not look bad on few rows, and a bold one must not look good."""

from __future__ import annotations

import numpy as np
import pytest

from audit.statistics import calibration


def drawn(rng: np.random.Generator, n: int, gap: float):
    stated = rng.uniform(0.55, 0.99, n)
    return stated, rng.random(n) < np.clip(stated - gap, 0, 1)


def test_a_perfect_model_is_not_flagged_on_300_rows():
    rng = np.random.default_rng(0)
    plain, lows, values = [], [], []
    for run in range(300):
        stated, right = drawn(rng, 300, 0.0)
        binned = calibration.bins_of_equal_mass(stated, right)
        found = calibration.calibration_error(binned, seed=run)
        lows.append(found.interval.low)
        values.append(found.value)
        plain.append((binned.rows / 300 * np.abs(binned.accuracy - binned.confidence)).sum())
    assert np.mean(np.array(lows) > 0) <= 0.05
    assert np.mean(plain) > 0.05, "the plain error no longer shows the bias that is taken off here"
    assert np.mean(values) < np.mean(plain) / 2


@pytest.mark.parametrize(("n", "gap"), [(100, 0.15), (1000, 0.05), (1000, 0.15)])
def test_the_true_gap_is_covered(n, gap):
    rng = np.random.default_rng(1)
    covered = 0
    for run in range(300):
        binned = calibration.bins_of_equal_mass(*drawn(rng, n, gap))
        interval = calibration.calibration_error(binned, seed=run).interval
        covered += interval.low <= gap <= interval.high
    assert covered / 300 >= 0.93


def test_five_rows_are_wide_even_where_all_are_right():
    found = calibration.calibration_error(calibration.bins_of_equal_mass(np.full(5, 0.99), np.ones(5, dtype=bool)))
    assert found.interval.high > 0.4
    assert found.interval.low == 0


def test_bins_hold_equally_many_rows_and_fewer_bins_where_rows_are_few():
    rng = np.random.default_rng(2)
    assert len(calibration.bins_of_equal_mass(rng.random(300), rng.random(300) < 0.5).rows) == 15
    few = calibration.bins_of_equal_mass(rng.random(35), rng.random(35) < 0.5)
    assert len(few.rows) == 3
    assert np.ptp(few.rows) <= 1


@pytest.mark.parametrize("k", [2, 5])
def test_spiegelhalter_rejects_a_true_model_as_often_as_it_says(k):
    rng = np.random.default_rng(3)
    rejected = bold = 0
    for _ in range(400):
        probabilities = rng.dirichlet(np.ones(k), 200)
        truth = (rng.random((200, 1)) > probabilities.cumsum(axis=1)).sum(axis=1).clip(max=k - 1)
        rejected += calibration.spiegelhalter_p(probabilities, truth) < 0.05
        sharp = probabilities**2 / (probabilities**2).sum(axis=1, keepdims=True)
        bold += calibration.spiegelhalter_p(sharp, truth) < 0.05
    assert 0.02 <= rejected / 400 <= 0.085
    assert bold / 400 > 0.95


def test_certain_probabilities_can_only_be_contradicted():
    certain = np.array([[1.0, 0.0], [0.0, 1.0]])
    assert calibration.spiegelhalter_p(certain, np.array([1, 1])) == 0.0
    with pytest.raises(ValueError, match="certain or uniform"):
        calibration.spiegelhalter_p(certain, np.array([0, 1]))
