"""Class metrics: the values of scikit-learn, the coverage of a simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn import metrics as sklearn_metrics

from audit.statistics import classification, regression

JOINT = np.array([[0.50, 0.03, 0.02], [0.05, 0.20, 0.05], [0.02, 0.03, 0.10]])


def labels(seed: int = 0, n: int = 300, k: int = 3):
    rng = np.random.default_rng(seed)
    cells = rng.choice(9, size=n, p=JOINT.ravel())
    return cells // 3, cells % 3


def test_values_agree_with_scikit_learn():
    truth, predicted = labels()
    matrix = classification.confusion(truth, predicted, 3)
    assert (matrix == sklearn_metrics.confusion_matrix(truth, predicted)).all()
    assert classification.accuracy(matrix).value == pytest.approx(sklearn_metrics.accuracy_score(truth, predicted))
    for average, positive in (("macro", None), (None, 1)):
        for ours, theirs in (
            (classification.precision, sklearn_metrics.precision_score),
            (classification.recall, sklearn_metrics.recall_score),
            (classification.f1, sklearn_metrics.f1_score),
        ):
            expected = theirs(truth, predicted, average=average)
            assert ours(matrix, positive).value == pytest.approx(expected if positive is None else expected[positive])


@pytest.mark.parametrize("k", [2, 4])
def test_auc_agrees_with_scikit_learn_also_with_ties(k):
    rng = np.random.default_rng(1)
    truth = rng.integers(0, k, 200)
    scores = np.round(rng.dirichlet(np.ones(k), 200) + np.eye(k)[truth] * 0.3, 1)
    scores /= scores.sum(axis=1, keepdims=True)
    expected = (
        sklearn_metrics.roc_auc_score(truth, scores[:, 1])
        if k == 2
        else sklearn_metrics.roc_auc_score(truth, scores, multi_class="ovr")
    )
    assert classification.auc(truth, scores).value == pytest.approx(expected)


@pytest.mark.parametrize("n", [60, 400])
def test_auc_covers(n):
    rng, shift = np.random.default_rng(2), 1.5
    truth_value = norm.cdf(shift / 2**0.5)
    covered = 0
    for _ in range(400):
        truth = (rng.random(n) < 0.4).astype(int)
        score = rng.normal(size=n) + shift * truth
        interval = classification.auc(truth, np.column_stack([-score, score])).interval
        covered += interval.low <= truth_value <= interval.high
    assert covered / 400 >= 0.92


def test_a_perfect_ranking_of_five_rows_proves_little():
    truth, score = np.array([0, 0, 0, 1, 1]), np.arange(5.0)
    found = classification.auc(truth, np.column_stack([-score, score]))
    assert found.value == 1.0
    assert found.interval.low < 0.5


@pytest.mark.parametrize(("truth", "named"), [([1, 1, 1], "0"), ([0, 0, 0], "1")])
def test_auc_of_one_class_is_undefined_and_names_the_missing_class(truth, named):
    with pytest.raises(ValueError, match=named):
        classification.auc(np.array(truth), np.random.default_rng(0).random((3, 2)))


@pytest.mark.parametrize("metric", ["precision", "recall", "f1"])
@pytest.mark.parametrize("positive", [None, 1])
def test_intervals_cover(metric, positive):
    rng = np.random.default_rng(3)
    right, true, said = np.diag(JOINT), JOINT.sum(axis=1), JOINT.sum(axis=0)
    per_class = {"precision": right / said, "recall": right / true, "f1": 2 * right / (said + true)}[metric]
    truth = per_class.mean() if positive is None else per_class[positive]
    covered = 0
    for run in range(300):
        matrix = rng.multinomial(150, JOINT.ravel()).reshape(3, 3)
        interval = getattr(classification, metric)(matrix, positive, seed=run).interval
        covered += interval.low <= truth <= interval.high
    assert covered / 300 >= 0.92


def test_what_is_not_there_is_undefined_and_not_zero():
    never = np.array([[5, 0], [5, 0]])
    with pytest.raises(ValueError, match="never predicted"):
        classification.precision(never, 1)
    with pytest.raises(ValueError, match="has no rows"):
        classification.recall(np.array([[5, 1], [0, 0]]), 1)
    with pytest.raises(ValueError, match="has no rows and is never predicted"):
        classification.f1(np.array([[5, 0], [0, 0]]), 1)


def test_regression_values_and_coverage():
    rng = np.random.default_rng(4)
    covered = 0
    for run in range(200):
        truth = rng.normal(size=80)
        predicted = truth + rng.normal(scale=0.5, size=80)
        found = regression.r_squared(truth, predicted, seed=run)
        covered += found.interval.low <= 0.75 <= found.interval.high
    assert covered / 200 >= 0.9
    assert found.value == pytest.approx(sklearn_metrics.r2_score(truth, predicted))
    errors = truth - predicted
    assert regression.mean_absolute_error(errors).value == pytest.approx(np.abs(errors).mean())
    assert regression.root_mean_squared_error(errors).value == pytest.approx((errors**2).mean() ** 0.5)
    assert regression.skill(truth, np.full(80, 0.3), 0.3).value == pytest.approx(0)
    with pytest.raises(ValueError, match="same value"):
        regression.r_squared(np.ones(5), np.arange(5.0))
    with pytest.raises(ValueError, match="right in all rows"):
        regression.skill(np.ones(5), np.arange(5.0), 1.0)
