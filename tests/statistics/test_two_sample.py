"""Effects between samples: limits that hold, whatever the number of rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp, norm

from audit.statistics import two_sample


def coverage(effects, truth: float) -> tuple[float, float]:
    """How often the lower limit is above the truth, and the upper limit below it, at a tail of 2.5 %."""
    too_high = np.mean([effect.low(0.025) > truth for effect in effects])
    too_low = np.mean([effect.high(0.025) < truth for effect in effects])
    return float(too_high), float(too_low)


@pytest.mark.parametrize(("n", "m"), [(5, 5), (200, 90), (3000, 1000)])
@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
def test_kolmogorov_smirnov_limits_hold(n, m, shift):
    rng = np.random.default_rng(1)
    effects = [two_sample.kolmogorov_smirnov(rng.normal(size=n), rng.normal(shift, size=m)) for _ in range(120)]
    too_high, too_low = coverage(effects, 2 * norm.cdf(shift / 2) - 1)
    assert too_high <= 0.05
    assert too_low <= 0.07


@pytest.mark.parametrize(("n", "m"), [(5, 5), (200, 90), (3000, 1000)])
@pytest.mark.parametrize(("levels", "moved"), [(3, 0.0), (3, 0.25), (20, 0.0), (20, 0.25)])
def test_total_variation_limits_hold(n, m, levels, moved):
    rng = np.random.default_rng(2)
    before = np.ones(levels) / levels
    after = before * (1 - moved) + moved * (np.arange(levels) == 0)
    effects = [two_sample.total_variation(rng.multinomial(n, before), rng.multinomial(m, after)) for _ in range(200)]
    too_high, too_low = coverage(effects, float(np.abs(before - after).sum() / 2))
    assert too_high <= 0.05
    assert too_low <= 0.075


def test_raw_distance_is_that_of_scipy():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=90), rng.normal(0.4, size=60)
    assert two_sample.kolmogorov_smirnov(a, b).raw == pytest.approx(ks_2samp(a, b).statistic)


def test_missing_values_are_part_of_the_distribution():
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=2000), rng.normal(size=2000)
    b[:600] = np.nan
    effect = two_sample.kolmogorov_smirnov(a, b)
    assert effect.low(0.025) > 0.2
    assert effect.value == pytest.approx(0.3, abs=0.03)


def test_many_rows_do_not_make_a_trifle_large():
    rng = np.random.default_rng(5)
    effect = two_sample.kolmogorov_smirnov(rng.normal(size=300_000), rng.normal(0.02, size=300_000))
    assert effect.low(0.025) > 0, "the shift is real"
    assert effect.p_above(0.1) == 1.0
    assert effect.high(0.025) < 0.02


def test_holm_keeps_the_chance_of_any_false_alarm():
    rng = np.random.default_rng(6)
    alarms = [two_sample.holm(rng.random(30), alpha=0.05).any() for _ in range(2000)]
    assert np.mean(alarms) <= 0.065
    assert two_sample.holm(np.array([0.04, 0.001, 0.02]), alpha=0.05).tolist() == [True, True, True]
    assert two_sample.holm(np.array([0.04, 0.03, 0.5]), alpha=0.05).tolist() == [False, False, False]


def test_an_empty_sample_is_refused():
    with pytest.raises(ValueError, match="no rows"):
        two_sample.total_variation(np.array([0, 0]), np.array([1, 2]))
