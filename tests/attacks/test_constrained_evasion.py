"""No attack may return a row that a declared constraint forbids."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier

from attacks.constraints import Column, Constraints
from attacks.evasion import apgd, coordinate, finite_difference, hop_skip_jump, nearest_row, rays, square, uniform_noise
from attacks.target import Target

ATTACKS = (coordinate, finite_difference, hop_skip_jump, nearest_row, apgd, rays, square, uniform_noise)
REACH = np.array([[1, 1, 0], [1, 1, 1], [0, 0, 1]], dtype=bool)


def setting(seed: int, budget: float | None = None) -> tuple[Constraints, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = [
        Column("income", low=0, high=1000, step=1, unit=1000, direction="up", cost=0.01),
        Column("debt", low=0, high=500, unit=500, cost=0.02),
        Column("age", low=0, high=100, unit=100, mutable=False),
        Column("a", low=0, high=1, step=1, group="g"),
        Column("b", low=0, high=1, step=1, group="g"),
        Column("job", kind="category", reach=REACH, cost=1),
    ]
    x = np.column_stack([
        rng.integers(0, 1001, 15) / 1000, rng.random(15), rng.random(15), *np.eye(2)[rng.integers(0, 2, 15)].T,
        rng.integers(0, 3, 15),
    ])  # fmt: skip
    return Constraints(columns, ["debt <= 2 * income + 100"], budget=budget), x, rng.normal(size=6), rng.normal(size=3)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), norm=st.sampled_from(["linf", "l2"]), epsilon=st.sampled_from([0.02, 0.2]),
       budget=st.sampled_from([None, 1.3]))  # fmt: skip
def test_no_adversarial_row_breaks_a_constraint(seed: int, norm: str, epsilon: float, budget: float | None) -> None:
    constraints, x, weights, jobs = setting(seed, budget)

    def margin(z: np.ndarray) -> np.ndarray:
        return (z[:, :5] - 0.5) @ weights[:5] + jobs[z[:, 5].astype(int)]

    def scores(z: np.ndarray) -> np.ndarray:
        chance = 1 / (1 + np.exp(-margin(z)))
        return np.stack([1 - chance, chance], axis=1)

    def gradient(z: np.ndarray, codes: np.ndarray) -> np.ndarray:
        return (scores(z)[:, 1] - codes)[:, None] * np.append(weights[:5], 0)

    y = scores(x).argmax(axis=1)
    for attack in ATTACKS:
        target = Target(
            lambda z: scores(z).argmax(axis=1), 2, 0.0, np.array([1, 1, 1, 1, 1, 2.0]), scores, gradient, constraints,
            max_rows=120 * len(x),
        )  # fmt: skip
        outcome = attack.run(target, x, y, epsilon=epsilon, norm=norm, seed=seed)
        after = outcome.adversarial
        assert not constraints.violations(x, after).any()
        won = outcome.success
        income, debt = 1000 * after[:, 0], 500 * after[:, 1]
        moved = (after != x).any(axis=1)
        held = 500 * x[:, 1] <= 2 * 1000 * x[:, 0] + 100
        assert (debt <= 2 * income + 100 + 1e-6)[moved & held].all()
        assert (after[:, 0] >= x[:, 0]).all()
        assert np.allclose(income, np.rint(income), atol=1e-6)
        assert (after[:, 2] == x[:, 2]).all()
        assert (after[:, 3:5].sum(axis=1) == 1).all()
        assert REACH[x[:, 5].astype(int), after[:, 5].astype(int)].all()
        assert (np.abs(after - x)[won][:, :2] <= epsilon + 1e-5).all()
        moves = np.abs(after - x)
        spent = moves[:, 0] * 10 + moves[:, 1] * 10 + (moves[:, 5] != 0)
        assert budget is None or (spent <= budget + 1e-6).all()
        assert (scores(after[won]).argmax(axis=1) != y[won]).all()


@pytest.mark.parametrize("attack", [coordinate, square, uniform_noise])
def test_a_change_of_category_is_found_where_it_alone_decides(attack: ModuleType) -> None:
    constraints, x, _, _ = setting(0)
    y = (x[:, 5] == 1).astype(int)
    target = Target(
        lambda z: (z[:, 5] == 1).astype(int), 2, 0.0, np.array([1, 1, 1, 1, 1, 2.0]),
        lambda z: np.eye(2)[(z[:, 5] == 1).astype(int)], constraints=constraints,
    )  # fmt: skip
    outcome = attack.run(target, x, y, epsilon=0.01, seed=1)
    # from 0 one may go to 1, from 1 to 0 and 2, from 2 nowhere
    assert outcome.success.tolist() == (x[:, 5] != 2).tolist()


# what a search column by column misses


def exhaustive(
    constraints: Constraints, x: np.ndarray, y: np.ndarray, predict: Callable[[np.ndarray], np.ndarray], axes: list
) -> np.ndarray:
    """Which rows some allowed combination of moves breaks, shape (n,), by asking about all of them."""
    moves = np.array(list(itertools.product(*axes)))
    found = []
    for row, label in zip(x, y, strict=True):
        allowed = ~constraints.violations(np.tile(row, (len(moves), 1)), row + moves)
        found.append((predict((row + moves)[allowed]) != label).any())
    return np.array(found)


@pytest.mark.parametrize("access", ["scores", "labels"])
def test_columns_that_a_sum_ties_together_are_moved_together(access: str) -> None:
    """Total = a + b: each alone is stuck. The answer turns with a; b or the total has to give way."""
    columns = [Column(name, low=0, high=100, step=1, unit=100) for name in ("total", "a", "b")]
    constraints = Constraints(columns, ["total == a + b"])
    rng = np.random.default_rng(0)
    a, b = rng.integers(20, 50, (2, 60))
    x = np.column_stack([a + b, a, b]) / 100

    def scores(z: np.ndarray) -> np.ndarray:
        return np.stack([0.4 - z[:, 1], z[:, 1] - 0.4], axis=1)

    y = scores(x).argmax(axis=1)
    target = Target(lambda z: scores(z).argmax(axis=1), 2, scores=scores if access == "scores" else None,
                    constraints=constraints)  # fmt: skip
    outcome = coordinate.run(target, x, y, epsilon=0.05, seed=1)
    breakable = np.where(y == 0, a + 5 > 40, a - 5 <= 40)
    assert 5 < breakable.sum() < 55
    assert (outcome.success == breakable).all()
    sums = np.rint(outcome.adversarial * 100)
    assert (sums[:, 0] == sums[:, 1] + sums[:, 2]).all()


@pytest.mark.parametrize("seed", range(3))
def test_moves_that_gain_nothing_alone_are_found(seed: int) -> None:
    """Up to three certain moves have to come together; fewer leave the score as it is."""
    columns = [Column(f"c{number}", low=0, high=1) for number in range(5)]
    columns.append(Column("job", kind="category", reach=np.ones((4, 4), dtype=bool)))
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.uniform(0.3, 0.6, (30, 5)), rng.integers(0, 2, 30)])

    def wrong(z: np.ndarray) -> np.ndarray:
        return (z[:, 1] < 0.35) & (z[:, 5] == 3) & (z[:, 3] > 0.5)

    target = Target(lambda z: wrong(z).astype(int), 2, high=np.array([1, 1, 1, 1, 1, 3.0]),
                    scores=lambda z: np.eye(2)[wrong(z).astype(int)], constraints=Constraints(columns))  # fmt: skip
    outcome = coordinate.run(target, x, np.zeros(30, dtype=int), epsilon=0.1, seed=seed)
    assert outcome.success.sum() >= 0.9 * ((x[:, 1] < 0.44) & (x[:, 3] > 0.41)).sum()


@pytest.mark.parametrize("seed", range(2))
def test_nearly_all_that_a_grid_finds_on_a_forest_is_found(seed: int) -> None:
    columns = [Column(f"c{number}", low=0, high=40, step=1, unit=40) for number in range(4)]
    constraints = Constraints(columns, ["c0 <= c1 + 10", "c2 + c3 == 40"])
    rng = np.random.default_rng(seed)
    c1, c2 = rng.integers(0, 41, (2, 500))
    rows = np.column_stack([np.minimum(rng.integers(0, 41, 500), c1 + 10), c1, c2, 40 - c2]) / 40
    labels = (np.sin(9 * rows[:, 0]) + np.sin(7 * rows[:, 1]) * np.cos(8 * rows[:, 2]) > 0).astype(int)
    forest = RandomForestClassifier(30, max_depth=7, random_state=seed).fit(rows[:400], labels[:400])
    x = rows[400:460]
    y = forest.predict(x)
    axis = [0, 0.025, -0.025, 0.05, -0.05]
    grid = exhaustive(constraints, x, y, forest.predict, [axis] * 4)
    target = Target(lambda z: forest.predict(z), 2, scores=forest.predict_proba, constraints=constraints,
                    max_rows=400 * len(x), call_rows=1024)  # fmt: skip
    outcome = coordinate.run(target, x, y, epsilon=0.05, seed=1)
    assert 10 < grid.sum() < len(x) - 5
    assert (grid & ~outcome.success).sum() <= 0.03 * grid.sum()


def test_where_nothing_is_left_to_try_nothing_is_asked() -> None:
    """Two categories of three values: nine points in all, whatever the budget."""
    columns = [Column(name, kind="category", reach=np.ones((3, 3), dtype=bool)) for name in ("a", "b")]
    x = np.random.default_rng(0).integers(0, 3, (40, 2)).astype(float)
    target = Target(
        lambda z: np.zeros(len(z), dtype=int), 2, high=2.0, scores=lambda z: np.tile([1.0, 0.0], (len(z), 1)),
        constraints=Constraints(columns),
    )  # fmt: skip
    outcome = coordinate.run(target, x, np.zeros(40, dtype=int), epsilon=0.1, seed=1)
    assert outcome.queries.max() <= 10
    assert target.calls <= 8
