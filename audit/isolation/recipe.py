"""The training recipe of a subject: `fit(x, y, seed)` from bytes that were hashed before they run."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import sys
from collections.abc import Callable
from hashlib import sha256
from types import ModuleType
from typing import Any

from audit.errors import SubjectError
from audit.plugins import near

Fit = Callable[[Any, Any, int], Any]
"""(x, y, seed) to an estimator: x is a frame or an array, y labels of shape (n,)."""


class _FromBytes(importlib.abc.SourceLoader):
    """Loads a module from bytes that are in memory, so that what runs is what was hashed."""

    def __init__(self, content: bytes, path: str) -> None:
        self.content, self.path = content, path

    def get_filename(self, fullname: str) -> str:
        return self.path

    def get_data(self, path: str | bytes) -> bytes:
        if path != self.path:
            raise OSError(f"no compiled code is kept: {path!r}")
        return self.content


def function(content: bytes, path: str, name: str) -> Fit:
    """Run the file of a recipe, once, and return its function.

    Args:
        content: the bytes of the file.
        path: for messages.
        name: of the function.

    Raises:
        SubjectError: the file is no Python, or has no such function.
    """
    module_name = f"_recipe_{sha256(content).hexdigest()[:16]}"
    module = sys.modules.get(module_name) or _executed(module_name, content, path)
    fit = getattr(module, name, None)
    if not callable(fit):
        known = [word for word, value in vars(module).items() if callable(value) and not word.startswith("_")]
        similar = near(name, known)
        hint = f'; did you mean "{similar[0]}"?' if similar else ""
        raise SubjectError(f'"{path}" has no function "{name}"{hint}')
    found: Fit = fit
    return found


def imported(content: bytes) -> tuple[str, ...]:
    """Modules that a recipe says it imports; none where it is no Python, which is found when it runs."""
    try:
        nodes = list(ast.walk(ast.parse(content)))
    except (SyntaxError, ValueError, RecursionError):
        return ()
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return (*names, *(node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module))


def _executed(name: str, content: bytes, path: str) -> ModuleType:
    spec = importlib.util.spec_from_loader(name, _FromBytes(content, path))
    if spec is None or spec.loader is None:
        raise SubjectError(f'"{path}" cannot be loaded as a module')
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # classes of the recipe look their module up by name
    whole = False
    try:
        spec.loader.exec_module(module)
        whole = True
    except SyntaxError as error:
        raise SubjectError(f'"{path}", line {error.lineno}: not Python: {error.msg}') from error
    finally:
        if not whole:
            del sys.modules[name]
    return module
