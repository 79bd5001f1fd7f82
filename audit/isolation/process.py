"""Starts and asks the process that opens models, and ends it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any

from audit import errors, trace
from audit.errors import AuditError, WorkerFailed
from audit.isolation.wire import Exchange, Kind, Operation, shared_memory
from audit.records import Isolation

_KEPT_WORDS = 65_536
_LAST_WORDS_SECONDS = 10.0
_LONGEST_REASON = 2000
_SHARE_OF_MEMORY = 0.75
_PASSED_ON = (
    "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "SYSTEMROOT", "TMPDIR", "TZ",
    "VIRTUAL_ENV",
)  # fmt: skip
"""The environment may hold secrets; these words do not."""
_THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
ONE_THREAD = {
    "LOKY_MAX_CPU_COUNT": "1",
    **{f"{name}_NUM_THREADS": "1" for name in _THREADS},
}
HINT = (
    "the policy requires isolation, and this system does not offer it; run the audit on Linux 5.13 or newer, "
    "for example in a container, or loosen `isolation` in the policy"
)


@dataclass(frozen=True)
class Start:
    """How a process is started.

    Attributes:
        isolation: `required`, `best_effort` or `off`.
        content: bytes of the model file, empty for a recipe.
        imports: modules to import before restrictions are complete.
        memory_bytes: how much the process may take; None for most of what this machine, or this container, has.
        packages: where packages lie that it may import beside the installed ones.
    """

    isolation: str
    content: bytes = b""
    imports: Sequence[str] = ()
    packages: Sequence[str] = ()
    memory_bytes: int | None = None


class ModelProcess:
    """A process that opens models and answers for them. It is ended when nobody holds it any more."""

    def __init__(self, start: Start) -> None:
        memory, content = shared_memory(), _file_of(start.content)
        incoming, to_worker = os.pipe()
        from_worker, outgoing = os.pipe()
        settings = {
            "memory": memory, "content": content, "incoming": incoming, "outgoing": outgoing, "folder": os.sep,
            "restricted": start.isolation != "off",
            "packages": list(start.packages), "imports": list(start.imports),
            "memory_bytes": start.memory_bytes or memory_bytes(),
        }  # fmt: skip
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "audit.isolation._worker", json.dumps(settings)],
            pass_fds=(memory, content, incoming, outgoing),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**_environment(), **ONE_THREAD, "JOBLIB_MULTIPROCESSING": "0"},
        )
        self._exchange = Exchange(memory, from_worker, to_worker)
        for descriptor in (memory, content, incoming, outgoing):
            os.close(descriptor)
        self._words = _LastWords(self._child.stderr)
        self._end = weakref.finalize(self, _end, self._child, self._exchange, (from_worker, to_worker))
        self._next = 0
        self._unheld: list[int] = []
        self.isolation = self._reached(start.isolation)

    def _reached(self, wanted: str) -> Isolation:
        isolation = isolation_of(self._answer())
        if wanted == "required" and isolation.level != "kernel":
            self.close()
            held = ", ".join(isolation.mechanisms) or "nothing"
            raise errors.SubjectError(
                f"{HINT} (in force: {held}; refused: {', '.join(isolation.refused) or 'nothing'})"
            )
        return isolation

    def new_model(self, operation: Operation, *arguments: Any) -> tuple[int, dict[str, Any]]:
        """Load or train a model; its number, and what is known of it."""
        number = self._next
        self._next += 1
        found = self.ask(operation, number, *arguments)
        if not isinstance(found, dict):
            raise WorkerFailed("the process of the model described it in a way that cannot be read")
        return number, found

    def release(self, held: object, model: int) -> None:
        """Let the process forget a model, before its next question, once nobody has `held` any more."""
        weakref.finalize(held, self._unheld.append, model)

    def ask(self, operation: Operation, model: int, *arguments: Any) -> Any:
        """Ask one question and wait for the answer.

        Raises:
            TooLarge: question or answer do not fit into the shared memory.
            WorkerFailed: the process died, or answered nonsense.
            AuditError: what it reports.
        """
        if self.ended:
            raise WorkerFailed("the process of the model has ended")
        while self._unheld:
            self._asked(Operation.FORGET, self._unheld.pop())
        return self._asked(operation, model, *arguments)

    @property
    def ended(self) -> bool:
        """Whether the process was ended, by itself or by this one."""
        return not self._end.alive

    def close(self) -> None:
        """End the process."""
        self._end()

    def _asked(self, operation: Operation, model: int, *arguments: Any) -> Any:
        try:
            self._exchange.ask(operation, model, *arguments)
        except BrokenPipeError:
            raise self._failed() from None
        return self._answer()

    def _answer(self) -> Any:
        try:
            kind, found = self._exchange.answer()
        except EOFError:
            raise self._failed() from None
        if kind == Kind.ERROR:
            raise _error(found)
        return found

    def _failed(self) -> WorkerFailed:
        code: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._child.wait(_LAST_WORDS_SECONDS)
        report = trace.clean(self._words.read())
        self.close()
        reason = report.rpartition("\n")[2] or f"it {trace.ending(code)}"
        return WorkerFailed(f"the process of the model crashed: {reason}", report)


class _LastWords:
    """Reads what a process prints, so that it never waits, and keeps the end of it."""

    def __init__(self, source: IO[bytes] | None) -> None:
        self._source = source
        self._kept = b""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while self._source is not None and (piece := os.read(self._source.fileno(), _KEPT_WORDS)):
            self._kept = (self._kept + piece)[-_KEPT_WORDS:]

    def read(self) -> str:
        self._thread.join(_LAST_WORDS_SECONDS)
        return self._kept.decode(errors="replace")


def _end(child: subprocess.Popen[bytes], exchange: Exchange, pipes: tuple[int, ...]) -> None:
    child.send_signal(signal.SIGKILL)
    child.wait()
    exchange.close()
    for descriptor in pipes:
        os.close(descriptor)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(importable())}


def _file_of(content: bytes) -> int:
    memory = shared_memory(max(1, len(content)))
    with os.fdopen(os.dup(memory), "wb") as file:
        file.write(content)
    os.lseek(memory, 0, os.SEEK_SET)
    return memory


def memory_bytes() -> int | None:
    """What one process may take: a share of what this machine, or this container, has."""
    try:
        found = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return None
    with contextlib.suppress(OSError, ValueError), open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:
        found = min(found, int(file.read()))
    return int(found * _SHARE_OF_MEMORY)


def importable() -> list[str]:
    """Folders that a worker may import from: those of this process, and never the folder that it was started in."""
    return [path for path in sys.path if os.path.isabs(path)]


def isolation_of(found: Any) -> Isolation:
    """What a process says of its restrictions before it opened anything.

    Raises:
        WorkerFailed: it cannot be read.
    """
    try:
        return Isolation(str(found["level"]), _texts(found["mechanisms"]), _texts(found["refused"]))
    except (KeyError, TypeError) as error:
        raise WorkerFailed("the process of the model did not say how it is restricted") from error


def _texts(found: Any) -> tuple[str, ...]:
    return tuple(str(word) for word in found)


def _error(found: Any) -> AuditError:
    """The error that a worker reports, as the class that it was."""
    if not isinstance(found, dict):
        return WorkerFailed("the process of the model reported an error that cannot be read")
    kind = {known.__name__: known for known in (errors.SubjectError, errors.NotMeasurable)}
    return kind.get(str(found.get("type")), AuditError)(str(found.get("message"))[:_LONGEST_REASON])
