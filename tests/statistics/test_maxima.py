"""The level that maxima exceed: right for draws of a known law, whatever their unit."""

from __future__ import annotations

import pytest
from scipy.stats import gumbel_r

from audit.statistics.maxima import level_beyond


@pytest.mark.parametrize("beyond", [0.05, 0.01])
def test_as_many_maxima_exceed_the_level_as_it_says(beyond: float) -> None:
    drawn = gumbel_r.rvs(3.0, 0.7, size=20_000, random_state=1)
    level = level_beyond(drawn.tolist(), beyond=beyond)
    assert abs((gumbel_r.rvs(3.0, 0.7, size=100_000, random_state=2) > level).mean() - beyond) < 0.2 * beyond


def test_equal_maxima_have_no_reach() -> None:
    assert level_beyond([2.0, 2.0, 2.0], beyond=0.01) == 2.0
    few = [1.0, 2.0, 4.0]
    assert level_beyond(few, beyond=0.01, ddof=1) > level_beyond(few, beyond=0.01)
