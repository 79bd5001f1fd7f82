"""What one run has finished so far, beside the bundle that it makes: lines that are on disk before the run goes on.

The journal is also the lock on that place. The kernel gives the lock back when its holder dies, however it dies.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import stat
import sys
from pathlib import Path
from typing import Any

from audit import plain
from audit.errors import AuditError, BundleError
from audit.memory.owner import only_ours
from audit.memory.sealed import measured_of, seal, unseal
from audit.records import Measured


class Journal:
    """The journal of the bundle at one place, held until `close`.

    Args:
        out: where the bundle is to appear.
        resume: whether to go on from what an earlier run finished.

    Attributes:
        out: where the bundle is to appear.
        interrupted: how many finished rules an earlier run left; None where there was no earlier run.
        ignored: how many lines could not be believed, beside a last one that was not written to its end.

    Raises:
        AuditError: another audit is writing there.
        BundleError: the journal cannot be written.
    """

    def __init__(self, out: Path, *, resume: bool = False) -> None:
        self.out = target = out.absolute()
        self.path = target.with_name(f".{target.name}.journal")
        self.interrupted: int | None = None
        self.ignored = 0
        self._finished: dict[str, dict[str, Any]] = {}
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = self._locked()
        except OSError as error:
            raise _unwritten(self.path, error) from error
        try:
            self._begin(resume=resume)
        except OSError as error:
            self.close(finished=os.fstat(self._descriptor).st_size == 0)
            raise _unwritten(self.path, error) from error

    @property
    def finished(self) -> int:
        """How many finished rules `--resume` would find."""
        return len(self._finished)

    def find(self, key: str) -> Measured | None:
        """What an earlier run finished under this key."""
        if key not in self._finished:
            return None
        try:
            return measured_of(self._finished[key], key)
        except (ValueError, KeyError):
            return None

    def keep(self, rule: str, key: str, measured: Measured) -> None:
        """Write down a finished rule; it is on disk when this returns.

        Raises:
            BundleError: it could not be written.
        """
        if key in self._finished:
            return
        line = {"event": "finished", "rule": rule, "key": key, "measured": plain.from_measured(measured)}
        try:
            self._write(line)
        except OSError as error:
            raise _unwritten(self.path, error) from error
        self._finished[key] = line

    def interrupt(self) -> None:
        """Write down that the run ends early, as far as the disk allows."""
        with contextlib.suppress(OSError):
            self._write({"event": "interrupted"})

    def close(self, *, finished: bool) -> None:
        """Give the place back.

        Args:
            finished: whether the bundle is there, so that nothing is left to resume.
        """
        with contextlib.suppress(OSError):
            if finished:
                self.path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def _begin(self, *, resume: bool) -> None:
        whole = self._read()
        if not resume:
            self._finished, whole = {}, 0
        os.ftruncate(self._descriptor, whole)
        started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self._write({"event": "started", "pid": os.getpid(), "time": started})
        with contextlib.suppress(OSError):  # not every system can; after a power cut there would be no journal
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _locked(self) -> int:
        while True:
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            descriptor = os.open(self.path, flags, 0o600)
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode) or not only_ours(facts):
                os.close(descriptor)
                raise AuditError(f"{self.path}: others can write there, so it is not believed; remove it")
            if not _lock(descriptor):
                holder = _holder(descriptor)
                raise AuditError(f"{self.path}: another audit is writing there{holder}; wait for it to end")
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), os.stat(self.path)):
                    return descriptor
            os.close(descriptor)  # the holder finished and removed it in between

    def _read(self) -> int:
        """Take over what an earlier run finished; how many bytes of whole lines it left."""
        with os.fdopen(os.dup(self._descriptor), "rb") as file:
            file.seek(0)
            lines = file.read().split(b"\n")
        torn = lines.pop()  # empty, or a line that the run did not live to finish
        for line in lines:
            try:
                content = unseal(line)
            except ValueError:
                self.ignored += 1
                continue
            if content.get("event") == "finished" and isinstance(content.get("key"), str):
                self._finished[content["key"]] = content
        if lines or torn:
            self.interrupted = len(self._finished)
        return sum(len(line) + 1 for line in lines)

    def _write(self, content: dict[str, Any]) -> None:
        line, whole = seal(content) + b"\n", os.fstat(self._descriptor).st_size
        try:
            while line:
                line = line[os.write(self._descriptor, line) :]
            os.fsync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, whole)  # half a line would spoil the one that follows it
            raise


def _lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> str:
    """Who holds the lock, as the last start in the journal says; the descriptor is closed."""
    holder = ""
    with os.fdopen(descriptor, "rb") as file:
        for line in file:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                content = unseal(line.rstrip(b"\n"))
                if content["event"] == "started":
                    holder = f" (process {int(content['pid'])}, started {str(content['time'])[:40]})"
    return holder


def _unwritten(path: Path, error: OSError) -> BundleError:
    return BundleError(f"{path}: cannot be written: {error.strerror}; a bundle that is there is unchanged")
