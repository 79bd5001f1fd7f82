"""Tries every change of every row alone, joins the best, then grows pairs and longer combinations from the best found.

Made for tables: it honours every constraint, changes categories as easily as numbers, moves two columns along a rule
where one alone cannot move, and needs few, large calls. On a model that adds up its columns one round is already the
optimum; where nothing new can be proposed any more, a row costs nothing more.

Source: greedy coordinate search joined with a beam search over combinations, all rows and proposals asked in one call;
a beam keeps points of different score, since equal ones mostly lie on one plateau of a tree; no paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._beam import Beam
from attacks.evasion._moves import Moves, prompt, returns, single_moves, together
from attacks.evasion._search import Search, repeat
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "labels"
_QUERIES = 1000
_SWEEPS = 3
_CELLS = 2_000_000
"""Cells of proposals made at once: more rows are looked at in several parts."""
_FILL = 24
"""Least questions about each row in one round of growth; more where a call has room."""
_PATIENCE = 3
"""Rounds without a lower margin after which a row is left."""


@dataclass(frozen=True)
class _Proposals:
    """Points, shape (k, d), and which row each belongs to, ascending."""

    rows: Array
    points: Array

    def then(self, other: _Proposals) -> _Proposals:
        """Those of both, for each row these ones first."""
        rows = np.concatenate([self.rows, other.rows])
        order = np.argsort(rows, kind="stable")
        return _Proposals(rows[order], np.concatenate([self.points, other.points])[order])


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Search with the target's budget, or 1,000 queries a row where that is unlimited.

    Args:
        target: the model under attack; scores lead the search where it gives them, labels are enough.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`; changes of category do not count.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model; `blind` marks rows whose score no single change moved.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    rng = np.random.default_rng(seed)
    with search.within_budget():
        moves = single_moves(search, rng)
        if len(x) and len(moves):
            beam = Beam(search, search.per_row(_QUERIES))
            gains = _first_sweep(search, beam, moves)
            _sweeps(search, beam, moves, gains)
            _grow(search, beam, moves, gains, rng)
    return search.outcome()


def _parts(beam: Beam, rows: Array, each: int) -> list[Array]:
    """Rows in parts of which so many proposals each fit into memory."""
    size = max(1, _CELLS // max(1, each * beam.cells))
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _first_sweep(search: Search, beam: Beam, moves: Moves) -> Array:
    """The original rows and all moves from them, then the best moves joined and in pairs: two calls.

    Returns:
        What each move gained, shape (n, m); 0 where it was not asked.
    """
    gains = np.zeros((len(search.x), len(moves)))
    chosen = prompt(moves, max(1, beam.budget // 2))
    for part in _parts(beam, np.arange(len(search.x)), len(chosen) + 1):
        home = _Proposals(part, beam.home[part])
        asked = repeat(part, len(chosen))
        moved = moves.apply(search, asked, beam.home[asked], np.tile(chosen, len(part)))
        proposals = home.then(_Proposals(asked, moved))
        found = beam.ask(proposals.rows, proposals.points).reshape(len(part), -1)
        gains[np.ix_(part, chosen)] = np.nan_to_num(found[:, :1] - found[:, 1:], nan=0.0)
        if search.target.has_scores:
            search.note_signal(part, (gains[part] != 0).any(axis=1))
    rows = beam.standing()
    most = int(beam.left[rows].max(initial=0)) // 3
    for part in _parts(beam, rows, most + 16):
        proposals = _joined(search, beam.home[part], moves, part, gains[part])
        proposals = proposals.then(_pairs(search, beam, moves, part, gains[part], most))
        beam.ask(proposals.rows, proposals.points)
    return gains


def _sweeps(search: Search, beam: Beam, moves: Moves, gains: Array) -> None:
    """All moves again from the best point of each row, then the best of them joined; while that helps.

    Only where a row has more moves than growth tries in one round.
    """
    chosen = prompt(moves, beam.budget // 4)
    rows = beam.standing() if len(chosen) > 2 * _FILL else np.zeros(0, dtype=int)
    before = np.full(len(search.x), np.inf)
    for _ in range(_SWEEPS):
        rows = beam.standing(rows)
        rows = rows[beam.margins[rows, 0] < before[rows]]
        before = beam.margins[:, 0].copy()
        for part in _parts(beam, rows, len(chosen)):
            origin = beam.points[part, 0]
            asked = repeat(part, len(chosen))
            found = beam.ask(asked, moves.apply(search, asked, beam.points[asked, 0], np.tile(chosen, len(part))))
            new = np.zeros((len(part), len(moves)))
            new[:, chosen] = np.nan_to_num(before[part][:, None] - found.reshape(len(part), -1), nan=0.0)
            standing = np.isin(part, beam.standing(part))
            proposals = _joined(search, origin[standing], moves, part[standing], new[standing])
            beam.ask(proposals.rows, proposals.points)


def _joined(search: Search, origin: Array, moves: Moves, rows: Array, gains: Array) -> _Proposals:
    """The 2, 4, 8 ... moves with the largest gain of each row together, from its point in `origin`.

    A move without gain stays out, and of two moves of one column the stronger one stays.
    """
    useful = int((gains > 0).sum(axis=1).max(initial=0))
    order = np.argsort(-gains, axis=1, kind="stable")
    points = origin.copy()
    taken, touches = np.zeros(points.shape, dtype=bool), moves.touches
    found = []
    for place in range(useful):
        number = order[:, place]
        moved = moves.apply(search, rows, points, number)
        clash = (touches[number] & taken).any(axis=1)
        accepted = (gains[np.arange(len(rows)), number] > 0) & ~clash
        taken |= (moved != points) & accepted[:, None]
        points = np.where(accepted[:, None], moved, points)
        if place + 1 == useful or (place and not (place + 1) & place):
            found.append(points)
    if not found:
        return _Proposals(rows[:0], points[:0])
    return _Proposals(repeat(rows, len(found)), np.stack(found, axis=1).reshape(-1, points.shape[1]))


def _pairs(search: Search, beam: Beam, moves: Moves, rows: Array, gains: Array, most: int) -> _Proposals:
    """Up to so many pairs of the moves that gained most alone, from the original rows."""
    count = min(len(moves), int((1 + np.sqrt(1 + 8 * most)) / 2))
    first, second = np.triu_indices(count, 1)
    order = np.argsort(first + second, kind="stable")
    best = np.argsort(-gains, axis=1, kind="stable")
    asked = repeat(rows, len(first))
    points = moves.apply(search, asked, beam.home[asked], best[:, first[order]].ravel())
    return _Proposals(asked, moves.apply(search, asked, points, best[:, second[order]].ravel()))


def _grow(search: Search, beam: Beam, moves: Moves, gains: Array, rng: np.random.Generator) -> None:
    """Extend the best points by the moves that promise most, and by random ones, while that leads further."""
    back = returns(moves)
    every = together(moves, back)
    gains = np.concatenate([gains, np.zeros((len(gains), len(back)))], axis=1)
    beam.track(len(every))
    blind = ~(gains != 0).any(axis=1)
    idle = np.zeros(len(search.x), dtype=int)
    while len(rows := beam.standing()[idle[beam.standing()] < _PATIENCE]):
        count = search.per_call(len(rows), _FILL, max(_FILL, beam.budget // 4))
        before, left = beam.margins[:, 0].copy(), beam.left.copy()
        for part in _parts(beam, rows, 3 * count):
            led = _led(search, beam, every, gains, part, count)
            proposals = led.then(_random(search, beam, every, part, 2 * count, rng))
            beam.ask(proposals.rows, proposals.points, most=count)
        # a row that shows no way has to be tried at random as long as there are questions left
        led_on = (beam.margins[rows, 0] < before[rows]) | blind[rows]
        idle[rows] = np.where(led_on, 0, idle[rows] + 1)
        idle[rows[left[rows] == beam.left[rows]]] = _PATIENCE


def _led(search: Search, beam: Beam, moves: Moves, gains: Array, rows: Array, count: int) -> _Proposals:
    """Points of the beam, each with the untried moves that promise the lowest margin."""
    width, number = beam.margins.shape[1], len(moves)
    promise = beam.margins[rows][:, :, None] - gains[rows][:, None, :]
    promise = np.where(beam.tried[rows], np.inf, promise).reshape(len(rows), width * number)
    size = min(count, promise.shape[1])
    best = np.argsort(promise, axis=1, kind="stable")[:, :size]
    member, move = best // number, best % number
    fine = np.isfinite(np.take_along_axis(promise, best, axis=1)).ravel()
    asked = repeat(rows, size)
    beam.tried[asked[fine], member.ravel()[fine], move.ravel()[fine]] = True
    asked, member, move = asked[fine], member.ravel()[fine], move.ravel()[fine]
    return _Proposals(asked, moves.apply(search, asked, beam.points[asked, member], move))


def _random(search: Search, beam: Beam, moves: Moves, rows: Array, count: int, rng: np.random.Generator) -> _Proposals:
    """Points of the beam with up to four random moves each, numbers also to random places."""
    asked = repeat(rows, count)
    depth = np.isfinite(beam.margins[asked]).sum(axis=1)
    points = beam.points[asked, (rng.random(len(asked)) * depth).astype(int)]
    times = rng.integers(1, 5, len(asked))
    for turn in range(4):
        moved = moves.apply(search, asked, points, rng.integers(0, len(moves), len(asked)))
        points = np.where((turn < times)[:, None], moved, points)
    loose = search.movable[asked] & (rng.random(points.shape) < 0.3) & (rng.random(len(asked)) < 0.5)[:, None]
    anywhere = beam.home[asked] + search.epsilon * rng.uniform(-1, 1, points.shape)
    return _Proposals(asked, np.where(loose, anywhere, points).astype(points.dtype))
