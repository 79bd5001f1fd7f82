"""Puts a finished folder or file in the place of another: a reader sees the old or the new, and never neither."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import secrets
import sys
from pathlib import Path

ASIDE = ".old"
"""Ending of the name that an older folder has while a new one takes its place, where the two cannot be swapped."""

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_NOT_SUPPORTED = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)


def swap_in(new: Path, target: Path) -> None:
    """Rename `new` to `target`; what was at `target` is at `new` afterwards, or gone if it was an empty folder.

    Raises:
        OSError: it did not work; `target` is what it was.
    """
    if not target.exists() or not any(target.iterdir()):
        os.rename(new, target)
    elif not _exchange(new, target):
        aside = new.with_name(f"{new.name}{ASIDE}")
        os.rename(target, aside)
        try:
            os.rename(new, target)
        except OSError:
            os.rename(aside, target)
            raise
        os.rename(aside, new)
    # the new one is in place and its bytes are on disk: a name that is not yet flushed makes it no failure
    with contextlib.suppress(OSError):
        flush_folder(target.parent)


def _exchange(new: Path, target: Path) -> bool:
    """Swap two folders in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(new), _AT_FDCWD, os.fsencode(target), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _NOT_SUPPORTED:
        return False
    raise OSError(code, os.strerror(code))


def replace_file(target: Path, content: bytes, *, beside: Path) -> None:
    """Write a file in one step, from a folder where half a file does no harm.

    Args:
        beside: a folder of the same file system; nothing is left in it.

    Raises:
        OSError: it did not work; `target` is what it was.
    """
    partial = beside / f".{target.name}.partial-{secrets.token_hex(4)}"
    try:
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # in place, as above
        flush_folder(target.parent)


def flush_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
