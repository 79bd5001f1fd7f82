"""The messages of an HDF5 object header that matter here: shapes, types, links, filters, storage and attributes."""

from __future__ import annotations

from dataclasses import dataclass

from audit.artifact.hdf5_source import Cursor

_STRING, _VARIABLE = 3, 9
_MAX_CLASS = 11
_MAX_RANK = 32
HARD, SOFT, EXTERNAL = 0, 1, 64
COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL = 0, 1, 2, 3


@dataclass(frozen=True)
class Kind:
    """An element type: its class by number, its bytes, and whether it is text of variable length."""

    number: int
    size: int
    variable_text: bool

    @property
    def fixed_text(self) -> bool:
        """Whether an element is text of a fixed length."""
        return self.number == _STRING


@dataclass(frozen=True)
class Attribute:
    """An attribute as it is stored: name, type, number of elements and raw value."""

    name: str
    kind: Kind
    elements: int
    value: bytes


@dataclass(frozen=True)
class Link:
    """A name in a group: `target` is an address for a hard link, and a text for any other one."""

    name: str
    kind: int
    address: int | None
    target: str


@dataclass(frozen=True)
class Layout:
    """How the elements of a dataset are stored; `size` is None where the message does not say it."""

    kind: int
    address: int | None
    size: int | None


def dataspace(cursor: Cursor) -> int:
    """Number of elements."""
    version = cursor.expect(1, 2, what="dataspace version")
    rank, flags = cursor.number(1), cursor.number(1)
    kind = cursor.number(1)
    if version == 1:
        cursor.raw(4)
    elif kind not in (0, 1, 2):
        raise cursor.source.damaged(f"dataspace type {kind} is not known")
    if rank > _MAX_RANK or flags & ~1:
        raise cursor.source.damaged("a dataspace is described in an unusual way")
    if version == 2 and kind == 2:
        return 0
    count = 1
    for _ in range(rank):
        count *= cursor.length()
    return count


def datatype(cursor: Cursor) -> Kind:
    """Class and size of an element; the parts of compound types do not matter here."""
    first = cursor.number(1)
    number, version = first & 0x0F, first >> 4
    if not 1 <= version <= 5 or number > _MAX_CLASS:
        raise cursor.source.damaged(f"datatype {number} of version {version} is not known")
    bits = cursor.number(3)
    return Kind(number, cursor.number(4), number == _VARIABLE and bits & 0x0F == 1)


def attribute(cursor: Cursor) -> Attribute:
    """An attribute message of any version."""
    version = cursor.expect(1, 2, 3, what="attribute version")
    flags = cursor.number(1)
    if version > 1 and flags:
        raise cursor.source.damaged("the type of an attribute lies elsewhere in the file, which is not read here")
    sizes = [cursor.number(2) for _ in range(3)]
    if version == 3:
        cursor.raw(1)
    parts = [cursor.raw(size + (-size % 8 if version == 1 else 0))[:size] for size in sizes]
    kind, elements = datatype(Cursor(cursor.source, parts[1])), dataspace(Cursor(cursor.source, parts[2]))
    return Attribute(_text(parts[0].rstrip(b"\0")), kind, elements, cursor.raw(elements * kind.size))


def link(cursor: Cursor) -> Link:
    """A link message, or the same message in a heap."""
    cursor.expect(1, what="link version")
    flags = cursor.number(1)
    kind = cursor.number(1) if flags & 0x08 else HARD
    if flags & 0x04:
        cursor.raw(8)
    if flags & 0x10:
        cursor.raw(1)
    name = _text(cursor.raw(cursor.number(1 << (flags & 3))))
    if kind == HARD:
        return Link(name, kind, cursor.defined(), "")
    return Link(name, kind, None, _text(cursor.raw(cursor.number(2)).strip(b"\0").replace(b"\0", b" ")))


def layout(cursor: Cursor) -> Layout:
    """A data layout message of any version."""
    version = cursor.expect(1, 2, 3, 4, 5, what="layout version")
    if version < 3:
        cursor.raw(1)
        kind = cursor.expect(COMPACT, CONTIGUOUS, CHUNKED, what="storage")
        cursor.raw(5)
        return Layout(kind, None if kind == COMPACT else cursor.address(), None)
    kind = cursor.expect(COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL, what="storage")
    if kind == COMPACT:
        size = cursor.number(2)
        cursor.raw(size)
        return Layout(kind, None, size)
    if kind == CONTIGUOUS:
        return Layout(kind, cursor.address(), cursor.length())
    return Layout(kind, None, None)


def filters(cursor: Cursor) -> list[int]:
    """Numbers of the filters through which the chunks go."""
    version = cursor.expect(1, 2, what="filter version")
    count = cursor.number(1)
    if version == 1:
        cursor.raw(6)
    found = []
    for _ in range(count):
        number = cursor.number(2)
        named = version == 1 or number >= 256
        name_size = cursor.number(2) if named else 0
        cursor.raw(2)
        values = cursor.number(2)
        cursor.raw(name_size + (-name_size % 8 if version == 1 else 0))
        cursor.raw(4 * values + (4 * (values % 2) if version == 1 else 0))
        found.append(number)
    return found


@dataclass(frozen=True)
class Dense:
    """Addresses of the heap and of the name index in which many links or attributes lie; None where there are none."""

    heap: int | None
    index: int | None


def dense(cursor: Cursor, *, order_size: int) -> Dense:
    """A link info (order of 8 bytes) or attribute info (2 bytes) message."""
    cursor.expect(0, what="info version")
    flags = cursor.number(1)
    if flags & 1:
        cursor.raw(order_size)
    return Dense(cursor.address(), cursor.address())


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
