"""Keeps what was measured, so that a killed audit goes on and an unchanged one is not measured again.

Two places hold the same sealed records. The journal lies beside the bundle that is being made and belongs to one run:
`--resume` goes on from it. The cache lies in the user's cache folder and serves later runs. A record is found by a key
that covers whatever the numbers depend on, carries its own digest, and is believed only if both fit; one that does not
fit is a miss. Errors and time-outs are never kept, and nothing here is a pickle.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from audit.errors import BundleError
from audit.memory.cache import Cache, default_folder
from audit.memory.journal import Journal
from audit.memory.key import key_of, surroundings_of
from audit.records import FileRecord, Measured, Rule, Task
from audit.signature import CheckSpec

__all__ = ["Memory", "cache_of", "journal_of", "surroundings_of"]

_LOOKS_AROUND = ("provenance", "documents", "baseline")
"""Inputs of checks that may look for files which the subject does not declare: what they found serves one run alone."""
_ASKS_OTHERS = ("second_opinions",)
"""Parameters that make a check ask other programs, whose versions nobody knows."""


class Memory:
    """What one run may reuse, and where it keeps what it finds out.

    Args:
        surroundings: whatever all results of the run depend on, as plain values: subject, code, libraries, machine.
        journal: of this run, None where there is none.
        cache: None where results are neither looked up nor stored across runs.
        unchanged: whether a file that a check opened, and that is not declared, still is what it was.
    """

    def __init__(
        self,
        surroundings: Mapping[str, Any],
        *,
        journal: Journal | None = None,
        cache: Cache | None = None,
        unchanged: Callable[[FileRecord], bool] = lambda file: True,
    ) -> None:
        self._surroundings = surroundings
        self._declared = {tuple(file) for file in surroundings["files"]}
        self._journal, self._cache, self._unchanged = journal, cache, unchanged
        self._lock = threading.Lock()

    def recall(self, rule: Rule, task: Task) -> Measured | None:
        """What is known of a rule; None where it has to be measured."""
        key = key_of(rule, task, self._surroundings)
        found = self._journal.find(key) if self._journal else None
        if found is None and self._cache is not None:
            found = self._cache.find(key)
        if found is None or not all(self._is_declared(file) or self._unchanged(file) for file in found.files):
            return None
        return found

    def keep(self, rule: Rule, task: Task, measured: Measured, spec: CheckSpec) -> None:
        """Keep what a check found out, unless it did not finish.

        Args:
            spec: what the check declares.

        Raises:
            BundleError: the journal could not be written.
        """
        if measured.error:
            return
        key = key_of(rule, task, self._surroundings)
        with self._lock:
            if self._journal is not None:
                self._journal.keep(rule.id, key, measured)
            if self._cache is not None and self._serves_others(task, measured, spec):
                self._cache.keep(key, measured)

    def _is_declared(self, file: FileRecord) -> bool:
        return (file.role, file.path, file.sha256) in self._declared

    def _serves_others(self, task: Task, measured: Measured, spec: CheckSpec) -> bool:
        """Whether the key covers all that a result rests on, so that other runs may believe it."""
        words = {word for need in spec.needs for word in need.split("|")}
        if spec.volatile or words & set(_LOOKS_AROUND) or any(task.params.get(name) for name in _ASKS_OTHERS):
            return False
        if "training" in words and measured.isolation.level != "kernel":
            return False  # a recipe that the kernel does not hold may have read files that nobody hashed
        # a worker names all files that it opened so far, so an undeclared one may be another rule's
        return all(self._is_declared(file) for file in measured.files)


def cache_of(tell: Callable[[str], None]) -> Cache | None:
    """The user's cache, with what is too much removed; None where this user can have none.

    Args:
        tell: called with what is wrong with it.
    """
    try:
        folder = default_folder()
    except RuntimeError as error:
        tell(f"results cannot be cached: {error}; AUDITGATE_CACHE can name a folder")
        return None
    cache = Cache(folder, tell, os.environ.get("AUDITGATE_CACHE_KEY", "").encode())
    cache.prune()
    return cache


@contextmanager
def journal_of(out: Path | None, *, resume: bool, tell: Callable[[str], None]) -> Iterator[Journal | None]:
    """The journal beside a bundle: removed once the block ends well, kept for `--resume` otherwise.

    Args:
        out: where the bundle is to appear; None for a run that leaves none.
        tell: called with what an earlier run left.

    Raises:
        AuditError: another audit is writing there.
        BundleError: the journal cannot be written.
    """
    if out is None:
        yield None
        return
    journal = Journal(out, resume=resume)
    if resume:
        left = "nothing to go on from" if journal.interrupted is None else f"{journal.interrupted} rules were finished"
        tell(f"resuming: {left}")
    elif journal.interrupted is not None:
        tell("an earlier run did not finish; this one starts anew (--resume would have gone on from it)")
    if journal.ignored:
        tell(f"{journal.path}: {journal.ignored} damaged lines are not believed")
    finished = False
    try:
        yield journal
        finished = True
    except BundleError:
        if journal.finished:
            tell(f"{journal.finished} rules were finished, and that is kept: run it again with --resume")
        raise
    finally:
        if not finished:
            journal.interrupt()
        journal.close(finished=finished)
