"""The smallest count that does is found whatever it is, and a number that was not seen is not claimed."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacks.poisoning.threshold import Threshold, crossing, doubling


@settings(deadline=None)
@given(
    grid=st.lists(st.integers(1, 1000), min_size=1, max_size=12, unique=True).map(sorted),
    needs=st.integers(1, 1200),
    first=st.none() | st.integers(1, 1200),
)
def test_bisection_finds_the_smallest_count_that_does(grid: list[int], needs: int, first: int | None) -> None:
    search = Threshold(tuple(grid), first=first)
    tried = []
    while (count := search.next) is not None:
        assert count not in tried
        tried.append(count)
        search.tell(count, reached=count >= needs)
    assert search.reached == min((count for count in grid if count >= needs), default=math.inf)
    assert search.below == max((count for count in grid if count < needs), default=0)
    assert len(tried) <= math.ceil(math.log2(len(grid) + 1)) + (first is not None)


def test_the_first_count_is_the_nearest_of_the_grid_that_is_no_smaller() -> None:
    assert Threshold((1, 2, 4, 8), first=3).next == 4
    assert Threshold((1, 2, 4, 8), first=99).next == 8


@pytest.mark.parametrize("grid", [(), (1, 1), (4, 2)])
def test_a_grid_that_does_not_rise_is_refused(grid: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="rise"):
        Threshold(grid)


@settings(deadline=None)
@given(through=st.integers(1, 500), more=st.integers(0, 2000))
def test_a_grid_doubles_and_holds_what_it_has_to(through: int, more: int) -> None:
    grid = doubling(through + more, through=through)
    assert grid[0] == 1
    assert through in grid
    assert grid[-1] <= through + more < 2 * grid[-1] + 2 * through
    assert all(one < two <= 2 * one + 1 for one, two in pairwise(grid))


def test_the_crossing_lies_between_what_was_tried() -> None:
    assert crossing({4: 0.0, 16: 1.0}, 0.5) == pytest.approx(8)
    assert crossing({4: 0.4, 16: 0.6, 64: 1.0}, 0.5) == pytest.approx(8)
    assert crossing({4: 0.5, 8: 0.9}, 0.5) == 4
    assert crossing({1: 0.7}, 0.5) == 1
    assert crossing({1: 0.1, 64: 0.49}, 0.5) == math.inf


def test_success_that_falls_again_counts_from_where_it_was_first_reached() -> None:
    assert crossing({2: 0.0, 8: 0.6, 32: 0.4}, 0.5) < 8
