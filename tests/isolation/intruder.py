"""A recipe that tries to leave its process, for tests: what it managed to do is what its model answers.

Each attempt is harmless where it succeeds. Numbers of system calls are those of x86-64.
"""

import ctypes
import errno
import fcntl
import mmap
import os
import signal
import socket
import struct
import sys
import termios
import threading

LIBC = ctypes.CDLL(None, use_errno=True)
PARENT = os.getppid()
BUFFER = ctypes.create_string_buffer(4096)
PLACES: dict[str, str] = {}


def call(number, *arguments):
    found = LIBC.syscall(ctypes.c_long(number), *arguments)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found


def tcp():
    socket.create_connection(("127.0.0.1", int(PLACES["port"])), timeout=2).close()


def tcp_server():
    socket.create_server(("127.0.0.1", 0)).close()


def udp():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))


def unix_socket():
    socket.socket(socket.AF_UNIX).connect(PLACES["socket"])


def abstract_socket():
    socket.socket(socket.AF_UNIX).connect("\0" + PLACES["abstract"])


def socket_pair():
    socket.socketpair()


def netlink():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)


def write_new():
    open(PLACES["folder"] + "/new", "w").close()


def write_tmp():
    with open(f"/tmp/auditgate-intruder-{os.getpid()}", "w"):
        os.unlink(f"/tmp/auditgate-intruder-{os.getpid()}")


def write_shm():
    with open(f"/dev/shm/auditgate-intruder-{os.getpid()}", "w"):
        os.unlink(f"/dev/shm/auditgate-intruder-{os.getpid()}")


def append():
    open(PLACES["victim"], "a").close()


def overwrite():
    os.close(os.open(PLACES["victim"], os.O_RDWR))


def truncate():
    os.truncate(PLACES["victim"], 1)


def unlink():
    os.unlink(PLACES["victim"])


def rename():
    os.rename(PLACES["victim"], PLACES["victim"] + ".moved")


def link():
    os.link(PLACES["victim"], PLACES["victim"] + ".linked")


def symlink():
    os.symlink(PLACES["victim"], PLACES["folder"] + "/linked")


def chmod():
    os.chmod(PLACES["victim"], 0o777)


def touch():
    os.utime(PLACES["victim"])


def make_folder():
    os.mkdir(PLACES["folder"] + "/made")


def make_pipe():
    os.mkfifo(PLACES["folder"] + "/fifo")


def read_outside():
    open(PLACES["outside"]).close()


def read_passwords():
    open("/etc/passwd").close()


def read_home():
    os.listdir(os.path.expanduser("~"))


def read_by_link():
    open("/proc/self/root" + PLACES["outside"]).close()


def read_environment_of_parent():
    open(f"/proc/{PARENT}/environ", "rb").close()


def read_memory_of_parent():
    open(f"/proc/{PARENT}/mem", "rb").close()


def execute():
    os.execv("/bin/true", ["true"])


def execute_descriptor():
    descriptor = os.open(sys.executable, os.O_RDONLY)
    call(322, descriptor, b"", None, None, 0x1000)  # execveat, AT_EMPTY_PATH


def spawn():
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


def fork():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def clone():
    child = call(56, signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def clone3():
    child = call(435, struct.pack("=8Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0), 64)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def kill():
    os.kill(PARENT, 0)


def kill_group():
    os.killpg(0, 0)


def kill_thread():
    call(234, PARENT, PARENT, 0)  # tgkill


def queue_signal():
    call(129, PARENT, 0, struct.pack("=iii116x", 0, 0, -1))  # rt_sigqueueinfo


def signal_by_descriptor():
    call(424, call(434, PARENT, 0), 0, None, 0)  # pidfd_open, pidfd_send_signal


def signal_by_owner():
    reading, _ = os.pipe()
    fcntl.fcntl(reading, fcntl.F_SETOWN, PARENT)


def trace():
    call(101, 16, PARENT, 0, 0)  # ptrace, PTRACE_ATTACH
    call(101, 17, PARENT, 0, 0)


def read_process():
    call(310, PARENT, struct.pack("=QQ", ctypes.addressof(BUFFER), 1), 1, struct.pack("=QQ", 0x1000, 1), 1, 0)


def limits_of_parent():
    call(302, PARENT, 7, None, BUFFER)  # prlimit64


def outlive_parent():
    if LIBC.prctl(1, 0, 0, 0, 0) != 0:  # PR_SET_PDEATHSIG
        raise OSError(ctypes.get_errno(), "prctl")


def new_session():
    os.setsid()


def namespace():
    call(272, 0x10000000)  # unshare, CLONE_NEWUSER


def io_uring():
    os.close(call(425, 1, ctypes.create_string_buffer(120)))


def anonymous_file():
    os.close(os.memfd_create("intruder"))


def user_faults():
    os.close(call(323, 1))


def events():
    call(298, struct.pack("=IIQ112x", 1, 128, 0), 0, -1, -1, 0)  # perf_event_open


def programs_in_kernel():
    call(321, 0, ctypes.create_string_buffer(120), 120)  # bpf


def keyring():
    call(250, 0, -3, 0, 0, 0)  # keyctl


def shared_segment():
    call(29, 0, 4096, 0o1600)  # shmget


def second_interface():
    call(0x40000000 + 39)  # x32 getpid


def terminal():
    fcntl.ioctl(0, termios.TIOCSTI, b"x")


def affinity_of_parent():
    os.sched_setaffinity(PARENT, os.sched_getaffinity(PARENT))


def loosen_filter():
    call(317, 1, 0, struct.pack("=HxxxxxxQ", 0, 0))  # seccomp


TRIED = {
    name: function
    for name, function in list(globals().items())
    if callable(function) and getattr(function, "__module__", None) == __name__ and name != "call"
}
REFUSED = (errno.EPERM, errno.EACCES, errno.ENOSYS)


class Intruder:
    """Answers what could be done: names as labels."""

    def __init__(self, done):
        self.done = done

    def predict(self, rows):
        return [*self.done, *["nothing"] * len(rows)][: len(rows)]


def attempt(function):
    """Whether the kernel let it happen; an error other than a refusal means that it was tried there."""
    try:
        function()
    except PermissionError:
        return False
    except OSError as error:
        return error.errno not in REFUSED
    return True


def fit(x, y, seed):
    """Try everything, from a second thread too."""
    done = [name for name, function in TRIED.items() if attempt(function)]
    later = []
    thread = threading.Thread(target=lambda: later.extend(name for name in ("tcp", "fork") if attempt(TRIED[name])))
    thread.start()
    thread.join()
    return Intruder(done + [f"{name} in a thread" for name in later])


def interrupt(x, y, seed):
    """Call the kernel by the interface of 32-bit programs, which a filter must not overlook."""
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20; int 0x80; ret
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    return Intruder([f"getpid: {ctypes.CFUNCTYPE(ctypes.c_int)(address)()}"])
