"""The training recipe of a subject: `fit(x, y, seed)` from a file that is hashed before it runs."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from audit.data.files import OpenedFile
from audit.errors import SubjectError
from audit.plugins import near

Fit = Callable[[Any, Any, int], Any]
"""(x, y, seed) to an estimator: x is a frame or an array, y labels of shape (n,)."""


class _FromBytes(importlib.abc.SourceLoader):
    """Loads a module from bytes that are in memory, so that what runs is what was hashed."""

    def __init__(self, file: OpenedFile) -> None:
        self.file = file

    def get_filename(self, fullname: str) -> str:
        return self.file.path

    def get_data(self, path: str | bytes) -> bytes:
        if path != self.file.path:
            raise OSError(f"no compiled code is kept: {path!r}")
        return self.file.content


def recipe_function(file: OpenedFile, function: str) -> Fit:
    """Run the file of a recipe and return its function.

    Raises:
        SubjectError: the file is no Python, or has no such function.
    """
    name = f"_recipe_{file.sha256[:16]}"
    module = sys.modules.get(name) or _executed(name, file)
    fit = getattr(module, function, None)
    if not callable(fit):
        known = [word for word, value in vars(module).items() if callable(value) and not word.startswith("_")]
        similar = near(function, known)
        hint = f'; did you mean "{similar[0]}"?' if similar else ""
        raise SubjectError(f'"{file.path}" has no function "{function}"{hint}')
    found: Fit = fit
    return found


def _executed(name: str, file: OpenedFile) -> ModuleType:
    spec = importlib.util.spec_from_loader(name, _FromBytes(file))
    if spec is None or spec.loader is None:
        raise SubjectError(f'"{file.path}" cannot be loaded as a module')
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # classes of the recipe look their module up by name
    whole = False
    try:
        spec.loader.exec_module(module)
        whole = True
    except SyntaxError as error:
        raise SubjectError(f'"{file.path}", line {error.lineno}: not Python: {error.msg}') from error
    finally:
        if not whole:
            del sys.modules[name]
    return module
