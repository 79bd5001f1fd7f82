"""Transfer attack: copies the model around the attacked rows by a small network, and follows the copy's gradient.

For models without gradients: other runtimes, endpoints, rounded inputs, over whose steps the copy is smooth. The copy
learns scores where there are any and labels otherwise.

Source: Papernot et al., "Practical Black-Box Attacks against Machine Learning", ASIA CCS 2017, for the copy that learns
from the attack's own points; Dong et al., "Boosting Adversarial Attacks with Momentum", CVPR 2018, for the steps.
Differs in that one copy serves all rows, that it is a plane plus one hidden layer (the plane alone where that explains
the answers), and that the steps descend the margin.
"""

from __future__ import annotations

import numpy as np

from attacks.distance import Array, Norm
from attacks.evasion._draws import in_ball
from attacks.evasion._known_rows import other_class_rows
from attacks.evasion._search import Search
from attacks.evasion._surrogate import Surrogate, wanted_outputs
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "labels"
_QUERIES = 240
_LEARNING = 0.5
"""Share of the queries that the copy learns from before the first attack."""
_ROUNDS = 3
_MOST_STARTS = 8
_STEPS = 12
_DECAY = 0.9
_CELLS = 500_000


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Learn and attack three times, with the target's budget, or 240 queries a row where that is unlimited.

    Args:
        target: the model under attack.
        x: rows, shape (n, ...), within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model. Categories stay as they are.
    """
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    transfer = _Transfer(search, np.random.default_rng(seed))
    with search.within_budget():
        budget = min(search.per_row(_QUERIES), 4 * _QUERIES)
        learning = int(_LEARNING * budget)
        if learning >= 4 and len(rows := search.active):
            transfer.learn(rows, learning)
            for number in range(_ROUNDS):
                count = (budget - learning) // _ROUNDS
                if not count or not len(rows := search.active):
                    break
                transfer.attack(rows, count, last=number == _ROUNDS - 1)
    return search.outcome()


class _Transfer:
    """The copy and the answers that it has learnt from."""

    def __init__(self, search: Search, rng: np.random.Generator) -> None:
        self.search, self.rng = search, rng
        self.width = search.movable.shape[1]
        self.copy = Surrogate(self.width, search.target.n_classes, rng)
        self.seen: list[Array] = []
        self.answers: list[Array] = []
        self.draws = in_ball(search, rng)

    def learn(self, rows: Array, count: int) -> None:
        """Ask about points around each row, half of them on the way to rows of another class."""
        search = self.search
        size = max(1, _CELLS // (len(rows) * self.width))
        others = np.moveaxis(other_class_rows(search, rows, 4), 1, 0)
        base = search.x[rows]
        for start in range(0, count, size):
            points = self.draws.fill(search.room((min(size, count - start), *base.shape)))
            points *= 2
            points += base
            if len(others):
                part = points[1::2]
                picked = others[self.rng.integers(0, len(others), len(part))]
                share = self.rng.random((*part.shape[:2], *(1,) * (base.ndim - 1)))
                part += ((picked - base) * share).astype(base.dtype)
            if len(alive := np.flatnonzero(search.standing(rows))):
                self._ask(rows[alive], search.into_bounds(rows[alive], points[:, alive]))
        self._refit()

    def attack(self, rows: Array, count: int, *, last: bool) -> None:
        """Descend on the copy from several starts, then ask the model about where that has led; learn from it."""
        starts = min(_MOST_STARTS, count)
        found = self._descended(rows, starts)
        every = np.arange(len(rows))
        kept = np.linspace(0, len(found) - 1, min(count // starts, len(found))).astype(int)[::-1]
        for place in kept:
            alive = every[self.search.standing(rows)]
            if len(alive):
                self._ask(rows[alive], self.search.project(rows[alive], found[place][:, alive]))
        if not last:
            self._refit()

    def _ask(self, rows: Array, points: Array) -> None:
        answers = self.search.answers(rows, points)
        self.seen.append(points.reshape(-1, self.width).astype(np.float32))
        self.answers.append(answers.reshape(len(self.seen[-1]), *answers.shape[2:]))

    def _refit(self) -> None:
        if self.seen:
            wanted = wanted_outputs(np.concatenate(self.answers), self.search.target.n_classes)
            self.copy.fit(np.concatenate(self.seen), wanted)

    def _descended(self, rows: Array, starts: int) -> list[Array]:
        """Points of every step but the first, shape (starts, m, ...) each: momentum steps down the copy's margin."""
        search, shape = self.search, (starts, len(rows), self.width)
        base = search.x[rows].reshape(shape[1:])
        points = self.draws.fill(np.empty(shape, dtype=base.dtype)) * np.linspace(0, 1, starts).reshape(
            -1, 1, 1
        ).astype(base.dtype)
        points += base
        movable, speed = search.movable[rows], np.zeros(shape, dtype=np.float32)
        others = self._aims(rows, starts)
        own = np.eye(search.target.n_classes, dtype=np.float32)[search.y[rows]]
        found = []
        for number in range(_STEPS):
            flat = points.reshape(-1, self.width)
            slopes = self.copy.slopes(flat, (own - others).reshape(len(flat), -1)).reshape(shape)
            slopes = np.where(movable, slopes, 0)
            speed = _DECAY * speed + slopes / np.maximum(np.abs(slopes).mean(axis=2, keepdims=True), 1e-12)
            length = search.epsilon * (0.5 if number < _STEPS // 2 else 0.15)
            step = np.sign(speed) if search.norm == "linf" else _unit(speed)
            points = (points - length * step).astype(base.dtype)
            whole = points.reshape(starts, *search.x[rows].shape)
            whole = search.into_box(rows, whole) if search.norm == "linf" else search.project(rows, whole)
            points = whole.reshape(shape)
            if number >= _STEPS // 2 or number == 1:
                found.append(whole.copy())
        return found

    def _aims(self, rows: Array, starts: int) -> Array:
        """The class that each start descends to, likeliest first, as indicators of shape (starts, m, n_classes)."""
        classes = self.search.target.n_classes
        outputs = self.copy.outputs(self.search.x[rows].reshape(len(rows), self.width))
        outputs[np.arange(len(rows)), self.search.y[rows]] = -np.inf
        order = np.argsort(-outputs, axis=1, kind="stable")[:, : max(1, classes - 1)]
        # every second start aims at the likeliest class, the others at the next ones
        places = [0 if number % 2 == 0 else (1 + number // 2) % order.shape[1] for number in range(starts)]
        return np.asarray(np.eye(classes, dtype=np.float32)[order.T[places]])


def _unit(speed: Array) -> Array:
    length = np.sqrt((speed * speed).sum(axis=-1, keepdims=True))
    return np.asarray(speed / np.maximum(length, 1e-12))
