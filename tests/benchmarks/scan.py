"""What a scan costs: `python -m tests.benchmarks.scan [FOLDER] [--gigabytes 1] [--kinds npy torch ...]`.

Prints the median and the longest time a file over a folder of models, or over files that are made for it, and for one
large file of each kind the time and how much memory the scan takes beyond what it starts with. Where picklescan is
installed, it reads the same files.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from audit import artifact
from tests.benchmarks import large_files

MEASURED = """
import json, sys, time
from pathlib import Path
from audit import artifact
from audit.data import files
artifact.scan_bytes(b"N.", "x")

def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) / 1024

path, sealed = Path(sys.argv[1]), sys.argv[2] == "sealed"
before, started = peak(), time.perf_counter()
if sealed:
    with files.sealed(path.parent, path.name) as source:
        report = artifact.scan_file(source, path.name)
else:
    report = artifact.scan(path)
print(json.dumps([report.safe, report.format, report.unreadable[:1], time.perf_counter() - started, peak() - before]))
"""
"""Runs in a process of its own; `sealed` hashes the file too, as an audit does."""


def measured(path: Path, way: str = "sealed") -> tuple[bool, str, list[str], float, float]:
    """Whether it is safe, its format, what could not be read, seconds, and megabytes beyond the start."""
    command = [sys.executable, "-c", MEASURED, str(path), way]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    safe, kind, unreadable, seconds, megabytes = json.loads(done.stdout)
    return safe, kind, unreadable, seconds, megabytes


def small_files(folder: Path) -> None:
    """Ordinary models in ordinary formats."""
    import joblib
    import numpy as np
    import skops.io
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = np.random.default_rng(0).normal(size=(500, 8))
    labels = (rows[:, 0] > 0).astype(int)
    models = [LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())]
    models += [RandomForestClassifier(100), GradientBoostingClassifier()]
    for number, model in enumerate(models):
        model.fit(rows, labels)
        (folder / f"{number}.pkl").write_bytes(pickle.dumps(model))
        joblib.dump(model, folder / f"{number}.joblib")
        joblib.dump(model, folder / f"{number}.z.joblib", compress=3)
        skops.io.dump(model, folder / f"{number}.skops")
        written = io.BytesIO()
        np.savez(written, x=rows)
        (folder / f"{number}.npz").write_bytes(written.getvalue())


def times(paths: list[Path], scan: object) -> str:
    seconds = []
    for path in paths:
        started = time.perf_counter()
        scan(path)
        seconds.append(time.perf_counter() - started)
    return f"median {1000 * statistics.median(seconds):.2f} ms, at most {1000 * max(seconds):.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--kinds", nargs="*", default=[*large_files.QUICK, *large_files.SLOW])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.folder or Path(name)
        if chosen.folder is None:
            small_files(folder)
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        artifact.scan_bytes(b"N.", "x")
        print(f"{len(paths)} files: {times(paths, artifact.scan)}")
        if importlib.util.find_spec("picklescan"):
            from picklescan.scanner import scan_file_path

            print(f"picklescan: {times(paths, scan_file_path)}")
    for kind in chosen.kinds:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "model"
            {**large_files.QUICK, **large_files.SLOW}[kind](path, int(chosen.gigabytes * (1 << 30)))
            safe, found, unreadable, seconds, megabytes = measured(path)
            size = path.stat().st_size >> 20
            state = "safe" if safe else f"unsafe: {unreadable[0]}"
            print(f"{kind} of {size:,} MB ({found}): {seconds:.1f} s, {megabytes:.0f} MB, {state}", flush=True)


if __name__ == "__main__":
    main()
