"""Exact verification of tree ensembles: every row is broken, certified, or, where the budget ends, neither.

Bounds of all rows at once rule most of them out; what is left is searched row by row, while the real model is asked
about what all of them found in one call.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, between
from attacks.evasion._search import Search
from attacks.exact import points
from attacks.exact.branch import Found, State
from attacks.exact.duel import Duel
from attacks.exact.effort import Effort, Ledger, Purse
from attacks.exact.field import Field
from attacks.exact.problem import Problem
from attacks.exact.span import Span
from attacks.outcome import TOLERANCE, allowed
from attacks.structure import Structure, Trees

_INSETS = (2e-6, 2e-9)
"""How far inside of its cell a point should lie, so that rounding on its way to the model does not lose it."""

_NODES_SIDE_BY_SIDE = 300_000
"""Nodes of the ensemble times rows that are searched side by side; every search keeps tables of its own."""
_FEWEST_ROWS, _MOST_ROWS = 4, 256


def verify(search: Search, structure: Structure, trees: Trees, *, seed: int, effort: Effort | None = None) -> Array:
    """Break or certify rows.

    Args:
        search: rows, labels, epsilon and norm; what is found is recorded there, with what it cost.
        structure: of the model.
        trees: its ensemble.
        seed: of the search.
        effort: how long to search.

    Returns:
        Certified rows, shape (n,), bool.

    Raises:
        QueryBudgetExceeded: the target's budget ended.
    """
    every = np.arange(len(search.x))
    certified = np.zeros(len(every), dtype=bool)
    if not len(every):
        return certified
    right = every[~search.labels(every, search.x)]
    field = Field(search, structure, trees, right)
    if len(field.rows) and field.agrees():
        usual = Effort() if search.norm == "linf" else Effort(boxes=400)
        certified[_Rounds(field, seed, effort or usual).run()] = True
    return certified


class _Rounds:
    """Searches of all rows that bounds leave open, side by side."""

    def __init__(self, field: Field, seed: int, effort: Effort) -> None:
        self._field, self._effort, self._seed = field, effort, seed
        self.ledger = Ledger(0)

    def run(self) -> Array:
        """Positions of the rows that are certified."""
        field = self._field
        bounds = self._bounds()
        dangerous = bounds <= field.tolerance[field.y]
        proven = np.asarray(~dangerous.any(axis=1))
        self.ledger.saved = int(proven.sum()) * self._effort.work
        rows = np.flatnonzero(~proven)
        size = min(_MOST_ROWS, max(_FEWEST_ROWS, _NODES_SIDE_BY_SIDE // len(field.forest.leaf)))
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            for row in self._fight({int(row): self._duel(int(row), bounds[row], dangerous[row]) for row in part}):
                proven[row] = True
        return field.rows[proven]

    def _bounds(self) -> Array:
        """Least margins of all rows, tree by tree, shape (n, k)."""
        field, size = self._field, self._field.forest.rows_per_step
        parts = [np.arange(start, min(start + size, len(field.rows))) for start in range(0, len(field.rows), size)]
        return np.concatenate(
            [field.forest.lower_bounds(field.forest.reachable(field.box.take(part)), field.y[part]) for part in parts]
        )

    def _duel(self, row: int, bounds: Array, dangerous: Array) -> Duel:
        field = self._field
        others = [int(code) for code in np.argsort(bounds, kind="stable") if dangerous[code]]
        limits = field.limits(row)

        def problem(other: int) -> Problem:
            reachable = field.forest.reachable(field.box.take(np.array([row])))[:, 0]
            return Problem(
                field.forest, reachable, field.box.low[row], field.box.high[row], int(field.y[row]), other, limits
            )

        rng = np.random.default_rng([self._seed, int(field.rows[row])])
        purse = Purse(self.ledger, self._effort.work)
        return Duel(others, field.tolerance[field.y[row]], problem, self._effort, purse, len(field.forest.leaf), rng)

    def _fight(self, duels: dict[int, Duel]) -> list[int]:
        """Rows in which every duel was lost by the attacker."""
        proven = []
        while duels:
            found = {row: duel.advance() for row, duel in duels.items()}
            proven += [row for row, one in found.items() if one.state is State.PROVEN]
            places = {row: one for row, one in found.items() if one.state is State.POINT}
            self._ask(places, duels)
            broken = np.isin(self._field.rows, self._field.search.active, invert=True)
            for row in np.flatnonzero(broken):
                if int(row) in duels:
                    duels[int(row)].close()
            duels = {row: duels[row] for row in places if not broken[row]}
        return proven

    def _ask(self, places: dict[int, Found], duels: dict[int, Duel]) -> None:
        field, search = self._field, self._field.search
        if not places:
            return
        rows = np.array(list(places))
        low, high = field.box.low[rows].copy(), field.box.high[rows].copy()
        for at, (row, found) in enumerate(places.items()):
            if found.place is not None:
                features = duels[row].problem.features
                low[at, features], high[at, features] = found.place.low, found.place.high
        boxes = Span(low, high)
        for inset in _INSETS:
            x, stored = search.x[field.rows[rows]], field.stored[rows]
            flat = points.inside(field.cells, field.way.source, field.reach.take(rows), stored, boxes, inset)
            tried = points.kept(search.target.constraints, stored, flat).reshape(x.shape).astype(x.dtype)
            near = between(x, tried, search.norm, search.columns) <= search.epsilon + TOLERANCE
            good = near & allowed(search.target, x, tried) & field.fools(rows, tried)
            if good.any():
                search.labels(field.rows[rows[good]], tried[good])
            rows, boxes = rows[~good], boxes.take(~good)
            if not len(rows):
                return
