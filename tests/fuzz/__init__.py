"""Feeds broken files to a reader until time is up: `python -m tests.fuzz.table --minutes 10`.

A target is a function of bytes. It may return, or raise the product's own error; everything else is a finding: another
exception, more than 5 seconds of the processor or a minute of waiting, more memory than the target may take, a process
that dies. The reader
runs in a child process, so that a library that crashes is a finding too; inputs that found something are written to
`--keep` and can be given back with `python -m tests.fuzz.table FILE ...`.

Where atheris is installed it chooses the inputs by coverage. Otherwise seeds are mutated, and what made the reader say
something new becomes a seed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import mmap
import os
import random
import re
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType

from audit.errors import AuditError

SECONDS = 5.0
PATIENCE = 60.0
_LONGEST = 1 << 20
_LONGEST_KEPT = 1 << 13
_HEAD = struct.Struct("<ddII")  # clock and processor time at the start of the call, lengths of input and message
_NUMBERS = (b"\x00", b"\xff", b"\x7f", b"\x80", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\xff" * 7 + b"\x7f", b"-1")
_DETAIL = re.compile(r'"[^"]*"|\'[^\']*\'|[0-9]+|0x[0-9a-f]+')


@dataclass(frozen=True)
class Target:
    """What is fed.

    Attributes:
        read: takes the bytes; raises AuditError where it refuses them.
        seeds: inputs to start from.
        words: what a mutation may put in, such as keys of the format.
        invent: makes a whole new input from nothing, for formats where flipped bytes seldom parse.
        megabytes: what it may take beyond what its libraries do.
    """

    read: Callable[[bytes], object]
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()
    invent: Callable[[random.Random], bytes] | None = None
    megabytes: int = 1024


@dataclass(frozen=True)
class Finding:
    """One input that did what no input may do."""

    content: bytes
    what: str

    @property
    def key(self) -> str:
        """Tells findings apart: the last place in the code and the kind of error, without numbers and names."""
        return _DETAIL.sub("_", "\n".join(self.what.strip().splitlines()[-4:]))


def attempt(target: Target, content: bytes) -> str:
    """Feed one input; what the reader said, without its details.

    Raises:
        BaseException: the reader raised something other than AuditError.
    """
    try:
        target.read(content)
    except AuditError as error:
        return _DETAIL.sub("_", f"{type(error).__name__}: {error}")[:300]
    return "read"


def mutated(content: bytes, target: Target, chance: random.Random) -> bytes:
    """A variation of an input: flipped, cut, doubled, swapped or spliced parts, numbers at their ends, known words."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(data) + 1)
        until = min(len(data), at + chance.choice((1, 1, 2, 4, 16, 64)))
        kind = chance.randrange(8)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del data[at:until]
        elif kind == 2:
            data[at:at] = data[at:until] * chance.choice((1, 1, 2, 50))
        elif kind == 3:
            number = chance.choice(_NUMBERS)
            data[at : at + len(number)] = number
        elif kind == 4 and target.words:
            data[at : chance.choice((at, until))] = chance.choice(target.words)
        elif kind == 5:
            other = chance.choice(target.seeds)
            start = chance.randrange(len(other) + 1)
            data[at:until] = other[start : start + chance.choice((4, 32, 256, 4096))]
        elif kind == 6:
            data[at:until] = chance.randbytes(until - at)
        elif kind == 7 and chance.random() < 0.2:
            del data[at:]
    return bytes(data[:_LONGEST])


def run(target: Target, *, minutes: float, seed: int, keep: Path) -> list[Finding]:
    """Feed variations until time is up; one finding of each kind comes back and is written to `keep`."""
    shared = mmap.mmap(-1, _HEAD.size + 2 * _LONGEST)
    ends, found, runs = time.monotonic() + 60 * minutes, dict[str, Finding](), 0
    while time.monotonic() < ends and len(found) < 50:
        runs += 1
        finding = _child(target, seed * 10_000 + runs, ends, shared)
        if finding is not None and finding.key not in found:
            found[finding.key] = finding
            keep.mkdir(parents=True, exist_ok=True)
            path = keep / f"{hashlib.sha256(finding.content).hexdigest()[:16]}.bin"
            path.write_bytes(finding.content)
            print(f"{path}: {finding.what}\n", flush=True)
    return list(found.values())


def _child(target: Target, seed: int, ends: float, shared: mmap.mmap) -> Finding | None:
    shared[: _HEAD.size] = _HEAD.pack(time.monotonic(), PATIENCE, 0, 0)  # imports take their time
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = _feed(target, seed, ends, shared)
        finally:
            sys.stdout.flush()
            os._exit(code)
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        started, before, length, message = _HEAD.unpack(shared[: _HEAD.size])
        slow = time.monotonic() - started > SECONDS and not done
        if slow and (_processor_seconds(child) - before > SECONDS or time.monotonic() - started > PATIENCE):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return Finding(_part(shared, 0, length), f"no answer within {SECONDS:g} s")
        if done:
            text = _part(shared, 1, message).decode("utf-8", "replace")
            what = text or f"the process died: {os.waitstatus_to_exitcode(status)}"
            return Finding(_part(shared, 0, length), what) if status else None
        time.sleep(0.05)


def _processor_seconds(child: int) -> float:
    """What a process has used: a machine that is busy with other work is no finding."""
    fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _part(shared: mmap.mmap, number: int, length: int) -> bytes:
    start = _HEAD.size + number * _LONGEST
    return bytes(shared[start : start + length])


def _feed(target: Target, seed: int, ends: float, shared: mmap.mmap) -> int:
    """Feed until time is up; 1 at the first finding, whose text is left in the shared memory."""
    chance = random.Random(seed)
    corpus, seen, count = list(target.seeds), dict[int, int](), 0
    waiting = list(target.seeds)
    for content in target.seeds:  # readers import what they need when they are called
        with suppress(Exception):
            attempt(target, content)
    most = _used() + target.megabytes
    while time.monotonic() < ends:
        caught, said, content = _Caught(), "", b""
        with caught:
            content = waiting.pop() if waiting else _next(target, corpus, chance)
            shared[_HEAD.size : _HEAD.size + len(content)] = content
            shared[: _HEAD.size] = _HEAD.pack(time.monotonic(), time.process_time(), len(content), 0)
            said = attempt(target, content)
            if _used() > most:
                raise MemoryError(f"more than {target.megabytes} MB")
        if caught.text:
            text = caught.text[-4000:].encode("utf-8", "replace")
            shared[_HEAD.size + _LONGEST : _HEAD.size + _LONGEST + len(text)] = text
            shared[: _HEAD.size] = _HEAD.pack(time.monotonic(), time.process_time(), len(content), len(text))
            return 1
        count += 1
        answer = hash(said)  # the texts themselves would soon take more memory than the reader may
        if answer not in seen and len(corpus) < 5000 and len(content) < _LONGEST_KEPT:
            corpus.append(content)
        seen[answer] = seen.get(answer, 0) + 1
    print(f"{count} inputs, {len(seen)} different answers, {seen.get(hash('read'), 0)} were read", flush=True)
    return 0


class _Caught:
    """Holds back whatever is raised inside, as text with its traceback."""

    text = ""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, frames: TracebackType | None
    ) -> bool:
        if kind is not None:
            self.text = "".join(traceback.format_exception(kind, error, frames))
        return True


def _next(target: Target, corpus: Sequence[bytes], chance: random.Random) -> bytes:
    if target.invent is not None and chance.random() < 0.4:
        made = target.invent(chance)
        return made if chance.random() < 0.7 else mutated(made, target, chance)
    return mutated(chance.choice(corpus), target, chance)


def _used() -> int:
    """Megabytes that this process took at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main(target: Target, name: str) -> None:
    """The command line of one fuzzer: exit code 1 where something was found."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.fuzz.{name}", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="feed these files instead, with the traceback")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10_000)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "findings" / name)
    parser.add_argument("--engine", choices=("atheris", "own"), help="default: atheris where it is installed")
    chosen = parser.parse_args()
    for path in chosen.files:
        print(f"{path}: {attempt(target, path.read_bytes())}")
    if chosen.files:
        return
    if chosen.engine == "atheris" or (chosen.engine is None and importlib.util.find_spec("atheris")):
        _by_coverage(target, chosen)
    found = run(target, minutes=chosen.minutes, seed=chosen.seed, keep=chosen.keep)
    print(f"{name}: {len(found)} findings, seed {chosen.seed}")
    sys.exit(1 if found else 0)


def _by_coverage(target: Target, chosen: argparse.Namespace) -> None:
    """Let atheris choose the inputs; it ends the process."""
    import atheris

    chosen.keep.mkdir(parents=True, exist_ok=True)
    corpus = Path(tempfile.mkdtemp())
    for number, seed in enumerate(target.seeds):
        (corpus / str(number)).write_bytes(seed)
    with atheris.instrument_imports(include=["audit"]):
        for seed in target.seeds:  # readers import what they need when they are called
            attempt(target, seed)
    flags = [
        f"-max_total_time={60 * chosen.minutes:.0f}",
        f"-timeout={SECONDS:.0f}",
        f"-rss_limit_mb={_used() + target.megabytes}",
    ]
    flags += [f"-seed={chosen.seed + 1}", f"-artifact_prefix={chosen.keep}/", f"-max_len={_LONGEST}", str(corpus)]
    atheris.Setup([sys.argv[0], *flags], partial(_silent, target))
    atheris.Fuzz()


def _silent(target: Target, content: bytes) -> None:
    """Atheris takes functions that return nothing."""
    attempt(target, content)
