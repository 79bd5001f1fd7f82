"""Whether probabilities mean what they say: debiased calibration error and Spiegelhalter's test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from audit.statistics import intervals
from audit.statistics.intervals import Estimate, Interval

Array = NDArray[Any]


@dataclass(frozen=True)
class Bins:
    """Rows gathered by confidence, equally many a bin.

    Attributes:
        rows: rows a bin, shape (b,), int.
        confidence: mean stated confidence a bin, shape (b,), float.
        accuracy: share of rows a bin that are right, shape (b,), float.
    """

    rows: Array
    confidence: Array
    accuracy: Array


def bins_of_equal_mass(confidence: Array, right: Array, *, bins: int = 15, min_rows: int = 10) -> Bins:
    """Sort rows by confidence and cut them into bins of equally many rows.

    Args:
        confidence: stated probability of the predicted class, shape (n,), float in 0..1.
        right: whether the prediction is right, shape (n,), bool.
        bins: most bins; fewer where a bin would hold fewer than `min_rows` rows.

    Raises:
        ValueError: there are no rows.
    """
    if len(confidence) == 0:
        raise ValueError("no rows")
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, max(1, min(bins, len(order) // min_rows)))
    return Bins(
        np.array([len(part) for part in parts]),
        np.array([confidence[part].mean() for part in parts]),
        np.array([right[part].mean() for part in parts]),
    )


def calibration_error(binned: Bins, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """Root mean squared gap between confidence and accuracy, without the part that chance alone adds.

    The plain error of a perfect model is far above 0 on few rows (0.07 on 300 rows with 15 bins). From each squared
    gap the variance of the accuracy in its bin is taken off; what remains below 0 is 0. The interval inverts a test:
    its ends are the errors for which a sum as large (or as small) as the one seen would be rarer than the confidence
    allows. The upper end is at least the Clopper-Pearson bound on the gap of all rows together, so that five rows stay
    wide.

    Source:
        Kumar, Liang and Ma, "Verified Uncertainty Calibration", NeurIPS 2019, section 5; the interval is our own.
    """
    n = int(binned.rows.sum())
    weights = binned.rows / n
    gaps = binned.accuracy - binned.confidence
    noise = binned.accuracy * (1 - binned.accuracy) / np.maximum(binned.rows - 1, 1)
    # A bin without a mistake shows no variance of its own; what the model claims of itself stands in.
    noise = np.maximum(noise, binned.confidence * (1 - binned.confidence) / binned.rows)
    seen = float((weights * gaps**2).sum())
    value = float(np.sqrt(max(seen - float((weights * noise).sum()), 0.0)))
    direction = np.abs(gaps) / np.sqrt(seen) if seen > 0 else np.ones(len(gaps))
    draws = np.random.default_rng(seed).normal(size=(intervals.REPLICATES, len(gaps))) * np.sqrt(noise)
    cross, square = (weights * direction * draws).sum(axis=1), (weights * draws**2).sum(axis=1)
    tail = (1 - confidence) / 2

    def share_above(error: float) -> float:
        return float((error**2 + 2 * error * cross + square >= seen).mean())

    low = _crossing(share_above, tail) if share_above(0.0) < tail else 0.0
    high = _crossing(share_above, 1 - tail) if share_above(0.0) < 1 - tail else 0.0
    whole = _gap_of_all_rows(binned, confidence)
    return Estimate(value, Interval(min(low, value), max(high, whole, value)), n)


def spiegelhalter_p(probabilities: Array, truth: Array) -> float:
    """p-value of Spiegelhalter's test that labels are drawn from the stated probabilities, two-sided.

    Args:
        probabilities: shape (n, k), float, each row sums to 1.
        truth: codes, shape (n,), int.

    Returns:
        Small where the probabilities are too bold or too shy; about 0.5 on average for a calibrated model.

    Raises:
        ValueError: every probability is 0, 1 or uniform and nothing contradicts it, so that there is nothing to test.

    Source:
        Spiegelhalter, "Probabilistic prediction in patient management and clinical trials", Statistics in Medicine 5
        (1986); extended from two to k classes by the variance of the multi-class Brier score.
    """
    slopes = 1 - 2 * probabilities
    centre = (slopes * probabilities).sum(axis=1)
    variance = float(((slopes**2 * probabilities).sum(axis=1) - centre**2).clip(min=0).sum())
    difference = float((slopes[np.arange(len(truth)), truth] - centre).sum())
    if variance <= 1e-12:
        if abs(difference) > 1e-6:
            return 0.0
        raise ValueError("all probabilities are certain or uniform")
    return float(2 * stats.norm.sf(abs(difference) / np.sqrt(variance)))


def _crossing(share_above: Any, level: float) -> float:
    """Error at which the share of simulated sums above the one seen rises past `level`."""
    low, high = 0.0, 2.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if share_above(middle) < level else (low, middle)
    return min((low + high) / 2, 1.0)


def _gap_of_all_rows(binned: Bins, confidence: float) -> float:
    n = int(binned.rows.sum())
    right = round(float((binned.rows * binned.accuracy).sum()))
    stated = float((binned.rows * binned.confidence).sum()) / n
    truth = intervals.share(right, n, confidence=confidence)
    return max(abs(truth.low - stated), abs(truth.high - stated))
