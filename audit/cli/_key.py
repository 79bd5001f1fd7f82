"""Where commands find private keys."""

from __future__ import annotations

import os
from pathlib import Path

import click

_VARIABLE = "env:"


def read_private_key(source: str) -> bytes:
    """Text of a private key.

    Args:
        source: path of a PEM file, or `env:NAME` for an environment variable that holds such text. The variable is
            taken out of the environment, so that no program that is started later can read it there.

    Raises:
        UsageError: it is not there, or cannot be read.
    """
    if source.startswith(_VARIABLE):
        name = source.removeprefix(_VARIABLE)
        if not name or name not in os.environ:
            raise click.UsageError(f"{source}: there is no such environment variable")
        return os.environ.pop(name).encode("utf-8", "surrogateescape")
    try:
        return Path(source).read_bytes()
    except (OSError, ValueError) as error:
        told = error.strerror if isinstance(error, OSError) else error
        raise click.UsageError(f"{source}: the key cannot be read: {told}") from error
