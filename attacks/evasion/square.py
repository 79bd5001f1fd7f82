"""Square attack: random search over patches at the border of epsilon, led by scores alone.

Source: Andriushchenko et al., "Square Attack: a query-efficient black-box adversarial attack via random search", ECCV
2020, section 3. As written there for images (n, c, h, w) in Linf. Vectors use random columns in place of squares; in
L2, a patch of random signs is added and the change is scaled back to the border. A call may ask several proposals a
row, since small calls cost mostly overhead: the best one counts, and in Linf all that were better are joined into one
more proposal of the next call. Equal scores are accepted, so that flat regions are crossed.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._draws import Draws, resample_categories, table_rows
from attacks.evasion._search import Search
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "scores"
_QUERIES = 600
_FIRST_SHARE = 0.3
_MOST_PROPOSALS = 64
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
    square = _Square(search, np.random.default_rng(seed))
    with search.within_budget():
        if len(x):
            square.start()
            while square.spent < square.budget and len(rows := search.active):
                square.step(rows)
    return search.outcome()


class _Square:
    """The point that each row has reached and its margin."""

    def __init__(self, search: Search, rng: np.random.Generator) -> None:
        self.search, self.rng = search, rng
        self.budget = search.per_row(_QUERIES)
        self.spent = 0
        self.state = search.x.copy()
        self.joined = search.x.copy()
        self.margins = np.full(len(search.x), np.inf)
        self._size = 0
        self._patches: Draws | None = None

    def start(self) -> None:
        """The rows themselves, then vertical stripes for images and random signs for vectors."""
        every = np.arange(len(self.search.x))
        self.margins = self.search.margins(every, self.search.x)
        rows = self.search.active
        if len(rows):
            shape = [1, *self.search.x[rows].shape]
            if len(shape) == 5:
                shape[3] = 1
            signs = self.rng.choice([-1.0, 1.0], shape)
            self._accept(rows, self._at_border(rows, np.broadcast_to(signs, (1, *self.search.x[rows].shape))))
        self.spent = 2

    def step(self, rows: Array) -> None:
        """Ask about a few proposals for each row."""
        count = min(self.search.per_call(len(rows), 1, _MOST_PROPOSALS), self.budget - self.spent)
        progress = self.spent / self.budget
        share = _FIRST_SHARE / next((divisor for end, divisor in _SCHEDULE if progress < end), 128.0)
        if self.search.norm == "l2":
            points = self._scaled_patches(rows, count, share)
        else:
            points = self._patched(rows, count, share)
            if count > 2:
                points[0] = self.joined[rows]
            points = self.search.into_box(rows, resample_categories(self.search, points, self.rng, 0.3))
        self._accept(rows, points)
        self.spent += count

    def _accept(self, rows: Array, points: Array) -> None:
        """Keep the best of proposals of shape (k, m, ...) where it is no worse; join those that are better."""
        found = self.search.margins(rows, points)
        before = self.margins[rows]
        self.search.note_signal(rows, (found != before).any(axis=0))
        best = found.argmin(axis=0)
        every = np.arange(len(rows))
        lowest = found[best, every]
        better = lowest <= before
        chosen = points[best, every]
        if len(points) > 2 and self.search.norm == "linf":
            gains = np.maximum(before - found, 0.0)
            largest = gains.max(axis=0)
            # moved further for a larger gain; the box cuts off what is too far
            weights = (4.0 * gains / np.where(largest > 0, largest, 1.0)).astype(points.dtype)
            flat = points.reshape(len(points), len(rows), -1)
            sums = np.einsum("km,kmd->md", weights, flat).reshape(chosen.shape)
            spread = weights.sum(axis=0).reshape(-1, *(1,) * (chosen.ndim - 1))
            self.joined[rows] = sums + (1 - spread) * self.state[rows]
        self.state[rows[better]] = chosen[better]
        self.margins[rows[better]] = lowest[better]

    def _patched(self, rows: Array, count: int, share: float) -> Array:
        """State with random columns, or a random square, moved to the border; before the box is applied."""
        state = self.state[rows]
        reach = 2.5 * self.search.epsilon
        if state.ndim == 4:
            lead = (count, *state.shape)
            signs = self.rng.choice(np.array([-reach, reach], dtype=state.dtype), (*lead[:3], 1, 1))
            return np.asarray(state + _squares(lead, share, self.rng) * signs)
        columns = np.flatnonzero(self.search.movable.any(axis=0))
        size = max(1, round(share * len(columns)))
        if self._patches is None or size != self._size:
            width = self.search.movable.shape[1]
            table = np.zeros((table_rows(width), width), dtype=state.dtype)
            every = np.arange(len(table))
            for _ in range(size if len(columns) else 0):
                table[every, self.rng.choice(columns, len(table))] = self.rng.choice([-reach, reach], len(table))
            self._size, self._patches = size, Draws(table, self.rng)
        points = self._patches.fill(self.search.room((count, *state.shape)))
        points += state
        return points

    def _scaled_patches(self, rows: Array, count: int, share: float) -> Array:
        """L2: a patch of random signs is added to the change, which is scaled back to the border."""
        lead = (count, *self.state[rows].shape)
        if len(lead) == 5:
            patch = _squares(lead, share, self.rng)
            signs = self.rng.choice([-1.0, 1.0], (*lead[:3], 1, 1))
        else:
            free = self.search.movable[rows].reshape(lead[1:])
            share = max(share, 1 / max(1, int(free.reshape(len(rows), -1).sum(axis=1).max(initial=1))))
            patch = free & (self.rng.random(lead) < share)
            signs = self.rng.choice([-1.0, 1.0], lead)
        cells = tuple(range(2, len(lead)))
        size = np.maximum(patch.sum(axis=cells, keepdims=True), 1)
        strength = self.search.epsilon / np.sqrt(size) * self.rng.uniform(0.1, 1.0, size.shape)
        state = self.state[rows]
        points = self._at_border(rows, state - self.search.x[rows] + patch * signs * strength)
        if self.search.columns is not None:
            # categories keep the state that the search has reached
            points = np.where(self.search.columns, points, state)
        return self.search.project(rows, resample_categories(self.search, points, self.rng, 0.3))

    def _at_border(self, rows: Array, change: Array) -> Array:
        """Points at the border of epsilon in the direction of a change, shape (k, m, ...)."""
        base = self.search.x[rows]
        if self.search.norm == "linf":
            return self.search.project(rows, (base + self.search.epsilon * np.sign(change)).astype(base.dtype))
        flat = np.where(self.search.movable[rows], change.reshape(len(change), len(rows), -1), 0.0)
        length = np.sqrt((flat * flat).sum(axis=-1, keepdims=True))
        scaled = (flat / np.maximum(length, 1e-12) * self.search.epsilon).reshape(change.shape)
        return self.search.project(rows, (base + scaled).astype(base.dtype))


def _squares(shape: tuple[int, ...], share: float, rng: np.random.Generator) -> Array:
    """One random square in each image, all channels, shape (k, m, 1, h, w), bool."""
    *lead, _, height, width = shape
    side = int(np.clip(round(np.sqrt(share * height * width)), 1, min(height, width)))
    top = rng.integers(0, height - side + 1, lead)[..., None]
    left = rng.integers(0, width - side + 1, lead)[..., None]
    down, right = np.arange(height), np.arange(width)
    tall, wide = (down >= top) & (down < top + side), (right >= left) & (right < left + side)
    return np.asarray((tall[..., :, None] & wide[..., None, :])[:, :, None])
