"""Rings: rows that lie much nearer to each other than to what is around them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SIZES = (5, 7, 10, 14, 20, 28, 40)
"""Rows of a ring: fewer turn few models, and each size is half as large again as the one before."""
AROUND = 60
"""Rows beyond a ring that tell what its surroundings are."""
_NO_DISTANCE = 0.02


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest other rows of each row: a row that was copied has another label than its copies.

    Attributes:
        index: positions, nearest first, shape (n, m), int.
        distance: to each of them, shape (n, m), float, 0 upwards.
    """

    index: Array
    distance: Array

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes of rings that leave some rows around them."""
        return tuple(size for size in SIZES if 2 * size < self.index.shape[1])

    def around(self, size: int) -> Array:
        """Positions of the rows around each ring, shape (n, at most 60), int."""
        return np.asarray(self.index[:, size : size + AROUND])


def neighbours(distances: Iterable[Array], n: int) -> Neighbours:
    """Keep what is near of all distances.

    Args:
        distances: from some rows to all rows, each of shape (m, n), in the order of the rows; written to.
        n: number of rows, 12 or more.
    """
    most = min(SIZES[-1] + AROUND, n // 2)
    index: list[Array] = []
    kept: list[Array] = []
    first = 0
    for part in distances:
        part[np.arange(len(part)), first + np.arange(len(part))] = np.inf
        first += len(part)
        near = np.argpartition(part, most, axis=1)[:, :most]
        lengths = np.take_along_axis(part, near, axis=1)
        order = np.argsort(lengths, axis=1, kind="stable")
        index.append(np.take_along_axis(near, order, axis=1))
        kept.append(np.take_along_axis(lengths, order, axis=1))
    return Neighbours(np.vstack(index), np.vstack(kept).astype(float))


def tightness(near: Neighbours, ordinary: Array) -> Array:
    """How few ordinary rings are as tight as the ring of each size round each row, nats, shape (n, sizes), 0 upwards.

    A ring is as tight as its last row is near, compared to the last row around it.

    Args:
        ordinary: which rings nothing speaks against, shape (n, sizes), bool.
    """
    reach = near.distance
    least = _NO_DISTANCE * float(np.median(reach[:, -1])) + 1e-9
    rarity = np.empty(ordinary.shape)
    for place, size in enumerate(near.sizes):
        last = min(size + AROUND, reach.shape[1]) - 1
        ratio = (reach[:, size - 1] + least) / (reach[:, last] + least)
        usual = np.sort(ratio[ordinary[:, place]])
        rarity[:, place] = np.log((len(usual) + 1) / (np.searchsorted(usual, ratio, side="right") + 1))
    return rarity


def copied_share(near: Neighbours, group: Array, expected: Array) -> float:
    """Share of identical rows that honestly are copies of one, with one label, 0 to 1.

    Where rows are identical because their columns have few values, others lie close by. Copies, such as those of a
    bootstrap, lie no closer to other rows than rows that have no equal do.

    Args:
        group: number of the group of identical rows of each row, shape (n,), int.
        expected: whether each row's label is no surprise: copies of one row with a wrong label are no honest ones,
            shape (n,), bool.
    """
    size = np.bincount(group)[group]
    other = group[near.index] != group[:, None]
    first = near.distance[np.arange(len(group)), other.argmax(axis=1)]
    gap = np.where(other.any(axis=1), first, np.inf)
    equal, single = (size > 1) & expected, size == 1
    if not single.any():
        return 1.0
    # half of all rows without an equal lie that far from the next one
    apart = 2 * int((gap[equal] >= np.median(gap[single])).sum())
    return float(min(1.0, apart / (equal.sum() + 0.01 * len(group))))
