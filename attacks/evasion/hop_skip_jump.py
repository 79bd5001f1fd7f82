"""HopSkipJump: walks along the decision boundary towards the row, from labels alone.

Source: Chen, Jordan and Wainwright, "HopSkipJumpAttack: A Query-Efficient Decision-Based Attack", IEEE S&P 2020,
algorithm 2. Differs in that all rows advance together, the starting point is a known row of another class where there
is one, and the last step is projected onto the boundary again (without that, the returned point lies a fifth further
away than needed). In Linf, probes are at least as wide as epsilon, and each direction is also tried from the row
itself. A row is left alone once it is broken within epsilon.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm, between
from attacks.evasion._search import Search, other_class_rows, repeat
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "labels"
_QUERIES = 1500
_STEPS = 10
_FIRST_SAMPLES = 400
_NOISE_STARTS = 20
_CELLS = 4_000_000


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "l2", seed: int) -> Outcome:
    """Walk up to ten steps, with the target's budget, or about 1,500 queries a row where that is unlimited.

    Args:
        target: the model under attack; its bounds should be about 1 apart.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: a row counts as broken, and is left alone, within this distance.
        norm: "l2" or "linf".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model; `distances` of rows that are not broken are those of the closest wrong
        answer that was found.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    rng = np.random.default_rng(seed)
    with search.within_budget():
        _start(search, rng)
        rows = _walking(search)
        state = search.best.copy()
        _project(search, rows, state, "l2")
        samples = _samples(search.per_row(_QUERIES))
        for number in range(_STEPS):
            rows = _walking(search)
            if not len(rows):
                break
            _project(search, rows, state, norm)
            rows = _walking(search)
            if not len(rows):
                break
            slopes = _slopes(search, rows, state, samples[number], number == 0, rng)
            _step(search, rows, state, slopes, number)
        _project(search, _walking(search), state, norm)
    return search.outcome()


def _samples(budget: int) -> list[int]:
    """Random probes of each step: they grow with the root of its number and fill the budget."""
    growth = np.sqrt(np.arange(1, _STEPS + 1))
    # a projection and a step cost about 20 queries beside the probes
    first = min(_FIRST_SAMPLES, (budget - _NOISE_STARTS - 20 * (_STEPS + 1)) / growth.sum())
    return [max(2, int(first * float(factor))) for factor in growth]


def _walking(search: Search) -> Array:
    """Rows that some point fools the model for, but none within epsilon yet."""
    rows = search.active
    return np.asarray(rows[np.isfinite(search.distance[rows]) & search.movable[rows].any(axis=1)])


def _start(search: Search, rng: np.random.Generator) -> None:
    """A point of another class for each row: a known row, else noise."""
    rows = search.active
    others = other_class_rows(search, rows, 2)
    for number in range(others.shape[1]):
        left = ~np.isfinite(search.distance[rows])
        if left.any():
            search.labels(rows[left], search.bounded(rows[left], others[left, number]))
    for _ in range(_NOISE_STARTS):
        rows = np.flatnonzero(~np.isfinite(search.distance))
        if not len(rows):
            return
        noise = rng.uniform(np.asarray(search.target.low), np.asarray(search.target.high), search.x[rows].shape)
        search.labels(rows, search.bounded(rows, noise.astype(search.x.dtype)))


def _project(search: Search, rows: Array, state: Array, norm: Norm) -> None:
    """Move each state towards its row as far as it still fools the model; bisection, in place."""
    if not len(rows):
        return
    start = state[rows].copy()
    span = np.ones(len(rows)) if norm == "l2" else between(search.x[rows], start, "linf", search.columns)
    low, high = np.zeros(len(rows)), span.copy()
    live = np.arange(len(rows))
    tolerance = 1e-3 * np.maximum(span, 1e-9)
    for _ in range(12):
        live = live[(high - low)[live] > tolerance[live]]
        live = live[np.isin(rows[live], search.active)]
        if not len(live):
            return
        middle = (low[live] + high[live]) / 2
        asked = rows[live]
        shape = (-1,) + (1,) * (state.ndim - 1)
        base, gap = search.x[asked], start[live] - search.x[asked]
        if norm == "l2":
            points = base + middle.reshape(shape) * gap
        else:
            points = base + np.clip(gap, -middle.reshape(shape), middle.reshape(shape))
        points = search.bounded(asked, points.astype(state.dtype))
        wrong = search.labels(asked, points)
        state[asked[wrong]] = points[wrong]
        high[live[wrong]] = middle[wrong]
        low[live[~wrong]] = middle[~wrong]


def _slopes(search: Search, rows: Array, state: Array, samples: int, first: bool, rng: np.random.Generator) -> Array:
    """Direction out of the true class at each state, from the labels of random points around it, shape (m, d)."""
    cells = search.movable.shape[1]
    distance = between(search.x[rows], state[rows], search.norm, search.columns)
    scale = 0.01 if search.norm == "l2" else 0.01 * np.sqrt(cells)
    radius = np.full(len(rows), 0.1) if first else np.maximum(distance * scale, 1e-4)
    if search.norm == "linf":
        # finer noise than epsilon follows detail that does not matter, and is lost where a model rounds its input
        radius = np.maximum(radius, search.epsilon * np.sqrt(cells))
    slopes = np.zeros((len(rows), cells))
    size = max(1, _CELLS // (samples * cells))
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        draws = rng.standard_normal((len(part), samples, cells))
        draws *= search.movable[part][:, None]
        draws /= np.maximum(np.sqrt((draws * draws).sum(axis=2, keepdims=True)), 1e-12)
        asked = repeat(part, samples)
        base = state[asked].reshape(len(asked), cells)
        wanted = base + (draws * radius[start : start + size, None, None]).reshape(len(asked), cells)
        points = search.bounded(asked, wanted.reshape(state[asked].shape).astype(state.dtype))
        moved = (points.reshape(len(asked), cells) - base).reshape(draws.shape)
        votes = np.where(search.labels(asked, points), 1.0, -1.0).reshape(len(part), samples, 1)
        mean = votes.mean(axis=1, keepdims=True)
        weights = np.where(np.abs(mean) == 1, mean, votes - mean)
        slopes[start : start + size] = (weights * moved).sum(axis=1)
    return slopes


def _step(search: Search, rows: Array, state: Array, slopes: Array, number: int) -> None:
    """Step out of the true class, halving the length until the model is fooled; rows that never are stay."""
    if search.norm == "linf":
        unit = np.sign(slopes)
        # where the boundary is flat, the corner of epsilon in that direction is the best point there is
        corner = search.x[rows] + (search.epsilon * unit).reshape(state[rows].shape)
        search.labels(rows, search.project(rows, corner.astype(state.dtype)))
    else:
        unit = slopes / np.maximum(np.sqrt((slopes * slopes).sum(axis=1, keepdims=True)), 1e-12)
    length = between(search.x[rows], state[rows], search.norm, search.columns) / np.sqrt(number + 1)
    left = np.arange(len(rows))
    for _ in range(12):
        asked = rows[left]
        change = (unit[left] * length[left, None]).reshape(state[asked].shape)
        points = search.bounded(asked, (state[asked] + change).astype(state.dtype))
        wrong = search.labels(asked, points)
        state[asked[wrong]] = points[wrong]
        left = left[~wrong]
        length[left] /= 2
        if not len(left):
            return
