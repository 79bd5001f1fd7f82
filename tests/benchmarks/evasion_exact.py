"""Exact verification of tree ensembles against an independent program, all other attacks, and ART's clique verifier.

For each model it prints the shares of rows that are broken, certified and undecided, and seconds a row; on how many of
a sample of rows a plainly written mixed-integer program of the same question agrees; how many certified rows any attack
of the suite breaks with a large budget; and, where ART can read the model, how many rows its verifier calls verified
although a point that the model answers wrongly was found here. Rows that the model answers right are taken from the
test part of each data set, scaled to 0..1, at Linf .1. The plain program gets 5 seconds a question. Run it with
`python -m tests.benchmarks.evasion_exact [ROWS] [PART OF A NAME]`; all of it takes half an hour.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import attacks.evasion
from attacks.distance import Array
from attacks.evasion import exact_linear, exact_trees
from attacks.outcome import Outcome
from attacks.structure import Structure, Trees, read
from attacks.target import Target
from audit.models._structure import inside_of

EPSILON, ROWS, SAMPLE, ATTACKED, PEER_ROWS = 0.1, 120, 40, 40, 12
QUERIES = 3000


@dataclass(frozen=True)
class Case:
    """A fitted model and rows of the test data that it answers right."""

    name: str
    model: Any
    structure: Structure
    x: Array
    y: Array

    def target(self, max_rows: int | None = None) -> Target:
        """The model as attacks see it."""
        scores = getattr(self.model, "predict_proba", None)
        return Target(
            lambda x: self.model.predict(x).astype(np.int64), len(self.model.classes_), scores=scores,
            max_rows=max_rows, structure=self.structure, pool=None,
        )  # fmt: skip


def main() -> None:
    """Print one block a model."""
    warnings.simplefilter("ignore")
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    for case in cases(rows, part):
        verifier = exact_trees if isinstance(case.structure.kind, Trees) else exact_linear
        target, start = case.target(), time.perf_counter()
        outcome = verifier.run(target, case.x, case.y, epsilon=EPSILON, seed=0)
        seconds = (time.perf_counter() - start) / len(case.x)
        certified = np.asarray(outcome.certified)
        undecided = int((~outcome.success & ~certified).sum())
        print(f"{case.name}: {len(case.x)} rows, broken {outcome.success.mean():.3f}, "
              f"certified {certified.mean():.3f}, "
              f"undecided {undecided}, {seconds:.4f} s/row, {target.rows / len(case.x):.1f} questions/row")  # fmt: skip
        if isinstance(case.structure.kind, Trees):
            print(f"  {agreement(case, case.structure.kind, outcome)}")
        print(f"  {survivors(case, np.flatnonzero(certified)[:ATTACKED])}")
        print(f"  {clique_verifier(case, outcome)}", flush=True)


def cases(rows: int, part: str = "") -> Iterator[Case]:
    """Every model on its data, or those with a part of their name."""
    made: list[tuple[str, Callable[[], Any], Callable[..., Any]]] = [
        ("breast cancer, RandomForest(100)", lambda: RandomForestClassifier(100, random_state=0), load_breast_cancer),
        ("breast cancer, ExtraTrees(100)", lambda: ExtraTreesClassifier(100, random_state=0), load_breast_cancer),
        ("breast cancer, GradientBoosting", lambda: GradientBoostingClassifier(random_state=0), load_breast_cancer),
        ("breast cancer, HistGradientBoosting", HistGradientBoostingClassifier, load_breast_cancer),
        ("breast cancer, LogisticRegression", lambda: LogisticRegression(max_iter=2000), load_breast_cancer),
        ("digits, RandomForest(100)", lambda: RandomForestClassifier(100, random_state=0), load_digits),
        ("digits, HistGradientBoosting", HistGradientBoostingClassifier, load_digits),
        ("digits, LogisticRegression", lambda: LogisticRegression(max_iter=2000), load_digits),
    ]
    try:
        import xgboost

        made.insert(
            0,
            (
                "breast cancer, XGBoost(50, depth 6)",
                lambda: xgboost.XGBClassifier(n_estimators=50, max_depth=6, n_jobs=1),
                load_breast_cancer,
            ),
        )
        made.append(
            (
                "digits, XGBoost(50, depth 4)",
                lambda: xgboost.XGBClassifier(n_estimators=50, max_depth=4, n_jobs=1),
                load_digits,
            )
        )
    except ImportError:
        print("xgboost is not installed; its models are left out")
    try:
        import lightgbm

        made.append(
            ("breast cancer, LightGBM(100)", lambda: lightgbm.LGBMClassifier(n_jobs=1, verbose=-1), load_breast_cancer)
        )
        made.append(("digits, LightGBM(100)", lambda: lightgbm.LGBMClassifier(n_jobs=1, verbose=-1), load_digits))
    except ImportError:
        print("lightgbm is not installed; its models are left out")
    yield from (_case(name, make(), load, rows) for name, make, load in made if part in name)


def _case(name: str, model: Any, load: Callable[..., Any], rows: int) -> Case:
    x, y = load(return_X_y=True)
    x = (x - x.min(axis=0)) / np.maximum(np.ptp(x, axis=0), 1e-9)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=0)
    model.fit(x_train, y_train)
    inside = inside_of(model)
    if inside is None:
        raise RuntimeError(f"{name}: nothing is known of its inside")
    arrays = inside.arrays()
    structure = read(arrays, inside.inputs, arrays["source"])
    right = np.flatnonzero(model.predict(x_test) == y_test)[:rows]
    return Case(name, model, structure, x_test[right], y_test[right].astype(np.int64))


def agreement(case: Case, trees: Trees, outcome: Outcome) -> str:
    """Compare with a program that knows nothing of how rows were decided here."""
    sample = SAMPLE if len(trees.base) == 2 else SAMPLE // 8
    rows = np.flatnonzero(outcome.success | np.asarray(outcome.certified))[:sample]
    agree, unsolved = 0, 0
    for row in rows:
        margins = [plain_program(trees, case.x[row], int(case.y[row]), other) for other in range(len(trees.base))
                   if other != case.y[row]]  # fmt: skip
        if np.isnan(margins).any():
            unsolved += 1
            continue
        # a tie is no contradiction: the first class wins it
        agree += (min(margins) < 0) == bool(outcome.success[row]) or abs(min(margins)) < 1e-7
    return f"independent program agrees on {agree} of {len(rows) - unsolved} rows, {unsolved} it could not solve"


def plain_program(trees: Trees, row: Array, y: int, other: int) -> float:
    """Least margin of `y` over `other` within epsilon, as in Kantchelian et al. 2016: a line for each leaf and node."""
    low, high = np.clip(row - EPSILON, 0, 1), np.clip(row + EPSILON, 0, 1)
    if trees.single:
        low, high = low.astype(np.float32).astype(float), high.astype(np.float32).astype(float)
    cuts: dict[tuple[int, float], int] = {}
    leaves: list[tuple[float, list[tuple[int, bool]]]] = []
    of_tree = []
    for root in trees.roots:
        start, waiting = len(leaves), [(int(root), list[tuple[int, bool]]())]
        while waiting:
            node, path = waiting.pop()
            at = int(trees.feature[node])
            if at < 0:
                leaves.append((float(trees.value[node, y] - trees.value[node, other]), path))
                continue
            limit = float(trees.threshold[node])
            can_left = low[at] < limit if trees.strict else low[at] <= limit
            can_right = high[at] >= limit if trees.strict else high[at] > limit
            both = can_left and can_right
            cut = cuts.setdefault((at, limit), len(cuts)) if both else -1
            if can_left:
                waiting.append((int(trees.left[node]), [*path, (cut, True)] if both else path))
            if can_right:
                waiting.append((int(trees.right[node]), [*path, (cut, False)] if both else path))
        of_tree.append(range(start, len(leaves)))
    return _solved(leaves, of_tree, cuts) + float(trees.base[y] - trees.base[other])


def _solved(leaves: list[Any], of_tree: list[range], cuts: dict[tuple[int, float], int]) -> float:
    count, width = len(leaves), len(leaves) + len(cuts)
    lines: list[tuple[list[int], list[float], float, float]] = [
        (list(tree), [1.0] * len(tree), 1.0, 1.0) for tree in of_tree
    ]
    for leaf, (_, path) in enumerate(leaves):
        lines += [
            ([leaf, count + cut], [1.0, -1.0 if left else 1.0], -np.inf, 0.0 if left else 1.0) for cut, left in path
        ]
    ordered = sorted(cuts)
    lines += [([count + cuts[first], count + cuts[second]], [1.0, -1.0], -np.inf, 0.0)
              for first, second in pairwise(ordered) if first[0] == second[0]]  # fmt: skip
    places = (
        np.repeat(np.arange(len(lines)), [len(line[0]) for line in lines]),
        np.concatenate([line[0] for line in lines]),
    )
    matrix = sp.csr_matrix((np.concatenate([line[1] for line in lines]), places), shape=(len(lines), width))
    found = milp(
        np.concatenate([[weight for weight, _ in leaves], np.zeros(len(cuts))]),
        constraints=LinearConstraint(matrix, [line[2] for line in lines], [line[3] for line in lines]),
        integrality=np.concatenate([np.zeros(count), np.ones(len(cuts))]), bounds=Bounds(0, 1),
        options={"time_limit": 5.0, "mip_rel_gap": 0.0},
    )  # fmt: skip
    return float(found.fun) if found.status == 0 else float("nan")


def survivors(case: Case, rows: Array) -> str:
    """Attack certified rows with everything there is."""
    broken, ran = np.zeros(len(rows), dtype=bool), list[str]()
    if not len(rows):
        return "no row is certified"
    for module in pkgutil.iter_modules(attacks.evasion.__path__):
        attack = importlib.import_module(f"attacks.evasion.{module.name}") if module.name[0] != "_" else None
        if (
            attack is None
            or getattr(attack, "ACCESS", "") not in ("scores", "labels")
            or module.name.startswith("text")
        ):
            continue
        target = case.target(QUERIES * len(rows))
        try:
            outcome = attack.run(target, case.x[rows], case.y[rows], epsilon=EPSILON, norm="linf", seed=1)
        except (TypeError, ValueError, AttributeError):
            continue
        ran.append(module.name)
        broken |= outcome.success
    return f"{int(broken.sum())} of {len(rows)} certified rows broken by {len(ran)} attacks ({', '.join(ran)})"


def clique_verifier(case: Case, outcome: Outcome) -> str:
    """Count rows that ART calls verified although they are broken."""
    try:
        from art.estimators.classification import SklearnClassifier, XGBoostClassifier
        from art.metrics import RobustnessVerificationTreeModelsCliqueMethod
    except ImportError:
        return "ART is not installed"
    width, classes = case.x.shape[1], len(case.model.classes_)
    try:
        wrapped = (
            XGBoostClassifier(model=case.model, nb_features=width, nb_classes=classes)
            if type(case.model).__name__ == "XGBClassifier"
            else SklearnClassifier(model=case.model)
        )
        verifier = RobustnessVerificationTreeModelsCliqueMethod(classifier=wrapped, verbose=False)
        start, verified = time.perf_counter(), []
        for row in range(min(PEER_ROWS, len(case.x))):
            error = verifier.verify(case.x[row : row + 1], case.y[row : row + 1], EPSILON, nb_search_steps=1)[1]
            verified.append(error == 0)
    except (TypeError, ValueError, AttributeError, KeyError, NotImplementedError, IndexError) as error:
        return f"ART's clique verifier does not read it: {type(error).__name__}"
    seconds = (time.perf_counter() - start) / len(verified)
    wrong = int((np.array(verified) & outcome.success[: len(verified)]).sum())
    exact = int(np.asarray(outcome.certified)[: len(verified)].sum())
    return (f"ART's clique verifier: {sum(verified)} of {len(verified)} rows verified (here {exact}), {wrong} of them "
            f"broken here, {seconds:.4f} s/row")  # fmt: skip


if __name__ == "__main__":
    main()
