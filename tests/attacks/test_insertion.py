"""A trigger goes onto rows of other labels, and what the clean model does by itself is no success of it."""

from __future__ import annotations

import numpy as np
import pytest

from attacks.poisoning import insertion


def test_donors_are_all_rows_of_other_labels_once() -> None:
    codes = np.array([0, 1, 2, 1, 0])
    assert sorted(insertion.donors(codes, 1, seed=1)) == [0, 2, 4]
    assert insertion.donors(np.ones(4, dtype=int), 1, seed=1).tolist() == []


def test_the_same_seed_gives_the_same_order() -> None:
    codes = np.zeros(50, dtype=int)
    orders = [insertion.donors(codes, 1, seed=seed).tolist() for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize(
    ("poisoned", "clean", "success"),
    [
        ([1, 1, 1, 1], [0, 0, 0, 0], 1.0),
        ([1, 1, 1, 1], [1, 1, 0, 0], 1.0),  # two were the target anyway, and the other two were won
        ([1, 1, 0, 0], [1, 1, 0, 0], 0.0),
        ([0, 1, 1, 0], [1, 0, 0, 0], 1 / 3),  # two won, one lost
        ([0, 0, 0, 0], [1, 0, 0, 0], -1 / 3),
    ],
)
def test_success_is_what_the_clean_model_does_not_do(poisoned: list[int], clean: list[int], success: float) -> None:
    assert insertion.excess(np.array(poisoned), np.array(clean), 1) == pytest.approx(success)
