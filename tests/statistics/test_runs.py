"""Intervals over runs and rows: they cover what further runs and rows would show, and few rows prove nothing."""

from __future__ import annotations

import numpy as np
import pytest

from audit.statistics import runs


def answers(rng: np.random.Generator, *, classes: int, shift: float, spread: float, n: int = 200) -> list[np.ndarray]:
    """Two procedures, eight runs: the second moves a share of the rows to class 0, in each run another share."""
    first = np.repeat(rng.integers(0, classes, n)[None], 8, axis=0)
    moved = np.clip(shift + spread * rng.normal(size=(8, 1)), 0, 1) > rng.random(n)
    noisy = rng.random((8, n)) < 0.05
    second = np.where(moved, 0, np.where(noisy, rng.integers(0, classes, (8, n)), first))
    return [first, second]


@pytest.mark.parametrize("classes", [2, 6])
def test_the_interval_covers_a_known_shift(classes: int) -> None:
    rng = np.random.default_rng(1)
    truth = 0.2 * (1 - 1 / classes)
    found = [runs.shift_of_shares(*answers(rng, classes=classes, shift=0.2, spread=0.04), classes) for _ in range(100)]
    assert sum(one.interval.low <= truth <= one.interval.high for one in found) >= 95
    assert sum(one.interval.low > 0 for one in found) >= 90, "an interval that always reaches 0 would be of no use"


@pytest.mark.parametrize("classes", [2, 10])
def test_noise_is_no_shift(classes: int) -> None:
    rng = np.random.default_rng(2)
    lows = [
        runs.shift_of_shares(*answers(rng, classes=classes, shift=0.0, spread=0.0), classes).interval.low
        for _ in range(100)
    ]
    assert sum(low > 0 for low in lows) <= 5


def test_with_two_classes_it_is_the_change_of_a_share() -> None:
    first, second = answers(np.random.default_rng(3), classes=2, shift=0.3, spread=0.0)
    shift = runs.shift_of_shares(first, second, 2)
    assert shift.value == pytest.approx(abs(second.mean() - first.mean()))
    assert runs.shift_of_shares(second, first, 2).value == pytest.approx(shift.value)
    assert shift.n == 200


def test_rows_that_did_not_change_do_not_prove_that_none_would() -> None:
    few, many = (np.zeros((3, n), dtype=int) for n in (10, 1000))
    assert runs.shift_of_shares(few, few, 2).interval.high > 0.25
    assert runs.shift_of_shares(many, many, 2).interval.high < 0.01


def test_runs_that_disagree_widen_the_interval() -> None:
    first = np.zeros((4, 100), dtype=int)
    steady = np.tile(np.arange(100) < 30, (4, 1)).astype(int)
    torn = np.stack([np.arange(100) < count for count in (0, 10, 40, 70)]).astype(int)
    assert runs.shift_of_shares(first, steady, 2).value == runs.shift_of_shares(first, torn, 2).value
    assert runs.shift_of_shares(first, steady, 2).interval.low > 0.1
    assert runs.shift_of_shares(first, torn, 2).interval.low == 0


def test_a_mean_has_room_for_both_kinds_of_chance() -> None:
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(100):
        values = 0.5 + rng.normal(0, 0.2, (5, 1)) + rng.normal(0, 1, 50)
        ends = runs.mean_over_runs(values).interval
        covered += ends.low <= 0.5 <= ends.high
    assert covered >= 95


@pytest.mark.parametrize("shape", [(1, 50), (5, 1)])
def test_one_run_or_one_row_is_refused(shape: tuple[int, int]) -> None:
    zeros = np.zeros(shape, dtype=int)
    with pytest.raises(ValueError, match="two"):
        runs.shift_of_shares(zeros, zeros, 2)
    with pytest.raises(ValueError, match=r"two|2"):
        runs.mean_over_runs(zeros.astype(float))
