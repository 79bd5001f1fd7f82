"""Finds how many poisoned rows an attack needs, in few trainings: bisection on a grid of counts.

Source: bisection; the number between two counts of the grid is read off a straight line over the logarithm of the
count, since success grows with the order of magnitude.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import pairwise


class Threshold:
    """The smallest count of a grid at which an attack succeeds, if more rows never hurt it.

    Args:
        grid: counts to try, rising, at least one.
        first: the count to begin with; None begins in the middle.

    Raises:
        ValueError: the grid is empty or does not rise.
    """

    def __init__(self, grid: tuple[int, ...], *, first: int | None = None) -> None:
        if not grid or any(one >= two for one, two in pairwise(grid)):
            raise ValueError(f"a grid of counts has to rise: {grid}")
        self._grid = grid
        self._below, self._reached = -1, len(grid)
        self._first = None if first is None else min(bisect_left(grid, first), len(grid) - 1)

    @property
    def next(self) -> int | None:
        """The count to try now; None once the smallest is known."""
        if self._first is not None:
            return self._grid[self._first]
        if self._reached - self._below <= 1:
            return None
        return self._grid[(self._below + self._reached) // 2]

    def tell(self, count: int, *, reached: bool) -> None:
        """What came of a count of the grid."""
        place = self._grid.index(count)
        self._first = None
        if reached:
            self._reached = min(self._reached, place)
        else:
            self._below = max(self._below, place)

    @property
    def below(self) -> int:
        """The largest count known to be too small, 0 where none is."""
        return self._grid[self._below] if self._below >= 0 else 0

    @property
    def reached(self) -> float:
        """The smallest count known to do, infinite where none did."""
        return self._grid[self._reached] if self._reached < len(self._grid) else math.inf


def doubling(most: int, *, through: int = 1) -> tuple[int, ...]:
    """Counts from 1 to at most `most`, each about twice the one before, one of them `through`.

    Args:
        most: the largest count, at least `through`.
        through: a count that the grid has to hold, at least 1.
    """
    return tuple(sorted({*_halves(through), *(count for count in _doubles(through) if count <= most), through}))


def _halves(count: int) -> Iterator[int]:
    while count > 1:
        count = count // 2
        yield count


def _doubles(count: int) -> Iterator[int]:
    for exponent in range(1, 64):
        yield count << exponent


def crossing(successes: Mapping[int, float], goal: float) -> float:
    """Count at which success passes a goal, between the counts that were tried; infinite where none reached it.

    Args:
        successes: success by count, 0..1; no row at all counts as no success.
        goal: over 0.
    """
    reached = [count for count, success in successes.items() if success >= goal]
    if not reached:
        return math.inf
    upper = min(reached)
    lower = max((count for count in successes if count < upper), default=0)
    if lower == 0:
        return float(upper)
    part = (goal - successes[lower]) / (successes[upper] - successes[lower])
    return float(math.exp(math.log(lower) + part * (math.log(upper) - math.log(lower))))
