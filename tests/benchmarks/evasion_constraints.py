"""How much of what can be found on mixed tables the search finds, and what it costs.

Run it with `python -m tests.benchmarks.evasion_constraints`. Rows of the German credit data are attacked through whole
pipelines on data frames, once by `attacks.evasion.coordinate` and once by asking about every point of a grid: all
combinations of two to four numbers at five places each (stay, half and whole epsilon both ways, in whole steps) and of
all allowed categories, as far as the judge of the constraints lets them pass. Printed for each model: of the rows that
the grid breaks, the share that the search breaks too (bar: .97); what the search breaks beyond the grid; questions
asked for a row by both; the time of the search over that of the same number of rows in one call of the model.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from attacks.evasion import coordinate
from attacks.target import Target
from audit.checks._evasion.column_epsilon import read
from audit.checks._evasion.frame_box import FrameBox
from audit.subject import FeatureSpec, Subject

CREDIT = Path(__file__).parents[2] / "sample_models" / "credit"
ROWS = 40
PLACES = (0.0, -1.0, 1.0, -0.5, 0.5)
QUERIES = (100, 400)
MOST_POINTS = 40_000
"""Points of the grid for one row; rows of all settings below stay under it."""


@dataclass(frozen=True)
class Case:
    """A model with what an attacker can change.

    Attributes:
        name: as printed.
        epsilons: of single columns.
        budget: most that all changes may cost.
        total: whether cash is what the amount leaves beside the goods, on the grid as well.
    """

    name: str
    subject: Subject
    epsilon: float
    epsilons: tuple[str, ...] = ()
    budget: float | None = None
    total: bool = False


@dataclass(frozen=True)
class Found:
    """Which rows broke, at what cost."""

    broken: np.ndarray
    questions: float
    seconds: float


def cases(seeds: range = range(3)) -> Iterator[Case]:
    """The shipped sample, then fresh models with more that can be changed."""
    sample = Subject.load(CREDIT / "audit.yaml")
    for epsilon in (0.05, 0.2):
        yield Case("shipped sample, as declared", sample, epsilon)
    wide = replaced(sample, wide_features(sample), sample.rules)
    yield Case("shipped sample, more can change", wide, 0.1)
    for seed, (name, make) in itertools.product(seeds, models().items()):
        yield Case(f"{name}, seed {seed}", fresh(sample, make, seed), 0.1)
    for name, make in models().items():
        yield Case(f"{name}, sum of two parts", split(sample, make), 0.1, total=True)
    priced = fresh(sample, models()["boosted trees"], 7)
    yield Case("boosted trees, cost budget", priced, 0.1, ("credit_amount: 2000", "duration_months: 25%"), 12.0)


def models() -> dict[str, Any]:
    """Pipelines by name, each from a seed."""
    words = make_column_selector(dtype_exclude="number")
    figures = make_column_selector(dtype_include="number")
    hot = (OneHotEncoder(handle_unknown="ignore"), words)
    codes = (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), words)
    return {
        "logistic": lambda seed: make_pipeline(
            make_column_transformer((StandardScaler(), figures), hot),
            LogisticRegression(max_iter=500, random_state=seed),
        ),
        "forest": lambda seed: make_pipeline(
            make_column_transformer(("passthrough", figures), hot),
            RandomForestClassifier(60, random_state=seed, n_jobs=1),
        ),
        "boosted trees": lambda seed: make_pipeline(
            make_column_transformer(("passthrough", figures), codes),
            HistGradientBoostingClassifier(max_iter=60, random_state=seed),
        ),
    }


def wide_features(sample: Subject) -> dict[str, FeatureSpec]:
    """The declared features, with one number, two categories and costs more."""
    declared = dict(sample.features)
    declared["installment_rate"] = FeatureSpec("installment_rate", "integer", range=(1, 4), direction="up")
    for name in ("other_plans", "housing"):
        declared[name] = replace(declared[name], mutable=True, cost=5.0)
    declared["credit_amount"] = replace(declared["credit_amount"], cost=0.005)
    declared["duration_months"] = replace(declared["duration_months"], cost=1.0)
    declared["purpose"] = replace(declared["purpose"], cost=4.0)
    return declared


def replaced(sample: Subject, features: dict[str, FeatureSpec], rules: tuple[str, ...]) -> Subject:
    """The sample with other declarations."""
    return Subject.in_memory(
        model=sample.model, train=sample.train, test=sample.test, target="risk", features=features, rules=rules
    )


def shuffled(sample: Subject, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Training and test rows, drawn anew."""
    every = pd.concat([sample.train.frame, sample.test.frame]).sample(frac=1.0, random_state=seed)
    return every[:600].reset_index(drop=True), every[600:].reset_index(drop=True)


def fresh(sample: Subject, make: Any, seed: int) -> Subject:
    """A new model on a new split, with a rule that is tight for many rows."""
    train, test = shuffled(sample, seed)
    model = make(seed).fit(train.drop(columns="risk"), train["risk"])
    rules = (
        "credit_amount <= 2500 * duration_months",
        "credit_amount >= 60 * duration_months - 250 * installment_rate",
    )
    return Subject.in_memory(
        model=model, train=train, test=test, target="risk", features=wide_features(sample), rules=rules
    )


def split(sample: Subject, make: Any) -> Subject:
    """The amount comes with the two parts that it is the sum of, so that no single number can change alone."""
    train, test = shuffled(sample, 11)
    rng = np.random.default_rng(0)
    for frame in (train, test):
        frame["cash"] = (frame["credit_amount"] * rng.uniform(0.1, 0.9, len(frame))).astype("int64")
        frame["goods"] = frame["credit_amount"] - frame["cash"]
    features = {
        **sample.features,
        "cash": FeatureSpec("cash", "integer", range=(0, 20000)),
        "goods": FeatureSpec("goods", "integer", range=(0, 20000)),
    }
    model = make(11).fit(train.drop(columns="risk"), train["risk"])
    return Subject.in_memory(
        model=model, train=train, test=test, target="risk", features=features,
        rules=("credit_amount == cash + goods", "credit_amount <= 2500 * duration_months"),
    )  # fmt: skip


class Attacked:
    """The rows of a case that its model answers right, and both ways to attack them."""

    def __init__(self, case: Case) -> None:
        self.case, self.subject = case, case.subject
        self.box = FrameBox(case.subject, relaxed=False, reach=read(case.epsilon, case.epsilons, case.budget))
        table = case.subject.test.take(np.random.default_rng(1).permutation(case.subject.test.rows)[: 3 * ROWS])
        right = np.flatnonzero(case.subject.predict(table) == case.subject.codes(table))[:ROWS]
        self.x = self.box.encode(table.take(right).features)
        self.y = case.subject.codes(table.take(right))

    def searched(self, queries: int) -> Found:
        """By the search."""
        subject, box = self.subject, self.box
        target = Target(
            lambda x: subject.predict(box.decode(x)), len(subject.classes), box.low, box.high,
            scores=lambda x: subject.probabilities(box.decode(x)), constraints=box.constraints,
            max_rows=queries * len(self.x), call_rows=1024,
        )  # fmt: skip
        started = time.perf_counter()
        outcome = coordinate.run(target, self.x, self.y, epsilon=self.case.epsilon, seed=1)
        seconds = time.perf_counter() - started
        if box.constraints is not None and box.constraints.violations(self.x, outcome.adversarial).any():
            raise RuntimeError("an adversarial row breaks a constraint")
        return Found(outcome.success, target.rows / len(self.x), seconds)

    def tried_out(self) -> Found:
        """By asking about every allowed point of the grid."""
        broken, asked, started = np.zeros(len(self.x), dtype=bool), 0, time.perf_counter()
        for row, (x, y) in enumerate(zip(self.x, self.y, strict=True)):
            points = self.grid(x)
            asked += len(points)
            if len(points):
                broken[row] = bool((self.subject.predict(self.box.decode(points)) != y).any())
        return Found(broken, asked / len(self.x), time.perf_counter() - started)

    def grid(self, x: np.ndarray) -> np.ndarray:
        """Allowed points around one row, shape (points, d)."""
        assert self.box.constraints is not None
        axes = []
        for place, column in enumerate(self.box.constraints.columns):
            axis = [x[place]]
            if column.kind == "category" and column.mutable and column.reach is not None and x[place] >= 0:
                axis += [float(code) for code in np.flatnonzero(column.reach[int(x[place])]) if code != x[place]]
            elif column.kind == "number" and column.mutable:
                step = column.step / column.unit
                moves = [share * self.case.epsilon for share in PLACES[1:]]
                moves = [np.trunc(move / step + np.sign(move) * 1e-9) * step for move in moves] if step else moves
                axis = list(dict.fromkeys([*axis, *(x[place] + move for move in moves)]))
            axes.append(axis)
        points = np.array(list(itertools.product(*axes)))
        if len(points) > MOST_POINTS:
            raise RuntimeError(f"the grid has {len(points)} points")
        if self.case.total:
            frame = self.box.decode(points)
            cash = self.box.encode(frame.assign(cash=frame["credit_amount"] - frame["goods"]))
            reached = np.abs(cash - x).max(axis=1, where=self.box.constraints.budgeted, initial=0.0)
            points = np.unique(np.concatenate([points, cash[reached <= self.case.epsilon + 1e-9]]), axis=0)
        return points[~self.box.constraints.violations(np.broadcast_to(x, points.shape), points)]

    def one_call(self, rows: int) -> float:
        """Seconds of one call of the model on so many rows."""
        frame = self.box.decode(self.x[np.arange(rows) % len(self.x)])
        started = time.perf_counter()
        self.subject.probabilities(frame)
        return time.perf_counter() - started


def main() -> None:
    """Print one line for each case and budget of questions."""
    shared = dict.fromkeys(QUERIES, 0)
    total = 0
    for case in cases():
        attacked = Attacked(case)
        grid = attacked.tried_out()
        total += int(grid.broken.sum())
        for queries in QUERIES:
            found = attacked.searched(queries)
            both = int((found.broken & grid.broken).sum())
            shared[queries] += both
            limit = attacked.one_call(max(1, round(found.questions * len(attacked.x))))
            more = int((found.broken & ~grid.broken).sum())
            print(
                f"{case.name}, epsilon {case.epsilon:g}, {queries} questions: search finds {both}/{grid.broken.sum()} "
                f"of the grid and {more} more, of {len(attacked.x)} rows; questions a row {found.questions:.0f}, grid "
                f"{grid.questions:.0f}; time {found.seconds:.2f} s, {found.seconds / limit:.1f} times one call"
            )
    for queries in QUERIES:
        print(f"all cases, {queries} questions: {shared[queries]}/{total} = {shared[queries] / total:.3f}, bar .97")


if __name__ == "__main__":
    main()
