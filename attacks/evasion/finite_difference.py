"""Gradient descent where the gradient is measured: each value is moved a little, and the scores say where it leads.

Strong on smooth models that give scores and no gradient, most of all in the L2 norm; blind on models with steps, such
as trees. A round asks one row for each value; where the budget does not last for all, each round takes a random part
of them.

Source: the gradient estimate of Chen et al., "ZOO: Zeroth Order Optimization", AISec 2017, section 3,
one-sided; differs in that it descends the margin by projected steps, of which several lengths are tried at once.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm, flat
from attacks.evasion._search import Search, repeat
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "scores"
_QUERIES = 600
_LENGTHS = (0.25, 0.5, 1.0, 2.0, 4.0)
_PROBE = 0.2
_CELLS = 8_000_000


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Descend with the target's budget, or 600 queries a row where that is unlimited.

    Args:
        target: the model under attack; has to give scores.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model. Categories stay as they are; `blind` marks rows whose scores stood
        still.

    Raises:
        ValueError: the target gives no scores.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    rng = np.random.default_rng(seed)
    with search.within_budget():
        state, left = x.copy(), search.per_row(_QUERIES) - 1
        margins = search.margins(np.arange(len(x)), x) if len(x) else np.zeros(0)
        columns = np.flatnonzero(search.movable.any(axis=0))
        rows = search.active
        while len(columns) and len(rows) and left > len(_LENGTHS) + 1:
            probed = rng.permutation(columns)[: left - len(_LENGTHS)]
            size = max(1, _CELLS // len(probed) // search.movable.shape[1])
            before = margins.copy()
            for start in range(0, len(rows), size):
                _round(search, rows[start : start + size], state, margins, probed)
            left -= len(probed) + len(_LENGTHS)
            # with every column measured, another round from the same point would find the same
            better = (margins < before) if len(probed) == len(columns) else np.ones(len(x), dtype=bool)
            rows = rows[better[rows] & np.isin(rows, search.active)]
    return search.outcome()


def _round(search: Search, rows: Array, state: Array, margins: Array, columns: Array) -> None:
    """Measure the slope of each row along the columns, then try several lengths of a step down it."""
    here = flat(state[rows])
    step = _PROBE * search.epsilon
    high = np.broadcast_to(np.asarray(search.target.high), state.shape[1:]).reshape(-1)[columns]
    signs = np.where(here[:, columns] + step > high, -1.0, 1.0)
    asked = repeat(rows, len(columns))
    points = flat(state[asked]).copy()
    every = np.arange(len(asked))
    points[every, np.tile(columns, len(rows))] += (signs * step).reshape(-1).astype(points.dtype)
    points = search.bounded(asked, points.reshape(state[asked].shape))
    found = search.margins(asked, points).reshape(len(rows), len(columns))
    rises = found - margins[rows][:, None]
    search.note_signal(rows, (rises != 0).any(axis=1))
    slope = np.zeros(here.shape)
    slope[:, columns] = np.where(search.movable[rows][:, columns], rises * signs, 0.0)
    standing = np.isin(rows, search.active)
    _descend(search, rows[standing], state, margins, slope[standing])


def _descend(search: Search, rows: Array, state: Array, margins: Array, slope: Array) -> None:
    if not len(rows):
        return
    if search.norm == "linf":
        unit = np.sign(slope)
    else:
        unit = slope / np.maximum(np.sqrt((slope * slope).sum(axis=1, keepdims=True)), 1e-300)
    asked = repeat(rows, len(_LENGTHS))
    lengths = np.tile(np.array(_LENGTHS), len(rows))[:, None] * search.epsilon
    wanted = flat(state[asked]) - lengths * np.repeat(unit, len(_LENGTHS), axis=0)
    # into the bounds first: what a bound cuts off is then left to the other values, up to the whole epsilon
    points = search.bounded(asked, wanted.reshape(state[asked].shape).astype(state.dtype))
    points = search.project(asked, points)
    found = search.margins(asked, points).reshape(len(rows), -1)
    best = found.argmin(axis=1)
    lowest = found[np.arange(len(rows)), best]
    better = lowest < margins[rows]
    chosen = points.reshape(len(rows), len(_LENGTHS), *points.shape[1:])[np.arange(len(rows)), best]
    state[rows[better]] = chosen[better]
    margins[rows[better]] = lowest[better]
