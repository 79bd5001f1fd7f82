"""Confidence intervals for shares, means, areas under the ROC curve and paired differences, from one fixed sample.

Each is two-sided. Few rows give wide intervals, also where the sample shows no spread at all (five right answers out of
five), because a verdict rests on the pessimistic end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[Any]
REPLICATES = 2000
MANY_ROWS = 10_000
"""From here on a mean is normal enough, and a bootstrap would only cost time."""


@dataclass(frozen=True)
class Interval:
    """Both ends of a confidence interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """A point estimate with its interval and the rows that it rests on."""

    value: float
    interval: Interval
    n: int


def share(successes: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Clopper-Pearson interval for a share: covers at least as often as it says, for every sample size.

    Args:
        successes: rows with the property, 0 to n.
        n: rows looked at; 0 gives (0, 1).
        confidence: probability of covering the true share, over 0 and below 1.

    Raises:
        ValueError: successes is not within 0..n.

    Source:
        Clopper and Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934).
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes out of {n} rows")
    tail = (1 - confidence) / 2
    low = float(special.betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    high = float(special.betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    return Interval(low, high)


def mean(values: Array, *, confidence: float = 0.95, seed: int = 0, rare: float | None = None) -> Interval:
    """Interval for a mean: the hull of Student's t and the expanded percentile bootstrap, which follows skew.

    Args:
        values: numbers, shape (n,), at least two. Equal numbers give an interval without width: a mean of numbers of
            unknown range cannot be bounded otherwise; where the values are yes or no, use `share`.
        rare: a value that rows can take though none of these does; the upper end then makes room for as many of them as
            n rows can fail to show, so that five small losses do not prove a small loss.

    Raises:
        ValueError: fewer than two values, or one that is not finite.

    Source:
        Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69 (2015), section 4.
    """
    numbers = np.asarray(values, dtype=float)
    if numbers.ndim != 1 or len(numbers) < 2 or not np.isfinite(numbers).all():
        raise ValueError(f"an interval for a mean needs two or more finite numbers; got shape {numbers.shape}")
    n = len(numbers)
    centre, error = float(numbers.mean()), float(numbers.std(ddof=1)) / n**0.5
    reach = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * error
    unseen = -np.inf if rare is None else centre + share(0, n, confidence=confidence).high * (rare - centre)
    if n > MANY_ROWS:
        return Interval(centre - reach, max(centre + reach, unseen))
    resampled = bootstrap(lambda rows: numbers[rows].mean(axis=1), n, confidence=confidence, seed=seed)
    return Interval(min(centre - reach, resampled.low), max(centre + reach, resampled.high, unseen))


def bootstrap(
    statistic: Callable[[Array], Array],
    n: int,
    *,
    confidence: float = 0.95,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> Interval:
    """Expanded percentile bootstrap of any statistic of n rows.

    Args:
        statistic: takes row positions, shape (replicates, n), and returns one number a replicate; a replicate on which
            it is not defined may be NaN.
        n: rows of the sample, at least two.

    Raises:
        ValueError: fewer than two rows, or the statistic is undefined on more than half of the replicates.

    Source:
        Hesterberg 2015, section 4: quantiles are moved outward so that a mean of n normal values is covered as by
        Student's t.
    """
    if n < 2:
        raise ValueError("a bootstrap interval needs two rows or more")
    rng = np.random.default_rng(seed)
    replicates = min(replicates, max(400, 20_000_000 // n))
    block = max(1, 2_000_000 // n)
    parts = [
        statistic(rng.integers(0, n, size=(min(block, replicates - start), n))) for start in range(0, replicates, block)
    ]
    return expanded_percentiles(np.concatenate(parts), n, confidence=confidence)


def expanded_percentiles(replicates: Array, n: int, *, confidence: float = 0.95) -> Interval:
    """Percentile interval of bootstrap replicates, widened for the few rows that they come from.

    Args:
        replicates: the statistic on each resample, shape (B,); NaN where it was undefined.
        n: rows of the sample behind them.

    Raises:
        ValueError: more than half of the replicates are undefined.
    """
    defined = replicates[np.isfinite(replicates)]
    if 2 * len(defined) < len(replicates) or n < 2:
        raise ValueError("the statistic is undefined on most resamples of so few rows")
    tail = float(special.ndtr(-np.sqrt(n / (n - 1)) * special.stdtrit(n - 1, (1 + confidence) / 2)))
    return Interval(*(float(end) for end in np.quantile(defined, [tail, 1 - tail])))


def mean_of_shares(
    successes: Array,
    totals: Array,
    *,
    confidence: float = 0.95,
    seed: int = 0,
    transform: Callable[[Array], Array] | None = None,
) -> Interval:
    """Interval for the plain mean of independent shares, such as the mean of the recalls of all classes.

    With one share it is Clopper-Pearson; with several, both ends come from sums of the beta distributions that
    Clopper-Pearson uses for each of them, so that a class with few rows widens the interval.

    Args:
        successes: counts, shape (k,), int.
        totals: rows behind each, shape (k,), int; a total of 0 leaves its share anywhere between 0 and 1.

        transform: increasing function that each share goes through before the mean is taken.

    Source:
        The fiducial bounds of Clopper and Pearson, summed by simulation; our own combination, checked by simulation.
    """
    hits, rows = np.asarray(successes, dtype=float), np.asarray(totals, dtype=float)
    if len(hits) == 1 and transform is None:
        return share(int(hits[0]), int(rows[0]), confidence=confidence)
    rng = np.random.default_rng(seed)
    ends = []
    for successes_more, failures_more in ((0.0, 1.0), (1.0, 0.0)):
        a, b = hits + successes_more, rows - hits + failures_more
        draws = rng.beta(np.maximum(a, 1e-9), np.maximum(b, 1e-9), size=(4 * REPLICATES, len(hits)))
        shares = np.where(a <= 0, 0.0, np.where(b <= 0, 1.0, draws))
        ends.append((transform(shares) if transform else shares).mean(axis=1))
    tail = (1 - confidence) / 2
    return Interval(float(np.quantile(ends[0], tail)), float(np.quantile(ends[1], 1 - tail)))


def paired_difference(wins: int, losses: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Interval for the difference of two shares measured on the same rows, (wins - losses) / n.

    Args:
        wins: rows which only the first gets right.
        losses: rows which only the second gets right.
        n: all rows; 0 gives (-1, 1).

    Raises:
        ValueError: the counts do not fit together.

    Source:
        Tango, "Equivalence test and confidence interval for the difference in proportions for the paired-sample
        design", Statistics in Medicine 17 (1998); the score interval, solved by bisection.
    """
    if min(wins, losses) < 0 or wins + losses > n:
        raise ValueError(f"{wins} wins and {losses} losses out of {n} rows")
    if n == 0:
        return Interval(-1.0, 1.0)
    critical = float(special.ndtri((1 + confidence) / 2))
    observed = (wins - losses) / n

    def rejected(delta: float) -> bool:
        a, b, c = 2.0 * n, (2 * n - wins + losses) * delta - wins - losses, -losses * delta * (1 - delta)
        nuisance = (np.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
        variance = max(n * (2 * nuisance + delta * (1 - delta)), 0.0)
        return abs(wins - losses - n * delta) > critical * float(np.sqrt(variance))

    return Interval(_boundary(rejected, observed, -1.0), _boundary(rejected, observed, 1.0))


def _boundary(rejected: Callable[[float], bool], inside: float, outside: float) -> float:
    if not rejected(outside):
        return outside
    for _ in range(60):
        middle = (inside + outside) / 2
        inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
    return outside
