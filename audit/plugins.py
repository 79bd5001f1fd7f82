"""Finds a module by its file name: a file is a plugin, and nothing is registered anywhere.

`names("audit.checks")` lists files without importing any of them; `load("audit.checks", "pii")` imports the one that is
asked for. A local file always wins over an installed entry point of the same name, so nothing installed can replace a
shipped check.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from audit.errors import UnknownName


def names(package: str) -> tuple[str, ...]:
    """Names of all plugins in a package, sorted; nothing but the package itself is imported."""
    return tuple(sorted({*_local(package), *_foreign(package)}))


def load(package: str, name: str) -> ModuleType:
    """Import one plugin.

    Args:
        package: dotted name of the folder, for example `audit.checks`; also the entry point group of other packages.
        name: file name without its suffix.

    Raises:
        UnknownName: there is no such file and no such entry point.
    """
    imported = sys.modules.get(f"{package}.{name}")
    if imported is not None and not name.startswith("_"):
        return imported  # looking through the folder once more costs more than all else here
    if name in _local(package):
        return importlib.import_module(f"{package}.{name}")
    foreign = _foreign(package)
    if name not in foreign:
        raise unknown(package.rpartition(".")[2].removesuffix("s"), name, names(package))
    module = foreign[name].load()
    if not isinstance(module, ModuleType):
        raise UnknownName("plugin module", foreign[name].value, (), ())
    return module


def origin(package: str, name: str) -> str:
    """Package and version that a plugin comes from, such as `auditgate 1.0.0`, for the bundle."""
    from audit import __version__

    if name in _local(package):
        return f"auditgate {__version__}"
    distribution = _foreign(package)[name].dist
    return f"{distribution.name} {distribution.version}" if distribution else "unknown"


def unknown(kind: str, name: str, known: Iterable[str]) -> UnknownName:
    """The error for a word that names nothing, with the nearest known words."""
    known = tuple(known)
    return UnknownName(kind, name, known, near(name, known))


def near(name: str, known: Iterable[str]) -> Sequence[str]:
    """Known words that look like `name`, best first; empty if none does."""
    return get_close_matches(name, tuple(known), n=3, cutoff=0.6)


@cache
def _local(package: str) -> tuple[str, ...]:
    """Files of a package; a bundle of many rules asks for them again and again."""
    folder = importlib.import_module(package).__path__
    return tuple(module.name for module in pkgutil.iter_modules(folder) if not module.name.startswith("_"))


def _foreign(package: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in _entry_points(package, tuple(sys.path))}


@cache
def _entry_points(group: str, path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Entry points of what is installed on a path; reading them takes milliseconds, and each name needs them."""
    return tuple(entry_points(group=group))
