"""Nothing that a real attacker cannot do may pass `violations`, and nothing that `project` returns may violate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attacks.constraints import Column, Constraints, parse_rule

REACH = np.array([[1, 1, 0], [0, 1, 0], [1, 1, 1]], dtype=bool)


def table() -> Constraints:
    """amount 250..20000 in whole steps, age fixed, months in steps of 6 upwards, purpose one-hot, job a category."""
    return Constraints(
        [
            Column("amount", low=250, high=20000, step=1, origin=250, unit=19750),
            Column("age", mutable=False, low=18, high=80, origin=18, unit=62),
            Column("months", low=6, high=72, step=6, direction="up", origin=6, unit=66),
            Column("rate", low=0, high=1),
            Column("car", low=0, high=1, step=1, group="purpose"),
            Column("home", low=0, high=1, step=1, group="purpose"),
            Column("trip", low=0, high=1, step=1, group="purpose", mutable=False),
            Column("job", kind="category", reach=REACH),
            Column("town", kind="category"),
        ],
        rules=["amount <= 400 * months", "rate * 100 < months + 60"],
    )


def rows(seed: int, n: int = 40) -> np.ndarray:
    rng = np.random.default_rng(seed)
    months = rng.integers(1, 13, n) * 6.0
    amount = np.minimum(rng.integers(250, 20001, n), 400 * months)
    purpose = np.eye(3)[rng.integers(0, 3, n)]
    numbers = [(amount - 250) / 19750, rng.random(n), (months - 6) / 66, rng.random(n) * 0.5]
    return np.column_stack([*numbers, purpose, rng.integers(0, 3, n), rng.integers(0, 4, n)])


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([0.01, 0.1, 1.0, 5.0]))
def test_no_projected_row_breaks_a_constraint(seed: int, scale: float) -> None:
    constraints = table()
    before = rows(seed % 100)
    wanted = before + np.random.default_rng(seed).normal(scale=scale, size=before.shape)
    after = constraints.project(before, wanted)
    assert not constraints.violations(before, after).any()
    # said again in the data's own units, without the code under test
    amount, months = 250 + after[:, 0] * 19750, 6 + after[:, 2] * 66
    assert (amount <= 400 * months + 1e-6).all()
    assert np.allclose(amount, np.rint(amount), atol=1e-6)
    assert np.allclose(months / 6, np.rint(months / 6), atol=1e-6)
    assert (after[:, 2] >= before[:, 2] - 1e-12).all()
    assert (after[:, 1] == before[:, 1]).all()
    assert (after[:, 4:7].sum(axis=1) == 1).all()
    assert (after[:, 6] == before[:, 6]).all()
    assert REACH[before[:, 7].astype(int), after[:, 7].astype(int)].all()
    assert (after[:, 8] == before[:, 8]).all()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_projection_only_moves_towards_the_row(seed: int) -> None:
    constraints = table()
    before = rows(seed % 100)
    wanted = before + np.random.default_rng(seed).normal(scale=0.2, size=before.shape)
    after = constraints.project(before, wanted)
    numbers = constraints.budgeted
    assert (np.abs(after - before)[:, numbers] <= np.abs(wanted - before)[:, numbers] + 1e-9).all()


def test_projection_changes_something() -> None:
    before = rows(0)
    after = table().project(before, before + 0.5)
    assert (after != before).any(axis=1).mean() > 0.8


@pytest.mark.parametrize(
    ("column", "value", "breaks"),
    [
        ("age", 0.5, True),
        ("months", 0.0, True),
        ("amount", 0.5000001, True),
        ("amount", -0.1, True),
        ("rate", 1.1, True),
        ("rate", 0.2, False),
        ("car", 0.0, True),
        ("car", 0.5, True),
        ("job", 2.0, True),
        ("town", 1.0, True),
        ("rate", float("nan"), True),
    ],
)
def test_each_kind_of_violation_is_seen(column: str, value: float, breaks: bool) -> None:
    constraints = table()
    before = np.array([[(5000 - 250) / 19750, 0.1, 0.5, 0.3, 1, 0, 0, 0, 2]])
    after = before.copy()
    after[0, [one.name for one in constraints.columns].index(column)] = value
    assert constraints.violations(before, after)[0] == breaks


def test_a_rule_between_columns_is_seen() -> None:
    constraints = table()
    before = np.array([[(2400 - 250) / 19750, 0.1, 0.0, 0.3, 1, 0, 0, 0, 2]])
    after = before.copy()
    after[0, 0] = (2401 - 250) / 19750
    assert constraints.violations(before, after)[0]


def test_an_unchanged_row_never_violates_even_outside_its_range() -> None:
    before = np.array([[-1.0, 0.1, 3.0, 9.0, 1, 1, 1, 7, -1]])
    constraints = table()
    assert not constraints.violations(before, before)[0]
    moved = constraints.project(before, before + 0.1)
    assert (moved == before).all(), "cells that are out of range or no one-hot stay as they are"


# any set of constraints


def any_constraints(rng: np.random.Generator) -> Constraints:
    """Numbers of every kind, two categories, a one-hot group, and up to three rules, equalities among them."""
    columns = []
    for number in range(rng.integers(2, 6)):
        low = float(rng.integers(-50, 50))
        step = float(rng.choice([0, 0, 1, 5, 0.25]))
        columns.append(Column(
            f"n{number}", mutable=bool(rng.random() < 0.85), low=low, high=low + float(rng.integers(1, 200)), step=step,
            direction=rng.choice(["up", "down", "both", "both"]), origin=float(rng.integers(-10, 10)) * 1.7,
            unit=float(rng.choice([1, 0.3, 77, 1e4])), cost=float(rng.choice([0, 0.1, 1.0])),
            empty=-1e9 if rng.random() < 0.3 else None,
        ))  # fmt: skip
    for number in range(2):
        reach = rng.random((4, 4)) < 0.5
        columns.append(Column(f"c{number}", kind="category", reach=reach if number == 0 or rng.random() < 0.7 else None,
                              mutable=bool(rng.random() < 0.8), cost=float(rng.integers(0, 4))))  # fmt: skip
    for number in range(3):
        free, cost = bool(rng.random() < 0.8), float(rng.integers(0, 3))
        columns.append(Column(f"h{number}", low=0, high=1, step=1, group="g", mutable=free, cost=cost,
                              direction=rng.choice(["both", "up", "down"])))  # fmt: skip
    names = [column.name for column in columns if column.kind == "number"]
    rules = []
    for _ in range(rng.integers(0, 4)):
        chosen = rng.choice(names, rng.integers(2, min(4, len(names)) + 1), replace=False)
        left = " + ".join(f"{rng.choice([1, 2, -1, 0.5])} * {name}" for name in chosen)
        rules.append(f"{left} {rng.choice(['<=', '<', '==', '>='])} {rng.integers(-20, 100)}")
    return Constraints(columns, rules, budget=None if rng.random() < 0.5 else float(rng.integers(0, 40)))


def any_rows(constraints: Constraints, rng: np.random.Generator, n: int = 25) -> np.ndarray:
    """Mostly within their ranges and on whole numbers; some cells empty or outside, some rows no one-hot."""
    cells = []
    for column in constraints.columns:
        if column.kind == "category":
            cells.append(np.where(rng.random(n) < 0.1, -1.0, rng.integers(0, 4, n)))
            continue
        value = rng.integers(column.low, column.high + 1, n) + (rng.random(n) if column.step == 0 else 0)
        value = np.where(rng.random(n) < 0.1, column.high + rng.integers(1, 9, n), value)
        stored = (value - column.origin) / column.unit
        cells.append(stored if column.empty is None else np.where(rng.random(n) < 0.1, column.empty, stored))
    x = np.column_stack(cells)
    x[:, -3:] = np.eye(3)[rng.integers(0, 3, n)]
    x[rng.random(n) < 0.1, -1] = 1
    return x


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([0.02, 0.3, 2.0]))
def test_whatever_is_declared_no_projected_row_breaks_it(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    constraints = any_constraints(rng)
    before = any_rows(constraints, rng)
    width = np.array(
        [(column.high - column.low) / column.unit if column.kind == "number" else 2 for column in constraints.columns]
    )
    wanted = before + scale * np.where(np.isfinite(width), width, 1) * rng.normal(size=before.shape)
    after = constraints.project(before, wanted)
    assert not constraints.violations(before, after).any()
    said_again(constraints, before, after)
    counted = constraints.budgeted
    assert ((after - before)[:, counted] * (wanted - before)[:, counted] >= 0).all()
    assert (np.abs(after - before)[:, counted] <= np.abs(wanted - before)[:, counted] * (1 + 1e-9) + 1e-9).all()
    again = constraints.project(before, after)
    assert np.allclose(again, after, rtol=1e-9, atol=1e-9), "what is allowed stays as it is"


def said_again(constraints: Constraints, before: np.ndarray, after: np.ndarray) -> None:
    """Every declaration, row by row in the features' own units, in the words of audit.yaml."""
    for old, new in zip(before.tolist(), after.tolist(), strict=True):
        spent, dearest = 0.0, 0.0
        values: dict[str, tuple[float, float]] = {}
        for column, was, now in zip(constraints.columns, old, new, strict=True):
            if column.kind == "category":
                assert was == now or (column.mutable and column.reach[int(was), int(now)])
                spent += column.cost * (was != now)
                continue
            values[column.name] = (column.origin + was * column.unit, column.origin + now * column.unit)
            if was == now:
                continue
            assert column.mutable
            change = (now - was) * column.unit
            if column.group:
                dearest = max(dearest, column.cost)
            else:
                spent += column.cost * abs(change)
            assert change > 0 or column.direction != "up"
            assert change < 0 or column.direction != "down"
            assert column.low - 1e-6 <= values[column.name][1] <= column.high + 1e-6
            assert not column.step or abs(change / column.step - round(change / column.step)) < 1e-5
        if constraints.budget is not None:
            assert spent + dearest <= constraints.budget + 1e-6
        assert old[-3:] == new[-3:] or sorted(new[-3:]) == [0, 0, 1]
        empty = [column.name for column, was in zip(constraints.columns, old, strict=True) if was == column.empty]
        for rule in constraints.rules:
            was, now = (
                sum(factor * values[name][side] for name, factor in rule.coefficients.items()) for side in (0, 1)
            )
            if set(empty) & set(rule.coefficients):
                continue
            assert now <= max(was, rule.bound) + 1e-5
            assert not rule.strict or was >= rule.bound or now < rule.bound


@pytest.mark.parametrize("budget", [-1.0, float("nan"), float("inf")])
def test_a_budget_without_sense_is_refused(budget: float) -> None:
    with pytest.raises(ValueError, match="cost budget"):
        Constraints([Column("a")], budget=budget)
    with pytest.raises(ValueError, match="cost of a"):
        Constraints([Column("a", cost=budget)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amount <= 40 * duration", [({"amount": 1.0, "duration": -40.0}, 0.0)]),
        ("2 * (a - b) / 4 + 1 >= 3", [({"a": -0.5, "b": 0.5}, -2.0)]),
        ("0 < a < b", [({"a": -1.0}, 0.0), ({"a": 1.0, "b": -1.0}, 0.0)]),
        ("'Credit amount' == a", [({"Credit amount": 1.0, "a": -1.0}, 0.0), ({"Credit amount": -1.0, "a": 1.0}, 0.0)]),
    ],
)
def test_rules_are_read(text: str, expected: list[tuple[dict[str, float], float]]) -> None:
    assert [(dict(rule.coefficients), rule.bound) for rule in parse_rule(text)] == expected


@pytest.mark.parametrize(
    "text",
    ["a", "a * b <= 1", "a ** 2 <= 1", "f(a) <= 1", "__import__('os').system('x') <= 1", "a <= 1 / b", "1 <= 2",
     "a != b", "a <= ", "a <= True", "a <= 1e999", "a - a <= 1", "a[0] <= 1", "a.b <= 1"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rule"):
        parse_rule(text)


def test_a_rule_about_an_unknown_column_is_refused() -> None:
    with pytest.raises(ValueError, match='"salary", which is no numeric column'):
        Constraints([Column("amount")], rules=["salary <= amount"])
