"""Whatever a result depends on, as one digest."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from audit import plain, plugins, signature
from audit.records import FileRecord, Rule, Task
from audit.subject import Subject

_VERSION = 1
_SOURCES = (".py", ".json", ".yaml")


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
            "seed": task.seed,
            "confidence": task.confidence,
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
        "isolation": isolation,
        "trusted_types": sorted(subject.trusted_types),
        "engine": engine,
        "installation": installation(),
        "machine": machine(),
    }


@cache
def installation() -> str:
    """Digest of the code of this program, and of the versions of Python and of every installed distribution."""
    versions = sorted({f"{found.name} {found.version}" for found in distributions()})
    return _digest({"python": sys.version, "installed": versions, "own": _tree(Path(__file__).parent.parent)})


@cache
def check_code(check: str) -> str:
    """Who wrote a check and, where it is not one of ours, the digest of its code."""
    module = plugins.load(signature.CHECKS, check)
    origin = plugins.origin(signature.CHECKS, check)
    path = getattr(module, "__file__", None)
    if path is None or module.__name__.startswith(f"{signature.CHECKS}."):
        return origin
    package, _, inside = module.__name__.partition(".")
    place = Path(getattr(sys.modules.get(package), "__file__", None) or path).parent if inside else Path(path)
    return f"{origin} {_tree(place)}"


@cache
def machine() -> dict[str, str]:
    """What a sum may depend on: processor, system and the number of threads that libraries were told to use."""
    threads = {name: value for name, value in os.environ.items() if name.endswith("_NUM_THREADS")}
    return {"processor": _processor(), "machine": platform.machine(), "system": platform.platform(), **threads}


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            lines = [line for line in file if line.startswith(("model name", "flags", "Features"))]
    except OSError:
        return platform.processor()
    return _digest(sorted(set(lines)))


def _tree(place: Path) -> str:
    """Digest of all source files below a folder, or of one file; `attacks` lies beside `audit`."""
    if place.is_file():
        return hashlib.sha256(place.read_bytes()).hexdigest()
    roots = [place, place.parent / "attacks"] if place.name == "audit" else [place]
    paths = sorted(path for root in roots for path in root.rglob("*") if path.suffix in _SOURCES)
    return _digest([[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in paths])


def _digest(content: Any) -> str:
    return hashlib.sha256(plain.canonical(content)).hexdigest()
