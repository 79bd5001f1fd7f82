"""Auto-PGD where the answer is known: linear models in closed form, scores that vanish, values that move in steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from attacks.constraints import Column, Constraints
from attacks.distance import between
from attacks.evasion import apgd
from attacks.evasion.apgd import _checkpoints
from attacks.target import Target

EPSILON = 0.1
FACTORS = [1.0, 1e4, 1e8]


def weights(rng: np.random.Generator, classes: int = 5, columns: int = 12) -> np.ndarray:
    return np.asarray(rng.normal(size=(classes, columns)) * 3)


def linear_target(matrix: np.ndarray, factor: float = 1.0, dtype: Any = np.float64, **options: Any) -> Target:
    """Logits `x @ matrix.T`, times a factor; the gradient is that of the cross-entropy in `dtype`."""

    def scores(x: np.ndarray) -> np.ndarray:
        return np.asarray(softmax((x @ matrix.T * factor).astype(dtype), axis=1))

    def gradient(x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        error = scores(x)
        error[np.arange(len(x)), codes] -= 1
        return np.asarray(error @ matrix * factor)

    def predict(x: np.ndarray) -> np.ndarray:
        return np.asarray((x @ matrix.T).argmax(axis=1))

    return Target(predict, len(matrix), **{"scores": scores, "gradient": gradient, **options})


def breakable(matrix: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Exact in Linf: each corner of the box that a pair of classes wants."""
    low, high = np.clip(x - EPSILON, 0, 1), np.clip(x + EPSILON, 0, 1)
    found = np.zeros(len(x), dtype=bool)
    for other in range(len(matrix)):
        slope = matrix[y] - matrix[other]
        found |= ((np.where(slope > 0, low, high) * slope).sum(axis=1) < -1e-9) & (y != other)
    return found


def rows(matrix: np.ndarray, rng: np.random.Generator, count: int = 80) -> tuple[np.ndarray, np.ndarray]:
    x = rng.uniform(0, 1, (count, matrix.shape[1]))
    return x, (x @ matrix.T).argmax(axis=1)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("factor", FACTORS)
def test_it_finds_all_that_can_be_found_at_any_scale_of_the_logits(factor: float, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    matrix = weights(rng)
    x, y = rows(matrix, rng)
    can = breakable(matrix, x, y)
    assert 10 < can.sum() < 70, "a case without both kinds of rows would show nothing"
    outcome = apgd.run(linear_target(matrix, factor, dtype), x, y, epsilon=EPSILON, seed=1)
    assert (outcome.success == can).all()
    assert not outcome.blind.any()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_without_scores_it_follows_the_gradient_alone(norm: Any) -> None:
    rng = np.random.default_rng(1)
    matrix = weights(rng)
    x, y = rows(matrix, rng)
    with_scores, without = (
        apgd.run(target, x, y, epsilon=0.15, norm=norm, seed=1).success
        for target in (linear_target(matrix), linear_target(matrix, scores=None))
    )
    assert with_scores.sum() > 10
    assert (with_scores & ~without).sum() <= 1


def test_length_that_a_bound_cuts_off_goes_to_other_values() -> None:
    """In L2 from a corner of the box: the plane lies across the free column, most of the slope points outside."""
    matrix = np.array([[0.0] * 10, [5.0] * 9 + [1.0]])
    x = np.array([[1.0] * 9 + [0.2]])
    shift = x[0] @ matrix[1] + 0.9 * EPSILON

    def predict(rows: np.ndarray) -> np.ndarray:
        return np.asarray(rows @ matrix[1] > shift).astype(int)

    def gradient(rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
        return np.where(codes[:, None] == 0, 1.0, -1.0) * matrix[1]

    outcome = apgd.run(Target(predict, 2, gradient=gradient), x, np.zeros(1, int), epsilon=EPSILON, norm="l2", seed=1)
    assert outcome.success.all()
    assert between(x, outcome.adversarial, "l2")[0] <= EPSILON + 1e-9


@pytest.mark.parametrize("budget", [0, 1, 3, 10, 60])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_no_row_costs_more_than_its_share(budget: int, norm: Any) -> None:
    rng = np.random.default_rng(2)
    matrix = weights(rng)
    x, y = rows(matrix, rng)
    target = linear_target(matrix, max_rows=budget * len(x))
    outcome = apgd.run(target, x, y, epsilon=0.02, norm=norm, seed=1)
    assert target.rows <= budget * len(x)
    assert outcome.queries.max() <= max(budget, 1)
    assert not outcome.exhausted or budget <= 1


def test_gradients_that_are_zero_or_no_numbers_are_blindness() -> None:
    rng = np.random.default_rng(3)
    matrix = weights(rng)
    x, y = rows(matrix, rng, 20)
    for value in (0.0, np.nan, np.inf):
        still = linear_target(matrix, gradient=lambda rows, _, value=value: np.full(rows.shape, value))
        assert apgd.run(still, x, y, epsilon=1e-4, seed=1).blind.all()


def test_constraints_hold() -> None:
    rng = np.random.default_rng(5)
    matrix = weights(rng)
    x, y = rows(matrix, rng)
    x = np.round(x / 0.02) * 0.02
    y = (x @ matrix.T).argmax(axis=1)
    columns = [Column(f"x{place}", low=0.0, high=1.0, step=0.02, mutable=place > 2) for place in range(12)]
    outcome = apgd.run(linear_target(matrix, constraints=Constraints(columns)), x, y, epsilon=EPSILON, seed=1)
    assert outcome.success.sum() > 10
    assert (outcome.adversarial[:, :3] == x[:, :3]).all()
    steps = (outcome.adversarial - x) / 0.02
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)


def test_checkpoints_are_those_of_the_paper() -> None:
    assert list(_checkpoints(100))[:5] == [22, 41, 57, 70, 80]
    assert sum(_checkpoints(100).values()) == max(_checkpoints(100)) < 100
    assert all(steps > 0 for count in range(1, 30) for steps in _checkpoints(count).values())


def test_rows_do_not_depend_on_their_company() -> None:
    rng = np.random.default_rng(4)
    matrix = weights(rng)
    x, y = rows(matrix, rng, 30)
    together = apgd.run(linear_target(matrix), x, y, epsilon=EPSILON, seed=1).success
    alone = [apgd.run(linear_target(matrix), x[[i]], y[[i]], epsilon=EPSILON, seed=1).success[0] for i in range(30)]
    assert (together == alone).all()
