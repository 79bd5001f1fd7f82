"""Auto-PGD: projected gradient descent that sets its own step size, towards one likely wrong class after the other.

At checkpoints, rows that gained too little go back to their best point and halve their step, each row by itself. The
first walk climbs the loss of the true class. The next ones each descend that of one wrong class: while the true class
leads, this slope has nearly the direction of the margin between the two, and unlike the first it does not vanish where
scores are saturated. What is left of the budget goes to walks from random points, in turns between all classes, which
finds rows where several compete, and the two that came closest.

Source: Croce and Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse parameter-free
attacks", ICML 2020, algorithm 1; the loss of a wrong class follows Gowal et al., "An Alternative Surrogate Loss for
PGD-based Adversarial Testing", 2019. Differs in that a walk starts with steps of epsilon, that scores are asked at
every other step, which leaves more of the budget to the gradient, and that L2 steps leave out what the bounds would cut
off.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from scipy.special import logsumexp

from attacks.distance import Array, Norm, flat
from attacks.evasion._search import Search
from attacks.outcome import Outcome
from attacks.target import Target

ACCESS = "gradients"
_QUERIES = 400
_TARGETS = 9
_FIRST_STEPS = 20
_STEPS = 10
_LONG_STEPS = 25
_MOMENTUM = 0.75
_STRIDE = 2
_FIRST_STEP = 1.0
_ENOUGH_GAINS = 0.75
_TINY = 1e-300


def run(target: Target, x: Array, y: Array, *, epsilon: float, norm: Norm = "linf", seed: int) -> Outcome:
    """Descend with the target's budget, or 400 queries a row where that is unlimited.

    Args:
        target: the model under attack; has to give gradients. Scores, where there are any, choose classes and steps.
        x: rows, shape (n, ...), float, within the target's bounds.
        y: true class codes, shape (n,).
        epsilon: largest allowed distance, in the unit of `x`.
        norm: "linf" or "l2".
        seed: of every random choice.

    Returns:
        The outcome, confirmed on the real model; `blind` marks rows whose every gradient was zero.

    Raises:
        ValueError: the target gives no gradients.
    """
    search = _Scored(target, x, y, epsilon=epsilon, norm=norm)
    with search.within_budget():
        if len(x):
            _Descent(search, np.random.default_rng(seed)).run()
    return search.outcome()


class _Scored(Search):
    """A search that also tells how far each class is from the answer."""

    def leads(self, rows: Array, points: Array) -> Array:
        """Lead of the true class over each class, shape (m, n_classes), inf for itself; 0 where there are no scores."""
        labels, every = self.y[rows], np.arange(len(rows))
        if not self.target.has_scores:
            self.labels(rows, points)
            leads = np.zeros((len(rows), self.target.n_classes))
        else:
            scores = np.asarray(self._ask(self.target.scores, rows, points), dtype=np.float64)
            wrong = scores.argmax(axis=1) != labels
            self.keep(rows[wrong], points[wrong])
            if scores.min() >= 0 and np.allclose(scores.sum(axis=1), 1, atol=1e-6):
                scores = np.log(np.maximum(scores, _TINY))  # the logits, up to a number that all classes share
            leads = scores[every, labels][:, None] - scores
        leads[every, labels] = np.inf
        return leads


@dataclass
class _Walk:
    """Rows on their way; arrays of one entry a row.

    Attributes:
        rows: positions.
        towards: class to descend to.
        point: where the row is; `before` where it was.
        best: the point with the lowest lead of the true class so far, which is `lowest`.
        step: length of the next step.
        gains: steps since the last checkpoint that lowered the lead; `value` is the last one.
        checked: `lowest` at the last checkpoint; `halved` whether the step was halved there.
    """

    rows: Array
    towards: Array
    point: Array
    before: Array
    value: Array
    best: Array
    lowest: Array
    step: Array
    gains: Array
    checked: Array
    halved: Array

    def keep(self, standing: Array) -> None:
        """Leave the other rows behind."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name)[standing])

    def check(self, steps: int) -> None:
        """Rows that gained in too few of the last steps halve their step and go back to their best point."""
        stuck = (self.gains < _ENOUGH_GAINS * steps) | (~self.halved & (self.lowest >= self.checked))
        self.step = np.where(stuck, self.step / 2, self.step)
        chosen = _wide(stuck, self.point)
        self.point = np.where(chosen, self.best, self.point)
        self.before = np.where(chosen, self.best, self.before)
        self.value = np.where(stuck, self.lowest, self.value)
        self.gains = np.zeros(len(self.rows), dtype=int)
        self.checked, self.halved = self.lowest, stuck


class _Descent:
    """All walks of one attack."""

    def __init__(self, search: _Scored, rng: np.random.Generator) -> None:
        self.search, self.rng = search, rng
        self.left = search.per_row(_QUERIES)
        """Queries that a row which still stands may cost."""

    def run(self) -> None:
        """Every walk that the budget allows."""
        search = self.search
        every = np.arange(len(search.x))
        leads = search.leads(every, search.x)
        self.left -= 1
        order = np.argsort(leads, axis=1, kind="stable")[:, : min(_TARGETS, search.target.n_classes - 1)]
        self._walk(None, _FIRST_STEPS, search.x)
        reached = np.full(order.shape, np.inf)
        for place in range(order.shape[1]):
            reached[:, place] = self._walk(order[:, place], _STEPS, self._random())
        ranks = np.argsort(reached, axis=1, kind="stable")
        turn = 0
        while self.left > 3 and len(search.active):
            # between all others where several compete, else to the two that came closest
            close = order[every, ranks[:, turn // 2 % min(2, ranks.shape[1])]]
            self._walk(close if turn % 2 else None, _LONG_STEPS, self._random())
            turn += 1

    def _walk(self, towards: Array | None, steps: int, start: Array) -> Array:
        """Walk with all rows that stand.

        Args:
            towards: class for each row of all; None for the strongest wrong class of each moment.
            steps: fewer are taken where the budget does not last.
            start: a point for each row of all.

        Returns:
            Lowest lead that was seen, for each row of all; inf where the row did not walk.
        """
        search, reached = self.search, np.full(len(self.search.x), np.inf)
        rows = search.active
        steps = min(steps, (self.left - 2) * _STRIDE // (_STRIDE + 1))
        if steps < 1 or not len(rows):
            return reached
        self.left -= 1 + steps + -(-steps // _STRIDE)
        walk = self._begin(rows, towards, start[rows])
        checks = _checkpoints(steps)
        for number in range(steps):
            if not len(walk.rows):
                break
            self._step(walk, _MOMENTUM if number else 1.0, towards is None)
            if (number + 1) % _STRIDE == 0 or number + 1 == steps:
                self._look(walk, towards is None)
                passed = [check for check in checks if check <= number + 1]
                if passed:
                    walk.check(max(1, sum(checks.pop(check) for check in passed) // _STRIDE))
        reached[walk.rows] = walk.lowest
        return reached

    def _begin(self, rows: Array, towards: Array | None, point: Array) -> _Walk:
        count, epsilon = len(rows), self.search.epsilon
        nowhere, unknown = np.zeros(count, dtype=int), np.full(count, np.inf)
        walk = _Walk(
            rows, nowhere if towards is None else towards[rows], point, point, unknown, point, unknown,
            np.full(count, _FIRST_STEP * epsilon), nowhere, unknown, np.zeros(count, dtype=bool),
        )  # fmt: skip
        self._look(walk, towards is None)
        walk.gains, walk.checked = np.zeros(len(walk.rows), dtype=int), walk.lowest
        return walk

    def _step(self, walk: _Walk, share: float, any_class: bool) -> None:
        """A step down the slope, and a part of the step before."""
        search, sign, codes = self.search, 1.0, walk.towards
        if any_class:
            sign, codes = -1.0, search.y[walk.rows]
        slope = sign * search.gradients(walk.rows, walk.point, codes)
        length = walk.step.reshape((-1,) + (1,) * (walk.point.ndim - 1))
        ahead = search.project(walk.rows, walk.point - length * self._unit(walk.point, slope))
        there = walk.point + share * (ahead - walk.point) + (1 - share) * (walk.point - walk.before)
        walk.before, walk.point = walk.point, search.project(walk.rows, there)

    def _unit(self, point: Array, slope: Array) -> Array:
        if self.search.norm == "linf":
            return np.sign(slope)
        low, high = self.search.target.low, self.search.target.high
        # what a bound would cut off is left to the other values
        lost = ((slope > 0) & (point <= low)) | ((slope < 0) & (point >= high))
        rows = flat(np.where(lost, 0.0, slope)).astype(np.float64)
        # by the largest value first: squares of a steep network's gradient overflow
        rows = rows / np.maximum(np.abs(rows).max(axis=1, keepdims=True), _TINY)
        length = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
        return np.asarray((rows / np.maximum(length, _TINY)).reshape(slope.shape))

    def _look(self, walk: _Walk, any_class: bool) -> None:
        """Ask where the rows are now, and leave those behind that are broken."""
        leads = self.search.leads(walk.rows, walk.point)
        value = -logsumexp(-leads, axis=1) if any_class else leads[np.arange(len(leads)), walk.towards]
        walk.gains = walk.gains + (value < walk.value)
        walk.value = value
        better = value <= walk.lowest  # also where it stands still: the last point is as good a place to go on from
        walk.lowest = np.where(better, value, walk.lowest)
        walk.best = np.where(_wide(better, walk.point), walk.point, walk.best)
        walk.keep(np.isin(walk.rows, self.search.active))

    def _random(self) -> Array:
        """A random point within epsilon of each row."""
        search = self.search
        change = self.rng.uniform(-1, 1, flat(search.x).shape)
        if search.norm == "l2":
            change = self.rng.normal(size=change.shape)
            change /= np.maximum(np.sqrt((change * change).sum(axis=1, keepdims=True)), _TINY)
        change = np.where(search.movable, change, 0).reshape(search.x.shape) * search.epsilon
        return search.project(np.arange(len(search.x)), search.x + change)


def _checkpoints(steps: int) -> dict[int, int]:
    """Steps after which to check, and how many have been taken since the check before."""
    place, gap, found, last = 0.0, 0.22, {}, 0
    while place + gap < 1:
        place, gap = place + gap, max(gap - 0.03, 0.06)
        number = int(np.ceil(round(place * steps, 9)))
        if number > last:
            found[number], last = number - last, number
    return found


def _wide(mask: Array, like: Array) -> Array:
    return mask.reshape((-1,) + (1,) * (like.ndim - 1))
