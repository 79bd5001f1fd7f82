"""How good class predictions are: shares from a confusion matrix, and areas under the ROC curve, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from audit.statistics import intervals
from audit.statistics.intervals import Estimate, Interval

Array = NDArray[Any]


def confusion(truth: Array, predicted: Array, classes: int) -> Array:
    """Counts of rows by true class (first axis) and predicted class (second axis).

    Args:
        truth: codes in 0..classes-1, shape (n,), int.
        predicted: likewise.

    Returns:
        Shape (classes, classes), int64.
    """
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def accuracy(matrix: Array, *, confidence: float = 0.95) -> Estimate:
    """Share of rows whose class is predicted right, with its Clopper-Pearson interval."""
    return _share(int(np.trace(matrix)), int(matrix.sum()), confidence)


def precision(matrix: Array, positive: int | None, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Share of the rows predicted as a class that belong to it; without `positive` the mean over classes.

    A class which has rows and is never predicted counts as 0 in the mean, with an interval from 0 to 1 of its own.

    Raises:
        ValueError: `positive` is never predicted, so that there is nothing to count.
    """
    return _one_or_mean(matrix, matrix.sum(axis=0), positive, "is never predicted", confidence, seed)


def recall(matrix: Array, positive: int | None, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Share of the rows of a class that are predicted as it; without `positive` the mean over classes with rows.

    The mean is also called balanced accuracy.

    Raises:
        ValueError: `positive` has no rows.
    """
    return _one_or_mean(matrix, matrix.sum(axis=1), positive, "has no rows", confidence, seed)


def f1(matrix: Array, positive: int | None, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Harmonic mean of precision and recall; without `positive` the plain mean over classes.

    For one class F1 = 2 J / (1 + J) with the Jaccard index J = TP / (TP + FP + FN). Given how many rows are positive or
    predicted so, TP is binomial with share J, so Clopper-Pearson for J gives an exact interval for F1. The mean over
    classes takes the hull of the same bounds summed and of a multinomial bootstrap of the whole matrix.

    Raises:
        ValueError: `positive` has no rows and is never predicted.
    """
    hits = np.diag(matrix)
    unions = matrix.sum(axis=0) + matrix.sum(axis=1) - hits
    if positive is not None:
        jaccard = _share(int(hits[positive]), int(unions[positive]), confidence)
        if jaccard.n == 0:
            raise ValueError("has no rows and is never predicted")
        low, high = (2 * end / (1 + end) for end in (jaccard.interval.low, jaccard.interval.high))
        return Estimate(2 * jaccard.value / (1 + jaccard.value), Interval(low, high), int(matrix.sum()))
    used = unions > 0
    value = float(np.mean(2 * hits[used] / (hits[used] + unions[used])))
    summed = intervals.mean_of_shares(hits[used], unions[used], confidence=confidence, seed=seed, transform=_f1)
    resampled = _multinomial_f1(matrix, confidence, seed)
    return Estimate(
        value, Interval(min(summed.low, resampled.low), max(summed.high, resampled.high)), int(matrix.sum())
    )


def auc(truth: Array, scores: Array, *, confidence: float = 0.95) -> Estimate:
    """Area under the ROC curve: how often a row of a class scores above a row of another class.

    Args:
        truth: codes, shape (n,), int.
        scores: shape (n, k), float; for k = 2 the second column counts, for more classes the mean of one against the
            rest.

    Returns:
        DeLong's interval on the logit scale; where all rows are ranked right (or wrong) that has no width, and the
        Clopper-Pearson bound of as many disjoint pairs as there are takes its place.

    Raises:
        ValueError: a class has no rows or all rows, named by its code, so that nothing can be ranked.

    Source:
        DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988); fast midranks of Sun and Xu, IEEE SPL 21 (2014).
    """
    classes = [1] if scores.shape[1] == 2 else list(range(scores.shape[1]))
    areas, influence, pairs = [], np.zeros(len(truth)), len(truth)
    for code in classes:
        positive = truth == code
        m, n = int(positive.sum()), int((~positive).sum())
        if m == 0 or n == 0:
            raise ValueError(str(code if m == 0 or len(classes) > 1 else 0))
        ranks = stats.rankdata(scores[:, code])
        above = (ranks[positive] - stats.rankdata(scores[positive, code])) / n
        below = 1 - (ranks[~positive] - stats.rankdata(scores[~positive, code])) / m
        area = float(above.mean())
        influence[positive] += (above - area) / np.sqrt(m * max(m - 1, 1)) / len(classes)
        influence[~positive] += (below - area) / np.sqrt(n * max(n - 1, 1)) / len(classes)
        areas.append(area)
        pairs = min(pairs, m, n)
    value = float(np.mean(areas))
    return Estimate(value, _auc_interval(value, float(np.sqrt((influence**2).sum())), pairs, confidence), len(truth))


def log_loss(truth: Array, scores: Array, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Mean negative logarithm of the probability of the true class, in nats, with `intervals.mean`, not below 0.

    Args:
        truth: codes, shape (n,), int.
        scores: probabilities, shape (n, k), float; 0 counts as the smallest step above it.

    Raises:
        ValueError: fewer than two rows.
    """
    stated = np.clip(scores[np.arange(len(truth)), truth], np.finfo(float).eps, 1.0)
    return _mean(-np.log(stated), float(np.log(scores.shape[1])), confidence, seed)


def brier(truth: Array, scores: Array, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Mean squared error of the probabilities, 0 to 1 for two classes and 0 to 2 for more, with `intervals.mean`.

    Args:
        truth: codes, shape (n,), int.
        scores: probabilities, shape (n, k), float.

    Raises:
        ValueError: fewer than two rows.

    Source:
        Brier, Monthly Weather Review 78 (1950); for two classes halved, as is usual now.
    """
    squares = ((scores - np.eye(scores.shape[1])[truth]) ** 2).sum(axis=1) / (2 if scores.shape[1] == 2 else 1)
    return _mean(squares, 1.0, confidence, seed)


def _mean(values: Array, rare: float, confidence: float, seed: int) -> Estimate:
    interval = intervals.mean(values, confidence=confidence, seed=seed, rare=rare)
    return Estimate(float(values.mean()), Interval(max(interval.low, 0.0), interval.high), len(values))


def _auc_interval(value: float, error: float, pairs: int, confidence: float) -> Interval:
    # Disjoint pairs of one row of each class are independent; how many of them are ranked right bounds the area.
    right = round(value * pairs)
    exact = intervals.share(right, pairs, confidence=confidence)
    if not 0 < value < 1 or error == 0:
        return exact
    reach = float(stats.t.ppf((1 + confidence) / 2, max(pairs - 1, 1))) * error / (value * (1 - value))
    logit = np.log(value / (1 - value))
    low, high = (float(1 / (1 + np.exp(-end))) for end in (logit - reach, logit + reach))
    return Interval(low, high)


def _share(successes: int, n: int, confidence: float) -> Estimate:
    return Estimate(successes / n if n else 0.0, intervals.share(successes, n, confidence=confidence), n)


def _one_or_mean(
    matrix: Array, totals: Array, positive: int | None, problem: str, confidence: float, seed: int
) -> Estimate:
    hits = np.diag(matrix)
    if positive is not None:
        if totals[positive] == 0:
            raise ValueError(problem)
        return _share(int(hits[positive]), int(totals[positive]), confidence)
    used = matrix.sum(axis=1) > 0
    value = float(np.mean(hits[used] / np.maximum(totals[used], 1)))
    interval = intervals.mean_of_shares(hits[used], totals[used], confidence=confidence, seed=seed)
    return Estimate(value, interval, int(matrix.sum()))


def _f1(jaccard: Array) -> Array:
    return np.asarray(2 * jaccard / (1 + jaccard))


def _multinomial_f1(matrix: Array, confidence: float, seed: int) -> Interval:
    n, k = int(matrix.sum()), len(matrix)
    if n < 2:
        return Interval(0.0, 1.0)
    true, predicted = np.nonzero(matrix)
    draws = np.random.default_rng(seed).multinomial(n, matrix[true, predicted] / n, size=intervals.REPLICATES)
    sums = np.zeros((3, len(draws), k))
    for cell, (row, column) in enumerate(zip(true, predicted, strict=True)):
        sums[0, :, row] += draws[:, cell]
        sums[1, :, column] += draws[:, cell]
        if row == column:
            sums[2, :, row] += draws[:, cell]
    present = sums[0] + sums[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        per_class = np.where(present > 0, 2 * sums[2] / present, np.nan)
    return intervals.expanded_percentiles(np.nanmean(per_class, axis=1), n, confidence=confidence)
