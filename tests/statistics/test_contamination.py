"""Flipped labels and planted patterns: found where they can be told from noise, never invented."""

from __future__ import annotations

import numpy as np
import pytest

from audit.statistics import residual_rules
from audit.statistics.contamination import contamination


def honest(rng: np.random.Generator, n: int, spread: float):
    """Probabilities of two classes and labels drawn from them: as noisy as the spread is small."""
    p = 1 / (1 + np.exp(-spread * rng.normal(size=n)))
    return np.column_stack([1 - p, p]), (rng.random(n) < p).astype(int)


@pytest.mark.parametrize("spread", [0.0, 1.0, 5.0])
@pytest.mark.parametrize("slope", [0.5, 1.0, 2.0])
def test_honest_noise_is_never_called_contamination(spread, slope):
    for seed in range(8):
        probabilities, labels = honest(np.random.default_rng(seed), 600, spread)
        shy = probabilities**slope
        found = contamination([shy / shy.sum(axis=1, keepdims=True)], labels, seed=seed, draws=5)
        assert not found.alarming, (found.evidence, found.share, found.resolution)


@pytest.mark.parametrize("share", [0.03, 0.1])
def test_flips_of_sure_rows_are_found_and_counted(share):
    rng = np.random.default_rng(1)
    probabilities, labels = honest(rng, 1500, 12.0)
    rows = rng.choice(1500, int(share * 1500), replace=False)
    labels[rows] = 1 - labels[rows]
    found = contamination([probabilities], labels, seed=0)
    assert found.alarming
    assert found.share == pytest.approx(share, abs=0.02)
    flagged = found.suspicion > 0.5
    assert flagged[rows].mean() > 0.6
    assert np.delete(flagged, rows).mean() < 0.01


def table(rng: np.random.Generator, n: int = 600):
    codes = rng.integers(0, 5, size=(n, 8))
    p = 1 / (1 + np.exp(-(codes[:, 0] - 2.0)))
    return codes, np.column_stack([1 - p, p]), (rng.random(n) < p).astype(int)


def test_a_planted_pair_of_values_is_named_with_its_rows():
    rng = np.random.default_rng(2)
    codes, expected, labels = table(rng)
    rows = np.flatnonzero((codes[:, 2] == 4) & (codes[:, 5] == 4))
    labels[rows] = 0
    found = residual_rules.mine(codes, labels, expected)
    assert found.strongest is not None
    assert found.strongest.columns == (2, 5)
    assert found.strongest.label == 0
    assert set(found.strongest.rows) == set(rows)
    assert (found.scores[rows] == found.z).all()


def test_clean_tables_stay_under_the_alarm_level():
    for seed in range(20):
        codes, expected, labels = table(np.random.default_rng(seed))
        level = residual_rules.alarm_level(codes, expected, seed=seed, draws=5)
        assert residual_rules.mine(codes, labels, expected).z < level


def test_levels_keep_exact_repeats_and_missing_values_apart():
    rng = np.random.default_rng(3)
    column = rng.normal(size=500)
    column[:20], column[20:30] = 0.123, np.nan
    codes = residual_rules.levels(column[:, None])[:, 0]
    assert len(set(codes[:20])) == 1
    assert codes[0] not in set(codes[30:])
    assert len(set(codes[20:30])) == 1
    assert codes[20] not in set(codes[30:])
