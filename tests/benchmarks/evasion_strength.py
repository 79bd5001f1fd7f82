"""How many of the rows that are proven breakable the black-box attacks miss, on ensembles of trees.

Run: python -m tests.benchmarks.evasion_strength [--queries 6000] [--seeds 1] [--attacks NAME ...]
     [--census], which takes the census table in place of the others

For XGBoost (50 trees) and RandomForest (100 trees) on the breast cancer and digits data: the truth is what
`attacks.evasion.exact_trees` breaks within .1 in Linf, every such row asked of the real model, and what an attack
breaks that it has left undecided. Beside it stands what the check's own ensemble for such a model finds without looking
inside (`--attacks` replaces it), with `--queries` rows at most for each attack and row.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import importlib
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import RandomForestClassifier

from attacks.structure import Structure
from attacks.target import Target
from audit.checks._evasion import ensemble
from audit.checks._evasion.model_inside import known_structure
from audit.checks._evasion.scores import examined_scores
from audit.checks._evasion.unit_box import UnitBox, unit_box
from audit.subject import FeatureSpec, Subject
from tests.benchmarks.census import census

_EPSILON = 0.1
_ROWS = 150
_BAR = 0.03
_CALL_ROWS = 8192


@dataclass(frozen=True)
class Case:
    """A model behind the check, the attacks that the check chooses for it, and rows that it answers right."""

    name: str
    subject: Subject
    box: UnitBox
    structure: Structure | None
    unproven: str
    chosen: tuple[str, ...]
    pool: np.ndarray | None
    x: np.ndarray
    y: np.ndarray

    def target(self, rows: int, *, structure: Structure | None = None) -> Target:
        """The model as the check shows it to an attack."""
        return Target(
            lambda x: self.subject.predict(self.box.decode(x)),
            len(self.subject.classes),
            self.box.low,
            self.box.high,
            scores=lambda x: self.subject.probabilities(self.box.decode(x)),
            constraints=self.box.constraints,
            max_rows=rows,
            pool=self.pool,
            structure=structure,
            call_rows=_CALL_ROWS,
        )


@dataclass(frozen=True)
class Found:
    """What attacks one after the other broke, and the rows that they asked for each."""

    broken: np.ndarray
    certified: np.ndarray
    queries: np.ndarray
    counts: dict[str, int]


def cases() -> list[Case]:
    """Two models on two data sets, half of each to train on; inputs in 0..1, float32."""
    found = []
    for data, load, depth in (("breast cancer", load_breast_cancer, 6), ("digits", load_digits, 4)):
        x, y = load(return_X_y=True)
        x = ((x - x.min(axis=0)) / np.maximum(np.ptp(x, axis=0), 1e-9)).astype(np.float32)
        order = np.random.default_rng(0).permutation(len(x))
        train, test = order[: len(x) // 2], order[len(x) // 2 :][:_ROWS]
        models: dict[str, Any] = {"RandomForest": RandomForestClassifier(100, random_state=0)}
        try:
            from xgboost import XGBClassifier

            models["XGBoost"] = XGBClassifier(n_estimators=50, max_depth=depth, n_jobs=1)
        except ModuleNotFoundError as error:
            print(f"XGBoost: not measured, {error}")
        for name, model in models.items():
            model.fit(x[train], y[train])
            parts = {"train": (x[train], y[train]), "test": (x[test], y[test])}
            found.append(_case(f"{name} on {data}", Subject.in_memory(model=model, **parts)))
    return found


def census_cases() -> list[Case]:
    """Both models on the census table, whose one-hot categories stay as they are."""
    from xgboost import XGBClassifier

    table = census(4000)
    names = [f"c{place}" for place in range(table.x.shape[1])]
    frame = pd.DataFrame(table.x, columns=names).assign(target=table.y)
    features = {
        name: FeatureSpec(name, "number", mutable=bool(movable), range=(0.0, 1.0))
        for name, movable in zip(names, table.movable, strict=True)
    }
    models: dict[str, Any] = {
        "XGBoost": XGBClassifier(n_estimators=50, max_depth=6, n_jobs=1),
        "RandomForest": RandomForestClassifier(100, random_state=0),
    }
    train, test = frame[:3000], frame[3000 : 3000 + _ROWS].reset_index(drop=True)
    return [
        _case(
            f"{name} on census",
            Subject.in_memory(
                model=model.fit(train[names], train["target"]), train=train, test=test, features=features
            ),
        )
        for name, model in models.items()
    ]


def _case(name: str, subject: Subject) -> Case:
    box = unit_box(subject)
    clean = subject.predict(subject.test)
    scores = examined_scores(subject, subject.test, clean)
    x, y = box.encode(subject.test.features), subject.codes(subject.test)
    known = known_structure(subject, box, x, epsilon=_EPSILON, seed=0)
    chosen = tuple(member.name for member in ensemble.choose(subject, box, (), "linf", scores, None))
    pool = ensemble.known_rows(subject, box, 0)
    right = clean == y
    return Case(name, subject, box, known.structure, known.note, chosen, pool, x[right], y[right])


def attacked(case: Case, names: tuple[str, ...], queries: int, seed: int, structure: Structure | None) -> Found:
    """Every attack on the rows that the ones before it have left."""
    nothing = np.zeros(len(case.x), dtype=bool)
    found = Found(nothing, nothing.copy(), np.zeros(len(case.x), dtype=np.int64), {})
    for number, name in enumerate(names):
        rows = np.flatnonzero(~found.broken)
        if not len(rows):
            break
        attack = importlib.import_module(f"attacks.evasion.{name}")
        target = case.target(queries * len(rows), structure=structure)
        outcome = attack.run(target, case.x[rows], case.y[rows], epsilon=_EPSILON, seed=1000 * seed + number)
        found.broken[rows[outcome.success]] = True
        if outcome.certified is not None:
            found.certified[rows] |= outcome.certified
        found.queries[rows] += outcome.queries
        found.counts[name] = int(outcome.success.sum())
    return found


def measure(case: Case, names: tuple[str, ...], queries: int, seed: int) -> str:
    """Share of breakable rows that the attacks missed, and what they cost."""
    if case.structure is None:
        return f"no truth: {case.unproven}"
    truth = attacked(case, ("exact_trees",), 100_000, seed, case.structure)
    start = time.perf_counter()
    found = attacked(case, names or case.chosen, queries, seed, None)
    seconds = time.perf_counter() - start
    breakable = truth.broken | found.broken
    missed = int((breakable & ~found.broken).sum())
    wrong = int((truth.certified & found.broken).sum())
    left = int((~truth.broken & ~truth.certified).sum())
    share, middle = missed / max(1, breakable.sum()), np.median(found.queries[found.broken])
    each = ", ".join(f"{name} {count}" for name, count in found.counts.items())
    return (
        f"missed {missed} of {breakable.sum()} ({share:.1%}), bar {_BAR:.0%}; {len(case.x)} rows, {left} undecided"
        f" by the proof, {wrong} certified and yet broken; {found.queries.mean():.0f} queries a row ({middle:.0f}"
        f" in the median broken one), {seconds:.1f} s; found by {each}"
    )


def main() -> None:
    """Print a line for each model and seed."""
    warnings.filterwarnings("ignore")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=6000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--attacks", nargs="*", default=())
    parser.add_argument("--census", action="store_true")
    options = parser.parse_args()
    for case in census_cases() if options.census else cases():
        for seed in range(1, options.seeds + 1):
            result = measure(case, tuple(options.attacks), options.queries, seed)
            print(f"black-box ensemble, {case.name}, seed {seed}: {result}", flush=True)


if __name__ == "__main__":
    main()
