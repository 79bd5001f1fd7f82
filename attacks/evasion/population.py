"""Population search: for each row, a few good points within epsilon breed better ones, led by scores alone.

Made for trees, whose scores are flat but for steps: it needs no slope, tries values inside epsilon as well as at its
border, crosses plateaus by accepting equal scores, and joins what two points have found in different columns.

Source: the genetic search of Alzantot et al., "GenAttack: Practical Black-box Attacks with Gradient-Free Optimization",
GECCO 2019; differs in that all rows breed in one call, parents compete with their children, the share of columns that
mutates is drawn for each child, and the first points include corners towards known rows of another class.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._draws import resample_categories
from attacks.evasion._known_rows import other_class_rows
from attacks.evasion._search import Search
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "scores"
_QUERIES = 2000
_SIZE = 16
_LEAST_CHILDREN, _MOST_CHILDREN = 32, 96
_NEIGHBOURS = 4
_CROSSED = 0.5
_EDGE = 0.25
_RAREST = 7
"""A child's columns mutate with a share between 1/2 and 2 to the minus this."""


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Breed with the target's budget, or 2,000 queries a row where that is unlimited.

    Args:
        target: the model under attack; has to give scores.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model; `blind` marks rows whose population all had one score.

    Raises:
        ValueError: the target gives no scores.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    breeding = _Breeding(search, np.random.default_rng(seed))
    with search.within_budget():
        if breeding.left >= _SIZE and len(rows := search.active):
            breeding.start(rows)
            while breeding.left > 0 and len(rows := search.active):
                breeding.step(rows)
    return search.outcome()


class _Breeding:
    """The points of each row, shape (size, n, d), best first, and their margins."""

    def __init__(self, search: Search, rng: np.random.Generator) -> None:
        self.search, self.rng = search, rng
        self.left = search.per_row(_QUERIES)
        shape = (_SIZE, *search.x.shape)
        self.points = np.empty(shape, dtype=search.x.dtype)
        self.margins = np.full(shape[:2], np.inf)

    def start(self, rows: Array) -> None:
        """Corners towards known rows of another class, random corners and random points."""
        search = self.search
        shape = (_SIZE, *search.x[rows].shape)
        share = self.rng.random(shape, dtype=np.float32)
        share[::2] = share[::2] > 0.5
        towards = np.moveaxis(other_class_rows(search, rows, _NEIGHBOURS), 1, 0)
        share[: len(towards)] = towards >= search.x[rows]
        points = self._fitted(rows, self._within(rows, share))
        self.points[:, rows] = points
        found = search.margins(rows, points)
        self.margins[:, rows] = found
        search.note_signal(rows, (found != found[0]).any(axis=0))
        self.left -= _SIZE

    def step(self, rows: Array) -> None:
        """One generation: the best of parents and children live on, children first where they are equal."""
        search = self.search
        count = min(self.left, search.per_call(len(rows), _LEAST_CHILDREN, _MOST_CHILDREN))
        self.left -= count
        points = self._fitted(rows, self._children(rows, count))
        found = search.margins(rows, points)
        search.note_signal(rows, (found != self.margins[0, rows]).any(axis=0))
        still = search.standing(rows)
        rows, found = rows[still], found[:, still]
        margins = np.concatenate([found, self.margins[:, rows]])
        order = np.argsort(margins, axis=0, kind="stable")[:_SIZE]
        self.margins[:, rows] = np.take_along_axis(margins, order, axis=0)
        place = np.flatnonzero(still)
        old = self.points[np.maximum(order - count, 0), rows]
        new = points[np.minimum(order, count - 1), place]
        fresh = (order < count).reshape(*order.shape, *(1,) * (old.ndim - 2))
        self.points[:, rows] = np.where(fresh, new, old)

    def _children(self, rows: Array, count: int) -> Array:
        rng, shape = self.rng, (count, *self.search.x[rows].shape)
        ones = (1,) * (len(shape) - 2)
        children = self.points[self._parents(rows, count), rows]
        others = self.points[self._parents(rows, count), rows]
        chances = rng.random(shape, dtype=np.float32)
        crossed = (rng.random((count, len(rows), *ones)) < _CROSSED) * np.float32(0.5)
        np.copyto(children, others, where=chances < crossed)
        cells = max(1, int(self.search.movable[rows].sum(axis=1).max(initial=1)))
        share = np.maximum(2.0 ** -rng.uniform(1, _RAREST, (count, len(rows), *ones)), 1 / cells).astype(np.float32)
        # the same draw serves twice: cells that mutate are those with the largest chances
        mutated = np.nonzero(chances > 1 - share)
        places = rng.uniform(-_EDGE, 1 + _EDGE, len(mutated[0])).clip(0, 1)
        base = (rows[mutated[1]], *mutated[2:])
        lower = self.search.lower[base]
        children[mutated] = lower + (self.search.upper[base] - lower) * places
        return children

    def _parents(self, rows: Array, count: int) -> Array:
        """Winners of duels between random members; members are sorted, so that the smaller number wins."""
        return np.asarray(self.rng.integers(0, _SIZE, (2, count, len(rows))).min(axis=0))

    def _within(self, rows: Array, share: Array) -> Array:
        lower = self.search.lower[rows]
        return np.asarray(lower + (self.search.upper[rows] - lower) * share.astype(lower.dtype))

    def _fitted(self, rows: Array, points: Array) -> Array:
        if self.search.columns is not None:
            # categories have no range: they keep what they are, but for a change now and then
            points = np.where(np.isfinite(points), points, self.search.x[rows])
            points = resample_categories(self.search, points.astype(self.search.x.dtype), self.rng, 0.3)
        return self.search.project(rows, points)
