"""A target counts every row, and stops at its budget before it asks."""

from __future__ import annotations

import numpy as np
import pytest

from attacks.outcome import confirm
from attacks.target import QueryBudgetExceeded, Target


def rising(x: np.ndarray) -> np.ndarray:
    return (x.sum(axis=1) > 1).astype(int)


def test_rows_and_calls_are_counted() -> None:
    target = Target(rising, 2, scores=lambda x: np.stack([1 - x.mean(axis=1), x.mean(axis=1)], axis=1))
    target.predict(np.zeros((5, 2)))
    target.scores(np.zeros((3, 2)))
    assert (target.rows, target.calls, target.remaining) == (8, 2, None)


def test_the_budget_is_never_exceeded() -> None:
    asked = []
    target = Target(lambda x: asked.append(len(x)) or rising(x), 2, max_rows=10)
    target.predict(np.zeros((8, 2)))
    with pytest.raises(QueryBudgetExceeded):
        target.predict(np.zeros((3, 2)))
    assert sum(asked) == target.rows == 8


def test_a_call_with_many_rows_is_cut_and_joined() -> None:
    sizes = []
    target = Target(lambda x: sizes.append(len(x)) or rising(x), 2)
    x = np.zeros((300, 60_000), dtype=np.float32)
    x[7] = 1
    assert np.flatnonzero(target.predict(x)).tolist() == [7]
    assert len(sizes) > 1
    assert max(sizes) * 60_000 * 4 <= 64 * 1024 * 1024


@pytest.mark.parametrize("answer", [np.zeros((4, 1)), np.zeros(3)])
def test_answers_of_a_wrong_shape_are_refused(answer: np.ndarray) -> None:
    with pytest.raises(ValueError, match="answered"):
        Target(lambda _: answer, 2).predict(np.zeros((4, 2)))


def test_asking_for_what_there_is_not_says_so() -> None:
    target = Target(rising, 2)
    with pytest.raises(ValueError, match="no scores"):
        target.scores(np.zeros((1, 2)))
    with pytest.raises(ValueError, match="no gradients"):
        target.gradient(np.zeros((1, 2)), np.zeros(1, dtype=int))


def test_a_claim_is_confirmed_only_within_all_limits() -> None:
    target = Target(rising, 2)
    x, y = np.full((6, 2), 0.45), np.zeros(6, dtype=int)
    claimed = x.copy()
    claimed[0] = 0.55  # within epsilon, fools the model
    claimed[1] = 0.9  # too far
    claimed[2] = [1.2, 0.45]  # outside of the bounds
    claimed[3] = 0.46  # does not fool it
    claimed[4] = [np.nan, 0.9]  # no number
    outcome = confirm(target, x, y, claimed, epsilon=0.1)
    assert outcome.success.tolist() == [True, False, False, False, False, False]
    assert np.isfinite(outcome.distances).tolist() == [True, True, False, False, False, False]
    assert (outcome.adversarial[2:] == x[2:]).all()


def test_claims_beyond_the_budget_do_not_count() -> None:
    target = Target(rising, 2, max_rows=2)
    x, y = np.full((5, 2), 0.45), np.zeros(5, dtype=int)
    outcome = confirm(target, x, y, np.full((5, 2), 0.55), epsilon=0.2)
    assert outcome.success.sum() == 2
    assert outcome.exhausted
