"""No attack may return a row that a declared constraint forbids."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacks.constraints import Column, Constraints
from attacks.evasion import coordinate, finite_difference, hop_skip_jump, nearest_row, pgd, rays, square, uniform_noise
from attacks.target import Target

ATTACKS = (coordinate, finite_difference, hop_skip_jump, nearest_row, pgd, rays, square, uniform_noise)
REACH = np.array([[1, 1, 0], [1, 1, 1], [0, 0, 1]], dtype=bool)


def setting(seed: int) -> tuple[Constraints, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = [
        Column("income", low=0, high=1000, step=1, unit=1000, direction="up"),
        Column("debt", low=0, high=500, unit=500),
        Column("age", low=0, high=100, unit=100, mutable=False),
        Column("a", low=0, high=1, step=1, group="g"),
        Column("b", low=0, high=1, step=1, group="g"),
        Column("job", kind="category", reach=REACH),
    ]
    x = np.column_stack([
        rng.integers(0, 1001, 15) / 1000, rng.random(15), rng.random(15), *np.eye(2)[rng.integers(0, 2, 15)].T,
        rng.integers(0, 3, 15),
    ])  # fmt: skip
    return Constraints(columns, ["debt <= 2 * income + 100"]), x, rng.normal(size=6), rng.normal(size=3)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), norm=st.sampled_from(["linf", "l2"]), epsilon=st.sampled_from([0.02, 0.2]))
def test_no_adversarial_row_breaks_a_constraint(seed: int, norm: str, epsilon: float) -> None:
    constraints, x, weights, jobs = setting(seed)

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
