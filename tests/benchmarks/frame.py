"""What the frame costs: the time of a whole audit beside that of the checks, and of the bare model calls, inside it.

Run it with `make benchmarks`. The frame is everything that is not a check: reading the policy and audit.yaml, hashing,
judging, stopping, writing the bundle and its reports. Imports are not counted: one audit runs first and is thrown away.
Each sample is audited several times; the medians are printed, with the share that the frame takes. Goal: under 5 %.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from audit import api, shipped
from audit.engine import _work
from audit.subject import Subject

SAMPLES = ("credit", "credit_flawed", "digits", "tickets")
REPEATS = 3


@dataclass
class Stopwatch:
    """Seconds spent in one kind of call."""

    seconds: float = 0.0
    depth: int = field(default=0, repr=False)

    @contextmanager
    def running(self) -> Iterator[None]:
        self.depth += 1
        started = time.perf_counter()
        try:
            yield
        finally:
            self.depth -= 1
            if self.depth == 0:  # predict calls probabilities: count the outer call once
                self.seconds += time.perf_counter() - started


@dataclass(frozen=True)
class Cost:
    """Seconds of one audit and of what is inside it."""

    audit: float
    checks: float
    model: float

    @property
    def frame_share(self) -> float:
        return (self.audit - self.checks) / self.audit


def measured(sample: str) -> Cost:
    """Audit one shipped sample in this process, with a stopwatch around each check and each call of the model."""
    folder = shipped.folder("sample_models") / sample
    checks, model = Stopwatch(), Stopwatch()
    results, power = _work.results, _work.power
    predict, probabilities = Subject.predict, Subject.probabilities

    def timed_results(*arguments: Any) -> Iterator[Any]:
        stream = results(*arguments)
        while True:
            with checks.running():
                result = next(stream, None)
            if result is None:
                return
            yield result

    def timed_power(*arguments: Any) -> Any:
        with checks.running():
            return power(*arguments)

    def timed_predict(*arguments: Any) -> Any:
        with model.running():
            return predict(*arguments)

    def timed_probabilities(*arguments: Any) -> Any:
        with model.running():
            return probabilities(*arguments)

    with (
        tempfile.TemporaryDirectory() as out,
        patch.object(_work, "results", timed_results),
        patch.object(_work, "power", timed_power),
        patch.object(Subject, "predict", timed_predict),
        patch.object(Subject, "probabilities", timed_probabilities),
    ):
        started = time.perf_counter()
        subject = Subject.load(folder / "audit.yaml")
        api.run(subject, _policy(folder), api.Options(out=Path(out) / "bundle"))
        return Cost(time.perf_counter() - started, checks.seconds, model.seconds)


def _policy(folder: Path) -> Path:
    own = folder / "policy.yaml"
    return own if own.exists() else folder.parent / folder.name.removesuffix("_flawed") / "policy.yaml"


def main() -> None:
    """Print one line a sample."""
    print(f"{'sample':<16} {'audit s':>9} {'checks s':>9} {'model s':>9} {'frame s':>9} {'frame %':>8}")
    for sample in SAMPLES:
        measured(sample)  # imports and caches
        costs = [measured(sample) for _ in range(REPEATS)]
        audit, checks, model = (
            statistics.median(getattr(cost, name) for cost in costs) for name in ("audit", "checks", "model")
        )
        share = statistics.median(cost.frame_share for cost in costs)
        print(f"{sample:<16} {audit:>9.3f} {checks:>9.3f} {model:>9.3f} {audit - checks:>9.3f} {share:>8.1%}")


if __name__ == "__main__":
    main()
