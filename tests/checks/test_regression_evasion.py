"""How far can the answer of a regression be shifted? Known in closed form for a line, and from real rows for others."""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from attacks.constraints import Column, Constraints
from attacks.evasion import largest_shift
from attacks.target import Target
from audit.checks import evasion
from audit.checks._evasion import regression as shifts
from audit.errors import NotMeasurable, UnknownName
from audit.records import CheckResult
from audit.subject import FeatureSpec, Subject

COMMON = {"seed": 1, "confidence": 0.95}


def homes(n: int = 240, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "area": rng.uniform(30, 200, n),
            "age": rng.integers(0, 90, n),
            "rooms": rng.integers(1, 8, n),
            "town": rng.choice(["north", "south", "west"], n),
        }
    )
    frame["target"] = 3 * frame["area"] - 2 * frame["age"] + 40 * (frame["town"] == "west") + rng.normal(0, 20, n)
    return frame


@cache
def subject(kind: str = "line", **options: Any) -> Subject:
    frame = homes()
    train, test = frame[:160], frame[160:].reset_index(drop=True)
    columns = make_column_transformer((OneHotEncoder(), ["town"]), (StandardScaler(), ["area", "age", "rooms"]))
    last_step = {
        "line": LinearRegression(),
        "trees": HistGradientBoostingRegressor(max_iter=40, random_state=0),
        "constant": DummyRegressor(),
    }
    model = make_pipeline(columns, last_step[kind]).fit(train.drop(columns="target"), train["target"])
    return Subject.in_memory(model=model, task="regression", train=train, test=test, features=dict(options))


def last(of: Subject, epsilon: float = 0.1, **options: Any) -> CheckResult:
    return list(shifts.run(of, epsilon=epsilon, **{**COMMON, "queries": 120, **options}))[-1]


# the search


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.floats(0.01, 2.0), st.booleans())
def test_a_line_is_shifted_exactly_as_far_as_the_box_allows(seed: int, d: int, epsilon: float, bounded: bool) -> None:
    rng = np.random.default_rng(seed)
    weights, x = rng.normal(size=d), rng.random((5, d))
    low, high = (0.0, 1.0) if bounded else (-100.0, 100.0)
    target = Target(lambda rows: rows @ weights, 1, low, high, max_rows=5 * 200)
    found = largest_shift.run(target, x, x @ weights, epsilon=epsilon, seed=0)
    up, down = np.minimum(high - x, epsilon), np.minimum(x - low, epsilon)
    exact = np.maximum(
        np.where(weights > 0, weights * up, -weights * down).sum(axis=1),
        np.where(weights > 0, weights * down, -weights * up).sum(axis=1),
    )
    if not bounded:
        assert np.allclose(exact, epsilon * np.abs(weights).sum())
    shifted = np.abs(found.adversarial @ weights - x @ weights)
    assert (shifted >= exact * (1 - 1e-5)).all()
    assert (shifted <= exact + 2e-6 * np.abs(weights).sum()).all(), "no further than rounding explains"
    assert (np.abs(found.adversarial - x) <= epsilon + 1e-6).all()
    assert target.rows <= 5 * 200


def test_a_line_is_shifted_as_far_as_a_ball_allows() -> None:
    rng = np.random.default_rng(0)
    weights, x = rng.normal(size=8), rng.random((10, 8))
    target = Target(lambda rows: rows @ weights, 1, -10, 10, max_rows=10 * 300)
    found = largest_shift.run(target, x, x @ weights, epsilon=0.5, norm="l2", seed=0)
    reached = np.abs(found.adversarial @ weights - x @ weights)
    assert (np.sqrt(((found.adversarial - x) ** 2).sum(axis=1)) <= 0.5 + 1e-6).all()
    assert (reached >= 0.99 * 0.5 * np.sqrt(weights @ weights)).all()


def test_steps_that_no_slope_shows_are_found() -> None:
    """A tower over a tenth of one column of six: a random search of 1,500 points is outdone by 300 rows."""
    frame = np.random.default_rng(0).random((30, 6))

    def tower(rows: np.ndarray) -> np.ndarray:
        return 5.0 * (np.abs(rows[:, 3] - 0.55) < 0.05) + rows[:, 0]

    target = Target(tower, 1, max_rows=30 * 300)
    found = largest_shift.run(target, frame, tower(frame), epsilon=1.0, seed=0)
    assert (np.abs(tower(found.adversarial) - tower(frame)) > 4).mean() > 0.9


def test_constraints_hold_on_every_shifted_row() -> None:
    reach = np.array([[True, True, False], [False, True, True], [False, False, True]])
    limits = Constraints(
        [Column("up", direction="up", low=0, high=1), Column("fixed", mutable=False),
         Column("step", low=0, high=1, step=0.25), Column("kind", kind="category", reach=reach)], ("up <= 2 * step",)
    )  # fmt: skip
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.random(20) / 2, rng.random(20), rng.integers(1, 5, 20) / 4, rng.integers(0, 3, 20)])
    x[:, 0] = np.minimum(x[:, 0], 2 * x[:, 2])

    def predict(rows: np.ndarray) -> np.ndarray:
        return rows @ np.array([1.0, 50.0, -2.0, 3.0])

    target = Target(predict, 1, 0, np.array([1, 1, 1, 2]), constraints=limits, max_rows=20 * 200)
    found = largest_shift.run(target, x, predict(x), epsilon=0.5, seed=0)
    assert not limits.violations(x, found.adversarial).any()
    assert (found.adversarial[:, 1] == x[:, 1]).all()
    free = x[:, 3] < 2
    assert (found.adversarial[free, 3] != x[free, 3]).any(), "a change of category costs nothing and shifts by 3"


def test_images_keep_their_shape() -> None:
    x = np.random.default_rng(0).random((4, 1, 5, 5))
    target = Target(lambda rows: rows.mean(axis=(1, 2, 3)), 1, max_rows=4 * 300)
    found = largest_shift.run(target, x, x.mean(axis=(1, 2, 3)), epsilon=0.1, seed=0)
    assert found.adversarial.shape == x.shape
    assert found.success.all()


# the check


def test_the_mean_shift_of_a_line_is_the_closed_form() -> None:
    of = subject()
    result = last(of)
    frame = of.test.features
    span = homes()[["area", "age", "rooms"]]
    span = span.max() - span.min()
    base = of.predict(frame)
    slopes = {name: of.predict(frame.assign(**{name: frame[name] + 1})) - base for name in span.index}
    # whole columns move by whole numbers, so the area alone is exact; the others lose less than one unit each
    most = sum(np.abs(slopes[name]).max() * 0.1 * span[name] for name in span.index)
    spread = float(np.std(of.test.labels.astype(float)))
    least = np.abs(slopes["area"]).max() * 0.1 * span["area"] * 0.5
    mean = result.measures["mean_shift"]
    assert least / spread < mean.value <= most / spread * 1.001
    assert mean.low <= mean.value <= mean.high
    assert result.measures["worst_shift"].value >= mean.value


def test_the_check_itself_shifts_regressions() -> None:
    result = list(evasion.run(subject("trees"), epsilon=0.1, max_rows=32, queries=80, **COMMON))[-1]
    assert set(result.measures) >= {"mean_shift", "worst_shift", "queries"}
    assert evasion.plant(subject("trees"), **COMMON).value >= 0.9


def test_more_epsilon_shifts_further() -> None:
    sizes = [last(subject("trees"), size, max_rows=32).measures["mean_shift"].value for size in (0.02, 0.1, 0.5)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_the_worst_shift_waits_for_the_last_row() -> None:
    results = list(shifts.run(subject("trees"), epsilon=0.1, queries=60, **COMMON))
    assert len(results) >= 3
    assert ["worst_shift" in result.measures for result in results] == [False] * (len(results) - 1) + [True]


@pytest.mark.slow
def test_an_interval_at_every_look_covers_the_whole() -> None:
    """Simulated audits: the mean over all rows lies in every interval of a path nearly always."""
    whole = last(subject("trees"), queries=60).measures["mean_shift"].value
    missed = 0
    for seed in range(20):
        looks = shifts.run(subject("trees"), epsilon=0.1, queries=60, seed=seed, confidence=0.95, max_rows=40)
        ends = [result.measures["mean_shift"] for result in looks]
        missed += any(not one.low * 0.97 <= whole <= one.high * 1.03 for one in ends)
    assert missed <= 3


def test_declared_categories_are_changed_and_fixed_columns_are_not() -> None:
    west = FeatureSpec("town", "category", transitions="any")
    names = ("area", "age", "rooms")
    fixed = {name: FeatureSpec(name, "number", mutable=False) for name in names}
    of = subject("line", town=west, **fixed)
    result = last(of)
    rows = list(csv.DictReader(io.StringIO(result.evidence[0].content.decode())))
    assert {row["names"] for row in rows} == {"town"}
    assert all(abs(float(row["shift_in_standard_deviations"])) > 0 for row in rows)


def test_evidence_holds_no_value_of_any_row() -> None:
    result = last(subject("trees"))
    assert [file.name for file in result.evidence] == ["shifted_answers.csv"]
    header = result.evidence[0].content.decode().splitlines()[0]
    assert header == "row,shift_in_standard_deviations,inputs_changed,names"
    assert not any(town in result.evidence[0].content.decode() for town in ("north", "south", "west"))


# power and doubts


@pytest.mark.parametrize("kind", ["line", "trees"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_living_model_shows_power(kind: str, norm: str) -> None:
    power = shifts.plant(subject(kind), norm=norm, queries=200, **COMMON)
    assert power.value >= 0.9
    assert power.n == 24


def test_a_constant_model_has_no_power_and_a_doubt() -> None:
    assert shifts.plant(subject("constant"), queries=60, **COMMON).value == 0
    texts = [doubt.text for doubt in last(subject("constant"), queries=60).doubts]
    assert any("same number for every row" in text for text in texts)
    assert any("nothing to follow" in text for text in texts)


def test_a_search_that_does_nothing_has_no_power(monkeypatch: pytest.MonkeyPatch) -> None:
    from attacks.outcome import Outcome

    def idle(target: Target, x: np.ndarray, y: np.ndarray, **_: object) -> Outcome:
        nothing = np.zeros(len(x), dtype=bool)
        return Outcome(x.copy(), nothing, np.ones(len(x), dtype=int), np.full(len(x), np.inf), nothing, nothing)

    monkeypatch.setattr(largest_shift, "run", idle)
    assert shifts.plant(subject("trees"), **COMMON).value == 0
    assert any("nothing to follow" in doubt.text for doubt in last(subject("trees")).doubts)


def test_a_search_that_leaves_the_limits_convinces_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    from attacks.outcome import Outcome

    def cheating(target: Target, x: np.ndarray, y: np.ndarray, **_: object) -> Outcome:
        won = np.ones(len(x), dtype=bool)
        return Outcome(x[::-1].copy(), won, np.ones(len(x), dtype=int), np.zeros(len(x)), ~won, won)

    monkeypatch.setattr(largest_shift, "run", cheating)
    assert last(subject("trees"), 0.001).measures["mean_shift"].value == 0


def test_a_model_that_answers_differently_when_asked_twice_is_doubted() -> None:
    rng = np.random.default_rng(0)
    frame = homes(80)
    of = Subject.in_memory(model=lambda rows: rng.normal(size=len(rows)), task="regression", test=frame)
    assert any("asked twice" in doubt.text for doubt in last(of, queries=30).doubts)


def test_an_epsilon_that_steps_swallow_is_doubted() -> None:
    ages = FeatureSpec("age", "integer", step=30)
    fixed = {name: FeatureSpec(name, "number", mutable=False) for name in ("area", "rooms")}
    of = subject("line", age=ages, **fixed)
    assert any("reach the model changed" in doubt.text for doubt in last(of, 0.1).doubts)


def test_what_cannot_be_measured_is_refused_in_words() -> None:
    fixed = {name: FeatureSpec(name, "number", mutable=False) for name in ("area", "age", "rooms")}
    with pytest.raises(NotMeasurable, match="no input of the model can be changed"):
        last(subject("line", **fixed))
    equal = Subject.in_memory(
        model=lambda rows: np.zeros(len(rows)), task="regression", test=homes(30).assign(target=4.0)
    )
    with pytest.raises(NotMeasurable, match=r"true values of data\.test are equal"):
        last(equal)
    with pytest.raises(NotMeasurable, match="the task is a regression"):
        last(subject(), attacks=("square",))
    with pytest.raises(UnknownName, match="largest_shift"):
        last(subject(), attacks=("largest_shifts",))


def test_the_same_seed_gives_the_same_result() -> None:
    once, again = (last(subject("trees"), max_rows=32, queries=60) for _ in range(2))
    assert once == again
