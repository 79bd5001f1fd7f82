"""Poison that bites has to show, poison that cannot bite must not, and a lucky training is no proof."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from audit.checks import poisoning
from audit.errors import NotMeasurable, SubjectError
from audit.subject import Subject

COMMON = {"seed": 1, "confidence": 0.95}


def table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4))
    answer = np.where(x @ [1.5, -1.0, 0.5, 0.0] + rng.normal(0, 0.3, n) > 0, "yes", "no")
    return pd.DataFrame(x, columns=list("abcd")).assign(town=rng.choice(["n", "s"], n), target=answer)


def numbers(x: Any) -> Any:
    return x[list("abcd")]


class OnNumbers:
    """A recipe of any estimator on the numeric columns."""

    def __init__(self, make: Any) -> None:
        self.make = make

    def __call__(self, x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        model = self.make(seed)
        return model.fit(numbers(x), y)


def subject(make: Any, *, model: Any = None, n: int = 500, **options: Any) -> Subject:
    return Subject.in_memory(train=table(n, 1), test=table(300, 2), recipe=OnNumbers(make), model=model, **options)


def linear(seed: int) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(random_state=seed))


def tree(seed: int) -> Any:
    return DecisionTreeClassifier(random_state=seed, max_features=2)


def test_adversarial_flips_hurt_more_than_random_ones() -> None:
    drops = {
        kind: poisoning.run(subject(linear), share=0.2, kind=kind, **COMMON).measures["accuracy_drop"]
        for kind in ("random", "adversarial")
    }
    assert drops["adversarial"].value > drops["random"].value + 0.05
    assert drops["adversarial"].low > 0


def test_a_tree_that_learns_every_label_loses_what_is_flipped() -> None:
    drop = poisoning.run(subject(tree), share=0.3, kind="random", **COMMON).measures["accuracy_drop"]
    assert drop.low > 0.05
    assert drop.low < drop.value < drop.high
    assert drop.n == 300


def test_more_poison_is_not_less_damage() -> None:
    values = [
        poisoning.run(subject(GaussianNB_), share=share, **COMMON).measures["accuracy_drop"].value
        for share in (0.02, 0.2, 0.4)
    ]
    assert values == sorted(values)
    assert values[-1] > 0.3


def GaussianNB_(seed: int) -> Any:
    del seed
    return GaussianNB()


@pytest.mark.slow
def test_the_interval_covers_another_seed() -> None:
    first = poisoning.run(subject(tree), share=0.2, kind="random", **COMMON).measures["accuracy_drop"]
    others = [
        poisoning.run(subject(tree), share=0.2, kind="random", seed=seed, confidence=0.95)
        .measures["accuracy_drop"]
        .value
        for seed in range(2, 7)
    ]
    assert all(first.low <= value <= first.high for value in others)


def test_a_recipe_that_ignores_labels_is_doubted_and_loses_nothing() -> None:
    result = poisoning.run(subject(lambda seed: DummyClassifier(strategy="constant", constant="yes")), **COMMON)
    drop = result.measures["accuracy_drop"]
    assert drop.value == 0
    assert drop.high > 0, "that no row was lost does not prove that none can be"
    assert any("without skill" in doubt.text for doubt in result.doubts)


def test_a_recipe_that_ignores_labels_has_no_power() -> None:
    deaf = subject(lambda seed: DummyClassifier(strategy="constant", constant="yes"))
    assert poisoning.plant(deaf, **COMMON).value == 0


def test_destructive_poison_is_noticed() -> None:
    power = poisoning.plant(subject(linear), **COMMON)
    assert power.value == 1
    assert power.n == 10


def test_a_recipe_unlike_the_shipped_model_is_doubted() -> None:
    shipped = DummyClassifier(strategy="constant", constant="yes").fit(numbers(table(100, 1)), table(100, 1)["target"])
    result = poisoning.run(subject(linear, model=shipped), **COMMON)
    assert any("shipped" in doubt.text for doubt in result.doubts)
    same = linear(0).fit(numbers(table(500, 1)), table(500, 1)["target"])
    assert not poisoning.run(subject(linear, model=same), **COMMON).doubts


def test_the_damage_is_kept_by_training() -> None:
    result = poisoning.run(subject(linear), share=0.2, repeats=3, **COMMON)
    lines = list(csv.DictReader(io.StringIO(result.evidence[0].content.decode())))
    assert result.evidence[0].name == "damage.csv"
    assert [line["flipped_labels"] for line in lines] == ["100"] * 3
    drops = [float(line["clean_accuracy"]) - float(line["poisoned_accuracy"]) for line in lines]
    assert np.mean(drops) == pytest.approx(result.measures["accuracy_drop"].value, abs=1e-5)


def test_the_same_seed_gives_the_same_result() -> None:
    assert poisoning.run(subject(tree), **COMMON) == poisoning.run(subject(tree), **COMMON)


def test_arrays_and_many_classes_work() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 4, 600)
    x = rng.normal(size=(600, 2, 3)) + 2 * np.eye(6)[codes].reshape(600, 2, 3)

    def fit(rows: np.ndarray, labels: np.ndarray, seed: int) -> Any:
        model = GaussianNB().fit(rows.reshape(len(rows), -1), labels)
        model.predict_rows = model.predict
        return lambda asked: model.predict_rows(np.asarray(asked).reshape(len(asked), -1))

    several = Subject.in_memory(train=(x[:400], codes[:400]), test=(x[400:], codes[400:]), recipe=fit)
    drop = poisoning.run(several, share=0.4, repeats=2, **COMMON).measures["accuracy_drop"]
    assert drop.value > 0.1


@pytest.mark.parametrize(
    "options",
    [
        {"share": 0.0},
        {"share": 1.2},
        {"share": -0.1},
        {"repeats": 1},
        {"share": 0.0005},
        {"share": None},
        {"share": float("nan")},
        {"repeats": None},
        {"repeats": 10**9},
    ],
)
def test_what_measures_nothing_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(NotMeasurable):
        poisoning.run(subject(linear), **options, **COMMON)


@pytest.mark.parametrize("measured", [poisoning.run, poisoning.plant])
def test_a_recipe_that_ends_its_process_ends_only_the_check(measured: Any) -> None:
    def leave(x: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
        raise SystemExit(0)

    leaving = Subject.in_memory(train=table(100, 1), test=table(50, 2), recipe=leave)
    with pytest.raises(SubjectError, match="ended its process"):
        measured(leaving, **COMMON)


def test_training_data_of_one_class_is_refused() -> None:
    one = table(100, 1).assign(target="yes")
    with pytest.raises(NotMeasurable, match="all training rows have the label yes"):
        poisoning.run(Subject.in_memory(train=one, test=table(50, 2), recipe=OnNumbers(linear)).replaced(), **COMMON)


def test_a_regression_is_refused() -> None:
    frame = table(100, 1).assign(target=lambda rows: rows["a"] * 2)
    regression = Subject.in_memory(
        train=frame, test=frame, task="regression", recipe=OnNumbers(lambda seed: LinearRegression())
    )
    with pytest.raises(NotMeasurable, match="regression"):
        poisoning.run(regression, **COMMON)
