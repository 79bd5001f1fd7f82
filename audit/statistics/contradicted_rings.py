"""Tight rings of rows with one label that neither a model nor the rows around them expect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.statistics.dense_rings import Neighbours
from audit.statistics.maxima import level_beyond

Array = NDArray[Any]
LOWEST_ALARM = 4.6
"""Nats that a ring has to have of both, 100 to 1, however quiet the data is."""
_PURITY = 0.9
_LEAST = 0.02
_TAIL = 0.01
_UNUSUAL = 0.05
_MOST_PLANTED = 0.05
_ROWS_OF_STRATUM = 100
_MOST_STRATA = 10


@dataclass(frozen=True, eq=False)
class Rings:
    """For the ring of each size round each row: its most frequent label, and how that is contradicted.

    Attributes:
        labels: shape (n, sizes), int.
        nats: log-likelihood ratio of a ring that was given its label to one that got its labels one by one, by the
            model or by the rows around it, whichever finds it less surprising, shape (n, sizes), float.
    """

    labels: Array
    nats: Array


@dataclass(frozen=True, eq=False)
class Data:
    """What rings are judged by.

    Attributes:
        expected: class probabilities that are told without the rare patterns of the rows, shape (n, k).
        group: number of the group of identical rows of each row, shape (n,), int.
        copied: share of identical rows that honestly are copies with one label, 0 to 1.
    """

    near: Neighbours
    expected: Array
    group: Array
    copied: float

    @property
    def weights(self) -> Array:
        """What a row counts: copies of one row with its label count as one (Kish's design effect), shape (n,)."""
        return np.asarray(1 / (1 + (np.bincount(self.group)[self.group] - 1) * self.copied))


def rings(data: Data, labels: Array) -> Rings:
    """Judge the labels of all rings.

    Args:
        labels: codes 0..k-1, shape (n,), int.
    """
    n, k = data.expected.shape
    every, weights, prior = np.arange(n), data.weights, np.bincount(labels, minlength=k) / n
    floor = np.clip(data.expected, _LEAST, 1 - _LEAST)
    major, nats = [], []
    for size in data.near.sizes:
        inside, around = data.near.index[:, :size], data.near.around(size)
        label = _counts(labels[inside], k).argmax(axis=1)
        outside = (_counts(labels[around], k) + prior) / (around.shape[1] + 1)
        local = np.clip(outside[every, label], _LEAST, 1 - _LEAST)[:, None]
        own, counted = labels[inside] == label[:, None], weights[inside]
        by_model = _surprise(own, floor[inside, label[:, None]])
        by_neighbours = _surprise(own, local)
        major.append(label)
        nats.append(np.minimum((counted * by_model).sum(axis=1), (counted * by_neighbours).sum(axis=1)))
    return Rings(np.column_stack(major), np.column_stack(nats))


def ordinary(nats: Array) -> Array:
    """Rings whose tightness is that of honest rows, shape (n, sizes), bool: all but the most contradicted.

    Those are at most one in twenty. Where more are contradicted it is honest rows, such as pupils of one class, whose
    label goes with something that they share.
    """
    return np.asarray(nats <= np.maximum(0, np.quantile(nats, 1 - _MOST_PLANTED, axis=0)))


def strength(nats: Array, rarity: Array) -> Array:
    """Geometric mean of how contradicted the label is and how rare the tightness, nats, shape (n, sizes), 0 upwards.

    A ring needs both: honest tight rings have the label of their surroundings, and a surprising label without a tight
    ring is what a model gets wrong.
    """
    return np.asarray(np.sqrt(np.maximum(nats, 0) * rarity))


def of_rows(data: Data, found: Rings, strengths: Array, labels: Array) -> Array:
    """The largest strength of the rings that each row belongs to and has the label of, nats, shape (n,).

    Of the rings round one row only the strongest counts: larger ones take in rows that are not of it.
    """
    largest = np.zeros(len(labels))
    best = strengths.argmax(axis=1)
    for place, size in enumerate(data.near.sizes):
        middles = np.flatnonzero(best == place)
        inside = data.near.index[middles, :size]
        own = labels[inside] == found.labels[middles, place][:, None]
        np.maximum.at(largest, inside[own], np.repeat(strengths[middles, place], own.sum(axis=1)))
    return largest


def apart(data: Data, strengths: Array, *, most: int) -> list[float]:
    """Strengths of the strongest rings that lie apart from each other, strongest first.

    What lies about a ring as near as the largest rings reach is of the same group of rows, and does not count again.

    Args:
        most: largest number of rings.
    """
    taken, kept = np.zeros(len(strengths), dtype=bool), list[float]()
    largest = strengths.max(axis=1)
    for middle in np.argsort(-largest, kind="stable").tolist():
        if len(kept) == most or largest[middle] <= 0:
            break
        if not taken[middle]:
            taken[data.near.index[middle, : data.near.sizes[-1]]] = True
            kept.append(float(largest[middle]))
    return kept


def usual_level(others: Sequence[float]) -> float:
    """Strength that one more ring would reach in one of 20 tables whose rings are as strong as most of these, nats.

    Where many rings have a label of their own, such as pupils of one class, none of them was planted. Excesses over the
    weakest follow an exponential distribution, told by its median, so that a few planted rings do not hide each other.

    Args:
        others: strengths of the rings beside the strongest, nats.
    """
    if len(others) < 2:
        return 0.0
    least = min(others)
    scale = (float(np.median(others)) - least) / float(np.log(2))
    return least + scale * float(np.log((len(others) + 1) / _UNUSUAL))


def alarm_level(data: Data, rarity: Array, labels: Array, *, seed: int, draws: int = 20) -> float:
    """Strength that some ring reaches in one clean data set of a hundred, nats, at least 4.6.

    Labels are exchanged among rows of which the model expects much the same; rows that honestly are copies stay
    together. The level is where the extreme value distribution of the largest strengths leaves 1 %.

    Args:
        rarity: of `tightness`, shape (n, sizes).
        labels: codes, shape (n,), int.
        draws: exchanges.

    Source:
        Westfall and Young, Resampling-Based Multiple Testing, 1993; Gumbel, Statistics of Extremes, 1958.
    """
    rng = np.random.default_rng(seed)
    stratum = _strata(data.expected)
    places = np.argsort(stratum, kind="stable")
    first = np.unique(data.group, return_index=True)[1]
    largest = []
    for _ in range(draws):
        exchanged = np.empty_like(labels)
        exchanged[places] = labels[np.lexsort((rng.random(len(labels)), stratum))]
        together = (rng.random(len(first)) < data.copied)[data.group]
        exchanged = np.where(together, exchanged[first[data.group]], exchanged)
        largest.append(float(strength(rings(data, exchanged).nats, rarity).max()))
    return max(level_beyond(largest, beyond=_TAIL), LOWEST_ALARM)


def _surprise(own: Array, expected: Array) -> Array:
    """Log-likelihood ratio of each row: nearly always the label of the ring against as often as expected."""
    return np.asarray(np.where(own, np.log(_PURITY / expected), np.log((1 - _PURITY) / (1 - expected))))


def _counts(labels: Array, k: int) -> Array:
    """Rows of each label in each of n groups, shape (n, k), from shape (n, m)."""
    n = len(labels)
    places = (np.arange(n)[:, None] * k + labels).ravel()
    return np.bincount(places, minlength=n * k).reshape(n, k)


def _strata(expected: Array) -> Array:
    """Rows of one expected class that are about as sure, at least 100 of them where there are so many, shape (n,)."""
    likeliest, sure = expected.argmax(axis=1), expected.max(axis=1)
    strata = np.zeros(len(expected), dtype=np.int64)
    for label in np.unique(likeliest):
        rows = np.flatnonzero(likeliest == label)
        parts = int(np.clip(len(rows) // _ROWS_OF_STRATUM, 1, _MOST_STRATA))
        rank = np.argsort(np.argsort(sure[rows], kind="stable"))
        strata[rows] = label * _MOST_STRATA + rank * parts // len(rows)
    return strata
