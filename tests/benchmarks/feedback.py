"""What the check of feedback loops sees: real loops, leaks of known size, and loops without feedback.

Run it with `python -m tests.benchmarks.feedback`; it takes some four minutes on one core. For the tables and models
below, with 1,500 training and 750 test rows, it prints

- leaks that add 5, 10 and 15 points to the accepted labels of each round: the drift that was found (bar: certainly
  above 0 from 10 points on, and the interval holds the leak; a model that fits badly may turn a leak of its labels
  into a larger drift of its answers, which is no error of the check);
- loops to which any six in ten rows come back with their true labels: how often a drift is claimed (bar: 1 in 20);
- the drift, the loss of accuracy and the widest growth of a gap after six rounds, with the power and the seconds of
  process time for the whole check (no peer does this; bar: 40 s for measuring alone).

The check was developed on the census table of `census.py`, on breast cancer and digits of scikit-learn and on the
credit sample; none of the tables below was looked at until it was done, apart from the other half of the census.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from audit.checks import feedback_loop
from audit.checks._feedback_loop.loop import plan, replay
from audit.checks._feedback_loop.returns import Decided, Leaking, Returned, Returns
from audit.statistics import runs
from audit.statistics.intervals import Estimate
from audit.subject import Subject
from tests.benchmarks.packaged_tables import packaged

LOOPS = (
    ("census", "forest"),
    ("census", "linear"),
    ("hr", "forest"),
    ("health_insurance", "linear"),
    ("spambase", "forest"),
)
TABLES = ("hr", "health_insurance", "spambase")
GROUPS = {"census": ("sex",), "hr": ("gender",), "health_insurance": ("race",)}
MODELS: dict[str, Callable[[int], Any]] = {
    "forest": lambda seed: RandomForestClassifier(60, random_state=seed),
    "boosting": lambda seed: HistGradientBoostingClassifier(max_iter=40, random_state=seed),
    "linear": lambda seed: LogisticRegression(max_iter=300, random_state=seed),
}
LEAKS = (0.05, 0.10, 0.15)
TRAIN, TEST, REPEATS, NULLS = 1500, 750, 4, 20
COMMON: dict[str, Any] = {"seed": 2026, "confidence": 0.95}


class Unselective:
    """Any six in ten rows come back with their true labels, whatever was decided."""

    needs_scores = False

    def returned(self, decided: Decided, rng: np.random.Generator) -> Returned:
        """As the class says."""
        rows = rng.permutation(len(decided.truth))[: int(0.6 * len(decided.truth))]
        return Returned(rows, decided.truth[rows])


def subject(table: str, model: str) -> Subject:
    """The training and test rows of a table, with a recipe."""
    rows = packaged(table, TRAIN + TEST, seed=11)

    def fit(x: Any, y: Any, seed: int) -> Any:
        numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        words = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        columns = make_column_transformer(
            (numbers, make_column_selector(dtype_include="number")),
            (words, make_column_selector(dtype_exclude="number")),
        )
        return make_pipeline(columns, MODELS[model](seed)).fit(x, y)

    train, test = rows[:TRAIN].reset_index(drop=True), rows[TRAIN:].reset_index(drop=True)
    return Subject.in_memory(train=train, test=test, recipe=fit, groups=GROUPS.get(table, ()))


def shift(audited: Subject, returns: Returns, accepted: int, *, first: int) -> Estimate:
    """The drift after three rounds of a half, as the check measures it."""
    schedule = plan(audited.train.rows, rounds=3, share=0.5)
    replays = [
        replay(audited, schedule, returns, accepted=accepted, seed=1000 * (first + number)) for number in range(REPEATS)
    ]
    sides = (np.array([one.control[-1] for one in replays]), np.array([one.loop[-1] for one in replays]))
    return runs.shift_of_shares(*sides, len(audited.classes))


def real_loop(table: str, model: str) -> None:
    """One line: what the check finds with its default scenario."""
    audited = subject(table, model)
    started = time.process_time()
    result = feedback_loop.run(audited, **COMMON)
    seconds = time.process_time() - started
    power = feedback_loop.plant(audited, **COMMON)
    both = time.process_time() - started
    found = ", ".join(
        f"{name} {one.value:.3f} ({one.low:.3f} to {one.high:.3f})" for name, one in result.measures.items()
    )
    print(f"{table}, {model}: {found}, power {power.value:.2f}; {seconds:.1f} s, bar 40 s; {both:.1f} s with power")
    print(f"    {result.sentence}", flush=True)


def known_leaks(table: str, model: str) -> None:
    """One line: the drift that is found for each leak."""
    audited = subject(table, model)
    # what is accepted nearly always could not be accepted much more often
    accepted = int(np.argmin(np.bincount(audited.codes(audited.train))))
    found = [shift(audited, Leaking(accepted, leak), accepted, first=50) for leak in LEAKS]
    told = ", ".join(
        f"leak {leak:.2f} drift {one.value:.3f} ({one.interval.low:.3f} to {one.interval.high:.3f})"
        for leak, one in zip(LEAKS, found, strict=True)
    )
    held = sum(one.interval.low <= leak <= one.interval.high for leak, one in zip(LEAKS, found, strict=True))
    seen = sum(one.interval.low > 0 for one in found)
    print(f"{table}, {model}: {told}; {seen} of {len(LEAKS)} found, {held} intervals hold the leak", flush=True)


def false_alarms(table: str, model: str) -> None:
    """One line: how often a drift is claimed where there is no feedback."""
    audited = subject(table, model)
    claimed = sum(shift(audited, Unselective(), 0, first=10 * number).interval.low > 0 for number in range(NULLS))
    print(f"{table}, {model}: {claimed} of {NULLS} loops without feedback said to drift, bar 1 of 20", flush=True)


def main() -> None:
    """Print the three parts."""
    print("leaks of known size")
    for table in TABLES:
        for model in ("boosting", "linear"):
            known_leaks(table, model)
    print("no feedback")
    for table in TABLES:
        false_alarms(table, "linear")
    print("loops of the check's default scenario")
    for table, model in LOOPS:
        real_loop(table, model)


if __name__ == "__main__":
    main()
