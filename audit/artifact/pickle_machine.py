"""Runs a pickle symbolically: it follows every opcode as Python does, and imports and calls nothing.

Stack, memo and marks are real, so a name that is assembled from text in the memo is seen as clearly as one in plain
sight. Every way to make Python act ends in `Findings`: REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX, BUILD, the extension
registry and persistent ids. Where C and pure Python unpicklers differ, the file counts as unreadable.

Source: opcode semantics as in CPython's Lib/pickle.py and Modules/_pickle.c, read for 3.11 to 3.14.
"""

from __future__ import annotations

import struct
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Callable

from audit.artifact.pickle_values import Global, Made, Value
from audit.artifact.report import Findings, Unreadable

PLAIN_BASES = frozenset(
    f"builtins.{name}"
    for name in ("object", "dict", "list", "tuple", "set", "frozenset", "int", "float", "str", "bytes", "complex")
)
MAX_MARKS = 10_000
"""Marks open at one time; Python's own pickler nests no deeper than its recursion limit, a tenth of that."""

WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"


class Machine:
    """One pickle stream inside `data`.

    Args:
        data: the bytes of the file.
        start: where the stream begins.
        findings: receives every name and call.
        place: where the bytes come from, for messages.
        on_array: reads the raw array that joblib writes behind its wrapper and returns the position after it; None
            reads the stream as `pickle.load` does, which knows no raw arrays and ignores frames.
        persistent: receives persistent ids; None where the loader knows none, so that they are unreadable.
    """

    def __init__(
        self,
        data: bytes,
        start: int,
        findings: Findings,
        place: str,
        *,
        on_array: Callable[[Made, int], int] | None = None,
        persistent: list[Value] | None = None,
    ) -> None:
        self.data = data
        self.position = start
        self.findings = findings
        self.place = place
        self.on_array = on_array
        self.persistent = persistent
        self.protocol = 0
        self.mixed = False
        self.frame_end: int | None = None
        self.stack: list[Value] = []
        self.marks: list[list[Value]] = []
        self.memo: dict[int, Value] = {}

    def check_frame(self) -> None:
        """Leave the frame where it ends; pure Python refuses an opcode across that end, C does not."""
        if self.frame_end is not None and self.position > self.frame_end:
            raise Unreadable(f"an opcode of {self.place} crosses the end of a frame at byte {self.position}")
        if self.position == self.frame_end:
            self.frame_end = None

    # reading ------------------------------------------------------------------------------------------------------

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        end = self.position + size
        if size < 0 or end > len(self.data):
            raise Unreadable(f"a pickle is cut off at byte {self.position}")
        piece = self.data[self.position : end]
        self.position = end
        return piece

    def line(self) -> bytes:
        """The next bytes up to a line break, without it."""
        end = self.data.find(b"\n", self.position)
        if end < 0:
            raise Unreadable(f"a pickle is cut off at byte {self.position}")
        piece = self.data[self.position : end]
        self.position = end + 1
        return piece

    def number(self, layout: str) -> int:
        """The next integer in the layout of `struct`."""
        value: int = struct.unpack(layout, self.take(struct.calcsize(layout)))[0]
        return value

    def mark(self) -> None:
        """Put a mark on the stack."""
        if len(self.marks) >= MAX_MARKS:
            raise Unreadable(f"more than {MAX_MARKS:,} marks of {self.place} are open at byte {self.position}")
        self.marks.append(self.stack)
        self.stack = []

    def since_mark(self) -> list[Value]:
        """Everything put on the stack since the last mark."""
        items = self.stack
        self.stack = self.marks.pop()
        return items

    # what would act -----------------------------------------------------------------------------------------------

    def refer(self, module: str, name: str) -> None:
        """The file names a global; Python 2 names are read as the ones that Python 3 puts in their place."""
        if self.protocol < 3:
            if (module, name) in NAME_MAPPING:
                module, name = NAME_MAPPING[(module, name)]
            elif module in IMPORT_MAPPING:
                module = IMPORT_MAPPING[module]
        self.findings.named(f"{module}.{name}", self._where())
        self.stack.append(Global(f"{module}.{name}"))

    def call(self, target: Value, args: Value) -> Made:
        """The file calls something."""
        if isinstance(target, Made):
            self.findings.called(f"{target.name}.__call__", self._where())
            return Made(f"{target.name}.__call__")
        if not isinstance(target, Global) or not isinstance(args, tuple):
            raise Unreadable(f"something that cannot be called is called at byte {self.position}")
        if target.name == "copyreg._reconstructor" and len(args) == 3:
            return self._reconstruct(args[0], args[1])
        if target.name == "_codecs.encode" and not (len(args) == 2 and args[1] in ("latin1", "latin-1")):
            raise Unreadable(f"an unusual text encoding is asked for at byte {self.position}")
        self.findings.called(target.name, self._where())
        return Made(target.name, args)

    def create(self, target: Value, args: Value = ()) -> Made:
        """The file creates an object without running its constructor."""
        if not isinstance(target, Global) or not isinstance(args, tuple):
            raise Unreadable(f"an object of something that is no class is created at byte {self.position}")
        if args:
            self.findings.called(target.name, self._where())
        return Made(target.name, args)

    def fill(self, target: Value) -> None:
        """The file adds items to an object that is no plain list, dict or set."""
        if not isinstance(target, Made) or target.built:
            raise Unreadable(f"items are added to something unusual at byte {self.position}")
        self.findings.filled(target.name, self._where())

    def build(self, target: Value, state: Value) -> None:
        """The file sets the state of an object."""
        if isinstance(target, Global):
            # on a class this overwrites attributes that every user of the class shares
            self.findings.called(f"{target.name}.__setattr__", self._where())
            return
        if not isinstance(target, Made) or target.built:
            # a second BUILD could call a __setstate__ that the first one put there
            raise Unreadable(f"the state of something unusual is set at byte {self.position}")
        target.state, target.built = state, True
        if target.name == WRAPPER and self.on_array is None:
            # what follows was written for a memo of its own, so names put together here may be accidents
            self.mixed = True
        elif target.name == WRAPPER and self.on_array is not None:
            if self.frame_end not in (None, self.position):
                raise Unreadable(f"an array begins inside a frame at byte {self.position}")
            self.frame_end = None
            self.position = self.on_array(target, self.position)
            self.stack[-1] = Made("numpy.ndarray")

    def _reconstruct(self, cls: Value, base: Value) -> Made:
        if not isinstance(base, Global):
            raise Unreadable(f"an object is rebuilt from no class at byte {self.position}")
        if base.name not in PLAIN_BASES:
            self.findings.called(base.name, self._where())
        return self.create(cls)

    def _where(self) -> str:
        return f"{self.place}, byte {self.position}"


Step = Callable[[Machine], None]
"""What one opcode does."""
