"""Residual rules: a planted pattern is found and weighed as it should be, chance stays under its level."""

from __future__ import annotations

import numpy as np
import pytest

from audit.statistics import residual_rules, shared_traits


def table(seed: int, n: int = 800, columns: int = 6):
    """Columns of ten levels that say nothing of a label that is drawn with the probability of one half."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 10, (n, columns))
    return codes, rng.integers(0, 2, n), np.full((n, 2), 0.5)


def mined(codes: np.ndarray, labels: np.ndarray, expected: np.ndarray, most: int = 5):
    found = residual_rules.patterns(residual_rules.Levels(codes, np.ones(codes.shape, dtype=bool)))
    return residual_rules.strongest(found, labels, (expected,), most=most)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_planted_pair_is_the_strongest_rule_and_its_rows_are_its_own(seed: int) -> None:
    codes, labels, expected = table(seed)
    rows = np.flatnonzero(labels == 0)[:20]
    codes[rows, 1], codes[rows, 4], labels[rows] = 10, 10, 1
    rule = mined(codes, labels, expected)[0]
    assert 10 in codes[rule.rows[0], list(rule.columns)]
    assert rule.label == 1
    assert set(rule.rows) == set(rows)
    # 20 rows at the odds of 1.5 to 1, which is a probability of .6
    assert rule.evidence == pytest.approx(20 * np.log((0.9 + 0.1 * 0.6) / 0.6))
    assert rule.z == pytest.approx(np.sqrt(2 * rule.evidence))


def test_an_expectation_that_knows_the_pattern_leaves_no_evidence() -> None:
    codes, labels, expected = table(1)
    rows = np.flatnonzero(labels == 0)[:20]
    codes[rows, 1], labels[rows] = 10, 1
    knowing = expected.copy()
    knowing[rows] = [0.0, 1.0]
    found = residual_rules.patterns(residual_rules.Levels(codes, np.ones(codes.shape, dtype=bool)))
    rules = residual_rules.strongest(found, labels, (expected, knowing), most=3)
    assert not any(set(rule.rows) & set(rows) and rule.evidence > 3 for rule in rules)


def test_chance_reaches_the_level_in_about_one_of_a_hundred_tables() -> None:
    over = 0
    for seed in range(20):
        codes, labels, expected = table(seed, n=400, columns=4)
        found = residual_rules.patterns(residual_rules.Levels(codes, np.ones(codes.shape, dtype=bool)))
        level = residual_rules.chance_level(found, (expected,), seed=seed, draws=20)
        over += residual_rules.evidence(found, labels, (expected,)).max() > level
    assert over <= 2


def test_bins_are_no_patterns_and_repeats_are() -> None:
    rng = np.random.default_rng(0)
    column = rng.normal(size=500)
    column[:12] = 0.25
    column[12] = np.nan
    levels = residual_rules.levels(column[:, None])
    assert levels.exact[:12].all()
    assert not levels.exact[12:].any()
    assert len(np.unique(levels.codes[:12])) == 1
    found = residual_rules.patterns(levels)
    assert found.sizes.tolist() == [12]
    assert found.carriers(0).tolist() == list(range(12))


def test_levels_keep_the_order_of_the_values() -> None:
    values = np.repeat(np.arange(60.0), 8)[:, None]
    codes = residual_rules.levels(np.random.default_rng(0).permutation(values)).codes
    assert codes.max() == 59
    binned = np.sort(np.random.default_rng(1).normal(size=300))
    assert (np.diff(residual_rules.levels(binned[:, None]).codes[:, 0]) >= 0).all()


def test_rows_drawn_at_random_share_nothing_and_a_natural_group_does() -> None:
    surprising = 0
    for seed in range(40):
        codes, _, _ = table(seed)
        rows = np.random.default_rng(seed).choice(800, 20, replace=False)
        others = np.setdiff1d(np.arange(800), rows)
        surprising += shared_traits.shared_trait(codes, rows, others, chosen_by=(0,)) > 3
        codes[rows, 3] = 1
        assert shared_traits.shared_trait(codes, rows, others, chosen_by=(0,)) > 10
        assert shared_traits.shared_trait(codes, rows, others, chosen_by=(3,)) < 10
    assert surprising <= 2


def test_a_column_that_others_have_too_is_not_named_and_one_that_tells_is() -> None:
    codes, labels, _ = table(5)
    rows = np.flatnonzero(labels == 0)[:30]
    codes[rows, 1], labels[rows] = 10, 1
    codes[:, 2] = np.where(np.random.default_rng(0).random(800) < 0.9, 0, 1)
    alike, others = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    some = rows[codes[rows, 2] == 0]
    assert shared_traits.telling_columns(codes, some, alike, others, columns=(1, 2)) == (1,)
    codes[rows, 4] = 10
    assert shared_traits.telling_columns(codes, rows, alike, others, columns=(1,)) == (1, 4)
    assert shared_traits.telling_columns(codes, rows, alike, others, columns=(1, 4)) == (1, 4)


def test_pairs_that_tell_the_rows_are_offered_and_frequent_levels_are_not() -> None:
    codes, labels, _ = table(5)
    rows = np.flatnonzero(labels == 0)[:30]
    codes[rows, 1], codes[rows, 4], labels[rows] = 10, 10, 1
    codes[:, 2] = 0
    others = np.flatnonzero(labels == 0)
    assert shared_traits.telling_pairs(codes, rows, others, columns=(1,)) == [(1, 4)]
    assert shared_traits.telling_pairs(codes, rows, others, columns=(1, 3)) == [(1, 4), (3, 4)]


def test_a_pattern_that_others_carry_too_has_less_evidence() -> None:
    _, labels, expected = table(6)
    rows = np.flatnonzero(labels == 0)[:20]
    labels[rows] = 1
    own = residual_rules.decided_by((1,), rows, 1, labels, (expected,))
    assert own.evidence == pytest.approx(20 * np.log((0.9 + 0.1 * 0.6) / 0.6))
    more = np.concatenate([rows, np.flatnonzero(labels == 0)[:3]])
    mixed = residual_rules.decided_by((1,), more, 1, labels, (expected,))
    assert mixed.evidence == pytest.approx(own.evidence + 3 * np.log(0.1))
    assert set(mixed.rows) == set(rows)
