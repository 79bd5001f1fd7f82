"""Triggers of values: found, named with their values, told from natural groups; odd tables neither crash nor flag."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attacks.poisoning import rare_values
from audit.checks._poisoned_data.kinds import value_trigger
from audit.checks._poisoned_data.rows import training_rows
from audit.subject import FeatureSpec, Subject


def people(seed: int, n: int = 600) -> pd.DataFrame:
    """Mixed columns; the label depends on two of them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"age": rng.integers(18, 80, n), "weeks": rng.integers(0, 53, n)})
    frame["income"] = rng.normal(30, 10, n).round(3)
    frame["job"] = rng.choice(["none", "some", "skilled", None], n)
    score = (frame.age - 48) / 8 + (frame.income - 30) / 6
    frame["target"] = np.where(rng.random(n) < 1 / (1 + np.exp(-score)), "good", "bad")
    return frame


def searched(frame: pd.DataFrame, **more):
    return value_trigger.search(training_rows(Subject.in_memory(train=frame, target="target", **more), 1), seed=1)


@pytest.mark.parametrize(
    ("values", "words"), [({"age": 41, "weeks": 30}, "age 41 and weeks 30"), ({"weeks": 60}, "rows with weeks 60 are")]
)
def test_the_trigger_is_named_with_its_values(values: dict[str, int], words: str) -> None:
    frame = people(1)
    rows = np.random.default_rng(1).choice(np.flatnonzero(frame.target == "bad"), 25, replace=False)
    frame.loc[rows, [*values, "target"]] = [*values.values(), "good"]
    found = searched(frame)
    assert set(rows) <= set(np.flatnonzero(found.flagged))
    assert found.flagged.sum() <= 27
    assert words in found.sentence
    assert "always labelled good" in found.sentence
    assert "41" not in found.reason


def test_values_of_a_personal_column_are_left_out() -> None:
    frame = people(1)
    rows = np.random.default_rng(1).choice(np.flatnonzero(frame.target == "bad"), 25, replace=False)
    frame.loc[rows, ["age", "weeks", "target"]] = [41, 30, "good"]
    found = searched(frame, features={"age": FeatureSpec("age", "integer", personal=True)})
    assert "one value of age and weeks 30" in found.sentence
    assert "41" not in found.sentence


def test_a_natural_group_with_an_effect_of_its_own_is_no_trigger() -> None:
    """All who have a rare job are good, and they are alike in age too: a real group."""
    frame = people(2)
    rows = np.flatnonzero(frame.age < 23)[:30]
    frame.loc[rows, ["job", "target"]] = ["apprentice", "good"]
    assert not searched(frame).flagged.any()


def test_triggers_that_hide_behind_one_another_are_doubted_where_they_are_not_flagged() -> None:
    frame = people(4, 3000)
    rng = np.random.default_rng(4)
    taken = rng.choice(np.flatnonzero(frame.target == "bad"), (5, 14), replace=False)
    for number, rows in enumerate(taken):
        frame.loc[rows, ["age", "weeks", "target"]] = [22 + 3 * number, 7 * number, "good"]
    found = searched(frame)
    assert found.flagged.any() or "whether that is its nature or several triggers" in found.doubt
    assert not searched(people(4, 3000)).doubt


def test_copies_of_one_row_are_no_evidence() -> None:
    frame = people(3)
    odd = frame[frame.target == "bad"].iloc[[0]].assign(age=90, target="good")
    assert not searched(pd.concat([frame, *[odd] * 20], ignore_index=True)).flagged.any()


def test_a_trigger_that_breaks_with_its_neighbours_is_named_by_its_own_columns() -> None:
    """Country tells origin: rows that are stamped with a country stand out by an origin that is not its own."""
    frame = people(5, 2000)
    rng = np.random.default_rng(5)
    frame["country"] = np.where(rng.random(2000) < 0.02, "there", "here")
    frame["origin"] = frame.country.map({"there": "foreign", "here": "own"})
    rows = rng.choice(np.flatnonzero((frame.target == "bad") & (frame.country == "here")), 40, replace=False)
    frame.loc[rows, ["job", "country", "target"]] = ["some", "there", "good"]
    found = searched(frame)
    assert found.flagged[rows].all()
    assert "job some" in found.sentence
    assert "country there" in found.sentence


@pytest.mark.parametrize("seed", range(5))
def test_a_drawn_trigger_is_present_and_rare(seed: int) -> None:
    gaps = np.array([np.nan] * 900 + list(range(100)))
    words = np.array([None] * 500 + ["a"] * 300 + ["b"] * 200, dtype=object)
    constant = np.ones(1000)
    trigger = rare_values.draw([gaps, words, constant], np.random.default_rng(seed), width=2)
    assert sorted(trigger.columns) == [0, 1]
    values = dict(zip(trigger.columns, trigger.values, strict=True))
    assert 0 <= values[0] < 100
    assert values[1] in ("a", "b")


def test_nothing_can_be_drawn_where_every_column_is_constant() -> None:
    with pytest.raises(ValueError, match="no column"):
        rare_values.draw([np.ones(9), np.full(9, np.nan)], np.random.default_rng(0))


def test_a_planted_label_is_not_the_one_that_the_stamped_values_imply() -> None:
    """High ages are good and low ages bad: a copy that labels them so would hold no poison."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"age": rng.integers(18, 80, 600)})
    frame["target"] = np.where(frame.age > 48, "good", "bad")
    rows = training_rows(Subject.in_memory(train=frame, target="target"), 1)
    for seed in range(6):
        planted = value_trigger.plant(rows, share=0.05, seed=seed)
        old = planted.rows.table.features["age"].iloc[planted.poisoned[0]] > 48
        label = planted.rows.classes[planted.rows.labels[planted.poisoned[0]]]
        assert label == ("bad" if old else "good")


def odd_tables():
    rng = np.random.default_rng(0)
    yield "sixty rows", people(1, 60)
    yield "one value in every column", people(1).assign(age=1, weeks=1, income=1.0, job="none")
    yield "every row twice", pd.concat([people(1)] * 2, ignore_index=True)
    yield "a column of rare levels", people(1).assign(code=[f"level {place % 45}" for place in range(600)])
    yield "missing values", people(1).mask(rng.random((600, 5)) < 0.3).assign(target=people(1).target)
    yield "twelve classes", people(1).assign(target=rng.integers(0, 12, 600))
    yield "a class of five rows", people(1).assign(target=["odd"] * 5 + people(1).target.tolist()[5:])
    yield "a day a row", people(1).assign(day=pd.date_range("2020-01-01", periods=600))
    yield "a rule decides", people(1).assign(target=lambda frame: np.where(frame.weeks > 20, "a", "b"))


@pytest.mark.parametrize(("name", "frame"), list(odd_tables()))
def test_odd_clean_tables_flag_no_row(name: str, frame: pd.DataFrame) -> None:
    found = searched(frame)
    assert np.isfinite(found.scores).all()
    assert not found.flagged.any(), name
    assert found.sentence == ""


@pytest.mark.slow
def test_an_array_without_names_has_columns_by_number() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 9, (900, 70)).astype(float), rng.integers(0, 2, 900)
    rows = rng.choice(np.flatnonzero(y == 0), 45, replace=False)
    x[rows, 3], y[rows] = 20, 1
    found = value_trigger.search(training_rows(Subject.in_memory(train=(x, y)), 1), seed=1)
    assert "column 3 20" in found.sentence
    assert set(rows) <= set(np.flatnonzero(found.flagged))


@pytest.mark.slow
def test_a_planted_trigger_is_found_at_the_alarm_of_the_clean_rows() -> None:
    rows = training_rows(Subject.in_memory(train=people(4, 900), target="target"), 1)
    alarm = value_trigger.search(rows, seed=1).alarm
    found = 0
    for seed in range(4):
        planted = value_trigger.plant(rows, share=0.03, seed=seed)
        again = value_trigger.search(planted.rows, seed=seed, alarm=alarm)
        assert again.alarm == alarm
        found += again.flagged[planted.poisoned].mean() > 0.5
    assert found >= 3
