"""How good predicted numbers are, with intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.statistics import intervals
from audit.statistics.intervals import Estimate, Interval

Array = NDArray[Any]


def mean_absolute_error(errors: Array, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Mean size of the errors, in the unit of the target, with `intervals.mean`, not below 0."""
    interval = intervals.mean(np.abs(errors), confidence=confidence, seed=seed)
    return Estimate(float(np.abs(errors).mean()), Interval(max(interval.low, 0.0), interval.high), len(errors))


def root_mean_squared_error(errors: Array, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Root of the mean squared error, in the unit of the target; the root of both ends for the mean square."""
    interval = intervals.mean(errors**2, confidence=confidence, seed=seed)
    ends = Interval(float(np.sqrt(max(interval.low, 0.0))), float(np.sqrt(interval.high)))
    return Estimate(float(np.sqrt((errors**2).mean())), ends, len(errors))


def r_squared(truth: Array, predicted: Array, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Share of the variance of the target that the predictions explain; below 0 they are worse than the mean.

    Raises:
        ValueError: the target is the same in all rows, or there are fewer than two rows.
    """
    if len(truth) < 2 or np.ptp(truth) == 0:
        raise ValueError("the target has the same value in all rows")

    def statistic(rows: Array) -> Array:
        drawn = truth[rows]
        spread = ((drawn - drawn.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1 - ((drawn - predicted[rows]) ** 2).sum(axis=-1) / np.where(spread > 0, spread, np.nan))

    return _with_bootstrap(statistic, len(truth), confidence, seed)


def skill(truth: Array, predicted: Array, dummy: float, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Share of the mean absolute error of one constant answer that the predictions avoid; 1 is perfect, 0 is useless.

    Args:
        truth: shape (n,), float.
        predicted: shape (n,), float.
        dummy: the constant answer, usually the median of the training target.

    Raises:
        ValueError: the constant answer is right in all rows.
    """
    errors, plain = np.abs(truth - predicted), np.abs(truth - dummy)
    if len(truth) < 2 or plain.sum() == 0:
        raise ValueError("the constant answer is right in all rows")

    def statistic(rows: Array) -> Array:
        total = plain[rows].sum(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(1 - errors[rows].sum(axis=-1) / np.where(total > 0, total, np.nan))

    return _with_bootstrap(statistic, len(truth), confidence, seed)


def _with_bootstrap(statistic: Any, n: int, confidence: float, seed: int) -> Estimate:
    interval = intervals.bootstrap(statistic, n, confidence=confidence, seed=seed)
    value = float(statistic(np.arange(n)[None])[0])
    return Estimate(value, Interval(min(interval.low, value), max(interval.high, value)), n)
