"""A loop that drifts has to show, one that only retrains must not, and a loop that collapses is a finding, no crash."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier

from audit.checks import feedback_loop
from audit.checks._feedback_loop.loop import Replay, plan, replay
from audit.checks._feedback_loop.returns import Decided, Leaking, Returned, Returns
from audit.errors import NotMeasurable, SubjectError
from audit.records import CheckResult
from audit.statistics import runs
from audit.statistics.intervals import Estimate
from audit.subject import Subject

COMMON: dict[str, Any] = {"seed": 1, "confidence": 0.95}
YES = 1


def table(n: int, seed: int, *, noise: float = 1.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    town = rng.choice(["north", "south"], n)
    score = x @ [1.5, -1.0, 0.5] - 0.8 * (town == "south") + rng.normal(0, noise, n)
    return pd.DataFrame(x, columns=list("abc")).assign(town=town, target=np.where(score > 0, "yes", "no"))


def numbers(x: pd.DataFrame) -> pd.DataFrame:
    return x[list("abc")].assign(town=x["town"] == "south")


def recipe(make: Callable[[int], Any]) -> Any:
    return lambda x, y, seed: make_pipeline(FunctionTransformer(numbers), make(seed)).fit(x, y)


def linear(seed: int) -> Any:
    return LogisticRegression(random_state=seed)


def always(answer: str) -> Callable[[int], Any]:
    return lambda seed: DummyClassifier(strategy="constant", constant=answer, random_state=seed)


def subject(
    make: Callable[[int], Any] = linear, *, n: int = 900, tested: int = 400, noise: float = 1.0, **options: Any
) -> Subject:
    options = {"positive": "yes", "recipe": recipe(make), **options}
    return Subject.in_memory(train=table(n, 1, noise=noise), test=table(tested, 2, noise=noise), **options)


def run(audited: Subject, **parameters: Any) -> CheckResult:
    result = feedback_loop.run(audited, **{**COMMON, "repeats": 4, **parameters})
    for measure in result.measures.values():
        assert measure.finite
        assert measure.low is not None
        assert measure.high is not None
        assert measure.low <= float(measure.value) <= measure.high
    return result


def lines(result: CheckResult, name: str = "rounds.csv") -> list[dict[str, str]]:
    content = next(file.content for file in result.evidence if file.name == name)
    return list(csv.DictReader(io.StringIO(content.decode())))


class Honest:
    """Six in ten rows of each round come back, any of them and with their true labels: there is no feedback."""

    needs_scores = False

    def returned(self, decided: Decided, rng: np.random.Generator) -> Returned:
        rows = rng.permutation(len(decided.truth))[: int(0.6 * len(decided.truth))]
        return Returned(rows, decided.truth[rows])


def loops(audited: Subject, returns: Returns, *, first: int = 0, repeats: int = 5) -> list[Replay]:
    schedule = plan(audited.train.rows, rounds=4, share=0.4)
    return [replay(audited, schedule, returns, accepted=YES, seed=1000 * (first + one)) for one in range(repeats)]


def drift(replays: list[Replay]) -> Estimate:
    return runs.shift_of_shares(
        np.array([one.control[-1] for one in replays]), np.array([one.loop[-1] for one in replays]), 2
    )


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_a_leak_of_known_size_drifts_by_its_size(share: float) -> None:
    found = drift(loops(subject(n=2000), Leaking(YES, share)))
    assert 0.6 * share < found.value < 1.4 * share
    assert found.interval.low <= share <= found.interval.high


@pytest.mark.slow
def test_retraining_on_other_rows_with_true_labels_is_no_drift() -> None:
    audited = subject(lambda seed: DecisionTreeClassifier(max_depth=4, random_state=seed))
    assert sum(drift(loops(audited, Honest(), first=5 * number)).interval.low > 0 for number in range(10)) <= 1


def test_refusals_that_come_back_less_often_raise_the_share_of_accepted() -> None:
    result = run(subject(), refused=0.3)
    last = [line for line in lines(result) if line["round"] == "6"]
    higher = [float(line["prevalence"]) > float(line["control_prevalence"]) for line in last]
    assert all(higher)
    assert result.measures["prevalence_drift"].low > 0
    assert "calls" in result.sentence
    assert "% yes instead of" in result.sentence


def test_the_other_label_may_be_the_accepted_one() -> None:
    result = run(subject(), refused=0.3, accepted="no", repeats=8)
    assert result.measures["prevalence_drift"].low > 0
    assert "% no instead of" in result.sentence
    last = [line for line in lines(result) if line["round"] == "6"]
    assert all(float(line["prevalence"]) > float(line["control_prevalence"]) for line in last)
    with pytest.raises(SubjectError, match="accepted: labels \\['maybe'\\]"):
        run(subject(), accepted="maybe")


def test_accuracy_alone_does_not_show_the_drift() -> None:
    measures = run(subject(noise=2.5, n=1500, tested=1500), refused=0.3, repeats=8).measures
    assert measures["prevalence_drift"].low > 0.05
    assert abs(float(measures["accuracy_drop"].value)) < float(measures["prevalence_drift"].value) / 3


def test_decisions_that_are_all_right_and_all_come_back_do_not_drift() -> None:
    drifted = run(subject(noise=0.0, n=2000), refused=1.0).measures["prevalence_drift"]
    assert float(drifted.value) < 0.02
    assert drifted.low == 0
    assert drifted.high is not None
    assert drifted.high > 0, "that no row changed does not prove that none would"


def test_true_outcomes_of_the_accepted_beside_refusals_lower_the_share_of_accepted() -> None:
    result = run(subject(noise=2.5), selective="outcomes", refused=0.5)
    last = [line for line in lines(result) if line["round"] == "6"]
    assert all(float(line["prevalence"]) < float(line["control_prevalence"]) for line in last)
    assert result.measures["prevalence_drift"].low > 0


def test_true_outcomes_of_the_accepted_alone_do_not_drift() -> None:
    drifted = run(subject(noise=2.5), selective="outcomes", refused=0.0).measures["prevalence_drift"]
    assert drifted.low == 0
    assert float(drifted.value) < 0.05


def test_a_loop_that_is_left_with_one_class_is_a_finding() -> None:
    result = run(subject(), refused=0.0, rounds=6, share=1.0)
    others = 1 - np.mean([float(line["control_prevalence"]) for line in lines(result) if line["round"] == "6"])
    assert result.measures["prevalence_drift"].value == pytest.approx(others, abs=1e-5)
    assert result.measures["prevalence_drift"].low > 0.3
    assert any("4 of 4 loops ended early: every label that came back was yes" in note for note in result.notes)
    assert "calls 100.0% yes" in result.sentence


def test_a_loop_of_which_nothing_comes_back_stands_still_and_is_told() -> None:
    result = run(subject(always("no")), refused=0.0)
    assert result.measures["prevalence_drift"].value == 0
    assert any("no row came back" in note for note in result.notes)
    assert any("as guessing would" in doubt.text for doubt in result.doubts)


RECIPE_OF_THREE = """
from sklearn.linear_model import LogisticRegression

def fit(x, y, seed):
    if len(set(y)) < 3:
        raise ValueError("three classes are needed")
    return LogisticRegression(max_iter=300).fit(x, y)
"""


@pytest.mark.slow
def test_a_recipe_that_cannot_do_without_a_class_ends_the_loop_with_a_doubt(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    (tmp_path / "recipe.py").write_text(RECIPE_OF_THREE)
    for name, n in (("train", 400), ("test", 200)):
        frame = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
        kind = np.where(rng.random(n) < 0.05, "rare", np.where(frame["a"] > 0, "high", "low"))
        frame.assign(kind=kind).to_csv(tmp_path / f"{name}.csv", index=False)
    (tmp_path / "audit.yaml").write_text(
        "subject: three\ntask: classification\ntarget: kind\ndata: {train: {path: train.csv}, test: {path: test.csv}}\n"
        'training: {recipe: "recipe.py:fit"}\n'
    )
    result = run(Subject.load(tmp_path / "audit.yaml"), repeats=2)
    assert any("no row labelled rare came back" in note for note in result.notes)
    assert any("cannot learn without a class" in doubt.text for doubt in result.doubts)
    assert {line["class"] for line in lines(result, "classes.csv")} == {"high", "low", "rare"}


def test_a_recipe_that_fails_on_all_classes_is_an_error() -> None:
    def broken(x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        raise SubjectError("no licence")

    with pytest.raises(SubjectError, match="no licence"):
        run(subject(recipe=broken))


def test_a_recipe_that_ends_its_process_ends_only_the_check() -> None:
    def leave(x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        raise SystemExit(0)

    for measured in (feedback_loop.run, feedback_loop.plant):
        with pytest.raises(SubjectError, match="ended its process"):
            measured(subject(recipe=leave), **COMMON)


def test_the_gap_between_groups_is_that_of_the_rounds_kept_as_evidence() -> None:
    audited = subject(groups=("town",), noise=2.0, n=1500, tested=1500)
    result = run(audited, refused=0.2, rounds=2)
    grown = result.measures["group_gap_growth"]
    assert grown.n < 1500, "the smaller group decides how much is known"
    last = [line for line in lines(result) if line["round"] == "2"]
    by_line = [float(line["gap_town"]) - float(line["control_gap_town"]) for line in last]
    assert np.mean(by_line) == pytest.approx(float(grown.value), abs=1e-5)


def test_a_gap_that_grew_by_a_known_amount_is_covered_and_one_that_did_not_is_not_found() -> None:
    from audit.checks._feedback_loop.gaps import Group, growth

    rng = np.random.default_rng(5)
    group = Group("town", (np.arange(200), np.arange(200, 500)))
    rates = np.where(np.arange(500) < 200, 0.5, 0.6)
    found, false = 0, 0
    for number in range(20):
        shared = rng.random(500)
        control = np.stack([shared + rng.normal(0, 0.05, 500) < rates for _ in range(5)])
        wider = np.stack([shared + rng.normal(0, 0.05, 500) < rates + 0.2 * (np.arange(500) >= 200) for _ in range(5)])
        same = np.stack([shared + rng.normal(0, 0.05, 500) < rates for _ in range(5)])
        ends = growth(group, wider, control, confidence=0.95, seed=number).interval
        found += ends.low <= 0.2 <= ends.high and ends.low > 0
        false += growth(group, same, control, confidence=0.95, seed=number).interval.low > 0
    assert found >= 18
    assert false <= 1


def test_groups_that_cannot_be_compared_are_said() -> None:
    ungrouped = run(subject(), rounds=1, repeats=2)
    assert "group_gap_growth" not in ungrouped.measures
    assert any("no groups are declared" in note for note in ungrouped.notes)
    train, test = table(900, 1), table(400, 2).assign(town=lambda rows: ["rare"] * 5 + ["south"] * 395)
    few = Subject.in_memory(train=train, test=test, recipe=recipe(linear), groups=("town",))
    result = run(few, rounds=1, repeats=2)
    assert "group_gap_growth" not in result.measures
    assert any("1 groups of town with under 20 test rows" in note for note in result.notes)
    with pytest.raises(SubjectError, match='no column "age"'):
        run(subject(groups=("age",)))


def test_a_recipe_unlike_the_shipped_model_is_doubted() -> None:
    rows = table(400, 2)
    result = run(subject(model=recipe(always("yes"))(rows.drop(columns="target"), rows["target"], 0)), rounds=1)
    assert any("shipped" in doubt.text for doubt in result.doubts)
    good = recipe(linear)(table(900, 1).drop(columns="target"), table(900, 1)["target"], 0)
    assert not run(subject(model=good), rounds=1).doubts


@pytest.mark.slow
def test_a_leak_is_noticed_with_many_rows_and_seldom_with_few() -> None:
    clear = feedback_loop.plant(subject(n=2000, tested=800), **COMMON, rounds=3, share=0.5)
    assert clear.value == 1
    assert clear.n >= 10
    assert float(feedback_loop.plant(subject(n=400, tested=25), **COMMON, rounds=3).value) < 0.5


def test_a_recipe_that_ignores_labels_has_no_power() -> None:
    assert feedback_loop.plant(subject(always("yes")), **COMMON, rounds=2).value == 0


def test_few_new_rows_in_a_round_are_doubted_and_none_refused() -> None:
    assert any("only 15 new rows" in doubt.text for doubt in run(subject(n=150), rounds=6).doubts)
    with pytest.raises(NotMeasurable, match="50 training rows give"):
        run(subject(n=50))


@pytest.mark.parametrize("odd", [{"rounds": 0}, {"share": 0.0}, {"share": 1.5}, {"refused": -0.1}, {"repeats": 1}])
def test_numbers_out_of_range_are_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(NotMeasurable, match=next(iter(odd))):
        run(subject(), **odd)


def test_a_regression_accepts_and_refuses_nothing() -> None:
    frame = table(300, 1).assign(target=lambda rows: rows["a"] * 2)
    prices = Subject.in_memory(train=frame, test=frame, task="regression", recipe=recipe(lambda _: LinearRegression()))
    with pytest.raises(NotMeasurable, match="regression"):
        run(prices)


def test_training_rows_of_one_class_are_refused() -> None:
    one = Subject.in_memory(train=table(300, 1).assign(target="no"), test=table(100, 2), recipe=recipe(linear))
    with pytest.raises(NotMeasurable, match="all have the label no"):
        run(one)


def test_labels_keep_their_type_in_the_loop() -> None:
    seen = set()

    def typed(x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        seen.add((y.dtype.kind, frozenset(np.unique(y).tolist())))
        return recipe(linear)(x, y, seed)

    train, test = (table(n, n).assign(target=lambda rows: (rows["target"] == "yes").astype(int)) for n in (600, 200))
    run(Subject.in_memory(train=train, test=test, recipe=typed, positive=1), repeats=2)
    assert seen == {("i", frozenset({0, 1}))}


def test_without_a_positive_label_the_most_frequent_one_counts_as_accepted() -> None:
    audited = subject(positive=None)
    most = table(900, 1)["target"].mode()[0]
    assert any(f"accepted means {most}, the most frequent label" in note for note in run(audited).notes)


def test_the_same_seed_gives_the_same_result() -> None:
    first, second = (run(subject(groups=("town",)), rounds=2, repeats=2) for _ in range(2))
    assert first == second
