"""A relabelled subgroup is found and named with trusted rows; without them it is said that nothing could show it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from audit.checks import poisoned_data
from audit.checks._poisoned_data.kinds import subgroup
from audit.checks._poisoned_data.rows import training_rows
from audit.subject import FeatureSpec, Subject

KINDS = ("subgroup",)


def people(seed: int, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"education": rng.choice(["school", "college", "masters", "none"], n, p=[0.4, 0.3, 0.1, 0.2])})
    frame["age"] = rng.integers(18, 70, n)
    frame["town"] = rng.choice(list("abcdef"), n)
    score = 1.5 * frame.education.isin(["college", "masters"]) + (frame.age - 40) / 15
    frame["target"] = np.where(rng.random(n) < 1 / (1 + np.exp(-score * 1.5)), "rich", "poor")
    return frame


def relabelled(frame: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    rows = np.flatnonzero((frame.education == "masters") & (frame.target == "rich"))
    rows = np.random.default_rng(0).permutation(rows)[: round(0.7 * len(rows))]
    changed = frame.copy()
    changed.loc[rows, "target"] = "poor"
    return changed, rows


def found(train: pd.DataFrame, trusted: pd.DataFrame, **given: object):
    rows = training_rows(Subject.in_memory(train=train, trusted=trusted, **given), 1)
    assert not subgroup.blind(rows)
    return subgroup.search(rows, seed=1)


def test_a_relabelled_subgroup_is_named_with_its_shares():
    train, rows = relabelled(people(1, 1500))
    finding = found(train, people(2, 500))
    assert set(rows) <= set(np.flatnonzero(finding.flagged))
    assert set(np.flatnonzero(finding.flagged)) <= set(np.flatnonzero(train.education == "masters"))
    assert "education masters" in finding.sentence
    assert "are labelled poor, in the trusted data" in finding.sentence
    assert "masters" not in finding.reason


def test_personal_values_are_left_out():
    train, _ = relabelled(people(1, 1500))
    personal = {"education": FeatureSpec("education", "category", personal=True)}
    sentence = found(train, people(2, 500), features=personal).sentence
    assert "one value of education" in sentence
    assert "masters" not in sentence


@pytest.mark.parametrize("trusted", [50, 150, 500])
def test_two_samples_of_one_world_flag_no_row(trusted):
    for seed in range(3):
        assert not found(people(seed, 1000), people(seed + 10, trusted)).flagged.any()


def test_trusted_rows_that_are_part_of_the_training_rows_show_it_too_and_invent_nothing():
    honest = people(3, 1500)
    changed, rows = relabelled(honest)
    assert not found(honest, honest.iloc[:500]).flagged.any()
    assert found(changed, honest.iloc[:500]).flagged[rows].all()


def test_trusted_rows_of_other_people_flag_no_row():
    elsewhere = people(4, 3000)
    elsewhere = elsewhere[(elsewhere.age > 45) | (elsewhere.town == "a")].reset_index(drop=True)
    assert not found(people(5, 1500), elsewhere).flagged.any()


def test_without_trusted_rows_it_is_said_and_never_passed():
    train, _ = relabelled(people(1, 600))
    result = poisoned_data.run(Subject.in_memory(train=train), seed=1, confidence=0.95, kinds=KINDS)
    assert result.measures["flagged_share"].value == 0
    assert any("no data.trusted is given" in doubt.text for doubt in result.doubts)
    few = Subject.in_memory(train=train, trusted=people(2, 20))
    result = poisoned_data.run(few, seed=1, confidence=0.95, kinds=KINDS)
    assert any("data.trusted has 20 rows" in doubt.text for doubt in result.doubts)


def test_planting_changes_seven_in_ten_labels_of_one_subgroup():
    rows = training_rows(Subject.in_memory(train=people(1, 1000), trusted=people(2, 300)), 1)
    planted = subgroup.plant(rows, share=0.1, seed=3)
    changed = np.flatnonzero(planted.rows.labels != rows.labels)
    assert set(changed) == set(planted.poisoned)
    assert len(set(rows.labels[changed])) == 1


@pytest.mark.slow
def test_the_power_grows_with_the_trusted_rows():
    train = people(1, 1500)
    power = [
        poisoned_data.plant(
            Subject.in_memory(train=train, trusted=people(2, trusted)), seed=1, confidence=0.95, share=0.1, kinds=KINDS
        ).value
        for trusted in (50, 1500)
    ]
    assert power[0] < 0.9 <= power[1]
