"""Which kinds of model can be attacked at all: this program and ART on the same models.

Each model is written to files (one answers at an HTTP endpoint on this machine) and audited as a user would, by
`audit.measure` with its power. Prints for each the robust accuracy with its interval, what is proven, the power, the
rows asked for each attacked row, the seconds, and doubts. Beside it stands what ART's attacks, with their usual wrapper
and few steps, do to eight of the same rows: a robust accuracy, rows that nothing was done to, or an error; and what is
left of these eight rows here. The last line counts the cells that are valid: measures that are finite numbers, rows
that were broken, and no error. Run it with `python -m tests.benchmarks.evasion_coverage [ROWS]`; it takes some minutes.
"""

from __future__ import annotations

import csv
import io
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from audit import api
from audit.records import Evidence, Measure
from audit.subject import Subject
from tests.benchmarks.coverage_subjects import Written, subjects

ROWS, PEER_ROWS, PEER_SECONDS = 60, 8, 20
SEED = 0
_RAISED = (ArithmeticError, AttributeError, ImportError, LookupError, RuntimeError, TypeError, ValueError)


@dataclass(frozen=True)
class Cell:
    """What this program says of one model.

    Attributes:
        valid: whether every measure is a finite number and attacks broke rows.
        error: why nothing was measured; empty if it was.
        broken: positions of rows that attacks broke.
    """

    valid: bool
    text: str
    error: str
    doubts: tuple[str, ...] = ()
    broken: frozenset[int] = frozenset()


def main() -> None:
    """Print one block a model."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    valid = 0
    every = subjects()
    warnings.simplefilter("ignore")
    for name, write in every.items():
        with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
            written = write(Path(folder), held)
            cell = measured(written, rows)
            valid += cell.valid
            print(f"{name}: ours {cell.text or cell.error}", flush=True)
            for doubt in cell.doubts:
                print(f"    doubt: {doubt}")
            drawn = Subject.load(written.path).test.shuffled(SEED)[:PEER_ROWS]
            for peer, attack in peers(written).items():
                print(f"    ART {peer}: {told(attack, written, drawn)}", flush=True)
            if cell.text:
                right = sum(int(row) not in cell.broken for row in drawn if _right(written, row))
                print(f"    ours on the same rows: robust {right / len(drawn):.2f}")
    print(f"valid cells: ours {valid} of {len(every)}, bar {len(every)}")


def measured(written: Written, rows: int, queries: int = 400, *, power: bool = True, here: bool = False) -> Cell:
    """One measurement through the public door, from files.

    Args:
        here: without a worker process, which takes seconds to start; the model has one of its own all the same.
    """
    subject = Subject.load(written.path) if here else written.path
    started = time.monotonic()
    params = {"epsilon": written.epsilon, "max_rows": rows, "queries": queries}
    found = api.measure("evasion", subject, params, power=power, seed=SEED).measured
    seconds = time.monotonic() - started
    if found.error:
        return Cell(False, "", found.error)
    measures = found.result.measures
    robust, clean = measures["robust_accuracy"], measures["clean_accuracy"]
    broken = isinstance(robust.value, float) and isinstance(clean.value, float) and robust.value < clean.value
    proven = measures.get("certified_accuracy")
    parts = [
        f"robust {_shown(robust)}, clean {_number(clean)}",
        f"certified {_number(proven)}" if proven is not None and proven.value else "",
        f"power {_number(found.power)}" if found.power else "power not shown",
        f"{_number(measures['queries'])} queries a row, {seconds:.1f} s",
    ]
    fine = all(one.finite for one in measures.values()) and broken and (found.power is not None or not power)
    doubts = tuple(doubt.text for doubt in found.result.doubts)
    return Cell(fine, ", ".join(part for part in parts if part), "", doubts, _broken(found.result.evidence))


def _broken(evidence: Sequence[Evidence]) -> frozenset[int]:
    """Rows that the evidence names."""
    tables = [one.content.decode() for one in evidence if one.name in ("adversarial_rows.csv", "changed_texts.csv")]
    return frozenset(int(line["row"]) for table in tables for line in csv.DictReader(io.StringIO(table)))


def _shown(measure: Measure) -> str:
    return f"{_number(measure)} ({measure.low:.2f} to {measure.high:.2f}, {measure.n} rows)"


def _number(measure: Measure) -> str:
    return f"{measure.value:.3g}"


Attack = Callable[[np.ndarray, np.ndarray], np.ndarray]


def peers(written: Written) -> dict[str, Attack]:
    """ART's attacks for one model: rows, shape (n, ...), and their codes to changed rows."""
    try:
        from art.attacks.evasion import HopSkipJump, ProjectedGradientDescent, ZooAttack
    except ImportError:
        print("    ART is not installed; pip install adversarial-robustness-toolbox")
        return {}

    def hop_skip_jump(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        attack = HopSkipJump(_wrapped(written), norm=np.inf, max_iter=5, max_eval=200, init_eval=20, verbose=False)
        return np.asarray(attack.generate(x))

    def zoo(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        attack = ZooAttack(
            _wrapped(written), max_iter=20, binary_search_steps=1, use_resize=False, use_importance=False,
            nb_parallel=1, verbose=False,
        )  # fmt: skip
        return np.asarray(attack.generate(x))

    def pgd(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        attack = ProjectedGradientDescent(
            _wrapped(written), eps=written.epsilon, eps_step=written.epsilon / 4, max_iter=40, verbose=False
        )
        return np.asarray(attack.generate(x, y))

    return {"HopSkipJump": hop_skip_jump, "ZOO": zoo, "PGD": pgd}


def _wrapped(written: Written) -> Any:
    """The model in the wrapper that ART has for it."""
    from art.estimators import classification

    model, name = written.model, type(written.model).__name__
    shape, classes = np.shape(written.x)[1:], int(written.y.max()) + 1
    low, high = (0.0, 1.0)
    if name == "Sequential":
        import torch

        return classification.PyTorchClassifier(
            model, torch.nn.CrossEntropyLoss(), shape, classes, clip_values=(low, high), device_type="cpu"
        )
    if name == "XGBClassifier":
        return classification.XGBoostClassifier(
            model, clip_values=(low, high), nb_features=shape[0], nb_classes=classes
        )
    if name == "LGBMClassifier":
        return classification.LightGBMClassifier(model.booster_, clip_values=(low, high))
    if hasattr(model, "predict_proba") or hasattr(model, "decision_function"):
        return classification.SklearnClassifier(model, clip_values=(low, high))
    return (
        classification.BlackBoxClassifierNeuralNetwork(
            model, shape, classes, clip_values=(low, high), channels_first=True
        )
        if len(shape) > 1
        else classification.BlackBoxClassifier(model, shape, classes, clip_values=(low, high))
    )


def told(attack: Attack, written: Written, drawn: np.ndarray) -> str:
    """What an attack does to a few rows, in words."""
    x, y, started = _taken(written, drawn), written.y[drawn], time.monotonic()
    try:
        after = _in_time(lambda: attack(x, y))
    except TimeoutError:
        return f"no end within {PEER_SECONDS} s for {len(x)} rows"
    except _RAISED as error:
        return f"error {type(error).__name__}: {' '.join(str(error).split())[:90]}"
    seconds = time.monotonic() - started
    moved = (after != x).reshape(len(x), -1).any(axis=1)
    if not moved.any():
        return f"no row was changed, {seconds:.1f} s for {len(x)} rows"
    near = np.abs(after - x).reshape(len(x), -1).max(axis=1) <= written.epsilon + 1e-6
    standing = ((_answers(written, after) == y) | ~near) & (_answers(written, x) == y)
    return f"robust {standing.mean():.2f}, {moved.sum()} of {len(x)} rows changed, {seconds:.1f} s"


def _taken(written: Written, rows: np.ndarray) -> np.ndarray:
    return np.asarray(written.x.to_numpy()[rows] if isinstance(written.x, pd.DataFrame) else written.x[rows])


def _right(written: Written, row: int) -> bool:
    """Whether the model answers a row right."""
    return bool(_answers(written, _taken(written, np.array([row])))[0] == written.y[row])


def _answers(written: Written, rows: np.ndarray) -> np.ndarray:
    if type(written.model).__name__ == "Sequential":
        import torch

        with torch.no_grad():
            return np.asarray(written.model(torch.tensor(rows)).argmax(1).numpy())
    if hasattr(written.model, "predict"):
        shown = pd.DataFrame(rows, columns=written.x.columns).astype(written.x.dtypes)
        return np.asarray(written.model.predict(shown))
    return np.asarray(written.model(rows).argmax(axis=1))


def _in_time(work: Callable[[], np.ndarray]) -> np.ndarray:
    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, PEER_SECONDS)
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


if __name__ == "__main__":
    main()
