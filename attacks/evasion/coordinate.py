"""Tries every column of every row alone, then the best ones together, and repeats from there.

Made for tables: it honours every constraint, changes categories as easily as numbers, and needs few, large calls. On a
model that adds up its columns one round is already the optimum.

Source: plain greedy coordinate search, with all columns of all rows asked in one call and the columns joined in the
order
of what each gains alone; no paper.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm, flat
from attacks.evasion._search import Search, repeat
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "scores"
_ROUNDS = 4
_QUERIES = 1000
_MOST_SWITCHES = 48
_CELLS = 8_000_000
"""Cells of one call: more rows are asked in several."""


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Search up to four rounds, with the target's budget, or 1,000 queries a row where that is unlimited.

    Args:
        target: the model under attack; has to give scores.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`; changes of category do not count.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model; `blind` marks rows whose score no single change moved.

    Raises:
        ValueError: the target gives no scores.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    rng = np.random.default_rng(seed)
    with search.within_budget():
        state = flat(x).copy()
        margins = search.margins(np.arange(len(x)), x) if len(x) else np.zeros(0)
        rows, left = search.active, search.per_row(_QUERIES) - 1
        for _ in range(_ROUNDS):
            moves = _moves(search, left // 2, rng)
            if not len(rows) or not len(moves):
                break
            before = margins[rows]
            size = max(1, _CELLS // moves.shape[0] // state.shape[1])
            left -= max(_round(search, rows[i : i + size], state, margins, moves) for i in range(0, len(rows), size))
            rows = rows[(margins[rows] < before) & np.isin(rows, search.active)]
    return search.outcome()


def _round(search: Search, rows: Array, state: Array, margins: Array, moves: Array) -> int:
    """One sweep over all moves, then the best of them joined; updates `state` and `margins`, returns queries a row."""
    before = margins[rows]
    alone = _applied(search, repeat(rows, len(moves)), state[repeat(rows, len(moves))], np.tile(moves, (len(rows), 1)))
    found = _try(search, rows, state, margins, alone)
    gains = before[:, None] - found
    search.note_signal(rows, (np.abs(gains) > 0).any(axis=1))
    standing = np.isin(rows, search.active)
    rows, gains = rows[standing], gains[standing]
    if not len(rows):
        return len(moves)
    joined = _joined(search, rows, state, gains, moves)
    _try(search, rows, state, margins, joined.reshape(-1, state.shape[1]))
    return len(moves) + int(joined.shape[1])


def _try(search: Search, rows: Array, state: Array, margins: Array, proposals: Array) -> Array:
    """Ask about equally many proposals for each row, keep each row's best; margins of all, shape (m, proposals)."""
    asked = repeat(rows, len(proposals) // len(rows))
    points = search.project(asked, proposals.reshape(-1, *search.x.shape[1:]))
    found = search.margins(asked, points).reshape(len(rows), -1)
    best = found.argmin(axis=1)
    lowest = found[np.arange(len(rows)), best]
    better = lowest < margins[rows]
    state[rows[better]] = points.reshape(len(rows), found.shape[1], -1)[np.arange(len(rows)), best][better]
    margins[rows[better]] = lowest[better]
    return found


def _moves(search: Search, most: int, rng: np.random.Generator) -> Array:
    """Moves to try, shape (m, 2): (column, share of epsilon) of a number, or (-1, number of a switch of categories)."""
    columns = np.flatnonzero(search.movable.any(axis=0))
    numeric = [(column, share) for share in (-1.0, 1.0, -0.5, 0.5) for column in columns]
    constraints = search.target.constraints
    switches = 0 if constraints is None else len(constraints.switches)
    chosen = np.sort(rng.permutation(switches)[:_MOST_SWITCHES])
    moves = np.array([*numeric, *((-1, number) for number in chosen)], dtype=np.float64).reshape(-1, 2)
    # whole moves before half ones, where not all can be tried
    order = np.lexsort((rng.random(len(moves)), (moves[:, 0] >= 0) & (np.abs(moves[:, 1]) < 1)))
    return moves[np.sort(order[: max(0, most)])]


def _applied(search: Search, rows: Array, points: Array, moves: Array) -> Array:
    """Each point with its own move."""
    points = points.copy()
    numeric = np.flatnonzero(moves[:, 0] >= 0)
    columns = moves[numeric, 0].astype(int)
    points[numeric, columns] = flat(search.x)[rows[numeric], columns] + moves[numeric, 1] * search.epsilon
    constraints = search.target.constraints
    if constraints is not None and len(constraints.switches):
        switched = np.flatnonzero(moves[:, 0] < 0)
        values = constraints.switches[moves[switched, 1].astype(int)]
        points[switched] = np.where(np.isnan(values), points[switched], values)
    return points


def _joined(search: Search, rows: Array, state: Array, gains: Array, moves: Array) -> Array:
    """The 2, 4, 8 ... moves with the largest gain of each row together, shape (m, sizes, d).

    A move without gain stays out, and of two moves of one column the stronger one stays.
    """
    sizes = {min(2**power, len(moves)) for power in range(1, 1 + int(np.ceil(np.log2(len(moves) + 1))))}
    order = np.argsort(-gains, axis=1, kind="stable")
    points = state[rows].copy()
    taken = np.zeros(points.shape, dtype=bool)
    found = []
    for place in range(len(moves)):
        chosen = order[:, place]
        useful = gains[np.arange(len(rows)), chosen] > 0
        moved = _applied(search, rows, points, moves[chosen])
        changed = (moved != points) & useful[:, None] & ~taken
        points = np.where(changed, moved, points)
        taken |= changed
        if place + 1 in sizes:
            found.append(points)
    return np.stack(found, axis=1)
