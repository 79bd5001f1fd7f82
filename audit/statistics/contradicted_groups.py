"""Groups of rows whose common label is contradicted by everything else that is known of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats

from audit.statistics.maxima import level_beyond

Array = NDArray[Any]
MIN_PURITY = 0.85
LOWEST_ALARM = 4.6
"""Nats by which the other labels have to explain a group better, 100 to 1, however quiet the data is."""
_CAP = 3.0
_TAIL = 0.01
_NEARLY_ALL = 0.95
_LEAST = 0.02
_FEWEST_SPACINGS, _SPACINGS = 5, 20
_SHARED = 0.5


def common_labels(carriers: sparse.csr_matrix, labels: Array, n_classes: int) -> tuple[Array, Array]:
    """The most frequent label of each group and its share.

    Args:
        carriers: groups by rows, shape (m, n), 1.0 or nothing.
        labels: codes 0..n_classes-1, shape (n,), int.

    Returns:
        Labels of shape (m,), int, and shares of shape (m,), 0 to 1.
    """
    counts = np.asarray(carriers @ np.eye(n_classes)[labels])
    return counts.argmax(axis=1), counts.max(axis=1) / np.maximum(counts.sum(axis=1), 1)


def contradiction(scores: Array, labels: Array, priors: Array) -> Array:
    """How much likelier each row is under the other labels than under its own, log-likelihood ratio, nats, shape (n,).

    Honest rows of a label lean to it, so theirs is negative on average; rows that were given the label lean away. A
    label of most rows has to be less likely than the others outright: else texts that are merely a little less typical
    of it than its other rows would add up. No row counts for more than 3 nats, so that a group needs several.

    Args:
        scores: log-probabilities up to a constant for each row, shape (n, k), from a model that did not see the row.
        labels: codes, shape (n,), int.
        priors: share of each label, shape (k,), each over 0 and under 1.
    """
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    own = np.clip(shifted[np.arange(len(labels)), labels] / shifted.sum(axis=1), 1e-9, 1 - 1e-9)
    prior = np.minimum(priors[labels], 0.5)
    return np.asarray(np.clip(np.log(prior / (1 - prior)) - np.log(own / (1 - own)), -_CAP, _CAP))


def alarm_level(carriers: sparse.csr_matrix, evidence: Array, labels: Array, *, seed: int, draws: int = 30) -> float:
    """Evidence that a group of honest rows reaches in one clean data set of a hundred, nats, at least 4.6.

    An honest group is any rows of its label. So the evidence of rows is exchanged among rows of one label, which breaks
    every tie between groups and evidence, and the largest sum over all groups is looked at; the level is where the
    extreme value distribution of these maxima leaves 1 %.

    Args:
        carriers: groups by rows that have its label, shape (m, n), 1.0 or nothing.
        evidence: of `contradiction`, shape (n,).
        labels: codes, shape (n,), int.
        draws: exchanges.

    Source:
        Westfall and Young, Resampling-Based Multiple Testing, 1993; Gumbel, Statistics of Extremes, 1958.
    """
    if carriers.shape[0] == 0:
        return LOWEST_ALARM
    rng = np.random.default_rng(seed)
    by_label = np.argsort(labels, kind="stable")
    largest = []
    for _ in range(draws):
        exchanged = np.empty(len(labels))
        exchanged[by_label] = evidence[np.lexsort((rng.random(len(labels)), labels))]
        largest.append(float((carriers @ exchanged).max()))
    return max(level_beyond(largest, beyond=_TAIL), LOWEST_ALARM)


def surprise(scores: Array, labels: Array) -> Array:
    """How much likelier each row's label is if it was given than by a model, log-likelihood ratio, nats, shape (n,).

    Args:
        scores: log-probabilities up to a constant for each row, shape (n, k), from a model that did not see the row.
        labels: codes, shape (n,), int.
    """
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    own = shifted[np.arange(len(labels)), labels] / shifted.sum(axis=1)
    return np.asarray(np.log(_NEARLY_ALL / np.maximum(own, _LEAST)))


def outlier_level(carriers: sparse.csr_matrix, sums: Array) -> float:
    """Sum that the largest of honest groups exceeds in one clean data set of a hundred, infinite for few groups.

    The largest sums thin out exponentially, and by how much the largest exceeds the second is told by the gaps between
    the next ones: the gap below the i-th largest is that of the first divided by i. Groups that share most of their
    rows with a stronger one are the same group.

    Args:
        carriers: groups by rows, shape (m, n), 1.0 or nothing.
        sums: of each group, shape (m,).

    Source:
        Renyi, "On the theory of order statistics", 1953: normalised gaps of exponential variables are independent and
        of one distribution, so that the ratio of one to the mean of others follows an F distribution.
    """
    distinct: list[float] = []
    seen = np.zeros(carriers.shape[1], dtype=bool)
    for number in np.argsort(-sums, kind="stable"):
        rows = carriers[number].indices
        if not distinct or seen[rows].mean() <= _SHARED:
            distinct.append(float(sums[number]))
            seen[rows] = True
        if len(distinct) == _SPACINGS + 2:
            break
    known = len(distinct) - 2
    if known < _FEWEST_SPACINGS:
        return np.inf
    gaps = -np.diff(distinct)[1:] * np.arange(2, known + 2)
    return float(distinct[1] + stats.f.isf(_TAIL, 2, 2 * known) * gaps.mean())
