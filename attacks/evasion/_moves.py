"""Single changes of a row, and their application to many points at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from attacks.distance import Array, flat
from attacks.evasion._search import Search

_MOST_SWITCHES = 96
_MOST_TIED = 256
_MOST_COLUMNS = 400
_MOST_CELLS = 4_000_000
_LATE = 3
"""Moves of this tier and above are tried alone only where the budget is not short."""


@dataclass(frozen=True)
class Moves:
    """Moves, m of them, each of up to w cells of rows with d columns.

    Attributes:
        columns: d.
        cells: columns that a move sets, shape (m, w), int; -1 for none.
        values: what they are set to, shape (m, w).
        counted: whether these count from the original row, as for numbers, or are new categories, shape (m,), bool.
        rule: number of the rule that is then kept by moving one more column, shape (m,), int; -1 for none.
        place: that column.
        tier: kind of move, in the order in which they should be tried, shape (m,), int.
    """

    columns: int
    cells: Array
    values: Array
    counted: Array
    rule: Array
    place: Array
    tier: Array

    def __len__(self) -> int:
        return len(self.tier)

    @property
    def touches(self) -> Array:
        """Columns that a move sets itself, shape (m, d), bool."""
        found = np.zeros((len(self), self.columns), dtype=bool)
        move, part = np.nonzero(self.cells >= 0)
        found[move, self.cells[move, part]] = True
        return found

    def take(self, chosen: Array) -> Moves:
        """Some of the moves, in the order given."""
        parts = (self.cells, self.values, self.counted, self.rule, self.place, self.tier)
        return Moves(self.columns, *(part[chosen] for part in parts))

    def apply(self, search: Search, rows: Array, points: Array, numbers: Array) -> Array:
        """Each point, shape (k, d), after its move; not yet within epsilon or constraints.

        Args:
            rows: which row each point belongs to, shape (k,).
            numbers: which move each point makes, shape (k,).
        """
        moved, home = points.copy(), flat(search.x)
        for part in range(self.cells.shape[1]):
            cells = self.cells[numbers, part]
            every = np.arange(len(rows)) if part == 0 else np.flatnonzero(cells >= 0)
            cells, which = cells[every], numbers[every]
            base = np.where(self.counted[which], home[rows[every], cells], 0.0)
            moved[every, cells] = base + self.values[which, part]
        constraints = search.target.constraints
        tied = np.flatnonzero(self.rule[numbers] >= 0) if constraints is not None and constraints.ties else ()
        if constraints is not None and len(tied):
            which = numbers[tied]
            moved[tied] = constraints.kept_by(self.rule[which], self.place[which], moved[tied])
        return moved


def single_moves(search: Search, rng: np.random.Generator) -> Moves:
    """All moves that are worth trying alone: whole epsilon both ways, changes of category, single steps, halves.

    A move that can break a rule comes once more for each further column that can keep it.
    """
    cells = search.movable.shape[1]
    columns = np.flatnonzero(search.movable.any(axis=0))
    # of a large image only a part can be tried, and all of it would not fit into memory
    columns = np.sort(rng.permutation(columns)[: min(_MOST_COLUMNS, max(8, _MOST_CELLS // max(1, cells)))])
    constraints = search.target.constraints
    steps = np.zeros(cells) if constraints is None else constraints.steps
    sizes = [(0, sign * search.epsilon, place) for sign in (-1.0, 1.0) for place in columns]
    sizes += [
        (2, sign * steps[place], place) for sign in (-1.0, 1.0) for place in columns if _small(search, steps[place])
    ]
    sizes += [(3, sign * search.epsilon / 2, place) for sign in (-1.0, 1.0) for place in columns]
    switches = np.zeros((0, cells)) if constraints is None else constraints.switches
    switches = switches[np.sort(rng.permutation(len(switches))[:_MOST_SWITCHES])]
    numbers = np.array(sizes, dtype=np.float64).reshape(-1, 3)
    none = np.full(len(sizes), -1)
    moves = Moves(
        cells, numbers[:, 2:].astype(int), numbers[:, 1:2], np.ones(len(sizes), dtype=bool), none, none,
        numbers[:, 0].astype(int),
    )  # fmt: skip
    moves = _with_ties(search, together(moves, _switches(switches)))
    return moves.take(np.lexsort((rng.random(len(moves)), moves.tier)))


def _switches(changes: Array) -> Moves:
    """Changes of category, shape (s, d), as moves."""
    touched = ~np.isnan(changes)
    cells = np.full((len(changes), int(touched.sum(axis=1).max(initial=1))), -1)
    values = np.zeros(cells.shape)
    for number, change in enumerate(changes):
        places = np.flatnonzero(touched[number])
        cells[number, : len(places)], values[number, : len(places)] = places, change[places]
    nothing = np.full(len(changes), -1)
    free = np.zeros(len(changes), dtype=bool)
    return Moves(changes.shape[1], cells, values, free, nothing, nothing, np.zeros(len(changes), dtype=int))


def returns(moves: Moves) -> Moves:
    """Moves that put columns back to what they were, each set of columns once."""
    cells = np.unique(moves.cells, axis=0)
    nothing = np.full(len(cells), -1)
    counted = np.ones(len(cells), dtype=bool)
    return Moves(
        moves.columns, cells, np.zeros(cells.shape), counted, nothing, nothing, np.zeros(len(cells), dtype=int)
    )


def together(first: Moves, second: Moves) -> Moves:
    """All moves of both."""
    width = max(first.cells.shape[1], second.cells.shape[1])
    room = [[(0, 0), (0, width - moves.cells.shape[1])] for moves in (first, second)]
    pairs = zip((first, second), room, strict=True)
    padded = [(np.pad(one.cells, pad, constant_values=-1), np.pad(one.values, pad)) for one, pad in pairs]
    cells, values = (np.concatenate(parts) for parts in zip(*padded, strict=True))
    rest = [(getattr(first, name), getattr(second, name)) for name in ("counted", "rule", "place", "tier")]
    return Moves(first.columns, cells, values, *(np.concatenate(one) for one in rest))


def prompt(moves: Moves, most: int) -> Array:
    """Which moves to try alone where each row has so many queries for it, as positions."""
    kept = np.flatnonzero(moves.tier < _LATE) if len(moves) > most else np.arange(len(moves))
    return kept[: max(0, most)]


def _small(search: Search, step: float) -> bool:
    return 0 < step < search.epsilon * 0.99


def _with_ties(search: Search, moves: Moves) -> Moves:
    constraints = search.target.constraints
    if constraints is None or not constraints.ties:
        return moves
    touches = moves.touches
    found = [
        (number, rule, place)
        for tier in (0, 2, 3)
        for rule, place in constraints.ties
        for number in np.flatnonzero((touches & constraints.tied(rule)).any(axis=1) & (moves.tier == tier))
        if not touches[number, place]
    ]
    if not found:
        return moves
    chosen = np.array(found[:_MOST_TIED])
    more = moves.take(chosen[:, 0])
    # as good as a move that no rule limits, and often the only form in which a tight rule lets it pass
    tied = replace(more, rule=chosen[:, 1], place=chosen[:, 2], tier=np.maximum(more.tier, 1))
    return together(moves, tied)
