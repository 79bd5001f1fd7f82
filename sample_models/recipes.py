"""Loads the training recipe that lies in the folder of a sample."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent


def load_fit(name: str) -> Callable[[Any, Any, int], Any]:
    """`fit` of `NAME/train.py`."""
    spec = importlib.util.spec_from_file_location(f"{name}_train", ROOT / name / "train.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(ROOT / name / "train.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.fit
