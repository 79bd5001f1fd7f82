"""Scores that stand still or point the wrong way must not read as strength, on arrays and on tables alike."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, softmax
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from audit.checks import evasion
from audit.checks._evasion.second_look import Larger, SecondLook
from audit.errors import NotMeasurable
from audit.models import Model
from audit.records import CheckResult
from audit.subject import Subject

COMMON: dict[str, Any] = {"seed": 1, "confidence": 0.95}
COLUMNS = [f"pixel{place}" for place in range(64)]


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_digits(return_X_y=True)
    return x / 16, y


@cache
def network() -> MLPClassifier:
    x, y = digits()
    return MLPClassifier((48,), max_iter=80, random_state=0).fit(x[:1400], y[:1400])


def logits(x: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(network().predict_proba(np.asarray(x)), 1e-300))


def one_hot(x: np.ndarray) -> np.ndarray:
    return np.eye(10)[logits(x).argmax(axis=1)]


SCORES: dict[str, Any] = {
    "honest": lambda x: softmax(logits(x), axis=1),
    "stuck": lambda x: 0.05 + 0.5 * one_hot(x),
    "between -1 and 1": lambda x: softmax(2 * one_hot(x) - 1, axis=1),
    "misleading": lambda x: softmax(9 * one_hot(x) - 0.02 * logits(x), axis=1),
    "wide": lambda x: softmax(expit(200 * (logits(x) - logits(x).max(axis=1, keepdims=True) + 0.5)), axis=1),
}


def audited(name: str, table: bool, epsilon: float = 0.1) -> CheckResult:
    x, y = digits()
    columns = tuple(COLUMNS) if table else ()
    model = Model(
        predict=lambda rows: logits(rows).argmax(axis=1), scores=SCORES[name], classes=tuple(range(10)), columns=columns
    )
    if table:
        frames = [
            pd.DataFrame(x[part], columns=COLUMNS).assign(target=y[part]) for part in (slice(1400), slice(1400, None))
        ]
        subject = Subject.in_memory(model=model, train=frames[0], test=frames[1])
    else:
        subject = Subject.in_memory(model=model, train=(x[:1400], y[:1400]), test=(x[1400:], y[1400:]))
    *_, result = evasion.run(subject, epsilon=epsilon, max_rows=24, queries=250, **COMMON)
    return result


@pytest.mark.slow
@pytest.mark.parametrize("table", [False, True], ids=["array", "table"])
@pytest.mark.parametrize("name", [name for name in SCORES if name != "honest"])
def test_scores_that_lead_nowhere_never_flatter(name: str, table: bool) -> None:
    honest, masked = audited("honest", table), audited(name, table)
    flattered = masked.measures["robust_accuracy"].value - honest.measures["robust_accuracy"].value
    assert masked.doubts or flattered <= 0.05


@pytest.mark.parametrize("table", [False, True], ids=["array", "table"])
def test_honest_scores_are_not_doubted(table: bool) -> None:
    assert not audited("honest", table, epsilon=0.02).doubts


@pytest.mark.parametrize(
    ("look", "texts"),
    [
        (SecondLook(), 0),
        (SecondLook(withstood=12, broken=1), 0),
        (SecondLook(withstood=12, broken=2), 1),
        (SecondLook(withstood=40, broken=3), 0),
        (SecondLook((Larger(0.2, 16, 14, 10, 2), Larger(0.4, 16, 14, 14, 0))), 0),
        (SecondLook((Larger(0.2, 16, 14, 8, 3), Larger(0.4, 16, 14, 8, 4)), withstood=4, broken=4), 3),
    ],
)
def test_a_second_look_doubts_what_it_contradicts(look: SecondLook, texts: int) -> None:
    assert len(look.doubts()) == texts


def test_training_data_without_a_column_of_the_test_data_is_left_out() -> None:
    x, y = digits()
    test = pd.DataFrame(x[1400:1432], columns=COLUMNS).assign(target=y[1400:1432], noted=1.0)
    train = pd.DataFrame(x[:100], columns=COLUMNS).assign(target=y[:100])
    model = LogisticRegression(max_iter=500).fit(test[COLUMNS], test["target"])
    subject = Subject.in_memory(model=model, train=train, test=test)
    *_, result = evasion.run(subject, epsilon=0.1, max_rows=16, queries=50, **COMMON)
    assert result.measures["robust_accuracy"].n == 16


def test_the_proof_of_another_kind_of_model_is_refused_in_words() -> None:
    x, y = digits()
    model = LogisticRegression(max_iter=500).fit(x[:200], y[:200])
    subject = Subject.in_memory(model=model, test=(x[1400:1432], y[1400:1432]))
    with pytest.raises(NotMeasurable, match="exact_trees"):
        next(iter(evasion.run(subject, epsilon=0.1, attacks=("exact_trees",), **COMMON)))
