"""Results of earlier runs, by key, in a folder that belongs to one user.

Whoever can write as this user can also write here, and so make up a result. Where that matters, for instance where
several CI jobs share one folder, `AUDITGATE_CACHE_KEY` holds a secret, and only results that were stored with the same
secret are found. A signed bundle reuses nothing either way.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from audit import plain
from audit.memory.owner import only_ours
from audit.memory.sealed import digest_of, measured_of, seal, unseal
from audit.records import Measured

LARGEST_BYTES = 1 << 30
"""How much the cache may hold; the oldest results go first."""
_LARGEST_RESULT = 1 << 26


def default_folder() -> Path:
    """`AUDITGATE_CACHE`, else `auditgate` in the user's cache folder.

    Raises:
        RuntimeError: this user has no home.
    """
    if chosen := os.environ.get("AUDITGATE_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base and os.path.isabs(base) else Path.home() / ".cache") / "auditgate"


class Cache:
    """A folder of sealed results. What cannot be read is a miss, what cannot be written is left out: both warn once.

    Args:
        folder: made with access for its owner alone.
        warn: told what is wrong with the cache.
        secret: known to those alone whose results are believed; empty for everybody who can write there.
    """

    def __init__(self, folder: Path, warn: Callable[[str], None] = lambda text: None, secret: bytes = b"") -> None:
        self._folder, self._warn, self._secret = folder, warn, secret
        self._usable = self._made()

    def find(self, key: str) -> Measured | None:
        """The result of a key; None where there is none, or none that can be believed."""
        if not self._usable:
            return None
        path = self._path(key)
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except FileNotFoundError:
            return None
        except OSError as error:
            self._warn(f"{path}: the cached result cannot be read ({error.strerror}); it is measured again")
            return None
        with os.fdopen(descriptor, "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode) or not only_ours(facts) or facts.st_size > _LARGEST_RESULT:
                self._warn(f"{path}: not a file that this user wrote; it is not believed")
                return None
            content = file.read()
        try:
            return measured_of(unseal(content, self._secret), key)
        except (ValueError, KeyError) as error:
            self._warn(f"{path}: the cached result is damaged ({error}); it is measured again")
            return None

    def keep(self, key: str, measured: Measured) -> None:
        """Store a result: another process sees all of it or nothing."""
        if not self._usable:
            return
        content = seal({"key": key, "measured": plain.from_measured(measured)}, self._secret)
        if len(content) > _LARGEST_RESULT:
            return
        path = self._path(key)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            with partial.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(partial, path)
        except OSError as error:
            self._usable = False
            self._warn(f"{self._folder}: results cannot be cached: {error.strerror}")
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)

    def prune(self) -> None:
        """Remove the oldest results where there is too much, and what dead runs left half written."""
        if not self._usable:
            return
        with contextlib.suppress(OSError):
            found = [(path, path.lstat()) for path in self._folder.glob("*/*") if not path.is_dir()]
            excess = sum(facts.st_size for _, facts in found) - LARGEST_BYTES
            newest = max((facts.st_mtime for _, facts in found), default=0.0)
            for path, facts in sorted(found, key=lambda one: one[1].st_mtime):
                left_over = path.name.startswith(".") and newest - facts.st_mtime > 3600
                if excess > 0 or left_over:
                    path.unlink()
                    excess -= facts.st_size

    def _path(self, key: str) -> Path:
        name = digest_of(key.encode(), self._secret) if self._secret else key
        return self._folder / name[:2] / f"{name}.json"

    def _made(self) -> bool:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            facts = self._folder.lstat()
        except OSError as error:
            self._warn(f"{self._folder}: results cannot be cached: {error.strerror}")
            return False
        if not stat.S_ISDIR(facts.st_mode) or not only_ours(facts):
            self._warn(f"{self._folder}: others can write there, or it is not a folder of this user; it is not used")
            return False
        return True
