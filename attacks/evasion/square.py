"""Square attack: random search over patches at the border of epsilon, led by scores alone.

Source: Andriushchenko et al., "Square Attack: a query-efficient black-box adversarial attack via random search", ECCV
2020,
section 3. As written there for images (n, c, h, w) in Linf. Vectors use random columns in place of squares; in L2, a
patch of random signs is added and the change is scaled back to the border. A call may ask several proposals a row, of
which the best counts, since small calls cost mostly overhead; equal scores are accepted, so that flat regions are
crossed.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._search import Search, repeat, resample_categories
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "scores"
_QUERIES = 600
_FIRST_SHARE = 0.3
_MOST_PROPOSALS = 12
_SCHEDULE = ((0.005, 1.0), (0.02, 2.0), (0.05, 4.0), (0.2, 8.0), (0.4, 16.0), (0.6, 32.0), (0.8, 64.0))


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Search with the target's budget, or 600 queries a row where that is unlimited.

    Args:
        target: the model under attack; has to give scores.
        x: rows, shape (n, d) or (n, c, h, w), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model; `blind` marks rows whose score no proposal moved.

    Raises:
        ValueError: the target gives no scores.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    rng = np.random.default_rng(seed)
    budget = search.per_row(_QUERIES)
    with search.within_budget():
        every = np.arange(len(x))
        if len(x):
            state = x.copy()
            margins = search.margins(every, x)
            _accept(search, state, margins, search.active, _start(search, search.active, rng), 1)
            spent = 2
            while len(rows := search.active) and spent < budget:
                count = min(search.per_call(len(rows), 1, _MOST_PROPOSALS), budget - spent)
                asked = repeat(rows, count)
                _accept(
                    search, state, margins, rows, _proposals(search, asked, state[asked], spent / budget, rng), count
                )
                spent += count
    return search.outcome()


def _accept(search: Search, state: Array, margins: Array, rows: Array, points: Array, count: int) -> None:
    """Ask about `count` proposals for each row and keep the best where it is no worse."""
    if not len(rows):
        return
    found = search.margins(repeat(rows, count), points).reshape(len(rows), count)
    search.note_signal(rows, (found != margins[rows][:, None]).any(axis=1))
    best = found.argmin(axis=1)
    lowest = found[np.arange(len(rows)), best]
    better = lowest <= margins[rows]
    chosen = points.reshape(len(rows), count, *points.shape[1:])[np.arange(len(rows)), best]
    state[rows[better]] = chosen[better]
    margins[rows[better]] = lowest[better]


def _start(search: Search, rows: Array, rng: np.random.Generator) -> Array:
    """Vertical stripes for images, random signs for vectors."""
    shape = list(search.x[rows].shape)
    if len(shape) == 4:
        shape[2] = 1
    signs = np.broadcast_to(rng.choice([-1.0, 1.0], shape), search.x[rows].shape)
    return _placed(search, rows, signs)


def _placed(search: Search, rows: Array, change: Array) -> Array:
    """Points at the border of epsilon in the direction of a change."""
    if search.norm == "linf":
        return search.project(rows, (search.x[rows] + search.epsilon * np.sign(change)).astype(search.x.dtype))
    flat = np.where(search.movable[rows], change.reshape(len(rows), -1), 0.0)
    length = np.sqrt((flat * flat).sum(axis=1, keepdims=True))
    scaled = (flat / np.maximum(length, 1e-12) * search.epsilon).reshape(change.shape)
    return search.project(rows, (search.x[rows] + scaled).astype(search.x.dtype))


def _proposals(search: Search, rows: Array, state: Array, progress: float, rng: np.random.Generator) -> Array:
    share = _FIRST_SHARE / next((divisor for end, divisor in _SCHEDULE if progress < end), 128.0)
    patch = _squares(state.shape, share, rng) if state.ndim == 4 else _columns(search, rows, share, rng)
    patch = patch.reshape(state.shape)
    if state.ndim == 4:
        signs = rng.choice([-1.0, 1.0], (*state.shape[:2], 1, 1))
    else:
        signs = rng.choice([-1.0, 1.0], state.shape)
    change = state - search.x[rows]
    if search.norm == "linf":
        wanted = (search.x[rows] + search.epsilon * signs).astype(state.dtype)
        points = np.where(patch, wanted, state)
        return search.project(rows, resample_categories(search, rows, points, rng, 0.3))
    size = np.maximum(patch.reshape(len(rows), -1).sum(axis=1), 1)
    strength = search.epsilon / np.sqrt(size) * rng.uniform(0.1, 1.0, len(rows))
    moved = change + patch * signs * strength.reshape((-1,) + (1,) * (state.ndim - 1))
    points = _placed(search, rows, moved)
    points = np.where(_uncounted(search, points), state, points)
    return search.project(rows, resample_categories(search, rows, points, rng, 0.3))


def _uncounted(search: Search, points: Array) -> Array:
    """Cells of categories, which keep the state that the search has reached."""
    if search.columns is None:
        return np.zeros(points.shape, dtype=bool)
    return np.broadcast_to(~search.columns, points.shape)


def _columns(search: Search, rows: Array, share: float, rng: np.random.Generator) -> Array:
    """Random columns among those that can move, at least one, shape (m, d), bool."""
    free = search.movable[rows]
    size = np.maximum(1, np.rint(share * free.sum(axis=1))).astype(int)
    draws = np.where(free, rng.random(free.shape), 2.0)
    border = np.take_along_axis(np.sort(draws, axis=1), (size - 1)[:, None], axis=1)
    return np.asarray(free & (draws <= border))


def _squares(shape: tuple[int, ...], share: float, rng: np.random.Generator) -> Array:
    """One random square in each image, all channels, shape (m, c, h, w), bool."""
    count, _, height, width = shape
    side = int(np.clip(round(np.sqrt(share * height * width)), 1, min(height, width)))
    top = rng.integers(0, height - side + 1, count)[:, None]
    left = rng.integers(0, width - side + 1, count)[:, None]
    down, right = np.arange(height)[None], np.arange(width)[None]
    tall, wide = (down >= top) & (down < top + side), (right >= left) & (right < left + side)
    return np.broadcast_to((tall[:, :, None] & wide[:, None, :])[:, None], shape)
