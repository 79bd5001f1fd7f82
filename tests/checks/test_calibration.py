"""Calibration: bold probabilities are seen, honest ones are not blamed on few rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from audit.checks import calibration
from audit.errors import NotMeasurable
from audit.models import Model
from audit.subject import Subject


def subject(seed: int, n: int, *, power: float = 1.0, classes: int = 2):
    """A model whose stated probabilities are the true ones, raised to a power: over 1 is too bold."""
    rng = np.random.default_rng(seed)
    true = rng.dirichlet(np.ones(classes), n)
    labels = (rng.random((n, 1)) > true.cumsum(axis=1)).sum(axis=1).clip(max=classes - 1)
    columns = [f"p{place}" for place in range(classes)]

    def scores(rows: pd.DataFrame) -> np.ndarray:
        stated = rows[columns].to_numpy() ** power
        return stated / stated.sum(axis=1, keepdims=True)

    model = Model(
        predict=lambda rows: scores(rows).argmax(axis=1), scores=scores, classes=tuple(range(classes)),
        columns=tuple(columns),
    )  # fmt: skip
    return Subject.in_memory(model=model, test=(pd.DataFrame(true, columns=columns), labels))


def run(audited, **parameters):
    result = calibration.run(audited, seed=1, confidence=0.95, **parameters)
    assert all(measure.finite and measure.n > 0 for measure in result.measures.values())
    return result


@pytest.mark.parametrize("classes", [2, 4])
def test_a_perfect_model_is_not_blamed_on_300_rows(classes):
    results = [run(subject(seed, 300, classes=classes)).measures for seed in range(40)]
    assert np.mean([found["ece"].low > 0 for found in results]) <= 0.1
    assert np.mean([found["spiegelhalter_p"].value < 0.05 for found in results]) <= 0.15


@pytest.mark.parametrize("classes", [2, 4])
def test_a_bold_model_is_seen(classes):
    found = run(subject(1, 800, power=3, classes=classes)).measures
    assert found["ece"].low > 0.03
    assert found["spiegelhalter_p"].value < 0.001


def test_power_is_high_with_enough_rows_and_low_with_five():
    assert calibration.plant(subject(1, 400), seed=1, confidence=0.95).value >= 0.9
    assert calibration.plant(subject(1, 5), seed=1, confidence=0.95).value < 0.9


def test_a_certain_model_has_no_power():
    audited = subject(1, 300, power=500)
    assert calibration.plant(audited, seed=1, confidence=0.95).value < 0.9


def test_five_rows_are_wide():
    found = run(subject(3, 5)).measures["ece"]
    assert found.high - found.low > 0.3


def test_a_constant_probability_is_calibrated_and_doubted():
    x = pd.DataFrame({"a": np.arange(200.0)})
    model = Model(
        predict=lambda rows: np.zeros(len(rows), dtype=int),
        scores=lambda rows: np.tile([0.7, 0.3], (len(rows), 1)),
        classes=(0, 1),
    )
    labels = (np.arange(200) % 10 >= 7).astype(int)
    result = run(Subject.in_memory(model=model, test=(x, labels)))
    assert result.measures["ece"].value == 0
    assert any("useless" in doubt.text for doubt in result.doubts)


def test_without_probabilities_there_is_nothing_to_measure():
    audited = Subject.in_memory(
        model=lambda rows: np.zeros(len(rows), dtype=int), test=(pd.DataFrame({"a": [1.0, 2.0]}), np.array([0, 1]))
    )
    with pytest.raises(NotMeasurable, match="no probabilities"):
        calibration.run(audited, seed=1, confidence=0.95)


@pytest.mark.parametrize(
    ("rows", "bins", "words"),
    [(1, 15, "two or more"), (50, 0, "bins is 0"), (50, 1, "bins is 1;"), (50, 10**6, "2 to 1000 bins")],
)
def test_too_little_to_measure(rows, bins, words):
    with pytest.raises(NotMeasurable, match=words):
        calibration.run(subject(1, rows), seed=1, confidence=0.95, bins=bins)


def test_the_same_seed_gives_the_same_numbers():
    audited = subject(1, 200)
    assert run(audited) == run(audited)


def with_model(audited, **changes):
    return audited.replaced(model=replace(audited.model, **changes))


def test_answers_other_than_the_most_probable_class_are_doubted_and_counted():
    audited = subject(1, 400)
    assert not run(audited).doubts
    scores = audited.model.scores
    strict = with_model(audited, predict=lambda rows: (scores(rows)[:, 1] > 0.8).astype(int))
    result = run(strict)
    stated = scores(audited.test.features)
    share = ((stated[:, 1] > 0.5) & (stated[:, 1] <= 0.8)).mean()
    assert [doubt.text for doubt in result.doubts] == [
        f"on {share:.0%} of rows the answer is not the most probable class"
    ]
    right = ((stated[:, 1] > 0.8) == audited.codes(audited.test)).mean()
    assert f"{right:.1%} of them are right" in result.sentence


def test_probabilities_that_depend_on_the_other_rows_are_doubted():
    audited = subject(1, 150)
    scores = audited.model.scores

    def relative(rows):
        logits = np.log(scores(rows))
        stated = np.exp(logits - 0.3 * logits.mean(axis=0))
        return stated / stated.sum(axis=1, keepdims=True)

    result = run(with_model(audited, scores=relative, predict=lambda rows: relative(rows).argmax(axis=1)))
    assert any("which rows are asked with it" in doubt.text for doubt in result.doubts)


def test_the_same_two_rows_again_and_again_are_doubted():
    audited = subject(1, 2)
    test = audited.test.take(np.arange(400) % 2)
    assert any(doubt.text.startswith("only 2 of 400 test rows") for doubt in run(audited.replaced(test=test)).doubts)
