"""Writes files that were not there before."""

from __future__ import annotations

import os
from pathlib import Path

import click


def refuse_existing(path: Path) -> None:
    """Raise if something is at a path already, a dangling link too.

    Raises:
        UsageError: so it is.
    """
    if os.path.lexists(path):
        raise click.UsageError(f"{path}: is there already; give another --out, or move it away")


def write_new(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file that is not there yet.

    Args:
        mode: permission bits; they hold from the first byte on.

    Raises:
        UsageError: something is there, not even if it appeared a moment ago, or it cannot be written.
    """
    refuse_existing(path)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
    except OSError as error:
        raise click.UsageError(f"{path}: cannot be written: {error.strerror}") from error
