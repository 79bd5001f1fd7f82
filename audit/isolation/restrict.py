"""Restricts this process, in two steps, and tests that the restrictions hold.

`before_imports` comes first, while there is one thread: new privileges are given up and files outside the libraries
vanish. Libraries are imported then, and the threads that they start inherit both. `before_loading` follows: limits, and
the filter of system calls for every thread. Only then may a process open what comes from strangers.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from audit.isolation import landlock, probes, seccomp
from audit.records import Isolation

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _SIGKILL = 1, 38, 9
_OPEN_FILES = 256
_SYSTEM = (
    "/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ld.so.cache",
    "/etc/localtime", "/sys/devices/system", "/sys/fs/cgroup", "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
    "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random",
)  # fmt: skip
_PROGRAMS = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/etc/alternatives", "/etc/ssl", "/proc")


class Restrictions:
    """What is in force in this process so far."""

    def __init__(self) -> None:
        self._mechanisms: list[str] = []
        self._problems: list[str] = []
        # later this name cannot be opened any more
        self._memory = os.open("/proc/self/statm", os.O_RDONLY) if os.path.exists("/proc/self/statm") else None

    def before_imports(self, packages: Sequence[str]) -> None:
        """Give up new privileges, and keep within the libraries.

        Args:
            packages: where packages lie that may be imported beside the installed ones. One is found only where the
                folder around it can be listed.
        """
        allowed = landlock.beneath({os.path.dirname(package) for package in packages}, landlock.READ_FOLDER)
        allowed |= landlock.beneath((*libraries(), *packages), landlock.READ)
        self._try("no_new_privs", _no_new_privileges)
        self._try("landlock", lambda: landlock.keep_within(allowed))

    def before_loading(self, memory_bytes: int | None) -> Isolation:
        """Limit memory and files, filter system calls, and try what must not work.

        Args:
            memory_bytes: how much this process may take beyond what it has; None for no limit.
        """
        self._try("rlimits", lambda: self._limit(memory_bytes))
        self._try("seccomp", lambda: seccomp.enforce(seccomp.computing(os.getpid())))
        return self._reached(probes.COMPUTING)

    def before_program(self, folder: str, scratch: str, command: Sequence[str]) -> Isolation:
        """Restrict a program that is about to be started here.

        Args:
            folder: which it may read.
            scratch: folder that it may write.
            command: its words; it may read what surrounds the program itself.
        """
        allowed = landlock.beneath((*_PROGRAMS, *libraries(), *_surroundings(command)), landlock.RUN)
        allowed |= {folder: landlock.RUN, scratch: landlock.CHANGE | landlock.EXECUTE}
        allowed |= dict.fromkeys(("/dev/null", "/dev/zero"), landlock.READ | landlock.WRITE_FILE)
        allowed |= {path: landlock.READ for path in _SYSTEM if path not in allowed}
        self._try("no_new_privs", _no_new_privileges)
        self._try("landlock", lambda: landlock.keep_within(allowed))
        keeps_signals = landlock.version() >= 6 and not self._problems
        self._try("seccomp", lambda: seccomp.enforce(seccomp.program(may_signal=keeps_signals)))
        return self._reached(probes.PROGRAM)

    def _limit(self, memory_bytes: int | None) -> None:
        import resource

        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_FSIZE, 0)
        _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
        if memory_bytes is not None and self._memory is not None:
            # mapped libraries count too, so the limit starts at what is mapped by now
            mapped = int(os.read(self._memory, 200).split()[0]) * os.sysconf("SC_PAGE_SIZE")
            _lower(resource.RLIMIT_AS, mapped + memory_bytes)

    def _try(self, name: str, restriction: Callable[[], int | None]) -> None:
        try:
            version = restriction()
        except OSError as error:
            self._problems.append(f"{name}: {error.strerror}")
        except (AttributeError, ImportError, ValueError) as error:
            self._problems.append(f"{name}: this system does not have it ({error})")
        else:
            self._mechanisms.append(name if version is None else f"{name} {version}")

    def _reached(self, wanted: dict[str, Callable[[], None]]) -> Isolation:
        refused = probes.refused(wanted) if self._mechanisms else ()
        whole = not self._problems and len(refused) == len(wanted)
        return Isolation("kernel" if whole else "process", tuple(self._mechanisms), refused)


def die_with_parent() -> None:
    """Have the kernel end this process when the thread that started it ends; nothing where it cannot."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def go_offline() -> None:
    """Give up the network, where the kernel lets a process do so: an audit that stays here needs none."""
    with contextlib.suppress(OSError, AttributeError):
        _no_new_privileges()
        seccomp.enforce(seccomp.offline())


def libraries() -> tuple[str, ...]:
    """Folders and files that importing needs: Python, installed packages, this package, libraries of the system."""
    installed = {path for name, path in sysconfig.get_paths().items() if name not in ("scripts", "data", "include")}
    prefixes = {f"{prefix}/{part}" for prefix in (sys.prefix, sys.base_prefix) for part in ("lib", "lib64")}
    prefixes |= {f"{sys.prefix}/pyvenv.cfg"}
    searched = {path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    return tuple(sorted(installed | prefixes | searched | set(places(("audit", "attacks"))))) + _SYSTEM


def places(modules: Iterable[str]) -> tuple[str, ...]:
    """Where the packages of some modules lie, which is not always among the installed ones."""
    found: list[str] = []
    for package in sorted({name.partition(".")[0] for name in modules}):
        with contextlib.suppress(ImportError, ValueError):  # what cannot be found is reported by whoever needs it
            spec = find_spec(package)
            if spec is not None and spec.origin is not None:  # else it is any folder that has that name
                found += spec.submodule_search_locations or ([spec.origin] if spec.has_location and spec.origin else [])
    return tuple(found)


def _no_new_privileges() -> None:
    if not sys.platform.startswith("linux"):
        raise OSError(0, "this system does not have it")
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _lower(kind: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _surroundings(command: Sequence[str]) -> set[str]:
    """Where a program lies, and what it was installed with: its folder, and the folder above a `bin`."""
    import shutil

    found = shutil.which(command[0])
    places = set()
    for path in () if found is None else (os.path.abspath(found), os.path.realpath(found)):
        folder = os.path.dirname(path)
        places.add(os.path.dirname(folder) if os.path.basename(folder) == "bin" else folder)
    return places - {"/"}
