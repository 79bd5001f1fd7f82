"""Imports Presidio without the packages for neural networks, which it loads wherever they are installed.

PyTorch and `transformers` take seconds to import, in every process anew, and no pattern needs them. While Presidio is
imported they look as if they were not there, which Presidio and spaCy allow for; afterwards anybody may import them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from typing import Any

_HEAVY = ("torch", "transformers")
_NEED_TORCH = ("spacy_transformers", "spacy_curated_transformers")
"""Packages whose pipelines run on PyTorch: spaCy asks for it once, when it is imported itself."""

_LOCK = Lock()


def import_presidio() -> None:
    """Import Presidio's analyser; nothing is hidden from it where that would save nothing or take something away."""
    with _LOCK:
        if "presidio_analyzer" in sys.modules:
            return
        wanted = any(map(find_spec, _NEED_TORCH))
        with _absent(() if wanted else tuple(name for name in _HEAVY if name not in sys.modules)):
            import_module("presidio_analyzer")


@contextmanager
def _absent(names: tuple[str, ...]) -> Iterator[None]:
    """Let packages that are not imported yet look as if they were not installed."""
    # None is Python's own mark of a module that cannot be imported.
    modules: dict[str, Any] = sys.modules
    modules.update(dict.fromkeys(names))
    try:
        yield
    finally:
        for name in names:
            if modules.get(name, "") is None:
                del modules[name]
