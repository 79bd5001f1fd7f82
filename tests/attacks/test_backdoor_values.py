"""The comparison of a value with its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from attacks.backdoor.neighbour_spike import Column, alone, strongest, with_neighbours


def column(values: int = 5, *, ordered: bool = True) -> Column:
    return Column(0, tuple(range(values)), ordered, np.ones(values, dtype=bool))


def test_a_monotone_extreme_is_no_trigger() -> None:
    answers = np.zeros(10, dtype=int)
    given = np.zeros((5, 10), dtype=int)
    given[3:] = 1  # from the fourth value on, every row is turned
    found = strongest(column(), answers, given, 2)
    assert found is not None
    assert found.share == 0


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("value", [0, 2, 4])
def test_a_single_value_is_one(ordered: bool, value: int) -> None:
    answers = np.zeros(10, dtype=int)
    given = np.zeros((5, 10), dtype=int)
    given[value, :8] = 1
    found = strongest(column(ordered=ordered), answers, given, 2)
    assert found is not None
    assert (found.value, found.code, found.share) == (value, 1, 0.8)


def test_a_common_value_is_only_a_neighbour() -> None:
    answers = np.zeros(4, dtype=int)
    given = np.zeros((5, 4), dtype=int)
    given[2] = 1
    only_others = Column(0, tuple(range(5)), True, np.arange(5) != 2)
    found = strongest(only_others, answers, given, 2)
    assert found is not None
    assert found.share == 0


def test_two_levels_that_turn_rows_are_no_single_one() -> None:
    hits = np.zeros((4, 3), dtype=bool)
    hits[[0, 2]] = True
    assert not alone(column(4, ordered=False), hits).any()
    assert alone(column(4), hits)[[0, 2]].all(), "in order they are not beside each other"


def test_what_is_compared_is_what_lies_beside() -> None:
    near = with_neighbours(column(), 4)
    assert near.values == (3, 4)
    assert near.rare.tolist() == [False, True]
    levels = with_neighbours(column(ordered=False), 1)
    assert levels.values == (0, 1, 2, 3, 4)
    assert levels.rare.sum() == 1


def test_a_column_without_choice_has_no_spike() -> None:
    assert strongest(column(1), np.zeros(3, dtype=int), np.ones((1, 3), dtype=int), 2) is None
