"""Memory and time of an exact scan of a long Parquet file: all columns of all rows, values that repeat and do not.

Writes a file of so many rows in row groups of 100,000 (a count, an amount, a category, a moment, a hash, an account
number and a short text with an e-mail address in every hundredth row), scans it in a process of its own, and prints
that process's highest resident memory and its processor time, for a quarter of the rows and for all.

Run: `python -m tests.benchmarks.pii_memory [rows, 10,000,000 without]`. Without a number it takes about
eight minutes of one core.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

GROUP = 100_000
SCAN = """
import resource, sys, time
from pathlib import Path
from audit.checks import pii
from audit.subject import Subject
result = pii.run(Subject.load(Path(sys.argv[1])), seed=1, confidence=0.95)
used = resource.getrusage(resource.RUSAGE_SELF)
found = result.measures["cell_share.EMAIL_ADDRESS"]
print(used.ru_maxrss // 1024, round(used.ru_utime + used.ru_stime, 1), round(found.value * found.n))
"""


def main() -> None:
    """Write, scan, print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        for size in (rows // 4, rows):
            path = Path(folder) / f"{size}.parquet"
            write(path, size)
            done = subprocess.run([sys.executable, "-c", SCAN, str(path)], capture_output=True, text=True, check=True)
            memory, seconds, found = done.stdout.split()[-3:]
            print(f"{size:,} rows: highest memory ours {memory} MB, bar 1000 MB")
            print(f"{size:,} rows: ours {seconds} processor seconds; addresses found {found} of {size // 100:,}")


def write(path: Path, rows: int) -> None:
    """A file of rows, in groups, never more than one in memory."""
    draw, writer = np.random.default_rng(0), None
    for start in range(0, rows, GROUP):
        table = pa.Table.from_pandas(group(draw, start, min(GROUP, rows - start)), preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def group(draw: np.random.Generator, start: int, rows: int) -> pd.DataFrame:
    """Some rows."""
    words = np.array(["the", "router", "fails", "after", "every", "update", "please", "help", "invoice", "was"])
    notes = [" ".join(some) for some in draw.choice(words, (rows, 4))]
    for row in range(0, rows, 100):
        notes[row] = f"write to user{start + row}@example.org"
    return pd.DataFrame(
        {
            "row": np.arange(start, start + rows),
            "amount": draw.random(rows) * 1000,
            "kind": draw.choice(["a", "b", "c"], rows),
            "moment": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 10**7, rows), unit="s"),
            "reference": [f"{number:032x}" for number in draw.integers(0, 2**62, rows)],
            "account": draw.integers(10**9, 10**10, rows),
            "note": notes,
        }
    )


if __name__ == "__main__":
    main()
