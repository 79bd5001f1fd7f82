"""Unsafe: a pickle that calls a function when it is opened. The function only asks for the current folder."""

from __future__ import annotations

import os
import pickle
from pathlib import Path


class _CallsWhenOpened:
    def __reduce__(self) -> tuple[object, tuple[()]]:
        return os.getcwd, ()


def make(root: Path) -> list[Path]:
    """Write unsafe/model.pkl and return the folder."""
    folder = root / "unsafe"
    folder.mkdir(exist_ok=True)
    (folder / "model.pkl").write_bytes(pickle.dumps({"model": _CallsWhenOpened()}, protocol=4))
    return [folder]
