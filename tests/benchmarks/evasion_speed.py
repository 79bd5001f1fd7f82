"""What black-box evasion attacks cost beside the model's own answers, and HopSkipJump beside ART's.

Run: python -m tests.benchmarks.evasion_speed

Prints for each attack and model the attack's time as a multiple of the physical limit: the very rows that it asked, by
the same kinds of call (labels, scores), asked in one call of the model, split only where memory demands it. Attack and
limit take turns; the smallest of three times counts for each. Then ART's HopSkipJump and ours at equal queries: ART
runs on a few rows, its seconds a row are what is compared. Times are those of the processor, so that a busy machine
changes little; everything runs in one thread. Arguments are names of attacks, and leave out the others and ART.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")

import importlib
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from attacks.distance import Array, Norm
from attacks.target import Target

_ROWS = 500
_EPSILON = 0.1
_CALL_ROWS = 16_384
_BYTES = 64 * 1024 * 1024
_REPEATS = 3
_ART_ROWS = 16
_COMPARED_ROWS = 200
ATTACKS: tuple[tuple[str, Norm], ...] = (
    ("uniform_noise", "linf"), ("nearest_row", "linf"), ("finite_difference", "linf"), ("coordinate", "linf"),
    ("square", "linf"), ("population", "linf"), ("transfer", "linf"), ("rays", "linf"),
    ("hop_skip_jump", "linf"), ("hop_skip_jump", "l2"),
)  # fmt: skip


@dataclass
class Asked:
    """A model's function that remembers the rows that it was asked."""

    function: Callable[[Array], Array]
    rows: list[Array] = field(default_factory=list)

    def __call__(self, x: Array) -> Array:
        self.rows.append(x.copy())
        return self.function(x)

    def at_once(self) -> float:
        """Seconds that the same rows take in one call."""
        if not self.rows:
            return 0.0
        rows = np.concatenate(self.rows)
        step = _BYTES // rows[:1].nbytes
        start = time.process_time()
        for place in range(0, len(rows), step):
            self.function(rows[place : place + step])
        return time.process_time() - start


@dataclass(frozen=True)
class Case:
    """A model and rows that it answers right."""

    name: str
    model: Any
    x: Array
    y: Array
    bar: float


def cases() -> list[Case]:
    """RandomForest(100) and LogisticRegression on the breast cancer data, inputs in 0..1."""
    x, y = load_breast_cancer(return_X_y=True)
    x = (x - x.min(axis=0)) / np.ptp(x, axis=0)
    train = np.random.default_rng(0).permutation(len(x))[:300]
    found = []
    for name, bar, model in (
        ("RandomForest(100)", 1.5, RandomForestClassifier(100, random_state=0)),
        ("LogisticRegression", 3.0, LogisticRegression(max_iter=1000)),
    ):
        model.fit(x[train], y[train])
        right = np.flatnonzero(model.predict(x) == y)[:_ROWS]
        found.append(Case(name, model, x[right], y[right], bar))
    return found


def ratio(case: Case, name: str, norm: Norm, epsilon: float) -> str:
    """Time of an attack as a multiple of the limit, with what it asked and broke."""
    attack = importlib.import_module(f"attacks.evasion.{name}")
    labels, scores = Asked(case.model.predict), Asked(case.model.predict_proba)
    target = Target(labels, 2, scores=scores, pool=case.x[:200], call_rows=_CALL_ROWS)
    outcome = attack.run(target, case.x, case.y, epsilon=epsilon, norm=norm, seed=1)
    ours, limit = [], []
    for _ in range(_REPEATS):
        again = Target(case.model.predict, 2, scores=case.model.predict_proba, pool=case.x[:200], call_rows=_CALL_ROWS)
        start = time.process_time()
        attack.run(again, case.x, case.y, epsilon=epsilon, norm=norm, seed=1)
        ours.append(time.process_time() - start)
        limit.append(labels.at_once() + scores.at_once())
    return (
        f"ours {min(ours) / min(limit):.2f}, bar {case.bar} ({target.rows} rows, {target.calls} calls,"
        f" {outcome.success.mean():.0%} broken, {min(ours):.3f} s)"
    )


def against_art(case: Case) -> str:
    """Seconds a row of HopSkipJump in L2 at equal queries, and the median distance on the rows that both ran on."""
    from art.attacks.evasion import HopSkipJump
    from art.estimators.classification import BlackBoxClassifier

    from attacks.evasion import hop_skip_jump

    labels = Asked(case.model.predict)
    peer = BlackBoxClassifier(lambda x: np.eye(2)[labels(x)], case.x.shape[1:], 2, clip_values=(0.0, 1.0))
    np.random.seed(0)
    attack = HopSkipJump(peer, norm=2, max_iter=10, init_eval=50, max_eval=500, verbose=False)
    found, seconds, queries = [], [], []
    for row in case.x[:_ART_ROWS]:
        before, start = sum(map(len, labels.rows)), time.process_time()
        found.append(attack.generate(row[None])[0])
        seconds.append(time.process_time() - start)
        queries.append(sum(map(len, labels.rows)) - before)
    # where it finds no start it gives up after a hundred queries; such rows show neither its speed nor its strength
    won = case.model.predict(np.array(found)) != case.y[:_ART_ROWS]
    theirs, each = float(np.mean(np.array(seconds)[won])), int(np.mean(np.array(queries)[won]))
    projected = _projected(case, np.array(found))[won]
    rows = min(_COMPARED_ROWS, len(case.x))
    target = Target(case.model.predict, 2, max_rows=each * rows, call_rows=_CALL_ROWS)
    start = time.process_time()
    outcome = hop_skip_jump.run(target, case.x[:rows], case.y[:rows], epsilon=1e-6, norm="l2", seed=1)
    ours = (time.process_time() - start) / rows
    distance = outcome.distances[:_ART_ROWS][won]
    return (
        f"{theirs / ours:.0f} times faster, bar 50 (ours {ours * 1e3:.2f} ms a row on {rows} rows,"
        f" {target.rows // rows} queries; ART {theirs * 1e3:.0f} ms a row, {each} queries, extrapolated from"
        f" {won.sum()} rows); median L2 on those rows: ours {np.median(distance):.3f}, ART {np.median(projected):.3f}"
        f" after a last projection that it lacks"
    )


def _projected(case: Case, found: Array) -> Array:
    base, labels = case.x[: len(found)], case.y[: len(found)]
    low, high = np.zeros(len(found)), np.ones(len(found))
    for _ in range(12):
        middle = (low + high) / 2
        wrong = case.model.predict(base + middle[:, None] * (found - base)) != labels
        low, high = np.where(wrong, low, middle), np.where(wrong, middle, high)
    return np.asarray(high * np.sqrt(((found - base) ** 2).sum(axis=1)))


def main() -> None:
    """Print the table."""
    warnings.filterwarnings("ignore")
    for case in cases():
        for name, norm in ATTACKS:
            if sys.argv[1:] and name not in sys.argv[1:]:
                continue
            # HopSkipJump leaves a row alone once it is within epsilon; in L2 it is to walk all its steps
            epsilon = 1e-6 if norm == "l2" else _EPSILON
            measured = ratio(case, name, norm, epsilon)
            print(f"times the limit, {case.name}, {name} {norm}, {len(case.x)} rows: {measured}", flush=True)
    for case in () if sys.argv[1:] else cases():
        try:
            print(f"HopSkipJump beside ART, {case.name}: {against_art(case)}")
        except ModuleNotFoundError as error:
            print(f"HopSkipJump beside ART, {case.name}: not compared, {error}")


if __name__ == "__main__":
    main()
