"""Rebuilds every sample: `python sample_models/make.py [--only credit]`.

All choices are seeded and files hold neither dates nor memory addresses, so the same versions of the libraries give the
same bytes. Each sample has a sound form and a flawed twin; README.md in this folder says what is wrong with which.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).parent
SAMPLES = ("credit", "digits", "tickets", "unsafe")


def main(arguments: list[str] | None = None) -> int:
    """Build the samples that are asked for and print what was written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=SAMPLES, action="append", help="build this sample alone; may be repeated")
    wanted = parser.parse_args(arguments).only or SAMPLES
    for name in wanted:
        for folder in _maker(name)(ROOT):
            files = sorted(path for path in folder.iterdir() if path.is_file())
            print(f"{folder.name}: {sum(path.stat().st_size for path in files) / 1000:,.0f} kB in {len(files)} files")
    return 0


def _maker(name: str):
    # The siblings are imported by name: this folder is data of the wheel and no package.
    sys.path.insert(0, str(ROOT))
    return __import__(f"make_{name}").make


if __name__ == "__main__":
    sys.exit(main())
