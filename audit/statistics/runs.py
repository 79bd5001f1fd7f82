"""Intervals for what a procedure does that was run several times, each time judged on the same rows.

Two things could have come out otherwise: which runs there were (seeds, draws of the training data) and which rows they
were judged on. Half of the allowed error goes to each, and the two reaches are added, so that the interval holds
whatever rows and runs have to do with each other.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from audit.statistics import intervals
from audit.statistics.intervals import Array, Estimate, Interval

_DRAWS = 4000


def mean_over_runs(values: Array, *, confidence: float = 0.95, seed: int = 0, rare: float | None = None) -> Estimate:
    """Mean of numbers that every run gives for every row.

    Args:
        values: shape (runs, rows), two or more of each.
        confidence: of the interval.
        rare: as for `intervals.mean`: a value that rows can take though none of these does.

    Raises:
        ValueError: fewer than two runs or rows, or a value that is not finite.
    """
    half = half_of(confidence)
    rows = intervals.mean(values.mean(axis=0), confidence=half, seed=seed, rare=rare)
    reach = reach_of_runs(values.mean(axis=1), confidence=half)
    return Estimate(float(values.mean()), Interval(rows.low - reach, rows.high + reach), values.shape[1])


def shift_of_shares(first: Array, second: Array, classes: int, *, confidence: float = 0.95, seed: int = 0) -> Estimate:
    """How far the shares of the classes lie apart that two procedures answer: total variation, 0 (same) to 1.

    With two classes this is the change of the share of either. The runs are pairs: both procedures began alike and
    answered the same rows. Every reach is that of the whole vector of shares, in the same distance, so that no class
    has to be chosen and noise in many classes does not count as a shift.

    Args:
        first: class codes, shape (runs, rows), int, each 0..classes-1; any other code is a class of its own.
        second: the same, of the other procedure.

    Raises:
        ValueError: fewer than two runs or rows.

    Source:
        The triangle inequality for the distance, and the t distribution (multivariate over rows) for its error; our
        own combination, checked by simulation.
    """
    runs, n = first.shape
    if runs < 2 or n < 2:
        raise ValueError(f"{runs} runs on {n} rows; two or more of each are needed")
    change = np.stack([(second == code).astype(float) - (first == code) for code in range(classes)], axis=-1)
    value = _distance(change.mean(axis=(0, 1)))
    half = half_of(confidence)
    reach = _reach_of_rows(change.mean(axis=0), half, seed)
    by_run = change.mean(axis=1)
    spread = float(np.sqrt(np.sum(_distances(by_run - by_run.mean(axis=0)) ** 2) / (runs - 1)))
    reach += _critical(half, runs) * spread / runs**0.5
    # rows whose answer no run changed may stand for some that would have changed
    unseen = intervals.share(0, n, confidence=half).high * (1 - value)
    return Estimate(value, Interval(max(0.0, value - reach), min(1.0, value + max(reach, unseen))), n)


def half_of(confidence: float) -> float:
    """The confidence that is left to either source of error."""
    return 1 - (1 - confidence) / 2


def reach_of_runs(by_run: Array, *, confidence: float) -> float:
    """Half the width of Student's interval for the mean of one number a run, shape (runs,).

    Raises:
        ValueError: fewer than two runs.
    """
    if len(by_run) < 2:
        raise ValueError("one run says nothing about another; two or more are needed")
    return _critical(confidence, len(by_run)) * float(np.std(by_run, ddof=1)) / float(np.sqrt(len(by_run)))


def _critical(confidence: float, n: int) -> float:
    return float(stats.t.ppf((1 + confidence) / 2, n - 1))


def _reach_of_rows(change: Array, confidence: float, seed: int) -> float:
    """How far the mean of the rows' changes, shape (rows, classes), may lie from that of all rows there could be."""
    n = len(change)
    spread = np.atleast_2d(np.cov(change.T)) / n
    rng = np.random.default_rng(seed)
    errors = rng.multivariate_normal(np.zeros(len(spread)), spread, size=_DRAWS)
    errors /= np.sqrt(rng.chisquare(n - 1, size=(_DRAWS, 1)) / (n - 1))
    return float(np.quantile(_distances(errors), confidence))


def _distance(change: Array) -> float:
    return float(_distances(change))


def _distances(changes: Array) -> Array:
    return np.asarray(np.abs(changes).sum(axis=-1) / 2)
