"""Reads this project's own lists, the files in `lists`.

A file has sections; a line in brackets names one, `#` starts a comment, commas part the entries, which may be several
words long. All are in small letters, great places aside.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "lists"


def entries(file: str, section: str) -> tuple[str, ...]:
    """The entries of a section, in their order.

    Args:
        file: name without its ending, such as `people`.
        section: as it stands in brackets.
    """
    return _sections(file)[section]


def words(file: str, section: str) -> frozenset[str]:
    """The entries of a section as a set."""
    return frozenset(entries(file, section))


@cache
def _sections(file: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    section = ""
    for line in (_FOLDER / f"{file}.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            found.setdefault(section, []).extend(entry.strip() for entry in line.split(","))
    return {name: tuple(entry for entry in texts if entry) for name, texts in found.items()}
