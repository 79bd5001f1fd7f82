"""A confidence interval for a share that stays valid whenever one stops looking."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from audit.statistics.intervals import Interval

Array = NDArray[Any]


class ShareSequence:
    """Betting confidence sequence for a share, fed row by row or batch by batch.

    With the stated confidence the true share lies in every interval of the whole path, so one may look after each row
    and stop as soon as a limit is decided. Rows have to come in random order.

    For every candidate share p two gamblers bet that the truth is higher (or lower), spreading their stakes evenly over
    all shares above (or below) p. If p is the truth, neither reaches 2 / alpha times the stake with probability over
    alpha / 2 (Ville's inequality); candidates at which one does are ruled out for good.

    Args:
        confidence: probability that no interval of the path misses the true share, over 0 and below 1.

    Raises:
        ValueError: confidence is not between 0 and 1.

    Source:
        Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86 (2024); the
        mixture of Robbins (1970), one-sided and uniform, exact for yes-or-no outcomes.
    """

    def __init__(self, *, confidence: float = 0.95) -> None:
        if not 0 < confidence < 1:
            raise ValueError(f"confidence {confidence} is not between 0 and 1")
        self.confidence = confidence
        self._n = 0
        self._successes = 0
        self._interval = Interval(0.0, 1.0)

    @property
    def n(self) -> int:
        """Rows seen so far."""
        return self._n

    @property
    def successes(self) -> int:
        """Rows seen so far on which the outcome was true."""
        return self._successes

    @property
    def value(self) -> float:
        """Share seen so far; 0.5 before the first row."""
        return self._successes / self._n if self._n else 0.5

    @property
    def interval(self) -> Interval:
        """Intersection of all intervals so far."""
        return self._interval

    def update(self, outcomes: Array) -> Interval:
        """Take in more rows.

        Args:
            outcomes: bool, shape (m,), in the random order in which rows are looked at; m may be 0.

        Returns:
            The interval now, never wider than the one before.

        Raises:
            ValueError: outcomes are not a flat array of yes or no.
        """
        rows = np.asarray(outcomes)
        if rows.ndim != 1 or (rows.dtype != bool and not np.isin(rows, (0, 1)).all()):
            raise ValueError(f"outcomes have to be a flat array of bool; got {rows.dtype} of shape {rows.shape}")
        if len(rows) == 0:
            return self._interval
        self._n += len(rows)
        self._successes += int(rows.sum())
        tail = (1 - self.confidence) / 2
        low = float(lower_limits(np.array([self._successes]), np.array([self._n]), tail=tail)[0])
        high = 1 - float(lower_limits(np.array([self._n - self._successes]), np.array([self._n]), tail=tail)[0])
        low, high = max(low, self._interval.low), min(high, self._interval.high)
        # Rows in an order that is not random can rule every share out; the last interval that holds one is kept.
        if low <= high:
            self._interval = Interval(low, high)
        return self._interval


def lower_limits(successes: Array, n: Array, *, tail: float) -> Array:
    """Lower limits of a share, valid together at all times of a path with probability 1 - tail.

    Args:
        successes: counts so far, shape (m,), int.
        n: rows so far, shape (m,), int, at least 1.
        tail: probability of ever ruling out the truth, below 1 / e (up to there a limit is a single crossing).

    Returns:
        Shape (m,), float: smallest share which the bets do not rule out; 0 where there is no success.
    """
    hits, misses = np.asarray(successes, dtype=float), np.asarray(n, dtype=float) - np.asarray(successes, dtype=float)
    # Capital falls as p rises up to successes / (n + 1), and past that it stays under e: one crossing to look for.
    low, high = np.zeros(hits.shape), hits / (hits + misses + 1)
    for _ in range(45):
        middle = (low + high) / 2
        ruled_out = _log_capital(hits, misses, middle) >= -np.log(tail)
        low, high = np.where(ruled_out, middle, low), np.where(ruled_out, high, middle)
    return low


def _log_capital(hits: Array, misses: Array, p: Array) -> Array:
    """Logarithm of what the gambler on "higher than p" owns, from a stake of 1."""
    with np.errstate(divide="ignore"):
        above = special.betaln(hits + 1, misses + 1) + np.log(special.betaincc(hits + 1, misses + 1, p)) - np.log1p(-p)
        at_p = special.xlogy(hits, p) + special.xlog1py(misses, -p)
    return np.asarray(above - at_p)
