"""Attacks that change an input so that the model answers wrongly, one file each.

A file declares `ACCESS`, what it asks of the model (`"labels"`, `"scores"` or `"gradients"`), and
`run(target, x, y, *, epsilon, norm="linf", seed) -> Outcome`. All rows advance together, and only rows that are still
answered correctly cost queries.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    """`attacks.evasion.square` is imported when somebody asks for it."""
    if not name.startswith("_") and name in {module.name for module in pkgutil.iter_modules(__path__)}:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
