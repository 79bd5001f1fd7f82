"""Numbers of the system calls that filters name, for the two kinds of processor that the filters know.

A name without a number on one kind of processor does not exist there.

Source: `asm/unistd_64.h` (x86-64) and `asm-generic/unistd.h` (aarch64) of Linux 6.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Machine:
    """One kind of processor.

    Attributes:
        audit_arch: what the kernel calls it in a filter.
        numbers: system call numbers by name.
        foreign_bit: lowest number of the calls of another interface that the same processor offers, 0 for none.
    """

    audit_arch: int
    numbers: dict[str, int] = field(repr=False)
    foreign_bit: int = 0


def machine() -> Machine | None:
    """The processor that this process runs on, None where no table exists for it."""
    return {"x86_64": _X86_64, "aarch64": _AARCH64}.get(platform.machine())


def _table(text: str, column: int) -> dict[str, int]:
    rows = (line.split() for line in text.strip().splitlines())
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


_NUMBERS = """
accept 43 202
accept4 288 242
access 21 -
add_key 248 217
arch_prctl 158 -
bind 49 200
bpf 321 280
brk 12 214
chdir 80 49
chmod 90 -
chown 92 -
chroot 161 51
clock_getres 229 114
clock_gettime 228 113
clock_nanosleep 230 115
clone 56 220
close 3 57
close_range 436 436
connect 42 203
creat 85 -
dup 32 23
dup2 33 -
dup3 292 24
epoll_create1 291 20
epoll_ctl 233 21
epoll_pwait 281 22
epoll_wait 232 -
eventfd2 290 19
execve 59 221
execveat 322 281
exit 60 93
exit_group 231 94
faccessat 269 48
faccessat2 439 439
fadvise64 221 223
fallocate 285 47
fanotify_init 300 262
fchdir 81 50
fchmod 91 52
fchmodat 268 53
fchown 93 55
fchownat 260 54
fcntl 72 25
flock 73 32
fork 57 -
fsetxattr 190 7
fstat 5 80
fstatfs 138 44
fsync 74 82
ftruncate 77 46
futex 202 98
futex_waitv 449 449
get_mempolicy 239 236
get_robust_list 274 100
getcpu 309 168
getcwd 79 17
getdents64 217 61
getegid 108 177
geteuid 107 175
getgid 104 176
getpgid 121 155
getpgrp 111 -
getpid 39 172
getppid 110 173
getpriority 140 141
getrandom 318 278
getrlimit 97 163
getrusage 98 165
getsid 124 156
gettid 186 178
gettimeofday 96 169
getuid 102 174
inotify_init1 294 26
io_uring_enter 426 426
io_uring_register 427 427
io_uring_setup 425 425
ioctl 16 29
keyctl 250 219
kill 62 129
landlock_create_ruleset 444 444
lchown 94 -
link 86 -
linkat 265 37
listen 50 201
lseek 8 62
lsetxattr 189 6
lstat 6 -
madvise 28 233
mbind 237 235
membarrier 324 283
memfd_create 319 279
memfd_secret 447 447
mincore 27 232
mkdir 83 -
mkdirat 258 34
mknod 133 -
mknodat 259 33
mlock 149 228
mmap 9 222
mount 165 40
mprotect 10 226
mq_open 240 180
mremap 25 216
msgget 68 186
msync 26 227
munlock 150 229
munmap 11 215
name_to_handle_at 303 264
nanosleep 35 101
newfstatat 262 -
open 2 -
open_by_handle_at 304 265
openat 257 56
openat2 437 437
perf_event_open 298 241
pidfd_getfd 438 438
pidfd_open 434 434
pidfd_send_signal 424 424
pipe 22 -
pipe2 293 59
pivot_root 155 41
poll 7 -
ppoll 271 73
prctl 157 167
pread64 17 67
preadv 295 69
prlimit64 302 261
process_madvise 440 440
process_vm_readv 310 270
process_vm_writev 311 271
pselect6 270 72
ptrace 101 117
read 0 63
readlink 89 -
readlinkat 267 78
readv 19 65
recvfrom 45 207
recvmmsg 299 243
recvmsg 47 212
rename 82 -
renameat 264 38
renameat2 316 276
request_key 249 218
restart_syscall 219 128
rmdir 84 -
rseq 334 293
rt_sigaction 13 134
rt_sigpending 127 136
rt_sigprocmask 14 135
rt_sigqueueinfo 129 138
rt_sigreturn 15 139
rt_tgsigqueueinfo 297 240
sched_get_priority_max 146 125
sched_get_priority_min 147 126
sched_getaffinity 204 123
sched_getparam 143 121
sched_getscheduler 145 120
sched_setaffinity 203 122
sched_yield 24 124
seccomp 317 277
select 23 -
semget 64 190
semop 65 193
sendmmsg 307 269
sendmsg 46 211
sendto 44 206
set_mempolicy 238 237
set_robust_list 273 99
set_tid_address 218 96
setgid 106 144
setns 308 268
setpgid 109 154
setresgid 119 149
setresuid 117 147
setrlimit 160 164
setsid 112 157
setuid 105 146
setxattr 188 5
shmat 30 196
shmctl 31 195
shmget 29 194
sigaltstack 131 132
socket 41 198
socketpair 53 199
stat 4 -
statfs 137 43
statx 332 291
symlink 88 -
symlinkat 266 36
sysinfo 99 179
tgkill 234 131
time 201 -
times 100 153
tkill 200 130
truncate 76 45
umask 95 166
umount2 166 39
uname 63 160
unlink 87 -
unlinkat 263 35
unshare 272 97
userfaultfd 323 282
utimensat 280 88
vfork 58 -
write 1 64
writev 20 66
"""
_X86_64 = Machine(0xC000003E, _table(_NUMBERS, 1), foreign_bit=0x40000000)
_AARCH64 = Machine(0xC00000B7, _table(_NUMBERS, 2))
