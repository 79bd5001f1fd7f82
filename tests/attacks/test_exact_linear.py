import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from attacks.constraints import Column, Constraints
from attacks.evasion import exact_linear
from attacks.structure import Linear, Structure
from attacks.target import Target

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def target_of(weights, bias, *, inputs=None, slack=1e-9, source=None, **kept) -> Target:
    weights, bias = np.asarray(weights, dtype=float), np.asarray(bias, dtype=float)
    width = weights.shape[1]
    change = inputs or (lambda rows: np.asarray(rows, dtype=float))
    structure = Structure(Linear(weights, bias), slack, change, np.arange(width) if source is None else source)
    return Target(lambda rows: (change(rows) @ weights.T + bias).argmax(axis=1), len(bias), structure=structure, **kept)


@QUICK
@given(st.integers(0, 10**6), st.sampled_from([2, 4]), st.sampled_from(["linf", "l2"]), st.booleans())
def test_rows_end_as_a_general_solver_says(seed, classes, norm, single):
    rng = np.random.default_rng(seed)
    weights, bias = rng.normal(size=(classes, 4)), rng.normal(size=classes) * 0.2
    x = rng.random((3, 4)).astype(np.float32 if single else np.float64)
    target = target_of(weights, bias)
    y, epsilon = target.predict(x), 0.15
    outcome = exact_linear.run(target, x, y, epsilon=epsilon, norm=norm, seed=0)
    for row in range(len(x)):
        least = min(worst(weights[y[row]] - weights[t], bias[y[row]] - bias[t], x[row], epsilon, norm)
                    for t in range(classes) if t != y[row])  # fmt: skip
        if abs(least) > 1e-4:
            assert outcome.certified[row] == (least > 0)
            assert outcome.success[row] == (least < 0)


def worst(weights, bias, row, epsilon, norm) -> float:
    row = row.astype(float)
    low, high = np.maximum(row - epsilon, 0), np.minimum(row + epsilon, 1)
    if norm == "linf":
        return float(np.minimum(weights * low, weights * high).sum() + bias)
    ball = {"type": "ineq", "fun": lambda z: epsilon**2 - ((z - row) ** 2).sum(), "jac": lambda z: -2 * (z - row)}
    found = minimize(lambda z: weights @ z + bias, row, jac=lambda z: weights, bounds=list(zip(low, high, strict=True)),
                     constraints=[ball], method="SLSQP", options={"ftol": 1e-12, "maxiter": 300})  # fmt: skip
    return float(found.fun)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_point_lies_just_past_the_boundary(norm):
    target = target_of([[1.0, 0.2], [0.0, 0.0]], [-0.5, 0.0])
    x = np.array([[0.6, 0.5]])
    outcome = exact_linear.run(target, x, np.array([0]), epsilon=0.3, norm=norm, seed=0)
    nearest = 0.2 / 1.2 if norm == "linf" else 0.2 / np.hypot(1.0, 0.2)
    assert outcome.success[0]
    assert nearest <= outcome.distances[0] <= nearest * 1.002


def test_a_tie_and_a_margin_within_the_slack_are_undecided():
    x, y = np.array([[0.6, 0.5]]), np.array([0])
    for bias, slack in ((-0.5 + 1e-6, 1e-9), (-0.5 + 1e-4, 1e-3)):
        outcome = exact_linear.run(target_of([[1, 0], [0, 0]], [bias, 0], slack=slack), x, y, epsilon=0.1, seed=0)
        assert not outcome.certified[0]
        assert not outcome.success[0]


def test_what_an_attacker_cannot_change_makes_rows_certain():
    x, y = np.array([[0.55, 0.5]]), np.array([0])
    for column, certain in (
        (Column("a"), False), (Column("a", mutable=False), True), (Column("a", direction="up"), True),
        (Column("a", direction="down"), False), (Column("a", low=0.52), True), (Column("a", step=0.2), True),
        (Column("a", step=0.06), False),
    ):  # fmt: skip
        target = target_of([[1, 0], [0, 0]], [-0.5, 0], constraints=Constraints([column, Column("b")]))
        for norm in ("linf", "l2"):
            outcome = exact_linear.run(target, x, y, epsilon=0.1, norm=norm, seed=0)
            assert outcome.certified[0] == certain, column
            assert outcome.success[0] == (not certain), column


def test_one_hot_groups_and_categories_switch_whatever_epsilon_is():
    reach = np.zeros((3, 3), dtype=bool)
    reach[0, 2] = True
    columns = [Column("a", group="g"), Column("b", group="g"), Column("k", kind="category", reach=reach)]
    rows = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]])
    group = target_of([[1, 0, 0], [0, 0.5, 0]], [0, 0], constraints=Constraints(columns), high=np.array([1.0, 1, 2]))
    outcome = exact_linear.run(group, rows, np.array([0, 1]), epsilon=0.0, seed=0)
    assert outcome.success.all()
    assert outcome.adversarial[:, :2].tolist() == [[0, 1], [1, 0]]
    category = target_of([[0, 0, 0], [0, 0, 1]], [1.5, 0], constraints=Constraints(columns), high=np.array([1.0, 1, 2]))
    outcome = exact_linear.run(category, rows, np.array([0, 0]), epsilon=0.0, seed=0)
    assert outcome.success.tolist() == [True, False]
    assert outcome.certified.tolist() == [False, True]


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_curved_way_to_the_model_is_never_certified_too_far(norm):
    def inputs(rows):
        return np.stack([np.sqrt(np.maximum(rows[:, 0], 0)), rows[:, 1] ** 3], axis=1)

    rng = np.random.default_rng(0)
    x = rng.random((60, 2))
    target = target_of([[1.0, -1.0], [0.0, 0.0]], [-0.3, 0.0], inputs=inputs)
    y = target.predict(x)
    outcome = exact_linear.run(target, x, y, epsilon=0.1, norm=norm, seed=0)
    assert outcome.certified.any()
    assert outcome.success.any()
    steps = rng.uniform(-0.1, 0.1, (4000, 1, 2))
    steps = steps if norm == "linf" else steps[np.sqrt((steps**2).sum(axis=2)) <= 0.1][:, None]
    near = np.clip(x + steps, 0, 1).reshape(-1, 2)
    broken = (target.predict(near) != np.tile(y, len(steps))).reshape(len(steps), -1).any(axis=0)
    assert not (broken & outcome.certified).any()


def test_wrong_weights_certify_nothing_and_budgets_hold():
    honest = target_of([[1.0, 0.0], [0.0, 0.0]], [-0.5, 0.0])
    x = np.array([[0.9, 0.5], [0.95, 0.5], [0.2, 0.5]])
    liar = target_of([[0.0, 0.0], [1.0, 0.0]], [0.5, 0.0])
    liar.structure = honest.structure
    assert not exact_linear.run(liar, x, liar.predict(x), epsilon=0.01, seed=0).certified.any()
    for budget in range(12):
        target = target_of([[1.0, 0.0], [0.0, 0.0]], [-0.5, 0.0], max_rows=budget)
        exact_linear.run(target, x, np.array([0, 0, 1]), epsilon=0.41, seed=0)
        assert target.rows <= budget
