"""Messages of Protocol Buffers, read field by field without their definition.

Source: wire format of Protocol Buffers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

_LONGEST_NAME = 4096


@dataclass(frozen=True, slots=True)
class Message:
    """A message, or the bytes of a text, inside a file.

    Attributes:
        place: what the report calls the file.
        findings: pays for the reads.
    """

    data: bytes | View
    start: int
    end: int
    place: str
    findings: Findings

    def children(self, number: int) -> Iterator[Message]:
        """Every field of this number; all fields are read to the end.

        Raises:
            Unreadable: the message is damaged, or the field is a plain number.
        """
        found = []
        for key, start, end in self._fields():
            if key >> 3 == number:
                if key & 7 != 2:
                    raise Unreadable(f"{self.place} holds a number where a message has to be")
                found.append(Message(self.data, start, end, self.place, self.findings))
        return iter(found)

    def content(self) -> bytes:
        """The content."""
        return self.data[self.start : self.end]

    def text(self, number: int) -> str:
        """The name in a field, empty where there is none; of several the last, as readers take it.

        Raises:
            Unreadable: it is too long.
            ValueError: it is no UTF-8.
        """
        content = b""
        for child in self.children(number):
            if child.end - child.start > _LONGEST_NAME:
                raise Unreadable(f"a name in {self.place} is too long")
            content = child.content()
        return content.decode("utf-8")

    def numbers(self) -> Iterator[int]:
        """Number of every field.

        Raises:
            Unreadable: the message is damaged.
        """
        return (key >> 3 for key, _, _ in self._fields())

    def _fields(self) -> Iterator[tuple[int, int, int]]:
        """Key of every field, and where its content lies."""
        position = self.start
        while position < self.end:
            self.findings.spend(operations=1)
            key, position = self._varint(position)
            start, wire = position, key & 7
            if wire == 0:
                _, position = self._varint(position)
            elif wire == 1:
                position += 8
            elif wire == 5:
                position += 4
            elif wire == 2:
                size, start = self._varint(position)
                position = start + size
            else:
                raise Unreadable(f"{self.place} is no message of Protocol Buffers")
            if position > self.end or key >> 3 == 0:
                raise Unreadable(f"{self.place} is cut off or damaged")
            yield key, start, position

    def _varint(self, position: int) -> tuple[int, int]:
        value = shift = 0
        while position < self.end and shift < 70:
            byte = self.data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, position
            shift += 7
        raise Unreadable(f"{self.place} is cut off or damaged")
