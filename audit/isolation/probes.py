"""Tries what a restricted process must not be able to do: a claimed restriction that is off is worse than none.

Each probe is harmless where it succeeds.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import socket
from collections.abc import Callable

_REFUSALS = (errno.EPERM, errno.EACCES, errno.ENOSYS)
_KNOWN_FILE = "/etc/passwd"


def _tcp() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _udp() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def _unix_socket() -> None:
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close()


def _write() -> None:
    for folder in ("/tmp", "/dev/shm", "."):
        name = f"{folder}/auditgate-probe-{os.getpid()}"
        try:
            handle = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            if error.errno not in _REFUSALS:
                raise
            continue
        os.close(handle)
        os.unlink(name)
        return
    raise PermissionError(errno.EPERM, "refused in every folder")


def _read() -> None:
    os.close(os.open(_KNOWN_FILE, os.O_RDONLY))


def _list() -> None:
    os.close(os.open("/", os.O_RDONLY))


def _start() -> None:
    # a name that no file has: the refusal comes before the search, and a search ends in ENOENT
    os.execv("/auditgate-no-such-program", ["no-such-program"])


def _fork() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _signal() -> None:
    os.kill(os.getppid(), 0)


def _trace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), 0, 0) != 0:  # PTRACE_ATTACH
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    libc.ptrace(17, os.getppid(), 0, 0)  # PTRACE_DETACH


COMPUTING: dict[str, Callable[[], None]] = {
    "tcp": _tcp,
    "udp": _udp,
    "unix socket": _unix_socket,
    "write": _write,
    "read": _read,
    "exec": _start,
    "fork": _fork,
    "signal": _signal,
    "trace": _trace,
}
"""What a process that only computes must not be able to do."""

PROGRAM = {"tcp": _tcp, "udp": _udp, "unix socket": _unix_socket, "read": _list, "trace": _trace}
"""What a whole program must not be able to do: it may start others, and write in a folder of its own."""


def refused(probes: dict[str, Callable[[], None]]) -> tuple[str, ...]:
    """Try each probe; the names of those that the kernel refused."""
    return tuple(name for name, probe in probes.items() if _is_refused(probe))


def _is_refused(probe: Callable[[], None]) -> bool:
    with contextlib.suppress(FileNotFoundError, ConnectionError):
        try:
            probe()
        except OSError as error:
            return error.errno in _REFUSALS
    return False
