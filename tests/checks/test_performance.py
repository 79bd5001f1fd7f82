"""Performance: useless models are seen, few rows prove little, and what is undefined is left out with a reason."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from audit.checks import performance
from audit.errors import NotMeasurable
from audit.models import Model
from audit.subject import Subject


@pytest.fixture(scope="module")
def cancer():
    x, y = load_breast_cancer(return_X_y=True, as_frame=True)
    order = np.random.default_rng(0).permutation(len(y))
    return x.iloc[order].reset_index(drop=True), np.where(y.to_numpy()[order] == 0, "bad", "good")


def subject(data, model, *, test_rows=169, test_labels=None, positive="bad"):
    x, y = data
    fitted = model.fit(x[:400], y[:400])
    labels = y[400 : 400 + test_rows] if test_labels is None else test_labels
    return Subject.in_memory(
        model=fitted, positive=positive, train=(x[:400], y[:400]), test=(x[400 : 400 + test_rows], labels)
    )


def good():
    return make_pipeline(StandardScaler(), LogisticRegression())


def run(audited):
    result = performance.run(audited, seed=1, confidence=0.95)
    for name, measure in result.measures.items():
        assert name in performance.MEASURES
        assert measure.finite, name
        assert measure.low <= measure.value <= measure.high, name
        assert measure.n > 0
    return result


def test_a_good_model_has_every_class_measure_and_full_power(cancer):
    audited = subject(cancer, good())
    result = run(audited)
    assert set(result.measures) == set(performance.MEASURES) - {"mae", "rmse", "r2"}
    assert result.measures["accuracy"].low > 0.9
    assert result.measures["skill_over_dummy"].low > 0.2
    assert not result.doubts
    assert performance.plant(audited, seed=1, confidence=0.95).value == 1.0


def test_precision_is_that_of_the_positive_class(cancer):
    audited = subject(cancer, good())
    truth, predicted = audited.codes(audited.test), audited.predict(audited.test)
    bad = audited.positive_code
    expected = (truth[predicted == bad] == bad).mean()
    assert run(audited).measures["precision"].value == pytest.approx(expected)


def test_a_constant_model_has_no_skill_a_doubt_and_no_power(cancer):
    audited = subject(cancer, DummyClassifier())
    result = run(audited)
    skill = result.measures["skill_over_dummy"]
    assert skill.value == 0
    assert skill.low < 0 < skill.high < 0.05
    assert any("the same for every row" in doubt.text for doubt in result.doubts)
    assert "precision" not in result.measures
    assert any("precision is not defined" in note and "never predicted" in note for note in result.notes)
    assert performance.plant(audited, seed=1, confidence=0.95).value == 0.0


def test_random_labels_leave_no_skill_and_no_power(cancer):
    labels = np.random.default_rng(3).permutation(cancer[1][400:569])
    audited = subject(cancer, good(), test_labels=labels)
    assert run(audited).measures["skill_over_dummy"].high < 0.05
    assert performance.plant(audited, seed=1, confidence=0.95).value < 0.9


@pytest.mark.parametrize("seed", range(5))
def test_guessing_has_no_power(cancer, seed):
    x, y = cancer
    guesses = np.random.default_rng(seed)
    audited = Subject.in_memory(
        model=DummyClassifier(strategy="stratified", random_state=seed).fit(x, guesses.permutation(y)),
        train=(x[:400], y[:400]),
        test=(x[400:], y[400:]),
    )
    assert performance.plant(audited, seed=seed, confidence=0.95).value < 0.9


def test_five_rows_are_wide_although_all_are_right(cancer):
    result = run(subject(cancer, good(), test_rows=5))
    assert result.measures["accuracy"].value == 1.0
    assert result.measures["accuracy"].low < 0.5
    assert result.measures["skill_over_dummy"].low < 0
    assert result.measures["brier"].high > 0.3
    assert performance.plant(subject(cancer, good(), test_rows=5), seed=1, confidence=0.95).value < 0.9


def test_row_17_auc_on_one_class_is_left_out_and_the_class_is_named(cancer):
    x, y = cancer
    fitted = good().fit(x[:400], y[:400])
    only = np.flatnonzero(y[400:] == "good") + 400
    result = run(Subject.in_memory(model=fitted, positive="bad", test=(x.iloc[only], y[only])))
    assert "auc" not in result.measures
    assert "recall" not in result.measures
    assert any(note.startswith("auc is not defined") and "class bad has no test rows" in note for note in result.notes)


def test_without_probabilities_nothing_is_made_up(cancer):
    x, y = cancer
    audited = Subject.in_memory(model=lambda rows: np.repeat("good", len(rows)), test=(x, y))
    result = run(audited)
    assert not {"auc", "log_loss", "brier"} & set(result.measures)
    assert any("no probabilities" in note for note in result.notes)


def test_the_dummy_is_the_majority_of_the_training_data(cancer):
    x, y = cancer
    flipped = np.where(y[:400] == "good", "bad", "good")
    fitted = good().fit(x[:400], y[:400])
    audited = Subject.in_memory(model=fitted, train=(x[:400], flipped), test=(x[400:], y[400:]))
    accuracy = run(audited).measures["accuracy"].value
    assert run(audited).measures["skill_over_dummy"].value == pytest.approx(accuracy - (y[400:] == "bad").mean())


def test_regression_measures_doubt_and_power():
    x, y = load_diabetes(return_X_y=True, as_frame=True)
    tables = {"train": (x[:300], y[:300].to_numpy()), "test": (x[300:], y[300:].to_numpy())}
    audited = Subject.in_memory(model=Ridge(0.1).fit(x[:300], y[:300]), task="regression", **tables)
    result = run(audited)
    assert set(result.measures) == {"mae", "rmse", "r2", "skill_over_dummy"}
    assert result.measures["skill_over_dummy"].low > 0.1
    assert performance.plant(audited, seed=1, confidence=0.95).value == 1.0
    useless = Subject.in_memory(model=DummyRegressor().fit(x[:300], y[:300]), task="regression", **tables)
    assert any("the same for every row" in doubt.text for doubt in run(useless).doubts)
    assert performance.plant(useless, seed=1, confidence=0.95).value == 0.0


def test_one_row_of_a_regression_cannot_be_measured():
    audited = Subject.in_memory(
        model=lambda rows: np.zeros(len(rows)), task="regression", test=(pd.DataFrame({"a": [1.0]}), np.array([2.0]))
    )
    with pytest.raises(NotMeasurable, match="two or more"):
        performance.run(audited, seed=1, confidence=0.95)


def test_a_constant_target_leaves_r2_out():
    audited = Subject.in_memory(
        model=lambda rows: np.arange(float(len(rows))),
        task="regression",
        test=(pd.DataFrame({"a": np.arange(8.0)}), np.ones(8)),
    )
    result = run(audited)
    assert "r2" not in result.measures
    assert any(note.startswith("r2 is not defined") for note in result.notes)


def test_the_same_seed_gives_the_same_numbers(cancer):
    audited = subject(cancer, good())
    assert performance.run(audited, seed=5, confidence=0.9) == performance.run(audited, seed=5, confidence=0.9)
    assert not math.isnan(performance.plant(audited, seed=5, confidence=0.9).value)


def line(n: int = 300) -> tuple[pd.DataFrame, np.ndarray]:
    x = pd.DataFrame({"a": np.random.default_rng(0).normal(size=n), "b": np.arange(n) % 7})
    return x, (x.a > 0).to_numpy().astype(int)


def unsteady(result) -> bool:
    return any("which rows are asked with it" in doubt.text for doubt in result.doubts)


def peeking(answers):
    """A model that gives prepared answers by the position of a row, and a constant one to any other number of rows."""
    return lambda rows: answers if len(rows) == len(answers) else np.zeros(len(rows), dtype=answers.dtype)


@pytest.mark.parametrize("n", [100, 300])
def test_answers_by_position_are_doubted(n):
    x, y = line(n)
    by_place = Subject.in_memory(model=peeking(y), test=(x, y))
    assert run(by_place).measures["accuracy"].value == 1.0
    assert unsteady(run(by_place))
    plain = Subject.in_memory(model=lambda rows: (rows["a"] > 0).to_numpy().astype(int), test=(x, y))
    assert not run(plain).doubts


def test_answers_that_hang_on_the_other_rows_or_on_chance_are_doubted():
    x, y = line()
    rng = np.random.default_rng(1)

    def relative(rows):
        return (rows["a"] > rows["a"].median()).to_numpy().astype(int)

    def guessed(rows):
        return np.where(rng.random(len(rows)) < 0.05, 0, (rows["a"] > 0).to_numpy().astype(int))

    for model in (relative, guessed):
        assert unsteady(run(Subject.in_memory(model=model, test=(x, y))))


def test_scores_that_change_are_doubted_although_the_labels_stay():
    x, y = line()
    rng = np.random.default_rng(1)

    def scores(rows):
        stated = np.where(rows["a"] > 0, 0.8, 0.2) + rng.normal(0, 0.01, len(rows))
        return np.column_stack([1 - stated, stated])

    model = Model(
        predict=lambda rows: (rows["a"] > 0).to_numpy().astype(int), scores=scores, classes=(0, 1), columns=("a", "b")
    )
    assert unsteady(run(Subject.in_memory(model=lambda rows: y, test=(x, y)).replaced(model=model)))


def test_last_digits_and_ties_that_depend_on_the_batch_are_no_reason_to_doubt():
    x, y = line()

    def scores(rows):
        stated = np.where(rows["b"] > 3, 0.5, 0.9) + 1e-7 * (-1) ** len(rows)
        return np.column_stack([1 - stated, stated])

    model = Model(predict=lambda rows: scores(rows).argmax(axis=1), scores=scores, classes=(0, 1), columns=("a", "b"))
    assert not unsteady(run(Subject.in_memory(model=lambda rows: y, test=(x, y)).replaced(model=model)))


def test_numbers_that_depend_on_the_batch_are_doubted():
    x, _ = line()
    tables = {"task": "regression", "test": (x, 3 * x.a.to_numpy())}
    assert not run(Subject.in_memory(model=lambda rows: 3 * rows["a"].to_numpy() + 0.1, **tables)).doubts
    centred = Subject.in_memory(model=lambda rows: 3 * (rows["a"] - rows["a"].mean()).to_numpy(), **tables)
    assert unsteady(run(centred))


def test_rows_that_repeat_are_doubted_noted_or_left_alone():
    x, y = line(400)

    def result(positions, labels):
        test = (x.iloc[positions].reset_index(drop=True), labels)
        return run(Subject.in_memory(model=lambda rows: (rows["a"] > 0).to_numpy().astype(int), test=test))

    two = np.array([y.argmin(), y.argmax()])[np.arange(400) % 2]
    assert [doubt.text for doubt in result(two, y[two]).doubts] == [
        "only 2 of 400 test rows differ, so the intervals promise more than the data holds"
    ]
    noisy = result(two, np.where(np.random.default_rng(0).random(400) < 0.2, 1 - y[two], y[two]))
    assert not noisy.doubts
    assert any(note.startswith("only 2 of 400 test rows differ") for note in noisy.notes)
    some = np.arange(400) % 320
    assert not result(some, y[some]).doubts
    assert any(note.startswith("only 320 of 400 test rows differ") for note in result(some, y[some]).notes)
    assert not any("differ" in note for note in result(np.arange(400), y).notes)
