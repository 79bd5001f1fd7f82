"""A projection to what is allowed keeps what it can: moves that make room for others, sums, and whole budgets."""

from __future__ import annotations

import numpy as np

from attacks.constraints import Column, Constraints


def test_a_move_that_makes_room_for_another_is_kept() -> None:
    """At a tight bound, twice the months allow twice the amount; the amount alone allows nothing."""
    constraints = Constraints(
        [Column("amount", low=0, high=1e6, step=1), Column("months", low=0, high=100, step=1)],
        ["amount <= 40 * months"],
    )
    before = np.array([[400.0, 10.0]] * 3)
    after = constraints.project(before, before + np.array([[100, 0], [100, 2], [50, 2]]))
    assert after.tolist() == [[400, 10], [480, 12], [450, 12]]


def test_columns_of_a_sum_move_together() -> None:
    columns = [Column(name, low=0, high=1e6, step=1) for name in ("total", "a", "b")]
    constraints = Constraints(columns, ["total == a + b"])
    before = np.array([[100.0, 60.0, 40.0]] * 4)
    after = constraints.project(before, before + np.array([[9, 0, 0], [9, 9, 0], [9, 4, 0], [0, -7, 9]]))
    assert (after - before).tolist() == [[0, 0, 0], [9, 9, 0], [4, 4, 0], [0, -7, 7]]
    assert not constraints.violations(before, after).any()


def test_a_sum_of_large_numbers_is_no_rounding_error() -> None:
    columns = [Column(name, low=0, high=3e9, origin=123.4, unit=2.9e9 / 7) for name in ("total", "a", "b")]
    constraints = Constraints(columns, ["total == a + b"])
    a, b = np.random.default_rng(0).uniform(1, 1e9, (2, 200))
    before = (np.column_stack([a + b, a, b]) - 123.4) / (2.9e9 / 7)
    after = constraints.project(before, before + np.array([0.01, 0.01, 0]))
    assert (after != before).sum(axis=1).min() == 2
    assert not constraints.violations(before, after).any()


def test_a_switch_that_a_rule_forbids_alone_passes_with_its_number() -> None:
    columns = [Column("fee", low=0, high=50, step=1)]
    columns += [Column(name, low=0, high=1, step=1, group="g") for name in ("basic", "gold")]
    constraints = Constraints(columns, ["fee >= 20 * gold"])
    before = np.array([[5.0, 1, 0]] * 2)
    after = constraints.project(before, np.array([[5.0, 0, 1], [20.0, 0, 1]]))
    assert after.tolist() == [[5, 1, 0], [20, 0, 1]]


def test_a_budget_is_spent_to_its_last_step() -> None:
    columns = [Column("a", low=0, high=100, step=6, cost=1), Column("b", low=0, high=100, step=6, cost=1),
               Column("job", kind="category", reach=np.ones((3, 3), dtype=bool), cost=4)]  # fmt: skip
    before = np.array([[50.0, 50.0, 0.0]] * 3)
    wanted = np.array([[56.0, 56, 0], [62.0, 50, 1], [44.0, 56, 2]])
    after = Constraints(columns, budget=10).project(before, wanted)
    assert (after - before).tolist() == [[6, 0, 0], [6, 0, 1], [-6, 0, 2]]
    assert (Constraints(columns, budget=0).project(before, wanted) == before).all()
    assert (Constraints(columns).project(before, wanted) == wanted).all()
    assert Constraints(columns, budget=10).violations(before, wanted).tolist() == [True, True, True]


def test_a_rule_says_nothing_of_an_empty_cell() -> None:
    columns = [Column("a", low=0, high=10, empty=-9.0), Column("b", low=0, high=10)]
    constraints = Constraints(columns, ["b <= a"])
    before, wanted = np.array([[-9.0, 5.0], [5.0, 5.0]]), np.array([[-9.0, 6.0], [5.0, 6.0]])
    assert constraints.project(before, wanted).tolist() == [[-9, 6], [5, 5]]
    assert constraints.violations(before, wanted).tolist() == [False, True]


def test_trials_show_every_column_that_can_move() -> None:
    """No column of a sum moves alone, and a budget pays for one at a time; a fixed one never moves."""
    columns = [Column(name, low=0, high=100, step=1) for name in ("total", "a", "b")]
    columns += [Column("fixed", low=0, high=100, mutable=False), Column("dear", low=0, high=100, step=5, cost=1)]
    columns += [Column("as_dear", low=0, high=100, step=5, cost=1)]
    constraints = Constraints(columns, ["total == a + b"], budget=5)
    before = np.array([[50.0, 30, 20, 9, 50, 50]])
    trials = list(constraints.trials(before, 5.0))
    assert not any(constraints.violations(before, trial).any() for trial in trials)
    assert np.any([trial != before for trial in trials], axis=(0, 1)).tolist() == [True, True, True, False, True, True]
