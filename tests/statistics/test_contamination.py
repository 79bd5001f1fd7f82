"""Flipped labels: found where they can be told from noise, never invented."""

from __future__ import annotations

import numpy as np
import pytest

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
        assert not found.alarming, (found.evidence, found.share)


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


def test_slips_that_honest_data_has_raise_no_alarm_and_ten_times_as_many_do():
    rng = np.random.default_rng(3)
    probabilities, labels = honest(rng, 2000, 12.0)
    sure = np.flatnonzero(probabilities[np.arange(2000), labels] > 0.999)
    for count, expected in ((5, False), (50, True)):
        changed = labels.copy()
        changed[sure[:count]] = 1 - changed[sure[:count]]
        assert contamination([probabilities], changed, seed=0, draws=5).alarming == expected


def test_suspicion_ranks_rows_as_doubt_does():
    rng = np.random.default_rng(4)
    probabilities, labels = honest(rng, 800, 3.0)
    labels[:40] = 1 - labels[:40]
    found = contamination([probabilities], labels, seed=0, draws=0)
    assert found.share > 0
    order = np.argsort(found.doubt)
    assert (np.diff(found.suspicion[order]) >= -1e-12).all()
