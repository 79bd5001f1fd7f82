"""Relabelled groups: found against trusted rows, never where trusted rows and the others are one world."""

from __future__ import annotations

import numpy as np
import pytest

from audit.statistics import relabelled_groups


def world(seed: int, n: int = 3000, trusted: int = 600):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 5, size=(n, 6))
    p = 1 / (1 + np.exp(-(codes[:, 0] - 2.0)))
    labels = (rng.random(n) < p).astype(int)
    return codes, labels, np.column_stack([1 - p, p]), np.arange(n) >= n - trusted


@pytest.mark.parametrize("trusted", [60, 600])
def test_two_samples_of_one_world_have_no_relabelled_group(trusted):
    for seed in range(6):
        codes, labels, expected, known = world(seed, trusted=trusted)
        alarm = relabelled_groups.alarm_level(codes, labels, expected, known, seed=seed, draws=3)
        assert not relabelled_groups.relabelled(codes, labels, expected, known, alarm=alarm)


def test_a_group_that_the_model_misjudges_in_both_parts_alike_is_honest():
    codes, labels, expected, known = world(1)
    odd = (codes[:, 2] == 3) & (codes[:, 0] < 2)
    labels[odd] = 1
    alarm = relabelled_groups.alarm_level(codes, labels, expected, known, seed=1, draws=3)
    assert not relabelled_groups.relabelled(codes, labels, expected, known, alarm=alarm)


def test_groups_that_were_relabelled_are_named_strongest_first_with_their_rows():
    codes, labels, expected, known = world(2)
    large, small = codes[:, 2] == 3, (codes[:, 4] == 1) & (codes[:, 5] == 2)
    labels[(large | small) & ~known] = 0
    alarm = relabelled_groups.alarm_level(codes, labels, expected, known, seed=2, draws=3)
    found = relabelled_groups.relabelled(codes, labels, expected, known, alarm=alarm)
    assert [group.columns for group in found] == [(2,), (4, 5)]
    assert set(found[0].members) == set(np.flatnonzero(large & ~known))
    assert found[0].share == 1.0
    assert found[0].trusted == int((large & known).sum())
    assert found[0].trusted_share == pytest.approx(0.5, abs=0.1)
    assert not set(found[1].members) & set(found[0].members)
    assert found[0].z > found[1].z > alarm


def test_another_balance_of_classes_is_no_relabelled_group_once_it_is_expected():
    codes, labels, expected, known = world(3, n=6000, trusted=1000)
    rng = np.random.default_rng(3)
    kept = known | (labels == 0) | (rng.random(6000) < 0.3)
    codes, labels, expected, known = codes[kept], labels[kept], expected[kept], known[kept]
    expected[~known] = relabelled_groups.rebalanced(expected[~known], labels[~known])
    assert expected[~known].mean(axis=0) == pytest.approx(np.bincount(labels[~known]) / (~known).sum())
    assert expected.sum(axis=1) == pytest.approx(1)
    alarm = relabelled_groups.alarm_level(codes, labels, expected, known, seed=3, draws=3)
    assert not relabelled_groups.relabelled(codes, labels, expected, known, alarm=alarm)


def test_a_group_is_not_called_relabelled_against_the_word_of_its_own_trusted_rows():
    """A model that is wrong about a group is no proof, while trusted rows of the group have the same labels."""
    codes, labels, expected, known = world(4)
    odd = codes[:, 2] == 3
    expected[odd] = [0.99, 0.01]
    labels[odd] = 1
    assert not relabelled_groups.relabelled(codes, labels, expected, known, alarm=5.0)


def test_rows_of_one_world_are_not_apart_and_others_are():
    rng = np.random.default_rng(5)
    score, known = rng.normal(size=2000), np.arange(2000) < 200
    assert relabelled_groups.apart(score, known) < 0.05
    assert 0.3 < relabelled_groups.apart(score + known, known) < 0.6
    assert relabelled_groups.apart(score - 10 * known, known) == 0
    assert relabelled_groups.apart(score + 100 * known, known) > 0.9
