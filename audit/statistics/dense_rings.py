"""Rings of near-identical rows that share a label which their surroundings do not have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[Any]
FEWEST = 4
"""Rows of a ring: fewer are met in any data, and turn few models."""
MIN_PURITY = 0.7
NEAR = (1 / 3, 1 / 8, 1 / 30)
"""Parts of the way to the 60th neighbour: copies with a changed column, with changed numbers, and hardly changed."""
_NEIGHBOURS = 60
_DOUBTFUL = 0.3
_LARGE_SHARE = 0.1
_SIZE_WEIGHT = 6.0
_STEEPEST = 0.1
_TAIL = 0.01
_ROUNDS = 20


@dataclass(frozen=True, eq=False)
class Rings:
    """For each row the rows that are nearly the same, and what lies around them.

    Attributes:
        near: rows nearer than a part of the way to the 60th neighbour, the row itself included, shape (n, n), sparse
            rows of 1.0.
        around: share of each label among the other rows up to the 60th neighbour, shape (n, k), each over 0.
    """

    near: sparse.csr_matrix
    around: Array

    @property
    def sizes(self) -> Array:
        """Rows in each row's ring, shape (n,), float."""
        return np.asarray(np.diff(self.near.indptr), dtype=float)


def rings(distances: Iterable[Array], labels: Array, n_classes: int) -> tuple[Rings, ...]:
    """Tell near-identical rows from surroundings by distances, once for each of three notions of near.

    Args:
        distances: from some rows to all rows, each of shape (m, n), in the order of the rows.
        labels: codes, shape (n,), int.
        n_classes: number of labels.
    """
    known = np.eye(n_classes)[labels]
    prior = known.mean(axis=0)
    neighbours = min(_NEIGHBOURS, len(labels) // 5)
    near: list[list[Any]] = [[] for _ in NEAR]
    around: list[list[Array]] = [[] for _ in NEAR]
    for part in distances:
        reach = np.partition(part, neighbours, axis=1)[:, [neighbours]]
        for place, share in enumerate(NEAR):
            inside = part <= share * reach
            shell = ((part <= reach) & ~inside).astype(float)
            near[place].append(sparse.csr_matrix(inside.astype(float)))
            around[place].append((shell @ known + prior) / (shell.sum(axis=1, keepdims=True) + 1))
    return tuple(
        Rings(sparse.vstack(inside).tocsr(), np.vstack(outside)) for inside, outside in zip(near, around, strict=True)
    )


def suspicion(found: Rings, labels: Array) -> Array:
    """How little honest data explains the ring of each row, nats, shape (n,), 0 upwards.

    Two things are improbable of planted copies. Their label is not that of the surroundings: honest near-identical rows
    got their labels one by one, or were copied together with one label, and how often is estimated. And the ring is
    large: how large honest rings get is seen on those that agree with their surroundings. A large size alone says
    nothing, so it counts for no more than six times the label.
    """
    sizes, same, expected = found.sizes, _same_label(found, labels), _expected(found, labels)
    purity = same / sizes
    surplus = purity > expected
    information = purity * np.log(np.maximum(purity, 1e-9) / expected)
    mixed = surplus & (purity < 1)
    information[mixed] += (1 - purity[mixed]) * np.log((1 - purity[mixed]) / (1 - expected[mixed]))
    one_by_one = np.exp(-sizes * np.where(surplus, information, 0.0))
    copied = _copied_share(found, labels)
    unlikely = -np.log(copied * expected + (1 - copied) * one_by_one)
    counts = (sizes >= FEWEST) & (purity > MIN_PURITY)
    size = np.minimum(_size_improbability(found, labels), _SIZE_WEIGHT * unlikely)
    return np.asarray(np.where(counts, unlikely + size, 0.0))


def with_members(found: Rings, labels: Array, suspicions: Array, level: float) -> Array:
    """Suspicions in which all rows of an alarming ring that have its label are as suspicious as it, shape (n,)."""
    pairs = found.near.tocoo()
    raised = (labels[pairs.row] == labels[pairs.col]) & (suspicions[pairs.row] >= level)
    largest = suspicions.copy()
    np.maximum.at(largest, pairs.col[raised], suspicions[pairs.row[raised]])
    return largest


def alarm_level(n: int) -> float:
    """Suspicion that some ring of honest labels reaches in one clean data set of a hundred, nats.

    How often rows are copied and how large honest rings get has been read off the data, so what remains are two
    independent improbabilities, each exponentially distributed. Their sum exceeds t with probability (1 + t) exp(-t).

    Args:
        n: number of rows; each could be the middle of a ring, for each notion of near.
    """
    searched = len(NEAR) * n
    level = np.log(searched / _TAIL)
    for _ in range(_ROUNDS):
        level = np.log(searched * (1 + level) / _TAIL)
    return float(level)


def _expected(found: Rings, labels: Array) -> Array:
    """Share of each row's label around it, never quite 0 or 1, shape (n,)."""
    return np.asarray(np.clip(found.around[np.arange(len(labels)), labels], 0.01, 0.99))


def _same_label(found: Rings, labels: Array) -> Array:
    """Rows of each row's ring that have its label, shape (n,)."""
    known = np.eye(found.around.shape[1])[labels]
    return np.asarray((found.near @ known)[np.arange(len(labels)), labels])


def _copied_share(found: Rings, labels: Array) -> float:
    """Share of rings whose rows were copied together with their label, by maximum likelihood, over 0 and under 1.

    Rings of mixed labels show that rows got theirs one by one. Where no ring is mixed although its surroundings are,
    rows were copied; where nothing tells, one pseudo-ring of copies leads to that answer too, since it is the careful
    one.
    """
    sizes, same, expected = found.sizes, _same_label(found, labels), _expected(found, labels)
    honest = (sizes >= FEWEST) & (expected >= _DOUBTFUL)
    weight, pure = 1 / sizes[honest], same[honest] == sizes[honest]
    independent = np.where(pure, expected[honest] ** (sizes[honest] - 1), 1.0)
    shares = np.geomspace(1e-3, 0.999, 100)
    fits = [float(weight @ np.log(share * pure + (1 - share) * independent)) + np.log(share) for share in shares]
    return float(shares[int(np.argmax(fits))])


def _size_improbability(found: Rings, labels: Array) -> Array:
    """How rare so large a ring is where the surroundings agree, nats, shape (n,).

    Beyond the largest of these it falls off geometrically, as it does among their largest tenth.
    """
    sizes, same, expected = found.sizes, _same_label(found, labels), _expected(found, labels)
    # the row that was copied agrees with its surroundings, but its ring does not
    agreeing = np.sort(sizes[(expected > 0.5) & (same > MIN_PURITY * sizes)])
    if len(agreeing) == 0:
        return np.zeros(len(sizes))
    # a ring of m rows is met m times
    each = 1 / agreeing
    share = np.append(np.cumsum(each[::-1])[::-1], 0.0) / each.sum()
    large = agreeing[min(int(np.searchsorted(-share, -_LARGE_SHARE)), len(agreeing) - 1)]
    top = agreeing >= large
    excess = float(((agreeing[top] - large) * each[top]).sum() / each[top].sum())
    steps = np.maximum(sizes - agreeing[-1], 0)
    rarest = 1 / max(float(each.sum()), 1.0)
    occurring = np.maximum(share[np.searchsorted(agreeing, sizes)], rarest)
    return np.asarray(-np.log(occurring) - steps * np.log(max(excess / (1 + excess), _STEEPEST)))
