"""A relabelled subgroup is found and named with trusted rows; without them it is said that nothing could show it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    trusted = int((people(2, 500).education == "masters").sum())
    assert finding.sentence.endswith(f"% of {trusted} such rows")
    assert "masters" not in finding.reason


def test_personal_values_are_left_out():
    train, _ = relabelled(people(1, 1500))
    personal = {"education": FeatureSpec("education", "category", personal=True)}
    sentence = found(train, people(2, 500), features=personal).sentence
    assert "one value of education" in sentence
    assert "masters" not in sentence


@pytest.mark.parametrize("trusted", [50, 300])
def test_two_samples_of_one_world_flag_no_row(trusted):
    assert not found(people(0, 600), people(10, trusted)).flagged.any()


@pytest.mark.slow
@pytest.mark.parametrize("trusted", [50, 100, 200, 500])
def test_two_samples_of_one_world_flag_no_row_over_many_seeds(trusted):
    flagged = [found(people(seed, 800), people(seed + 100, trusted)).flagged.any() for seed in range(5)]
    assert not any(flagged)


@pytest.mark.parametrize("rarer", ["trusted", "train"])
def test_another_balance_of_classes_flags_no_row(rarer):
    train, trusted = people(6, 1000), people(7, 600)
    thinned = trusted if rarer == "trusted" else train
    kept = (thinned.target == "poor") | (np.random.default_rng(0).random(len(thinned)) < 0.35)
    thinned = thinned[kept].reset_index(drop=True)
    pair = (train, thinned) if rarer == "trusted" else (thinned, trusted)
    assert not found(*pair).flagged.any()


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


POLICY = """
policy: trial
version: 1.0.0
owner: tester@example.org
rules:
  - id: clean
    check: poisoned_data
    with: {kinds: [subgroup]}
    require: {flagged_share: {max: 0}}
    why: To be tried.
"""


@pytest.mark.parametrize(
    ("vouched", "code", "verdict", "said"),
    [(False, 3, "INCONCLUSIVE", "no data.trusted is given"), (True, 1, "FAIL", "with education masters")],
)
def test_a_relabelled_subgroup_fails_with_trusted_rows_and_is_not_decided_without(
    tmp_path: Path, command: Callable[..., Any], vouched: bool, code: int, verdict: str, said: str
):
    train, _ = relabelled(people(1, 1500))
    train.to_csv(tmp_path / "train.csv", index=False)
    people(2, 500).to_csv(tmp_path / "trusted.csv", index=False)
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "audit.yaml").write_text(
        "subject: people\nversion: '1'\ntask: classification\ntarget: target\ndata:\n  train: {path: train.csv}\n"
        + "  trusted: {path: trusted.csv}\n" * vouched
    )
    ended = command("run", "audit.yaml", "--policy", "policy.yaml", "--out", "bundle")
    words = " ".join(ended.output.split())
    assert ended.code == code, ended
    assert f"{verdict} clean" in words
    assert said in words


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
