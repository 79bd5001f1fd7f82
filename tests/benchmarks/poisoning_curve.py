"""What poison does to a forest of 60 trees on real tables, and what finding out costs.

Prints, for 4,000 training rows of each table: the damage curve by kind of flip, rows for 50 % trigger success, copies
that turn one decision, seconds on the clock, and seconds of computing (those of the recipe's process included), which
another program on the machine does not change much. The bar is 60 s for the census, 4,000 x 40, on two idle cores. The
census was looked at while this was built; the other tables were not.

Run: `python -m tests.benchmarks.poisoning_curve [TABLE ...]`
"""

from __future__ import annotations

import csv
import gc
import io
import resource
import sys
import tempfile
import time
from pathlib import Path

from audit.checks import poisoning
from audit.records import CheckResult
from audit.subject import Subject
from tests.benchmarks.packaged_tables import packaged

ROWS, TEST_ROWS, SEED = 4000, 1000, 5
LOOKED_AT = ("census",)
HELD_OUT = ("mortgages", "marketing", "magic", "health_insurance", "optdigits")
RECIPE = """
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

def fit(x, y, seed):
    words = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    columns = make_column_transformer((words, make_column_selector(dtype_exclude="number")), remainder="passthrough")
    return make_pipeline(columns, RandomForestClassifier(n_estimators=60, random_state=seed)).fit(x, y)
"""
AUDIT = """
subject: benchmark
version: "1"
task: classification
data: {train: {path: train.parquet}, test: {path: test.parquet}}
target: target
training: {recipe: "train.py:fit"}
"""


def computed() -> float:
    """Seconds that this process and its ended children have computed."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def measured(folder: Path) -> CheckResult:
    """The last result of the check with its defaults."""
    subject = Subject.load(folder / "audit.yaml")
    *_, last = poisoning.run(subject, seed=SEED, confidence=0.95)
    return last


def curve(result: CheckResult) -> dict[float, dict[str, float]]:
    """Accuracy lost by share and kind of flip."""
    found: dict[float, dict[str, float]] = {}
    file = next(file for file in result.evidence if file.name == "damage_curve.csv")
    for line in csv.DictReader(io.StringIO(file.content.decode())):
        found.setdefault(float(line["share"]), {})[line["kind"]] = float(line["accuracy_drop"])
    return dict(sorted(found.items()))


def show(name: str) -> None:
    """Measure one table and print what came of it."""
    frame = packaged(name, ROWS + TEST_ROWS, seed=SEED)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        test_rows = min(TEST_ROWS, len(frame) // 4)
        frame[test_rows:].to_parquet(folder / "train.parquet")
        frame[:test_rows].to_parquet(folder / "test.parquet")
        (folder / "train.py").write_text(RECIPE)
        (folder / "audit.yaml").write_text(AUDIT)
        before, started = computed(), time.perf_counter()
        result = measured(folder)
        seconds = time.perf_counter() - started
        gc.collect()  # ends the recipe's process, whose time then counts
        bar = ", bar 60 s on idle cores" if name == "census" else ""
        trainings = result.notes[-1]
        shape = f"{len(frame) - test_rows} x {frame.shape[1] - 1}"
        print(f"{name} {shape}: ours {seconds:.0f} s, {computed() - before:.0f} s computing, {trainings}{bar}")
    for share, drops in curve(result).items():
        kinds = "adversarial", "one_class", "random"
        ranked = "ranked as expected" if [*kinds] == sorted(kinds, key=lambda kind: -drops[kind]) else "other ranks"
        print(
            f"{name} {share:.0%} flipped: " + ", ".join(f"{kind} {drops[kind]:.3f}" for kind in kinds) + f"; {ranked}"
        )
    for measure, unit in (("success_rate", "of 1 % rows"), ("rows_to_succeed", ""), ("copies_to_flip", "")):
        if measure not in result.measures:
            print(f"{name} {measure}: not measured; {'; '.join(result.notes)}")
            continue
        one = result.measures[measure]
        print(f"{name} {measure} {unit}: ours {one.value:.3g} ({one.low:.3g} to {one.high:.3g}, {one.n} counted)")
    print(f"{name}: {result.sentence}", flush=True)


def main() -> None:
    """Print all tables that are asked for."""
    for name in sys.argv[1:] or (*LOOKED_AT, *HELD_OUT):
        show(name)


if __name__ == "__main__":
    main()
