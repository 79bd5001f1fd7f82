"""When would early stopping lie, or waste rows? The truth is known exactly here."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checks._evasion.batches import batches, looks
from audit.statistics.sequential import ShareSequence
from tests.benchmarks import evasion_statistics as simulated

AUDITS = 25
MOST_WRONG = 6
"""Of 25 audits at the bar of 5 %, more than this are wrong less than once in 10,000 times."""


@given(st.integers(0, 3000))
def test_every_row_is_looked_at_once_and_in_order(rows: int) -> None:
    assert [place for span in batches(rows) for place in span] == list(range(rows))
    assert tuple(span.stop for span in batches(rows)) == looks(rows)


@given(st.integers(1, 10_000_000))
def test_looks_are_neither_rare_nor_many(rows: int) -> None:
    found = looks(rows)
    assert found[0] <= 19
    assert all(late <= 1.6 * early + 4 for early, late in pairwise(found))
    assert len(found) <= 4 + np.log(rows) / np.log(1.5)


@pytest.mark.parametrize("truth", simulated.CLEAR)
def test_a_clear_case_takes_at_most_thirty_rows_in_the_median(truth: float) -> None:
    rng = np.random.default_rng(0)
    taken = []
    for _ in range(120):
        seen = ShareSequence()
        for span in batches(simulated.ROWS):
            ends = seen.update(rng.random(len(span)) < truth)
            if ends.low >= simulated.LIMIT or ends.high < simulated.LIMIT:
                break
        taken.append(seen.n)
    assert np.median(taken) <= 30


def test_an_audit_at_the_limit_seldom_passes() -> None:
    ended = [simulated.audit(simulated.LIMIT, seed) for seed in range(AUDITS)]
    assert all(one.exact for one in ended), "else attacks that failed would hide wrong passes, or make them"
    assert not any(one.doubts for one in ended)
    assert sum(one.verdict == "pass" for one in ended) <= MOST_WRONG
    assert sum(one.verdict == "open" for one in ended) > AUDITS / 2


@pytest.mark.parametrize("truth", simulated.CLEAR)
def test_a_clear_case_is_decided_early_and_rightly(truth: float) -> None:
    ended = [simulated.audit(truth, seed) for seed in range(9)]
    assert {one.verdict for one in ended} == {"pass" if truth > simulated.LIMIT else "fail"}
    assert np.median([one.rows for one in ended]) < simulated.ROWS / 4
