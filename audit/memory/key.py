"""Whatever a result depends on, as one digest."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from audit import plain, plugins, signature
from audit.errors import SubjectError
from audit.isolation import recipe, restrict
from audit.records import FileRecord, Rule, Task
from audit.subject import Subject

_VERSION = 3
_ARITHMETIC = ("BLIS_", "CUDA_", "GOTO_", "KMP_", "LOKY_", "MKL_", "NPY_", "NUMEXPR_", "OMP_", "OPENBLAS_", "TORCH_")
"""Beginnings of the names of settings that libraries read from the environment."""
_NOT_CODE = ("__pycache__", "policies", "sample_models")
_BY_CHECK = ("audit.checks", "audit.reports")
"""Groups of plugins that do not touch the results of other checks."""


def key_of(rule: Rule, task: Task, surroundings: Mapping[str, Any]) -> str:
    """The key of a rule's result: parameters, and the limits, for a check stops once they are decided.

    Args:
        surroundings: what all rules of a run share.
    """
    return _digest(
        {
            "version": _VERSION,
            "rule": rule.id,
            "check": rule.check,
            "code": check_code(rule.check),
            "params": dict(task.params),
            "named_files": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in task.files.items()},
            "seed": task.seed,
            "confidence": task.confidence,
            "today": task.today if signature.describe(rule.check).volatile else "",
            "limits": [asdict(limit) for limit in rule.limits],
            "min_power": rule.min_power,
            **surroundings,
        }
    )


def surroundings_of(subject: Subject, files: Iterable[FileRecord], isolation: str, engine: str) -> dict[str, Any]:
    """What all results of one run depend on, as plain values.

    Args:
        files: every declared file with its digest.
        isolation: what the policy asks for.
        engine: where checks run; in this process they may use more threads.
    """
    return {
        "declaration": repr(subject.declaration),
        "files": sorted([file.role, file.path, file.sha256] for file in files),
        "baseline": _baseline(subject),
        "isolation": isolation,
        "trusted_types": sorted(subject.trusted_types),
        "packages": _own_packages(subject),
        "engine": engine,
        "installation": installation(),
        "machine": machine(),
    }


def _own_packages(subject: Subject) -> list[str]:
    """Digests of packages that the recipe or a trusted type needs, and that no installed version stands for."""
    names = set(subject.trusted_types)
    if subject.declaration.recipe is not None:
        path = subject.declaration.recipe.rpartition(":")[0]
        with contextlib.suppress(SubjectError):  # the check that needs it says what is wrong
            names |= set(recipe.imported(subject.read(path, "training")))
    paths = sysconfig.get_paths()
    installed = tuple(f"{paths[name]}{os.sep}" for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    found = []
    for package in sorted({name.partition(".")[0] for name in names} - set(sys.builtin_module_names)):
        places = restrict.places((package,))
        if places and not all(place.startswith(installed) for place in places):
            found.append(_plugin_code(package))
    return found


def _baseline(subject: Subject) -> list[str]:
    """Digests of all files of the release before; what is wrong with it is for the checks to say that need it."""
    try:
        return [] if subject.baseline is None else [f"{file.sha256} {file.path}" for file in subject.baseline.digests()]
    except SubjectError as error:
        return [str(error)]


@cache
def installation() -> str:
    """Digest of the code of this program and of its plugins, and of the versions of all that is installed.

    Of any other package the version has to do: one that is worked on in place, as `pip install -e` allows, changes
    without being seen here.
    """
    found = list(distributions())
    own = Path(__file__).parent.parent
    return _digest(
        {
            "python": sys.version,
            "installed": sorted({f"{one.name} {one.version}" for one in found}),
            "own": [_tree(own), _tree(own.parent / "attacks")],
            "plugins": sorted(_plugin_code(name) for name in _plugin_packages(found)),
        }
    )


def _plugin_packages(found: Iterable[Distribution]) -> set[str]:
    """Packages of other distributions that bring model formats or attacks."""
    points = (point for one in found for point in one.entry_points)
    ours = (point for point in points if point.group.startswith(("audit.", "attacks.")))
    return {point.module.partition(".")[0] for point in ours if point.group not in _BY_CHECK}


def _plugin_code(package: str) -> str:
    spec = find_spec(package)  # imports nothing, for the name has no dot
    if spec is None:
        return f"{package} is not there"
    places = spec.submodule_search_locations or ([spec.origin] if spec.origin else [])
    return _digest([package, *(_tree(Path(place)) for place in places)])


@cache
def check_code(check: str) -> str:
    """Who wrote a check and, where it is not one of ours, the digest of its code."""
    module = plugins.load(signature.CHECKS, check)
    origin = plugins.origin(signature.CHECKS, check)
    path = getattr(module, "__file__", None)
    if path is None or module.__name__.startswith(f"{signature.CHECKS}."):
        return origin
    return f"{origin} {_plugin_code(module.__name__.partition('.')[0])}"


@cache
def machine() -> dict[str, str]:
    """What a sum may depend on: processor, system and what libraries were told of threads and instructions."""
    settings = {name: value for name, value in os.environ.items() if name.startswith(_ARITHMETIC)}
    return {
        **settings,
        "processor": _processor(),
        "processors": str(os.cpu_count()),
        "machine": platform.machine(),
        "system": platform.platform(),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            lines = [line for line in file if line.startswith(("model name", "flags", "Features"))]
    except OSError:
        return platform.processor()
    return _digest(sorted(set(lines)))


def _tree(place: Path) -> str:
    """Digest of all files of a package, lists and tables included, or of one file."""
    if place.is_file():
        return hashlib.sha256(place.read_bytes()).hexdigest()
    inside = sorted((path.relative_to(place) for path in place.rglob("*")), key=lambda path: path.parts)
    paths = [path for path in inside if not set(path.parts) & set(_NOT_CODE) and (place / path).is_file()]
    return _digest([[path.as_posix(), hashlib.sha256((place / path).read_bytes()).hexdigest()] for path in paths])


def _digest(content: Any) -> str:
    return hashlib.sha256(plain.canonical(content)).hexdigest()
