"""What the process of a model and its parent exchange: fixed headers over pipes, arrays in shared memory.

The parent trusts itself, so a question is a pickle with its arrays beside it. It never trusts an answer: a header of
fixed size names a kind, a type from a short list and a shape; the numbers are copied out of the shared memory first and
looked at afterwards, for the other side may still write there. Texts and mixed values come as JSON.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import pickle
import re
import struct
import sys
import tempfile
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from audit.errors import WorkerFailed
from audit.isolation.column_names import Names

if TYPE_CHECKING:
    import numpy as np

BYTES = 1 << 29
"""Size of the shared memory; a page of it costs something only once it was used."""
_ALIGNED = 64
_QUESTION = struct.Struct("=BxxxIQQ")
_ANSWER = struct.Struct("=BxxxIQ16s8Q")
_DTYPE = re.compile(rb"[<|=](?:b1|[iu][1248]|f[248]|U[1-9][0-9]{0,3})\0*")
_LARGEST_JSON = 1 << 26
"""Plain values take many times their size in memory."""
_DIMENSIONS = 8
_LARGEST_CHARACTER = 0x10FFFF


class Operation(IntEnum):
    """What is asked."""

    LOAD = 1
    PREDICT = 2
    SCORES = 3
    GRADIENT = 4
    TRAIN = 5
    FORGET = 6
    DECISION = 7
    INPUTS = 8
    INSIDE = 9
    ARRAY_INSIDE = 10


class Kind(IntEnum):
    """What is answered."""

    ARRAY = 1
    VALUES = 2
    ERROR = 3
    TOO_LARGE = 4


class TooLarge(Exception):
    """A question or its answer does not fit into the shared memory; ask about fewer rows at a time."""


@dataclass(frozen=True)
class Question:
    """One question as the worker reads it: which model, and the arguments."""

    operation: Operation
    model: int
    arguments: tuple[Any, ...]


class Exchange:
    """The shared memory and the two pipes, as one side holds them.

    Args:
        memory: descriptor of the shared memory, BYTES long.
        incoming: descriptor that this side reads.
        outgoing: descriptor that this side writes.
    """

    def __init__(self, memory: int, incoming: int, outgoing: int) -> None:
        self._shared = mmap.mmap(memory, BYTES)
        self._view = memoryview(self._shared)
        self._incoming, self._outgoing = incoming, outgoing
        self._names = Names()

    def ask(self, operation: Operation, model: int, *arguments: Any) -> None:
        """Send a question.

        Raises:
            TooLarge: it does not fit.
            BrokenPipeError: the other side is gone.
        """
        buffers: list[pickle.PickleBuffer] = []
        pickled = self._names.dumps(arguments, buffers)
        raw = [buffer.raw() for buffer in buffers]
        position = 8 * len(raw) + len(pickled)
        if position + sum(len(part) + _ALIGNED for part in raw) > BYTES:
            raise TooLarge
        struct.pack_into(f"={len(raw)}Q", self._view, 0, *(len(part) for part in raw))
        self._view[8 * len(raw) : position] = pickled
        for part in raw:
            position = _aligned(position)
            self._view[position : position + len(part)] = part
            position += len(part)
        os.write(self._outgoing, _QUESTION.pack(operation, model, len(raw), len(pickled)))
        self._names.sent()

    def question(self) -> Question | None:
        """Wait for a question; None where the other side is gone. Arrays in it lie in the shared memory."""
        header = _read(self._incoming, _QUESTION.size)
        if header is None:
            return None
        operation, model, count, pickled = _QUESTION.unpack(header)
        position = 8 * count + pickled
        buffers: list[bytearray | memoryview] = []
        for length in struct.unpack_from(f"={count}Q", self._view):
            position = _aligned(position)
            part = self._view[position : position + length]
            # what a model was trained on may stay in it, and the shared memory will be written over
            buffers.append(bytearray(part) if operation == Operation.TRAIN else part)
            position += length
        arguments = self._names.loads(bytes(self._view[8 * count : 8 * count + pickled]), buffers)
        return Question(Operation(operation), model, arguments)

    def answer_array(self, array: np.ndarray) -> None:
        """Answer numbers, or texts of fixed width."""
        import numpy as np

        if array.nbytes > BYTES or array.ndim > _DIMENSIONS:
            self._send(Kind.TOO_LARGE)
            return
        if array.nbytes:
            np.copyto(np.ndarray(array.shape, array.dtype, self._shared), array)
        self._send(Kind.ARRAY, array.nbytes, array.dtype.str.encode(), array.shape)

    def answer_values(self, values: Any, kind: Kind = Kind.VALUES) -> None:
        """Answer plain values."""
        content = json.dumps(values).encode()
        if len(content) > min(BYTES, _LARGEST_JSON):
            self._send(Kind.TOO_LARGE)
            return
        self._view[: len(content)] = content
        self._send(kind, len(content))

    def answer(self) -> tuple[Kind, Any]:
        """Wait for the answer; an array for ARRAY, plain values for VALUES and ERROR.

        Raises:
            TooLarge: the answer does not fit.
            EOFError: the other side is gone.
            WorkerFailed: what came is no answer.
        """
        header = _read(self._incoming, _ANSWER.size)
        if header is None:
            raise EOFError
        kind, dimensions, length, dtype, *shape = _ANSWER.unpack(header)
        if kind == Kind.TOO_LARGE:
            raise TooLarge
        most = BYTES if kind == Kind.ARRAY else min(BYTES, _LARGEST_JSON)
        if length > most or dimensions > _DIMENSIONS or kind not in tuple(Kind):
            raise WorkerFailed("the process of the model sent a header that makes no sense")
        if kind == Kind.ARRAY:
            return Kind.ARRAY, self._array(dtype, tuple(shape[:dimensions]), length)
        try:
            return Kind(kind), json.loads(bytes(self._view[:length]))
        except (ValueError, RecursionError):
            raise WorkerFailed("the process of the model answered something that is not JSON") from None

    def _array(self, name: bytes, shape: tuple[int, ...], length: int) -> np.ndarray:
        import numpy as np

        if not _DTYPE.fullmatch(name):
            raise WorkerFailed("the process of the model answered an array of a type that is not allowed")
        dtype = np.dtype(name.rstrip(b"\0").decode())
        if math.prod(shape) * dtype.itemsize != length:
            raise WorkerFailed("the process of the model answered an array whose size is not that of its shape")
        copy = np.frombuffer(bytearray(self._view[:length]), dtype)
        if dtype.kind == "U" and (copy.view(np.uint32) > _LARGEST_CHARACTER).any():
            raise WorkerFailed("the process of the model answered text that is no Unicode")
        return np.asarray(copy.view(np.uint8) != 0 if dtype.kind == "b" else copy).reshape(shape)

    def _send(self, kind: Kind, length: int = 0, dtype: bytes = b"", shape: tuple[int, ...] = ()) -> None:
        sizes = (*shape, *([0] * (_DIMENSIONS - len(shape))))
        os.write(self._outgoing, _ANSWER.pack(kind, len(shape), length, dtype, *sizes))

    def close(self) -> None:
        """Free the memory."""
        self._view.release()
        self._shared.close()


def shared_memory(length: int = BYTES) -> int:
    """Descriptor of new memory that can be shared; where the system can, its size is fixed for ever.

    Memory that the other side could shrink would end this process when it looks there.
    """
    if not sys.platform.startswith("linux"):
        with tempfile.TemporaryFile() as file:
            file.truncate(length)
            return os.dup(file.fileno())
    import fcntl

    memory = os.memfd_create("auditgate", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(memory, length)
    fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL)
    return memory


def _aligned(position: int) -> int:
    return -(-position // _ALIGNED) * _ALIGNED


def _read(descriptor: int, length: int) -> bytes | None:
    """Exactly `length` bytes; None where the other side closed the pipe."""
    content = os.read(descriptor, length)
    while content and len(content) < length:
        more = os.read(descriptor, length - len(content))
        if not more:
            return None
        content += more
    return content or None
