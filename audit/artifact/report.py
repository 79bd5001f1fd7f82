"""What a static scan found in one file, and the notes that it keeps while reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from audit.artifact import advice
from audit.artifact.allow_list import AllowList

MAX_OPERATIONS = 20_000_000
"""Pickle opcodes and JSON nodes read in one file; a model of a gigabyte has far fewer."""

MAX_UNPACKED = 1 << 32
"""Bytes that all containers of one file may unpack to together."""

MAX_MEMBERS = 20_000
"""Members that all containers of one file may hold together."""

MAX_DEPTH = 4
"""Containers inside containers."""


MAX_NAMES = 20_000
_LONGEST_TEXT = 300


class Unreadable(Exception):
    """A part of the file is damaged, hostile or of a kind that is not known; the message says what and where."""


def printable(text: str) -> str:
    """Text that the file chose, safe to print: no control or direction marks, and not without end."""
    plain = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return plain if len(plain) <= _LONGEST_TEXT else f"{plain[:_LONGEST_TEXT]}..."


@dataclass(frozen=True)
class Place:
    """One name that the file refers to and the first place where it does."""

    name: str
    where: str


@dataclass(frozen=True)
class ArtifactReport:
    """What opening a file would make Python import or call.

    Attributes:
        name: the file.
        format: what the file is: `pickle`, `joblib`, `skops`, `onnx` ...; `unknown` where it was not recognised.
        globals: every `module.name` that the file refers to, sorted.
        unknown: those of them that are not on the allow-list, sorted; each may run anything.
        unreadable: sentences on the parts that could not be read; what cannot be read is not safe.
        places: where each unknown name was found.
    """

    name: str
    format: str
    globals: tuple[str, ...]
    unknown: tuple[str, ...]
    unreadable: tuple[str, ...]
    places: tuple[Place, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether every part was read and every name is on the allow-list."""
        return not self.unknown and not self.unreadable

    @property
    def sentence(self) -> str:
        """What opening the file would do and what to do instead, for a reader who knows no ML."""
        if self.unknown:
            rest = f" and {len(self.unknown) - 3} more" if len(self.unknown) > 3 else ""
            return (
                f"Opening {self.name} would run or import {', '.join(self.unknown[:3])}{rest}, which nobody has "
                f"confirmed to be harmless; {advice.instead(self.format)}, or have these names reviewed and listed in "
                "trusted_types."
            )
        if self.unreadable:
            return (
                f"{self.name} cannot be shown to be harmless: {self.unreadable[0]}; "
                f"get an undamaged file, or {advice.instead(self.format)}."
            )
        return f"Opening {self.name} ({self.format}) runs no code beyond the library code of the model itself."


@dataclass(frozen=True)
class Part:
    """Bytes inside the file that are a file of their own and still have to be read.

    Attributes:
        content: a `View` of them.
        where: where they were found.
    """

    content: Any
    where: str


@dataclass
class Findings:
    """Notes of one scan: the names met so far, the parts that could not be read, and what is left of the budget."""

    allowed: AllowList
    globals: set[str] = field(default_factory=set)
    unknown: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    nested: list[Part] = field(default_factory=list)
    operations: int = MAX_OPERATIONS
    unpacked: int = MAX_UNPACKED
    members: int = MAX_MEMBERS

    @classmethod
    def empty(cls) -> Findings:
        """Notes without an allow-list, for reading bytes whose names do not matter."""
        return cls(AllowList(frozenset(), frozenset(), frozenset()))

    def named(self, name: str, where: str) -> None:
        """The file refers to this name; opening it imports the module."""
        self._note(name, where, name in self.allowed.named)

    def called(self, name: str, where: str) -> None:
        """The file calls this name with arguments of its own."""
        self._note(name, f"{where}, called", name in self.allowed.called)

    def filled(self, name: str, where: str) -> None:
        """The file adds items to an object of this type through the type's own methods."""
        self._note(name, f"{where}, filled with items", name in self.allowed.filled)

    def spend(self, *, operations: int = 0, unpacked: int = 0, members: int = 0) -> None:
        """Take from the budget.

        Raises:
            Unreadable: nothing is left of it.
        """
        self.operations -= operations
        self.unpacked -= unpacked
        self.members -= members
        if self.operations < 0:
            raise Unreadable(f"it takes more than {MAX_OPERATIONS:,} steps to read")
        if self.unpacked < 0:
            raise Unreadable(f"it unpacks to more than {MAX_UNPACKED:,} bytes")
        if self.members < 0:
            raise Unreadable(f"it holds more than {MAX_MEMBERS:,} members")

    def report(self, name: str, format_name: str) -> ArtifactReport:
        """Close the notes into a report."""
        return ArtifactReport(
            name=name,
            format=format_name,
            globals=tuple(sorted(self.globals)),
            unknown=tuple(sorted(self.unknown)),
            unreadable=tuple(dict.fromkeys(printable(sentence) for sentence in self.unreadable)),
            places=tuple(Place(key, self.unknown[key]) for key in sorted(self.unknown)),
        )

    def _note(self, name: str, where: str, allowed: bool) -> None:
        name = name if allowed else printable(name)
        self.globals.add(name)
        if not allowed:
            self.unknown.setdefault(name, printable(where))
        if len(self.globals) > MAX_NAMES:
            raise Unreadable(f"it refers to more than {MAX_NAMES:,} names")
