"""Bounded reads from an HDF5 file: every address is checked, and every read is paid for.

Source: HDF5 File Format Specification, version 3.0.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

_FREE_READ = 4096


@dataclass
class Source:
    """The bytes of one file and the widths of its addresses and lengths.

    Attributes:
        data: all bytes of the file.
        findings: pays for the reads.
        place: what the report calls the file.
        offset_size: bytes of an address.
        length_size: bytes of a length.
    """

    data: View
    findings: Findings
    place: str
    offset_size: int = 8
    length_size: int = 8

    def take(self, position: int, size: int) -> bytes:
        """The bytes at an address.

        Raises:
            Unreadable: they lie outside the file, or the budget is spent.
        """
        self.findings.spend(operations=1 + size // _FREE_READ)
        if position < 0 or size < 0 or position + size > len(self.data):
            raise self.damaged(f"an address at {position:,} leads out of the file")
        return self.data[position : position + size]

    def cursor(self, position: int, size: int) -> Cursor:
        """A cursor over the bytes at an address; errors as `take`."""
        return Cursor(self, self.take(position, size))

    def signed(self, position: int, signature: bytes, size: int) -> Cursor:
        """A cursor behind the signature of a block.

        Raises:
            Unreadable: the block does not carry its signature.
        """
        cursor = self.cursor(position, len(signature) + size)
        if cursor.raw(len(signature)) != signature:
            raise self.damaged(f"no {signature.decode()} at {position:,}")
        return cursor

    def damaged(self, problem: str) -> Unreadable:
        """An error that names the file."""
        return Unreadable(f"{self.place} is a damaged or unusual HDF5 file: {problem}")


class Cursor:
    """Reads the fields of one block or message from front to back."""

    def __init__(self, source: Source, content: bytes) -> None:
        self.source, self.content, self.position = source, content, 0

    @property
    def left(self) -> int:
        """Bytes that were not read yet."""
        return len(self.content) - self.position

    def raw(self, size: int) -> bytes:
        """The next bytes.

        Raises:
            Unreadable: there are not so many.
        """
        if size < 0 or size > self.left:
            raise self.source.damaged("a block is cut off")
        self.position += size
        return self.content[self.position - size : self.position]

    def number(self, size: int) -> int:
        """The next unsigned number of that many bytes."""
        return int.from_bytes(self.raw(size), "little")

    def length(self) -> int:
        """The next length."""
        return self.number(self.source.length_size)

    def address(self) -> int | None:
        """The next address; None where it is the undefined one."""
        found = self.raw(self.source.offset_size)
        return None if found.count(0xFF) == len(found) else int.from_bytes(found, "little")

    def defined(self) -> int:
        """The next address.

        Raises:
            Unreadable: it is the undefined one.
        """
        found = self.address()
        if found is None:
            raise self.source.damaged("an address is missing")
        return found

    def expect(self, *allowed: int, size: int = 1, what: str = "version") -> int:
        """The next number, which has to be one of those.

        Raises:
            Unreadable: it is another one.
        """
        found = self.number(size)
        if found not in allowed:
            raise self.source.damaged(f"{what} {found} is not known")
        return found
