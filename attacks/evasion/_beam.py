"""The best points of every row that a search over combinations has seen, and which points it has asked about."""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, flat
from attacks.evasion._search import Search

_WIDTH = 8


class Beam:
    """Up to eight points of each row, lowest margin first.

    Args:
        search: asks the model and counts.
        budget: queries that each row may cost.

    Attributes:
        home: the original rows, shape (n, d).
        points: shape (n, width, d); the original row where there are fewer.
        margins: score of the true class less the best other one, shape (n, width), inf where there are fewer points;
            without scores 1 for a right answer.
        left: queries that each row has left, shape (n,).
        tried: which moves each point has made already, shape (n, width, m), bool; see `track`.
    """

    def __init__(self, search: Search, budget: int) -> None:
        self._search, self.budget = search, budget
        self.home = flat(search.x)
        self.cells = self.home.shape[1]
        self.points = np.repeat(self.home[:, None], _WIDTH, axis=1)
        self.margins = np.full((len(self.home), _WIDTH), np.inf)
        self.left = np.full(len(self.home), budget)
        self.tried = np.zeros((len(self.home), _WIDTH, 0), dtype=bool)
        self._seen = np.zeros(1, dtype=np.uint64)
        self._factors = np.random.default_rng(0).integers(1, 2**63, self.cells + 1).astype(np.uint64) | np.uint64(1)

    def standing(self, rows: Array | None = None) -> Array:
        """Rows, of those given or of all, that are not broken and have queries left."""
        rows = self._search.active if rows is None else rows[np.isin(rows, self._search.active)]
        return np.asarray(rows[self.left[rows] > 0])

    def track(self, moves: int) -> None:
        """Remember from now on which of so many moves each point has made."""
        self.tried = np.zeros((*self.margins.shape, moves), dtype=bool)

    def ask(self, rows: Array, proposals: Array, *, most: int | None = None) -> Array:
        """Ask about the new ones among proposals, in their order as far as each row's budget reaches.

        Args:
            rows: which row each proposal belongs to, ascending, shape (k,).
            proposals: shape (k, d); they are moved into epsilon and constraints first.
            most: questions about one row at most.

        Returns:
            Margins, shape (k,), NaN where nothing was asked.
        """
        found = np.full(len(rows), np.nan)
        if not len(rows):
            return found
        points = self._search.project(rows, proposals.reshape(-1, *self._search.x.shape[1:])).reshape(-1, self.cells)
        fresh = self._fresh(rows, points, most)
        if len(fresh):
            asked = rows[fresh]
            found[fresh] = self._margins(asked, points[fresh])
            self.left -= np.bincount(asked, minlength=len(self.left))
            self._keep(asked, points[fresh], found[fresh])
        return found

    def _margins(self, rows: Array, points: Array) -> Array:
        shaped = points.reshape(-1, *self._search.x.shape[1:])
        if self._search.target.has_scores:
            return self._search.margins(rows, shaped)
        return np.where(self._search.labels(rows, shaped), -1.0, 1.0)

    def _fresh(self, rows: Array, points: Array, most: int | None) -> Array:
        """Positions of points that no question was asked about, each once, within budget."""
        if self._search.target.constraints is None:
            # values that can be anything hardly come twice, and to look for them costs more than to ask
            return self._affordable(rows, np.arange(len(rows)), most)
        keys = self._keys(rows, points)
        place = np.minimum(np.searchsorted(self._seen, keys), len(self._seen) - 1)
        unseen = np.flatnonzero(self._seen[place] != keys)
        fresh = self._affordable(rows, unseen[np.sort(np.unique(keys[unseen], return_index=True)[1])], most)
        self._seen = np.sort(np.concatenate([self._seen, keys[fresh]]))
        return fresh

    def _affordable(self, rows: Array, chosen: Array, most: int | None) -> Array:
        """The first of the chosen positions of each row, as many as it has questions left."""
        owner = rows[chosen]
        rank = np.arange(len(chosen)) - np.searchsorted(owner, owner)
        allowed = self.left[owner] if most is None else np.minimum(self.left[owner], most)
        return np.asarray(chosen[rank < allowed])

    def _keys(self, rows: Array, points: Array) -> Array:
        """Fingerprints of points, different for different rows."""
        bits = (points.astype(np.float64) + 0.0).view(np.uint64)
        bits = (bits ^ (bits >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
        bits ^= bits >> np.uint64(29)
        return np.asarray((bits * self._factors[:-1]).sum(axis=1) + rows.astype(np.uint64) * self._factors[-1])

    def _keep(self, rows: Array, points: Array, margins: Array) -> None:
        """Merge points into the beam: the lowest margins stay, one point for each margin."""
        hopeful = (margins < self.margins[rows, -1]) & np.isin(rows, self._search.active)
        rows, points, margins = rows[hopeful], points[hopeful], margins[hopeful]
        touched = np.unique(rows)
        width, moves = self.margins.shape[1], self.tried.shape[2]
        owner = np.concatenate([np.repeat(touched, width), rows])
        every = np.concatenate([self.points[touched].reshape(-1, self.cells), points])
        values = np.concatenate([self.margins[touched].ravel(), margins])
        tried = np.concatenate(
            [self.tried[touched].reshape(len(touched) * width, moves), np.zeros((len(rows), moves), dtype=bool)]
        )
        order = np.lexsort((values, owner))
        owner, values = owner[order], values[order]
        repeated = np.zeros(len(owner), dtype=bool)
        repeated[1:] = (owner[1:] == owner[:-1]) & (values[1:] == values[:-1])
        kept = np.flatnonzero(~repeated & np.isfinite(values))
        rank = np.arange(len(kept)) - np.searchsorted(owner[kept], owner[kept])
        kept, rank = kept[rank < width], rank[rank < width]
        self.margins[touched] = np.inf
        self.margins[owner[kept], rank] = values[kept]
        self.points[owner[kept], rank] = every[order][kept]
        self.tried[owner[kept], rank] = tried[order][kept]
