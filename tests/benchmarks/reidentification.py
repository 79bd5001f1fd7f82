"""What it costs to group a million rows by what others know of a person, beside pandas.

Prints CPU seconds for the whole check (guess, groups, diversity, what each column adds, evidence), for its first
grouping alone and for `DataFrame.groupby` on the same columns in the same run, whether all numbers agree, and the peak
memory of the check over a Parquet file that is read in pieces. Run: `python -m tests.benchmarks.reidentification`.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from audit.checks import reidentification
from audit.checks._reidentification.exposure import exposure
from audit.checks._reidentification.roles import Wish, roles
from audit.subject import Subject

ROWS = 1_000_000
COMPARED = ("age", "sex", "zip", "job", "country", "born")
_IN_OWN_PROCESS = r"""
import re, sys
from pathlib import Path
from audit.checks import reidentification
from audit.subject import Subject
reidentification.run(Subject.load(Path(sys.argv[1])), quasi_identifiers=tuple(sys.argv[2].split(",")))
# the peak that getrusage gives is that of the process which started this one, if that is larger
print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""


def people(rows: int, seed: int) -> pd.DataFrame:
    """Invented people: six columns that others know, two secrets and an amount."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 90, rows),
            "sex": rng.choice(["f", "m"], rows),
            "zip": rng.integers(100, 999, rows).astype(str),
            "job": rng.choice([f"job {place}" for place in range(50)], rows),
            "country": rng.choice(["DE", "FR", "PL"], rows),
            "born": pd.Timestamp("1950-01-01") + pd.to_timedelta(rng.integers(0, 60, rows) * 365, unit="D"),
            "diagnosis": rng.choice(list("abcdefgh"), rows),
            "religion": rng.choice(list("uvw"), rows),
            "amount": rng.random(rows),
        }
    )


def main() -> None:
    """Print all lines."""
    frame = people(ROWS, 0)
    subject = Subject.in_memory(test=frame)
    start = time.process_time()
    found = reidentification.run(subject)
    whole = time.process_time() - start
    wish = Wish(quasi_identifiers=COMPARED)
    start = time.process_time()
    exposure([frame], roles(subject, frame.head(1000), wish))
    once = time.process_time() - start
    start = time.process_time()
    grouped = frame.groupby(list(COMPARED), dropna=False)
    sizes, values = grouped.size(), grouped[["diagnosis", "religion"]].nunique()
    peer = time.process_time() - start
    same = (
        found.measures["k_anonymity"].value == sizes.min()
        and found.measures["l_diversity"].value == values.min().min()
        and abs(float(found.measures["unique_share"].value) - (sizes == 1).sum() / ROWS) < 1e-12
    )
    print(f"{ROWS:,} rows, {len(COMPARED)} columns, CPU seconds of the whole check: ours {whole:.1f}, bar: seconds")
    print(f"sizes and diversity of the groups, CPU seconds: ours {once:.1f}, pandas groupby {peer:.1f}")
    print(f"numbers equal to those of pandas: {same}")
    with tempfile.TemporaryDirectory() as folder:
        for rows in (ROWS, 4 * ROWS):
            path = Path(folder) / f"{rows}.parquet"
            frame = pd.concat([people(ROWS, seed) for seed in range(rows // ROWS)], ignore_index=True)
            frame.to_parquet(path, row_group_size=100_000)
            _print_memory(path, rows)


def _print_memory(path: Path, rows: int) -> None:
    start = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", _IN_OWN_PROCESS, str(path), ",".join(COMPARED)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
    peak = int(answer) / 1024
    print(f"Parquet of {rows:,} rows in a process of its own: peak {peak:,.0f} MiB, {seconds:.1f} CPU seconds")


if __name__ == "__main__":
    main()
