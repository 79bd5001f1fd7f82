"""What stands on the stack of the symbolic pickle machine in place of real objects.

Numbers, text, bytes, lists and tuples stand for themselves. Dicts and sets are kept as lists of what was put in, so
that nothing from the file is ever hashed or compared: hashing nested tuples can take exponential time.
"""

from __future__ import annotations

from typing import Any

from audit.artifact.report import Unreadable

Value = Any
"""A number, text, bytes, None, list, tuple, `Global`, `Made`, `Long` or `Pairs`."""


class Global:
    """A name that the file refers to; nothing is imported.

    A name that could do harm in other hands is tethered (see `pickle_tethered`): each time it stands on the stack it
    has to be used in the one way that the scan can follow.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Made:
    """An object that opening the file would create: by calling a name or by creating one empty.

    Attributes:
        name: the class or function that makes it.
        args: the arguments, as the file gives them.
        state: what BUILD set, None before.
        built: whether BUILD has set its state.
    """

    __slots__ = ("args", "built", "name", "state")

    def __init__(self, name: str, args: tuple[Value, ...] = ()) -> None:
        self.name = name
        self.args = args
        self.state: Value = None
        self.built = False


class Long:
    """Text, bytes or a number that is too long for a name or a shape, and was passed over.

    Attributes:
        start: where it begins in the file.
        size: bytes.
    """

    __slots__ = ("size", "start")

    def __init__(self, start: int, size: int) -> None:
        self.start = start
        self.size = size


class Pairs:
    """The items of a dict in the order in which they were set; a set keeps its members as keys.

    Attributes:
        items: those that were kept.
        cut: whether there were more.
    """

    __slots__ = ("cut", "items")

    def __init__(self) -> None:
        self.items: list[tuple[Value, Value]] = []
        self.cut = False

    def texts(self) -> dict[str, Value]:
        """Items whose key is text, the last one winning.

        Raises:
            Unreadable: items are missing.
        """
        if self.cut:
            raise Unreadable("a description has more items than are kept")
        return {key: value for key, value in self.items if isinstance(key, str)}
