"""How far two samples of one column lie apart: effects between 0 and 1, free of sample size, with standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Array = NDArray[Any]
MAX_BINS = 256


@dataclass(frozen=True)
class Bound:
    """One way to see that a distance is large: how far a gap is from what chance makes of a small one.

    Attributes:
        gap: what was seen, with the expected part of chance taken off.
        scale: unit that the excess over a threshold is measured in.
        law: `kolmogorov` for a largest gap, `mcdiarmid` for a sum of gaps, `normal` for one gap.
        choices: among how many such gaps this one was picked as the largest.
    """

    gap: float
    scale: float
    law: str
    choices: int = 1

    def p_above(self, threshold: float) -> float:
        """p-value of the hypothesis that the true distance is at most `threshold`."""
        excess = max(self.gap - threshold, 0.0) / self.scale
        if self.law == "kolmogorov":
            return float(special.kolmogorov(excess))
        if self.law == "mcdiarmid":
            return float(np.exp(-2 * excess**2))
        return min(1.0, 2 * self.choices * float(stats.norm.sf(excess)))


@dataclass(frozen=True)
class Effect:
    """Distance between two distributions, with what is known of its error.

    Attributes:
        raw: distance between the two samples; chance alone makes it larger than 0.
        value: the same with the part that chance adds taken off, 0 to 1.
        error: standard error.
        bounds: ways to see that the distance is large; the clearest of them counts, corrected for the choice.
        n: rows of the smaller sample.
    """

    raw: float
    value: float
    error: float
    bounds: tuple[Bound, ...]
    n: int

    def p_above(self, threshold: float) -> float:
        """p-value of the hypothesis that the true distance is at most `threshold`."""
        return min(1.0, len(self.bounds) * min(bound.p_above(threshold) for bound in self.bounds))

    def low(self, tail: float) -> float:
        """Lower limit: the true distance is below it with probability `tail` at most."""
        inside, outside = 0.0, 1.0
        for _ in range(40):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if self.p_above(middle) <= tail else (inside, middle)
        return min(inside, self.value)

    def high(self, tail: float) -> float:
        """Upper limit: the true distance is above it with probability `tail` at most (nearly, on few rows)."""
        return min(self.raw + float(stats.norm.isf(tail)) * self.error, 1.0)


def kolmogorov_smirnov(before: Array, after: Array, *, seed: int = 0, replicates: int = 200) -> Effect:
    """Largest difference between two distribution functions; a missing value counts as below all others.

    Args:
        before: numbers, shape (n,), float; NaN is a missing value.
        after: numbers, shape (m,), float.

    Source:
        Smirnov (1939); lower limits from Kolmogorov's law, which holds for any distance since its error is at most the
        largest deviation of the two samples. Above 256 different values the functions are compared at 256 quantiles of
        both samples together.
    """
    low, high = (np.where(np.isnan(sample), -np.inf, sample) for sample in (before, after))
    edges = np.unique(np.concatenate([low, high]))
    if len(edges) > MAX_BINS:
        pooled = np.sort(np.concatenate([low, high]))
        edges = np.unique(pooled[np.linspace(0, len(pooled) - 1, MAX_BINS).astype(int)])
    counts = [np.bincount(np.searchsorted(edges, sample), minlength=len(edges)) for sample in (low, high)]
    raw = float(_largest_gap(counts[0] / max(len(low), 1), counts[1] / max(len(high), 1)))
    bound = Bound(raw, _scale(counts[0], counts[1]), "kolmogorov")
    return _bootstrapped(counts[0], counts[1], _largest_gap, (bound,), seed, replicates)


def total_variation(before: Array, after: Array, *, seed: int = 0, replicates: int = 200) -> Effect:
    """Smallest share of rows that would have to change their level to make two samples of levels equal.

    Args:
        before: counts by level, shape (k,), int.
        after: counts by the same levels, shape (k,), int.

    Source:
        Lower limits from two bounds: McDiarmid's inequality (1989) for the whole distance, after the largest part that
        chance can add to it, and the clearest single level with its standard error, corrected for the choice.
    """
    scale = _scale(before, after)
    share, other = before / max(before.sum(), 1), after / max(after.sum(), 1)
    smooth, other_smooth = (before + 1) / (before.sum() + 2), (after + 1) / (after.sum() + 2)
    variance = smooth * (1 - smooth) / before.sum() + other_smooth * (1 - other_smooth) / after.sum()
    by_chance = float(np.sqrt(2 / np.pi * variance).sum() / 2)
    clearest = int(np.argmax((np.abs(share - other)) / np.sqrt(variance)))
    bounds = (
        Bound(float(_half_sum_of_gaps(share, other)) - by_chance, scale, "mcdiarmid"),
        Bound(abs(float(share[clearest] - other[clearest])), float(np.sqrt(variance[clearest])), "normal", len(before)),
    )
    return _bootstrapped(before, after, _half_sum_of_gaps, bounds, seed, replicates)


def holm(p_values: Array, *, alpha: float) -> Array:
    """Which of several hypotheses are rejected while the chance of any false rejection stays at most alpha.

    Args:
        p_values: shape (k,), float.

    Returns:
        bool, shape (k,).

    Source:
        Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
    """
    order = np.argsort(p_values, kind="stable")
    passed = p_values[order] <= alpha / (len(p_values) - np.arange(len(p_values)))
    rejected = np.zeros(len(p_values), dtype=bool)
    rejected[order[: int(np.argmin(passed)) if not passed.all() else len(order)]] = True
    return rejected


def _largest_gap(before: Array, after: Array) -> Array:
    return np.asarray(np.abs(np.cumsum(before, axis=-1) - np.cumsum(after, axis=-1)).max(axis=-1))


def _half_sum_of_gaps(before: Array, after: Array) -> Array:
    return np.asarray(np.abs(before - after).sum(axis=-1) / 2)


def _scale(before: Array, after: Array) -> float:
    n, m = int(before.sum()), int(after.sum())
    if n == 0 or m == 0:
        raise ValueError("a sample has no rows")
    return float(np.sqrt(1 / n + 1 / m))


def _bootstrapped(
    before: Array, after: Array, distance: Any, bounds: tuple[Bound, ...], seed: int, replicates: int
) -> Effect:
    n, m = int(before.sum()), int(after.sum())
    raw = float(distance(before / n, after / m))
    rng = np.random.default_rng(seed)
    drawn = distance(
        rng.multinomial(n, before / n, size=replicates) / n, rng.multinomial(m, after / m, size=replicates) / m
    )
    value = max(raw - max(float(drawn.mean()) - raw, 0.0), 0.0)
    # Samples without spread still leave room for what so few rows cannot show: one more row of another kind in each.
    unseen = float(np.sqrt(1 / (n + 1) ** 2 + 1 / (m + 1) ** 2))
    return Effect(raw, value, max(float(drawn.std(ddof=1)), unseen), bounds, min(n, m))
