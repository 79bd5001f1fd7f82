"""What isolation costs: a prediction in the restricted process beside the same one in this process, and a start.

Prints the ratio of the medians for 1, 1,000 and 20,000 rows, and the seconds from the start of a process to its first
answer beside the seconds that its imports take alone. Run it with `python -m tests.benchmarks.isolation`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from audit import models
from audit.subject import Subject

COLUMNS = [f"c{position}" for position in range(10)]
ROUNDS = {1: 300, 1000: 200, 20_000: 40}


def main() -> None:
    """Print one line a model and number of rows."""
    generator = np.random.default_rng(0)
    x = pd.DataFrame(generator.normal(size=(2000, 10)), columns=COLUMNS)
    y = np.where(x["c0"] + x["c1"] > 0, "good", "bad")
    kinds: dict[str, Any] = {
        "logistic regression": LogisticRegression(),
        "scaler and regression": make_pipeline(StandardScaler(), LogisticRegression()),
        "forest of 20 trees": RandomForestClassifier(20, random_state=0),
    }
    with tempfile.TemporaryDirectory() as name:
        for kind, model in kinds.items():
            away = _subject(Path(name), model.fit(x, y), x.assign(target=y))
            here = away.replaced(model=models.load(models.Source(estimator=model), "callable"))
            for rows, rounds in ROUNDS.items():
                asked = pd.DataFrame(generator.normal(size=(rows, 10)), columns=COLUMNS)
                ratio = _ratio(partial(away.probabilities, asked), partial(here.probabilities, asked), rounds)
                print(f"{kind}, {rows:>6} rows: {ratio}")
        print(f"start: {_start_cost(Path(name))}")


def _subject(folder: Path, model: Any, table: pd.DataFrame) -> Subject:
    joblib.dump(model, folder / "model.joblib")
    table.to_csv(folder / "test.csv", index=False)
    (folder / "audit.yaml").write_text(
        "subject: benchmark\nversion: '1'\ntask: classification\nmodel: {path: model.joblib}\n"
        "data: {test: {path: test.csv}}\ntarget: target\n"
    )
    subject = Subject.load(folder, isolation="required")
    subject.predict(subject.test)
    return subject


def _ratio(away: Callable[[], Any], here: Callable[[], Any], rounds: int) -> str:
    """Both in turns of ten, so that both meet the same machine."""
    seconds: dict[Callable[[], Any], list[float]] = {away: [], here: []}
    for _ in range(max(1, rounds // 10)):
        for asked, found in seconds.items():
            asked()
            for _ in range(10):
                started = time.perf_counter()
                asked()
                found.append(time.perf_counter() - started)
    apart, together = (statistics.median(found) * 1e3 for found in seconds.values())
    return f"{apart:.2f} ms apart, {together:.2f} ms together, {apart / together:.2f} times"


def _start_cost(folder: Path) -> str:
    """From the start to a loaded model, beside a bare interpreter that imports the same libraries."""
    imports = "import numpy, joblib, sklearn.linear_model, sklearn.pipeline, sklearn.preprocessing, audit.models.joblib"
    apart, alone = [], []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", imports], check=True)
        alone.append(time.perf_counter() - started)
        subject = Subject.load(folder, isolation="required")
        started = time.perf_counter()
        if subject.model.classes != ("bad", "good"):
            raise RuntimeError(subject.model.classes)
        apart.append(time.perf_counter() - started)
    whole, bare = statistics.median(apart), statistics.median(alone)
    return f"{whole:.2f} s to a loaded model, {bare:.2f} s of it interpreter and imports, {whole - bare:+.2f} s"


if __name__ == "__main__":
    main()
