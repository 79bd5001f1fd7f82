"""What hashing costs beside `sha256sum` of coreutils, on the same bytes: one large file, and several at a time.

    python tests/benchmarks/hashing.py [MEBIBYTES]

The files lie in the page cache, so that processors are compared and not disks. Each pair is timed one after the other,
five times; the medians are printed. `sha256sum` runs as a process of its own, started before each run, as a user would
start it; its start is counted and takes about a millisecond. Goal: at most 1.2 times as long for one file, and less
than one after the other for several.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from audit.data import files
from audit.subject import Subject

RUNS = 5
FILES = 4
_BLOCK = 1 << 20


def fill(path: Path, mebibytes: int) -> None:
    """Random bytes, that many, so that no zero page is shared."""
    with path.open("wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(_BLOCK))


def seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def in_pairs(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    """Medians of both, timed in turns, after one turn that is not counted."""
    pairs = [(seconds(one), seconds(other)) for _ in range(RUNS + 1)][1:]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def sha256sum(*paths: Path) -> str:
    done = subprocess.run(["sha256sum", *map(str, paths)], capture_output=True, text=True, check=True)
    return done.stdout


def subject_of(folder: Path, parts: list[Path]) -> Path:
    """A subject that names these files; as records of provenance, since those may hold any bytes."""
    (folder / "rows.csv").write_text("a,b\n1,0\n")
    path = folder / "audit.yaml"
    names = ", ".join(part.name for part in parts)
    data = "data: {train: {path: rows.csv}}"
    path.write_text(f"subject: s\nversion: '1'\ntask: classification\ntarget: b\n{data}\nprovenance: [{names}]\n")
    return path


def main() -> None:
    """Print the numbers."""
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        fill(folder / "one.bin", mebibytes)
        if files.digest(folder, "one.bin").sha256 != sha256sum(folder / "one.bin").split()[0]:
            raise SystemExit("the two do not agree")
        ours, theirs = in_pairs(lambda: files.digest(folder, "one.bin"), lambda: sha256sum(folder / "one.bin"))
        print(f"one file of {mebibytes} MiB: {ours:.3f} s, sha256sum {theirs:.3f} s, ratio {ours / theirs:.2f}")
        (folder / "one.bin").unlink()
        parts = [folder / f"part{number}.bin" for number in range(FILES)]
        for path in parts:
            fill(path, mebibytes // FILES)
        subject = subject_of(folder, parts)
        ours, theirs = in_pairs(lambda: Subject.load(subject).digests(), lambda: sha256sum(*parts))
        print(f"{FILES} files of a subject, {mebibytes // FILES} MiB each, {os.cpu_count()} processors:", end=" ")
        print(f"{ours:.3f} s, sha256sum one after the other {theirs:.3f} s, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
