"""Keeps a process within named folders: the kernel's Landlock, asked without a library.

Source: Linux, Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
import sys
from collections.abc import Iterable, Mapping

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many kinds of access to files each version governs."""
_MAKE = sum(1 << bit for bit in (4, 5, 7, 8, 10, 12))
"""Remove and make folders, files, pipes and links; no devices and no sockets."""
_TRUNCATE = 1 << 14
_FOR_FILES = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | 1 << 15
READ = READ_FILE | READ_FOLDER
RUN = READ | EXECUTE
CHANGE = READ | WRITE_FILE | _MAKE | _TRUNCATE


def version() -> int:
    """Version of Landlock that the kernel offers, 0 for none."""
    if not sys.platform.startswith("linux"):
        return 0  # the same number is another call there
    offered: int = ctypes.CDLL(None).syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    return max(0, offered)


def keep_within(allowed: Mapping[str, int]) -> int:
    """Refuse this thread, and all that it starts, every file but those below the given paths, for ever.

    TCP is refused from version 4 on, abstract sockets and signals to processes outside from version 6 on.
    `no_new_privs` has to be set.

    Args:
        allowed: what may be done below each path; paths that do not exist are left out.

    Returns:
        The version in force.

    Raises:
        OSError: the kernel offers no Landlock, or refuses.
    """
    offered = version()
    if offered < 1:
        raise OSError(errno.ENOSYS, "the kernel offers no Landlock")
    governed = (1 << _RIGHTS_BY_VERSION.get(offered, 16)) - 1
    fields = [governed]
    if offered >= 4:
        fields.append(0b11)
    if offered >= 6:
        fields.append(0b11)
    ruleset = _call(_CREATE, struct.pack(f"={len(fields)}Q", *fields), ctypes.c_size_t(8 * len(fields)), 0)
    try:
        for path, rights in _merged(allowed).items():
            _allow(ruleset, path, rights & governed)
        _call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    return offered


def _merged(allowed: Mapping[str, int]) -> dict[str, int]:
    merged: dict[str, int] = {}
    for path, rights in allowed.items():
        place = os.path.realpath(path)
        merged[place] = merged.get(place, 0) | rights
    return merged


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what does not exist, or cannot be seen, needs no permission
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _FOR_FILES
        if rights:
            _call(_ADD, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _call(number: int, *arguments: object) -> int:
    found: int = ctypes.CDLL(None, use_errno=True).syscall(number, *arguments)
    if found < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock refuses: {os.strerror(code)}")
    return found


def beneath(paths: Iterable[str], rights: int) -> dict[str, int]:
    """The same rights below several paths."""
    return dict.fromkeys(paths, rights)
