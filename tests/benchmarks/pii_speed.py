"""Rows per processor second against Presidio on a table of people, and whether a single cell differs.

The table is made by Faker from a seed: 14 columns, of which eight hold text. Prints, without context and with the name
of the column as context: rows per processor second of Presidio's `AnalyzerEngine.analyze` cell by cell over the text
columns, of the exact scan with Presidio's recognisers over the same columns (each value once, and every cell read), the
ratios, and the number of cells whose findings differ in place, kind or score. Then it prints the speed of all
recognisers together, and how much sooner a random sample of rows is read than Presidio reads the whole table, with the
share of rows above which a finding would have been seen with 99 % confidence. At last it runs the check `pii` in a
process of its own, as a user does, start and planted values included.

Run: `python -m tests.benchmarks.pii_speed [--quick]`: 100,000 rows of which Presidio reads 12,500, about six minutes;
with `--quick` 6,000 rows of which it reads 1,500, about one minute.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd
from faker import Faker

from audit.pii import Span, presidio, scan_texts
from tests.benchmarks.presidio_engine import presidios_findings

SEED = 20_261
ROWS = 100_000
"""Of the whole table, for which Presidio's time is told from its speed."""
SAMPLES = (459, 4_603)
"""Random rows without a hit that bound the share of rows with one below 1 % and 0.1 %, at 99 % confidence."""


def table(rows: int) -> pd.DataFrame:
    """People as a shop knows them, shape (rows, 14)."""
    fake = Faker("en_US")
    fake.seed_instance(SEED)
    text: dict[str, Callable[[], str]] = {
        "customer_id": fake.uuid4,
        "name": fake.name,
        "email": fake.email,
        "phone": fake.phone_number,
        "address": fake.address,
        "city": fake.city,
        "comment": lambda: fake.text(120),
        "iban": fake.iban,
    }
    rng = random.Random(SEED)
    start = pd.Timestamp("2020-01-01")
    others = {
        "age": [rng.randrange(18, 95) for _ in range(rows)],
        "balance": [rng.uniform(0, 9_000) for _ in range(rows)],
        "visits": [rng.randrange(400) for _ in range(rows)],
        "joined": [start + pd.Timedelta(days=rng.randrange(2_000)) for _ in range(rows)],
        "seen": [start + pd.Timedelta(minutes=rng.randrange(2_000_000)) for _ in range(rows)],
        "active": [rng.random() < 0.7 for _ in range(rows)],
    }
    return pd.DataFrame({name: [str(make()) for _ in range(rows)] for name, make in text.items()} | others)


def ours(columns: dict[str, list[str]], *, context: bool, once: bool = False) -> dict[str, list[tuple[Span, ...]]]:
    """Findings of every cell by column; with `once` a value that comes again is read once."""
    found = {}
    for name, cells in columns.items():
        read = list(dict.fromkeys(cells)) if once else cells
        spans = presidio.scan(read, "en", context=(name,) if context else ())
        found[name] = list(map(dict(zip(read, spans, strict=True)).__getitem__, cells)) if once else spans
    return found


def rate(rows: int, scan: Callable[[], object]) -> float:
    """Rows per processor second."""
    start = time.process_time()
    scan()
    return rows / (time.process_time() - start)


def compare(columns: dict[str, list[str]], peer_rows: int, *, context: bool) -> float:
    """Print one comparison; returns Presidio's rows per processor second."""
    rows = len(next(iter(columns.values())))
    words = "the column's name as context" if context else "no context"
    theirs: dict[str, list[tuple[Span, ...]]] = {}

    def read_by_presidio() -> None:
        for name, cells in columns.items():
            belonging = (name,) if context else ()
            theirs[name] = [presidios_findings(cell, "en", belonging) for cell in cells[:peer_rows]]

    peer = rate(peer_rows, read_by_presidio)
    ways = {
        "each value once": rate(rows, lambda: ours(columns, context=context, once=True)),
        "every cell": rate(rows, lambda: ours(columns, context=context)),
    }
    for way, speed in ways.items():
        print(f"{words}, {way}: ours {speed:.0f} rows/CPU-s, Presidio {peer:.0f}, x{speed / peer:.1f}, bar x10")
    found = ours({name: cells[:peer_rows] for name, cells in columns.items()}, context=context)
    different = sum(mine != their for name in columns for mine, their in zip(found[name], theirs[name], strict=True))
    print(f"{words}: {different} of {peer_rows * len(columns)} cells differ, bar 0")
    return peer


def check_seconds(frame: pd.DataFrame, *params: str) -> float:
    """Processor seconds of the check `pii` in a fresh process, its worker's included."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "people.csv")
        frame.to_csv(file, index=False)
        before = used()
        command = [sys.executable, "-m", "audit", "measure", "pii", str(file), *params]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return used() - before


def main() -> None:
    """Print the comparisons."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    rows, peer_rows = (6_000, 1_500) if parser.parse_args().quick else (ROWS, 12_500)
    frame = table(rows)
    columns = {str(name): frame[name].tolist() for name in frame if frame[name].dtype.kind not in "iufbM"}
    print(f"table {frame.shape[0]} x {frame.shape[1]}, text columns {len(columns)}")
    ours({name: cells[:20] for name, cells in columns.items()}, context=False)
    presidios_findings("warm", "en")
    peer = compare(columns, peer_rows, context=False)
    compare(columns, peer_rows, context=True)
    some = {name: cells[:peer_rows] for name, cells in columns.items()}
    speed = rate(peer_rows, lambda: [scan_texts(cells, context=(name,)) for name, cells in some.items()])
    print(f"all recognisers: ours {speed:.0f} rows/CPU-s, Presidio's alone {peer:.0f}, x{speed / peer:.1f}")
    for size in SAMPLES:
        chosen = random.Random(SEED).sample(range(rows), min(size, rows))
        sample = {name: [cells[place] for place in chosen] for name, cells in columns.items()}
        speed = rate(ROWS, partial(ours, sample, context=True))
        bound = 1 - 0.01 ** (1 / len(chosen))
        print(f"sample of {len(chosen)} rows (bound {bound:.2%} at 99 %): x{speed / peer:.0f}, bar x500")
    whole = ROWS / peer
    for part, mode in ((frame, ("mode=sample", f"rows={SAMPLES[0]}")), (frame.head(peer_rows), ("mode=exact",))):
        seconds = check_seconds(part, *mode)
        print(f"check pii {' '.join(mode)}, {len(part)} rows: {seconds:.1f} CPU-s; Presidio, {ROWS}: {whole:.0f} CPU-s")


if __name__ == "__main__":
    main()
