"""Where an HDF5 file keeps names, long texts and many links: three kinds of heaps and two of B-trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from audit.artifact.hdf5_messages import HARD, SOFT, Link
from audit.artifact.hdf5_source import Cursor, Source

_MAX_LEVELS = 16
_NAME_PIECES = (256, 1 << 16)
LINK_NAMES, ATTRIBUTE_NAMES = 5, 8
"""Kinds of name indexes (version 2 B-trees)."""
_ID_AT = {LINK_NAMES: 4, ATTRIBUTE_NAMES: 0}
_NODE_HEAD = 10


def symbol_table(source: Source, tree: int, heap: int) -> Iterator[Link]:
    """Links of an old-style group: a B-tree of symbol nodes whose names lie in a local heap."""
    cursor = source.signed(heap, b"HEAP", 4 + 2 * source.length_size + source.offset_size)
    cursor.expect(0, what="heap version")
    cursor.raw(3)
    size = cursor.length()
    cursor.length()
    names = cursor.defined()
    if names + size > len(source.data):
        raise source.damaged("a heap leads out of the file")
    for node in _tree_leaves(source, tree, 0, set()):
        yield from _symbols(source, node, names, names + size)


def _tree_leaves(source: Source, address: int, depth: int, seen: set[int]) -> Iterator[int]:
    if depth > _MAX_LEVELS or address in seen:
        raise source.damaged("an index leads in circles")
    seen.add(address)
    head = 4 + 2 * source.offset_size
    cursor = source.signed(address, b"TREE", head)
    cursor.expect(0, what="index type")
    level, count = cursor.number(1), cursor.number(2)
    step = source.length_size + source.offset_size
    cursor = source.cursor(address + 4 + head, count * step + source.length_size)
    for _ in range(count):
        cursor.length()
        child = cursor.defined()
        if level:
            yield from _tree_leaves(source, child, depth + 1, seen)
        else:
            yield child


def _symbols(source: Source, address: int, names: int, end: int) -> Iterator[Link]:
    cursor = source.signed(address, b"SNOD", 4)
    cursor.expect(1, what="symbol node version")
    cursor.raw(1)
    count = cursor.number(2)
    cursor = source.cursor(address + 8, count * (2 * source.offset_size + 24))
    for _ in range(count):
        name_at, target = cursor.defined(), cursor.address()
        cache = cursor.expect(0, 1, 2, size=4, what="symbol")
        cursor.raw(4)
        scratch = cursor.raw(16)
        name = _name(source, names + name_at, end)
        if cache == 2:
            where = int.from_bytes(scratch[:4], "little")
            yield Link(name, SOFT, None, _name(source, names + where, end))
        elif target is None:
            raise source.damaged(f"{name!r} leads nowhere")
        else:
            yield Link(name, HARD, target, "")


def _name(source: Source, position: int, end: int) -> str:
    for size in _NAME_PIECES:
        name, stop, _ = source.take(position, max(0, min(end - position, size))).partition(b"\0")
        if stop:
            return name.decode("utf-8", "backslashreplace")
    raise source.damaged("a name does not end")


class GlobalHeap:
    """Texts of variable length, in collections that are read once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._collections: dict[int, dict[int, tuple[int, int]]] = {}

    def text(self, reference: Cursor) -> bytes:
        """The text that a reference (length, collection, number) names; empty where it names none."""
        length, address, number = reference.number(4), reference.address(), reference.number(4)
        if length == 0 or not address:
            return b""
        if address not in self._collections:
            self._collections[address] = self._objects(address)
        position, size = self._collections[address].get(number, (0, -1))
        if length > size:
            raise self.source.damaged("a text is not where its reference says")
        return self.source.take(position, length)

    def _objects(self, address: int) -> dict[int, tuple[int, int]]:
        source = self.source
        cursor = source.signed(address, b"GCOL", 4 + source.length_size)
        cursor.expect(1, what="collection version")
        cursor.raw(3)
        position, end = address + 8 + source.length_size, address + cursor.length()
        found: dict[int, tuple[int, int]] = {}
        head = 8 + source.length_size
        while position + head <= end:
            cursor = source.cursor(position, head)
            number = cursor.number(2)
            cursor.raw(6)
            size = cursor.length()
            if number == 0:
                break
            if number in found:
                raise source.damaged("a collection holds two texts of one number")
            found[number] = (position + head, size)
            position += head + size + -size % 8
        return found


@dataclass(frozen=True)
class _Heap:
    """The facts of a fractal heap header that locate an object."""

    offset_bytes: int
    length_bytes: int
    width: int
    first_size: int
    largest: int
    root: int
    rows: int


def objects(source: Source, heap: int, index: int, kind: int) -> Iterator[Cursor]:
    """A cursor over every object of a fractal heap that a name index lists."""
    facts = _heap(source, heap)
    for identifier in _identifiers(source, index, kind):
        if identifier[0] & 0xF0:
            raise source.damaged("an object of a heap is stored in a way that is not read here")
        cursor = Cursor(source, identifier[1:])
        offset, length = cursor.number(facts.offset_bytes), cursor.number(facts.length_bytes)
        yield source.cursor(_locate(source, facts, offset, length), length)


def _heap(source: Source, address: int) -> _Heap:
    lengths, offsets = source.length_size, source.offset_size
    cursor = source.signed(address, b"FRHP", 26 + 12 * lengths + 3 * offsets)
    cursor.expect(0, what="heap version")
    cursor.raw(2)
    cursor.expect(0, size=2, what="heap filter")
    cursor.raw(1)
    managed = cursor.number(4)
    cursor.raw(6 * lengths + 2 * offsets)
    for _ in range(4):
        if cursor.length():
            raise source.damaged("a heap holds objects in a way that is not read here")
    width, first, largest = cursor.number(2), cursor.length(), cursor.length()
    bits = cursor.number(2)
    cursor.raw(2)
    root, rows = cursor.defined(), cursor.number(2)
    if not width or not first or first & (first - 1) or largest < first or largest & (largest - 1):
        raise source.damaged("a heap is described in an unusual way")
    length_bytes = (min(largest, managed).bit_length() + 7) // 8
    return _Heap((bits + 7) // 8, length_bytes, width, first, largest, root, rows)


def _locate(source: Source, heap: _Heap, offset: int, length: int) -> int:
    if heap.rows == 0:
        return _inside(source, heap.root, heap.first_size, offset, length)
    head = 5 + source.offset_size + heap.offset_bytes
    start, slot, size = 0, 0, heap.first_size
    for row in range(heap.rows):
        size = heap.first_size << max(row - 1, 0)
        if size > heap.largest:
            break
        if offset < start + heap.width * size:
            column, within = divmod(offset - start, size)
            cursor = source.signed(heap.root, b"FHIB", head - 4 + (slot + column + 1) * source.offset_size)
            cursor.raw(head - 4 + (slot + column) * source.offset_size)
            return _inside(source, cursor.defined(), size, within, length)
        start, slot = start + heap.width * size, slot + heap.width
    raise source.damaged("a heap is larger than what is read here")


def _inside(source: Source, block: int, size: int, offset: int, length: int) -> int:
    source.signed(block, b"FHDB", 0)
    if offset + length > size:
        raise source.damaged("an object leads out of its heap")
    return block + offset


def _identifiers(source: Source, address: int, kind: int) -> Iterator[bytes]:
    cursor = source.signed(address, b"BTHD", 20 + source.offset_size + source.length_size)
    cursor.expect(0, what="index version")
    cursor.expect(kind, what="index type")
    node_size, record_size, depth = cursor.number(4), cursor.number(2), cursor.number(2)
    cursor.raw(2)
    root, count = cursor.address(), cursor.number(2)
    width = 8 if kind == ATTRIBUTE_NAMES else 7
    if root is None or not count:
        return
    if depth > 1 or record_size < _ID_AT[kind] + width:
        raise source.damaged("an index is deeper than what is read here")
    records, leaves = [], [(root, count)]
    if depth == 1:
        most = (node_size - _NODE_HEAD) // record_size
        count_size = (most.bit_length() + 7) // 8
        step = source.offset_size + count_size
        cursor = source.signed(root, b"BTIN", 2 + count * record_size + (count + 1) * step)
        cursor.expect(0, what="node version")
        cursor.expect(kind, what="index type")
        records = [cursor.raw(record_size) for _ in range(count)]
        leaves = [(cursor.defined(), cursor.number(count_size)) for _ in range(count + 1)]
    for leaf, held in leaves:
        cursor = source.signed(leaf, b"BTLF", 2 + held * record_size)
        cursor.expect(0, what="node version")
        cursor.expect(kind, what="index type")
        records += [cursor.raw(record_size) for _ in range(held)]
    for record in records:
        yield record[_ID_AT[kind] : _ID_AT[kind] + width]
