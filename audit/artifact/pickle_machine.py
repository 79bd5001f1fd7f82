"""Runs a pickle symbolically: it follows every opcode as Python does, and imports and calls nothing.

Stack, memo and marks are real, so a name that is assembled from text in the memo is seen as clearly as one in plain
sight. Every way to make Python act ends in `Findings`: REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX, BUILD, the extension
registry and persistent ids. Where C and pure Python unpicklers differ, the file counts as unreadable.

Source: opcode semantics as in CPython's Lib/pickle.py and Modules/_pickle.c, read for 3.11 to 3.14.
"""

from __future__ import annotations

import struct
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections import Counter
from collections.abc import Callable

from audit.artifact import pickle_tethered
from audit.artifact.pickle_values import Global, Long, Made, Value
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

MAX_KEPT_ITEMS = 1_000_000
"""Items of lists, dicts and sets that are kept; what matters to a scan is small, and the rest would fill the memory."""

LONGEST_LINE = 1 << 20
MAX_MARKS = 10_000
"""Marks open at one time; Python's own pickler nests no deeper than its recursion limit, a tenth of that."""


class Machine:
    """One pickle stream inside `data`.

    Args:
        data: the file.
        start: where the stream begins.
        findings: receives every name and call.
        place: where the bytes come from, for messages.
        on_array: reads the raw array that joblib writes behind its wrapper and returns the position after it; None
            reads the stream as `pickle.load` does, which knows no raw arrays and ignores frames.
        persistent: receives persistent ids; None where the loader knows none, so that they are unreadable.
    """

    def __init__(
        self,
        data: View,
        start: int,
        findings: Findings,
        place: str,
        *,
        on_array: Callable[[Made, int], int] | None = None,
        persistent: list[Value] | None = None,
    ) -> None:
        self.data = data.fast()
        self.position = start
        self.findings = findings
        self.place = place
        self.on_array = on_array
        self.persistent = persistent
        self.protocol = 0
        self.mixed = False
        self.room = MAX_KEPT_ITEMS
        self.tethered: Counter[str] = Counter()
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

    def skip(self, size: int) -> Long:
        """Pass over the next `size` bytes without reading them."""
        if size < 0 or self.position + size > len(self.data):
            raise Unreadable(f"a pickle is cut off at byte {self.position}")
        self.position += size
        return Long(self.position - size, size)

    def line(self) -> bytes:
        """The next bytes up to a line break, without it."""
        end = self.data.find(b"\n", self.position)
        if end < 0:
            raise Unreadable(f"a pickle is cut off at byte {self.position}")
        if end - self.position > LONGEST_LINE:
            raise Unreadable(f"a line of {end - self.position:,} bytes begins at byte {self.position}")
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

    def has_room(self, items: int) -> bool:
        """Whether so many more items may be kept."""
        self.room -= items
        return self.room >= 0

    def push_again(self, value: Value) -> None:
        """Put a value on the stack that was there before."""
        if isinstance(value, Global) and pickle_tethered.is_tethered(value.name):
            self.tethered[value.name] += 1
        self.stack.append(value)

    # what would act -----------------------------------------------------------------------------------------------

    def refer(self, module: str, name: str) -> None:
        """The file names a global; Python 2 names are read as the ones that Python 3 puts in their place."""
        if self.protocol < 3:
            if (module, name) in NAME_MAPPING:
                module, name = NAME_MAPPING[(module, name)]
            elif module in IMPORT_MAPPING:
                module = IMPORT_MAPPING[module]
        self.refer_again(f"{module}.{name}")

    def refer_again(self, full: str) -> None:
        """Put a name on the stack."""
        if not pickle_tethered.is_tethered(full):
            self.findings.named(full, self.where())
        self.push_again(Global(full))

    def close(self) -> None:
        """End of the stream: a tethered name that was not used in its one harmless way is a name like any other."""
        for name, count in self.tethered.items():
            if count:
                self.findings.named(name, self.where())

    def where(self) -> str:
        """The place in the file, for messages."""
        return f"{self.place}, byte {self.position}"


Step = Callable[[Machine], None]
"""What one opcode does."""
