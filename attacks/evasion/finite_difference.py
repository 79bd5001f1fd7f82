"""Gradient descent where the gradient is measured: each value is moved a little, and the scores say where it leads.

Strong on smooth models that give scores and no gradient, most of all in the L2 norm; blind on models with steps, such
as trees. A round asks one row for each value; where the budget does not last for all, each round takes a random part
of them.

Source: the gradient estimate of Chen et al., "ZOO: Zeroth Order Optimization", AISec 2017, section 3,
one-sided; differs in that it descends the margin by projected steps, of which several lengths are tried at once.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._search import Search
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "scores"
_QUERIES = 600
_LENGTHS = (0.25, 0.5, 1.0, 2.0, 4.0)
_PROBE = 0.2
_CELLS = 500_000


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
            before = margins.copy()
            slope = _slopes(search, rows, state, margins, probed)
            standing = search.standing(rows)
            _descend(search, rows[standing], state, margins, slope[standing])
            left -= len(probed) + len(_LENGTHS)
            # with every column measured, another round from the same point would find the same
            better = (margins < before) if len(probed) == len(columns) else np.ones(len(x), dtype=bool)
            rows = rows[better[rows] & search.standing(rows)]
    return search.outcome()


def _slopes(search: Search, rows: Array, state: Array, margins: Array, columns: Array) -> Array:
    """Slope of each row's margin along the columns, 0 along others, shape (m, d)."""
    here = state[rows].reshape(len(rows), -1)
    step = np.asarray(_PROBE * search.epsilon, dtype=state.dtype)
    high = np.broadcast_to(np.asarray(search.target.high), state.shape[1:]).reshape(-1)
    signs = np.where(here + step > high, -1, 1).astype(state.dtype)
    moved = search.target.clip((here + signs * step).reshape(state[rows].shape)).reshape(here.shape)
    rises = np.empty((len(columns), len(rows)))
    size = max(1, _CELLS // max(1, here.size))
    for start in range(0, len(columns), size):
        part = columns[start : start + size]
        points = search.changed(rows, here, moved, list(part[:, None]))
        rises[start : start + size] = search.margins(rows, points) - margins[rows]
    search.note_signal(rows, (rises != 0).any(axis=0))
    slope = np.zeros(here.shape)
    slope[:, columns] = np.where(search.movable[rows][:, columns], rises.T * signs[:, columns], 0.0)
    return slope


def _descend(search: Search, rows: Array, state: Array, margins: Array, slope: Array) -> None:
    """Try several lengths of a step down the slope and take the best, where it is better."""
    if not len(rows):
        return
    if search.norm == "linf":
        unit = np.sign(slope)
    else:
        unit = slope / np.maximum(np.sqrt((slope * slope).sum(axis=1, keepdims=True)), 1e-300)
    here = state[rows]
    lengths = (np.array(_LENGTHS) * search.epsilon).reshape(-1, *(1,) * here.ndim)
    # into the bounds first: what a bound cuts off is then left to the other values, up to the whole epsilon
    points = search.bounded(rows, (here - lengths * unit.reshape(here.shape)).astype(state.dtype))
    points = search.project(rows, points)
    found = search.margins(rows, points)
    best, every = found.argmin(axis=0), np.arange(len(rows))
    lowest = found[best, every]
    better = lowest < margins[rows]
    state[rows[better]] = points[best[better], every[better]]
    margins[rows[better]] = lowest[better]
