"""Opens models and runs recipes in processes of their own, which the kernel keeps from everything but computing.

The order is what makes it safe: the bytes are hashed and scanned; a fresh process imports the libraries, gives up the
network, other processes and all files but the libraries, and tries whether that holds; only then are the bytes opened
there. Rows go over as arrays in shared memory, answers come back the same way, and nothing that comes back is ever
unpickled. A check runs outside, so a model can answer wrongly and cannot change what is measured.

`required` refuses to open a model where the kernel offers less. `best_effort` takes what there is and says what that
was. `off` keeps the process and leaves the kernel out, for models that need what is refused, such as a GPU.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from audit import models
from audit.errors import SubjectError
from audit.isolation import recipe
from audit.isolation.hosted import loaded, trained
from audit.isolation.process import HINT, ModelProcess, Start, importable, isolation_of, memory_bytes
from audit.isolation.restrict import places
from audit.models import Model, Source
from audit.records import Isolation

__all__ = ["Isolated", "memory_bytes"]

_LEVELS = ("none", "process", "kernel")
_SHOWN = 10
_LIBRARIES = {
    "joblib": ("joblib", "sklearn"),
    "lightgbm": ("lightgbm", "pandas"),
    "onnx": ("onnx", "onnxruntime"),
    "skops": ("skops.io", "sklearn"),
    "torch": ("torch",),
    "torch_export": ("torch",),
    "xgboost": ("xgboost", "pandas"),
}
"""What a format imports, so that it is imported before the restrictions are complete; others import it later."""


class Isolated:
    """Opens the models of one subject.

    Args:
        wanted: `required`, `best_effort` or `off`.
        trusted: globals, as `module.name`, that a reviewer allows beyond the list of the scan.
        memory_bytes: how much each process may take; None for most of what this machine has.
    """

    def __init__(
        self, wanted: str = "best_effort", trusted: Collection[str] = (), memory_bytes: int | None = None
    ) -> None:
        self.wanted, self.trusted, self._memory_bytes = wanted, tuple(trusted), memory_bytes
        self._reached: list[Isolation] = []
        self._recipe: ModelProcess | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    @property
    def reached(self) -> Isolation | None:
        """The weakest isolation among the processes that were started; None before the first."""
        return min(self._reached, key=lambda found: _LEVELS.index(found.level), default=None)

    def open(self, source: Source, format: str) -> Model:
        """Open a model from bytes that were hashed, after the static scan where its format can run code.

        Args:
            source: its path is for messages and is not opened.
            format: name of the format.

        Raises:
            SubjectError: the scan found a global that is not on the list, or a part that it could not read; the bytes
                are no model; or isolation is required and this system does not offer it.
            MissingExtra: the library that reads the format is not installed.
            WorkerFailed: the process of the model died.
        """
        if format == "command":
            return models.load(replace(source, launcher=self._launcher(source)), format)
        if not source.content:
            return models.load(source, format)
        imports = list(_LIBRARIES.get(format, ()))
        if models.runs_code(format):
            imports += _scanned(source, self.trusted)
        start = Start(self.wanted, source.content, imports, packages=places(imports))
        return loaded(lambda: self._start(start), replace(source, content=b""), format)

    def train(self, content: bytes, path: str, function: str, *arguments: Any) -> Model:
        """Run the recipe `fit(x, y, seed)` and hold the model that it returns.

        It sees the bytes that were hashed and what it is given, and no other file of the subject: a model would depend
        on what nobody hashed.

        Args:
            content: the bytes of the recipe, which were hashed.
            path: for messages.
            function: name of the function in it.
            arguments: x, y and seed.

        Raises:
            SubjectError: the recipe is no Python, has no such function, or returns no model.
            WorkerFailed: it crashed.
        """
        if self._recipe is None or self._recipe.ended:
            packages = places(recipe.imported(content))
            self._recipe = self._start(Start(self.wanted, imports=("pandas", "sklearn"), packages=packages))
        return trained(self._recipe, content, path, function, *arguments)

    def _start(self, start: Start) -> ModelProcess:
        process = ModelProcess(replace(start, memory_bytes=self._memory_bytes))
        self._reached.append(process.isolation)
        return process

    def _launcher(self, source: Source) -> tuple[str, ...]:
        """Words that start a program under restrictions; tried once, so that the level is known."""
        if self.wanted == "off":
            self._reached.append(Isolation("process"))
            return ()
        self._scratch = self._scratch or tempfile.TemporaryDirectory(prefix="auditgate-")
        settings = {
            "folder": os.path.abspath(source.folder),
            "scratch": self._scratch.name,
            "wanted": self.wanted,
            "importable": importable(),
            "environment": {name: os.environ.get(name) for name in ("PYTHONPATH", "TMPDIR")},
        }
        module = (sys.executable, "-P", "-c", _LAUNCH, json.dumps(settings))
        tried = subprocess.run(module, stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True)
        if tried.returncode != 0:
            raise SubjectError((tried.stderr.strip().splitlines() or [HINT])[-1])
        self._reached.append(isolation_of(json.loads(tried.stdout)))
        return module


_LAUNCH = (
    "import json,sys; settings = json.loads(sys.argv[1]); sys.path[:] = settings['importable']; "
    "from audit.isolation import launch; launch.main(settings, sys.argv[2:])"
)
"""A program keeps the environment that it would have had, so the path of imports does not travel in it."""


def _scanned(source: Source, trusted: Collection[str]) -> Sequence[str]:
    """Scan exactly the bytes that will be opened; the file at the path may be another by now.

    Returns:
        Modules that the file names, all of them known as harmless.
    """
    from audit import artifact

    name = source.path.name
    report = artifact.scan_bytes(source.content, name, trusted=trusted)
    if report.unknown:
        more = f" and {len(report.unknown) - _SHOWN} more" if len(report.unknown) > _SHOWN else ""
        raise SubjectError(
            f"{name} was not opened: it uses {', '.join(report.unknown[:_SHOWN])}{more}, which the scan does "
            "not know as harmless; have them reviewed, or save the model in a format that runs no code, such as ONNX"
        )
    if not report.safe:
        parts = "; ".join(report.unreadable[:3])
        raise SubjectError(f"{name} was not opened: the static scan could not read all of it: {parts}")
    return sorted({found.rpartition(".")[0] for found in report.globals if "." in found})
