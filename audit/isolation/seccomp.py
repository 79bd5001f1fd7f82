"""Filters of system calls: what a restricted process may ask the kernel for.

Three filters. `computing` is a list of what arithmetic on arrays needs (memory, threads, clocks, reading of files);
everything else is refused, also what later kernels invent. `program` is for whole programs and refuses what reaches the
network, other processes or the kernel itself. `offline` is for our own workers and refuses the network alone.

Written for the kernel's classic BPF, since the usual binding needs a system library that slim images lack.

Source: Linux, Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from audit.isolation._syscalls import Machine, machine

_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_THREAD = 0x00010000
"""CLONE_THREAD: the new task is a thread of the same process."""

_COMPUTING = (
    # memory and threads
    "futex", "mmap", "munmap", "mprotect", "mremap", "madvise", "brk", "mincore", "msync", "mlock", "munlock",
    "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "sched_yield", "sched_getaffinity", "getcpu",
    "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min", "getpriority",
    "membarrier", "get_mempolicy", "mbind", "set_mempolicy", "arch_prctl", "set_tid_address",
    # files that are open already, and looking at names
    "read", "write", "readv", "writev", "pread64", "preadv", "close", "close_range", "lseek", "fstat", "newfstatat",
    "statx", "stat", "lstat", "statfs", "fstatfs", "readlink", "readlinkat", "getcwd", "getdents64", "access",
    "faccessat", "faccessat2", "fadvise64", "flock", "fsync", "dup", "dup2", "dup3", "pipe", "pipe2", "eventfd2",
    "poll", "ppoll", "select", "pselect6", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
    # clocks, and facts about itself
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times", "getrandom",
    "getrlimit", "getrusage", "sysinfo", "uname", "gettid", "getpid", "getppid", "getuid", "geteuid", "getgid",
    "getegid", "getpgrp", "getpgid", "getsid",
    # its own end and its own signals
    "exit", "exit_group", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "sigaltstack",
    "restart_syscall",
)  # fmt: skip
"""What a process that computes may call, whatever the arguments."""

_FCNTL = (0, 1, 2, 3, 4, 1030, 1032)
"""F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ. Not F_SETOWN and F_SETSIG, with which the
kernel can be made to send a signal to somebody else."""
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX. Not TIOCSTI, which types on a terminal."""
_PRCTL = (3, 15, 16, 21, 22, 39, 0x53564D41)
"""Read flags, name a thread or a piece of memory. Not PR_SET_PDEATHSIG, which would let it outlive its parent."""

_NETWORK = (
    "socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "sendmmsg", "recvfrom", "recvmsg",
    "recvmmsg", "io_uring_setup", "io_uring_enter", "io_uring_register",
)  # fmt: skip
_OTHERS = (
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "pidfd_open", "pidfd_getfd",
    "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "tkill",
)  # fmt: skip
_KERNEL = (
    "mount", "umount2", "pivot_root", "chroot", "setns", "unshare", "bpf", "keyctl", "add_key", "request_key",
    "userfaultfd", "perf_event_open", "open_by_handle_at", "name_to_handle_at", "setsid", "setpgid", "mknod",
    "mknodat", "shmget", "shmat", "shmctl", "semget", "semop", "msgget", "mq_open", "fanotify_init",
)  # fmt: skip
_STARTING = ("execve", "execveat", "fork", "vfork")
_WRITING_CALLS = (
    "unlink", "unlinkat", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "link", "linkat", "symlink",
    "symlinkat", "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "truncate", "ftruncate",
    "fallocate", "creat", "utimensat", "setxattr", "lsetxattr", "fsetxattr", "memfd_create", "memfd_secret", "openat2",
    "socketpair", "kill", "chdir", "fchdir", "umask", "setuid", "setgid", "setresuid", "setresgid", "setrlimit",
    "inotify_init1", "seccomp", "landlock_create_ruleset", "sched_setaffinity",
)  # fmt: skip


@dataclass(frozen=True)
class _Step:
    """One instruction of classic BPF."""

    code: int
    value: int
    if_true: int = 0
    if_false: int = 0

    @property
    def packed(self) -> bytes:
        return struct.pack("=HBBI", self.code, self.if_true, self.if_false, self.value & 0xFFFFFFFF)


def computing(pid: int) -> bytes:
    """The filter for a process that only computes.

    Args:
        pid: of the process, which may send signals to its own threads, as `abort` does.

    Raises:
        OSError: there is no filter for this kind of processor.
    """
    known = _machine()
    steps: list[_Step] = []
    for name in _COMPUTING:
        steps += _for_call(known, name, [_Step(_RETURN, _ALLOW)])
    steps += _for_call(known, "tgkill", _if_argument(0, (pid,)))
    steps += _for_call(known, "prlimit64", _if_argument(0, (0, pid)))
    steps += _for_call(known, "fcntl", _if_argument(1, _FCNTL))
    steps += _for_call(known, "ioctl", _if_argument(1, _IOCTL))
    steps += _for_call(known, "prctl", _if_argument(0, _PRCTL))
    steps += _for_call(known, "clone", _if_bit(0, _THREAD))
    steps += _for_call(known, "open", _unless_bit(1, _WRITING))
    steps += _for_call(known, "openat", _unless_bit(2, _WRITING))
    for name in (*_NETWORK, *_OTHERS, *_KERNEL, *_STARTING, *_WRITING_CALLS):
        steps += _for_call(known, name, [_refused(errno.EPERM)])
    # clone3 keeps its flags where a filter cannot look; without it the C library uses clone
    return _whole(known, steps, _refused(errno.ENOSYS))


def program(*, may_signal: bool) -> bytes:
    """The filter for a whole program: no network, no other process, no change of the kernel.

    Args:
        may_signal: whether it may send signals, where something else keeps them within the program.

    Raises:
        OSError: there is no filter for this kind of processor.
    """
    known = _machine()
    steps: list[_Step] = []
    for name in (*_NETWORK, *_OTHERS, *_KERNEL, *(() if may_signal else ("kill",))):
        steps += _for_call(known, name, [_refused(errno.EPERM)])
    steps += _for_call(known, "ioctl", [*_load_argument(1), _Step(_EQUAL, 0x5412, 0, 1), _refused(errno.EPERM)])
    return _whole(known, steps, _Step(_RETURN, _ALLOW))


def offline() -> bytes:
    """The filter for a process that has no business on the network: no internet sockets.

    Raises:
        OSError: there is no filter for this kind of processor.
    """
    known = _machine()
    families = _load_argument(0)
    for family in (socket.AF_INET, socket.AF_INET6):
        families += [_Step(_EQUAL, family, 0, 1), _refused(errno.EPERM)]
    steps = _for_call(known, "socket", [*families, _Step(_RETURN, _ALLOW)])
    for name in ("io_uring_setup", "io_uring_enter", "io_uring_register"):
        steps += _for_call(known, name, [_refused(errno.EPERM)])
    return _whole(known, steps, _Step(_RETURN, _ALLOW))


def enforce(filter_: bytes) -> None:
    """Put a filter on every thread of this process, for ever. `no_new_privs` has to be set.

    Raises:
        OSError: the kernel refuses.
    """
    kept = ctypes.create_string_buffer(filter_, len(filter_))
    header = struct.pack("=HxxxxxxQ", len(filter_) // 8, ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    found = libc.syscall(_machine().numbers["seccomp"], _SET_MODE_FILTER, _ALL_THREADS, header)
    if found != 0:
        code = ctypes.get_errno() or errno.EPERM
        raise OSError(code, f"the kernel takes no filter of system calls: {os.strerror(code)}")


def _machine() -> Machine:
    known = machine() if sys.platform.startswith("linux") else None
    if known is None:
        raise OSError(errno.ENOSYS, "there is no filter of system calls for this system")
    return known


def _refused(code: int) -> _Step:
    return _Step(_RETURN, _ERRNO | code)


def _load_argument(position: int) -> list[_Step]:
    """The lower half of an argument: flags, descriptors, process numbers."""
    return [_Step(_LOAD, _ARGUMENTS + 8 * position)]


def _if_argument(position: int, values: tuple[int, ...]) -> list[_Step]:
    steps = _load_argument(position)
    for value in values:
        steps += [_Step(_EQUAL, value, 0, 1), _Step(_RETURN, _ALLOW)]
    return [*steps, _refused(errno.EPERM)]


def _if_bit(position: int, bits: int) -> list[_Step]:
    return [*_load_argument(position), _Step(_ANY_BIT, bits, 0, 1), _Step(_RETURN, _ALLOW), _refused(errno.EPERM)]


def _unless_bit(position: int, bits: int) -> list[_Step]:
    return [*_load_argument(position), _Step(_ANY_BIT, bits, 0, 1), _refused(errno.EPERM), _Step(_RETURN, _ALLOW)]


def _for_call(known: Machine, name: str, steps: list[_Step]) -> list[_Step]:
    """Steps for one call; none where the processor has no such call."""
    numbers: Mapping[str, int] = known.numbers
    return [_Step(_EQUAL, numbers[name], 0, len(steps)), *steps] if name in numbers else []


def _whole(known: Machine, steps: list[_Step], otherwise: _Step) -> bytes:
    start = [
        _Step(_LOAD, _ARCH),
        _Step(_EQUAL, known.audit_arch, 1, 0),
        _Step(_RETURN, _KILL),
        _Step(_LOAD, _NUMBER),
    ]
    if known.foreign_bit:
        start += [_Step(_AT_LEAST, known.foreign_bit, 0, 1), _refused(errno.EPERM)]
    return b"".join(step.packed for step in (*start, *steps, otherwise))
