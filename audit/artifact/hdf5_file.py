"""HDF5 files, as Keras writes models and weights: walked from the superblock over every object that can be reached.

HDF5 itself runs nothing. What can act is a Keras model in the attributes of the root, a link or storage that leads to
another file, and a filter that loads a native library. Whatever the walk does not understand is unreadable; nothing is
searched for.

Source: HDF5 File Format Specification, version 3.0; superblocks 0 to 3, object headers 1 and 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from audit.artifact import hdf5_heaps, hdf5_messages, keras_config, pickle_stream
from audit.artifact.compressed import FREE_BYTES, MAX_RATIO
from audit.artifact.hdf5_messages import Attribute, Layout, Link
from audit.artifact.hdf5_source import Cursor, Source
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

MAGIC = b"\x89HDF\r\n\x1a\n"
_FILTERS = frozenset({1, 2, 3, 4, 5, 6})
"""Filters that are part of the library: deflate, shuffle, Fletcher32, szip, n-bit and scale-offset."""
_IGNORED = frozenset({0x00, 0x04, 0x05, 0x0A, 0x0D, 0x0E, 0x12, 0x16})
"""Messages without consequence: empty, fill values, group hints, comments, times and reference counts."""
_CONFIGS = ("model_config", "training_config")
_PYTABLES = frozenset({"PYTABLES_FORMAT_VERSION", "TITLE_PICKLED"})
_MAX_BLOCKS = 10_000


def is_hdf5(data: View) -> bool:
    """Whether the file starts with the signature of HDF5."""
    return data[:8] == MAGIC


def scan(data: View, findings: Findings, place: str) -> str:
    """Walk the whole file.

    Returns:
        `keras` where the file holds a Keras model, else `hdf5`.

    Raises:
        Unreadable: something is damaged, or is stored in a way that is not known here.
    """
    walk = _Walk(Source(data, findings, place))
    walk.all(_root(walk.source))
    return "keras" if walk.keras else "hdf5"


def _root(source: Source) -> int:
    """Address of the root group, from the superblock."""
    version = source.cursor(8, 1).expect(0, 1, 2, 3, what="superblock version")
    sizes = source.cursor(13 if version < 2 else 9, 2)
    source.offset_size = sizes.expect(4, 8, what="address width")
    source.length_size = sizes.expect(4, 8, what="length width")
    start = {0: 24, 1: 28, 2: 12, 3: 12}[version]
    cursor = source.cursor(start, (6 if version < 2 else 4) * source.offset_size)
    base, second = cursor.defined(), cursor.address()
    end, last = cursor.defined(), cursor.address()
    if base:
        raise source.damaged("it does not begin where it says")
    if version > 1 and second is not None:
        raise source.damaged("it has an extended superblock, which is not read here")
    if version < 2 and last is not None:
        source.findings.named("hdf5.file_driver", source.place)
    if end != len(source.data):
        raise source.damaged(f"it says {end:,} bytes and has {len(source.data):,}")
    if version < 2:
        cursor.address()
        return cursor.defined()
    if last is None:
        raise source.damaged("it has no root")
    return last


@dataclass
class _Object:
    """What the messages of one object header say together."""

    elements: int = 0
    size: int = 0
    layout: Layout | None = None


class _Walk:
    """Visits every object once and notes what it refers to outside the file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.heap = hdf5_heaps.GlobalHeap(source)
        self.keras = False
        self._waiting: list[tuple[int, str]] = []

    def all(self, root: int) -> None:
        """Visit the root and everything that it leads to."""
        self._waiting, seen = [(root, "")], {root}
        while self._waiting:
            address, path = self._waiting.pop()
            before = len(self._waiting)
            self._object(address, path)
            new = [item for item in self._waiting[before:] if item[0] not in seen]
            del self._waiting[before:]
            for item in new:
                if item[0] not in seen:
                    seen.add(item[0])
                    self._waiting.append(item)

    def _object(self, address: int, path: str) -> None:
        found = _Object()
        for number, cursor in _messages(self.source, address):
            if number in _IGNORED:
                continue
            read = _READERS.get(number)
            if read is None:
                raise self.source.damaged(f"message {number} of {path or 'the root'} is not known")
            read(self, cursor, found, path)
        self._storage(found, path)

    def _storage(self, found: _Object, path: str) -> None:
        if found.layout is None:
            return
        size, layout = found.elements * found.size, found.layout
        if layout.kind == hdf5_messages.VIRTUAL:
            self._unsafe("hdf5.virtual_dataset", path)
        if size > max(FREE_BYTES, MAX_RATIO * len(self.source.data)):
            raise self.source.damaged(f"{path} unpacks to more than {MAX_RATIO} times the size of the file")
        if layout.kind == hdf5_messages.CONTIGUOUS and layout.address is not None:
            held = size if layout.size is None else layout.size
            if held != size or layout.address + held > len(self.source.data):
                raise self.source.damaged(f"{path} is cut off")

    def link(self, link: Link, path: str) -> None:
        where = f"{path}/{link.name}"
        if link.address is not None:
            self._waiting.append((link.address, where))
        elif link.kind == hdf5_messages.EXTERNAL:
            self._unsafe(f"hdf5.external_link.{link.target}", where)
        elif link.kind != hdf5_messages.SOFT:
            self._unsafe(f"hdf5.user_link.{link.kind}", where)

    def attribute(self, attribute: Attribute, path: str) -> None:
        """Follow an attribute of text as Keras and as PyTables, which unpickles some texts, would."""
        if attribute.name in _PYTABLES:
            raise Unreadable(f"{self.source.place} was written by PyTables, which unpickles the texts that it holds")
        for text in self._texts(attribute):
            where = f"{self.source.place}{path}, attribute {attribute.name}"
            pickle_stream.probe(View(text), self.source.findings, where)
            if attribute.name in _CONFIGS:
                self.keras = True
                keras_config.scan(text, self.source.findings, where)

    def _texts(self, attribute: Attribute) -> Iterator[bytes]:
        if attribute.name in _CONFIGS and not (attribute.kind.fixed_text or attribute.kind.variable_text):
            raise self.source.damaged(f"{attribute.name} is no text")
        if not attribute.kind.fixed_text and not attribute.kind.variable_text:
            return
        self.source.findings.spend(operations=attribute.elements)
        for number in range(attribute.elements):
            start = number * attribute.kind.size
            raw = attribute.value[start : start + attribute.kind.size]
            if attribute.kind.variable_text:
                yield self.heap.text(Cursor(self.source, raw))
            else:
                yield raw.rstrip(b"\0")

    def _unsafe(self, name: str, path: str) -> None:
        self.source.findings.named(name, f"{self.source.place}{path}")

    # -- one method a message, called through _READERS

    def _dataspace(self, cursor: Cursor, found: _Object, path: str) -> None:
        found.elements = hdf5_messages.dataspace(cursor)

    def _datatype(self, cursor: Cursor, found: _Object, path: str) -> None:
        found.size = hdf5_messages.datatype(cursor).size

    def _link(self, cursor: Cursor, found: _Object, path: str) -> None:
        self.link(hdf5_messages.link(cursor), path)

    def _links(self, cursor: Cursor, found: _Object, path: str) -> None:
        dense = hdf5_messages.dense(cursor, order_size=8)
        if dense.heap is not None and dense.index is not None:
            for item in hdf5_heaps.objects(self.source, dense.heap, dense.index, hdf5_heaps.LINK_NAMES):
                self.link(hdf5_messages.link(item), path)

    def _external(self, cursor: Cursor, found: _Object, path: str) -> None:
        self._unsafe("hdf5.external_data", path)

    def _layout(self, cursor: Cursor, found: _Object, path: str) -> None:
        found.layout = hdf5_messages.layout(cursor)

    def _filters(self, cursor: Cursor, found: _Object, path: str) -> None:
        for number in hdf5_messages.filters(cursor):
            if number not in _FILTERS:
                self._unsafe(f"hdf5.filter.{number}", path)

    def _attribute(self, cursor: Cursor, found: _Object, path: str) -> None:
        self.attribute(hdf5_messages.attribute(cursor), path)

    def _attributes(self, cursor: Cursor, found: _Object, path: str) -> None:
        dense = hdf5_messages.dense(cursor, order_size=2)
        if dense.heap is not None and dense.index is not None:
            for item in hdf5_heaps.objects(self.source, dense.heap, dense.index, hdf5_heaps.ATTRIBUTE_NAMES):
                self.attribute(hdf5_messages.attribute(item), path)

    def _symbols(self, cursor: Cursor, found: _Object, path: str) -> None:
        for link in hdf5_heaps.symbol_table(self.source, cursor.defined(), cursor.defined()):
            self.link(link, path)


_READERS: dict[int, Callable[[_Walk, Cursor, _Object, str], None]] = {
    0x01: _Walk._dataspace,
    0x02: _Walk._links,
    0x03: _Walk._datatype,
    0x06: _Walk._link,
    0x07: _Walk._external,
    0x08: _Walk._layout,
    0x0B: _Walk._filters,
    0x0C: _Walk._attribute,
    0x11: _Walk._symbols,
    0x15: _Walk._attributes,
}


def _messages(source: Source, address: int) -> Iterator[tuple[int, Cursor]]:
    """Number and content of every message of an object header, in all its blocks."""
    first = source.take(address, 4)
    if first == b"OHDR":
        cursor = source.signed(address, b"OHDR", 2)
        cursor.expect(2, what="object header version")
        flags = cursor.number(1)
        extra = (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        size = int.from_bytes(source.take(address + 6 + extra, width), "little")
        blocks = [(address + 6 + extra + width, size)]
        yield from _blocks(source, blocks, head=6 if flags & 4 else 4)
    elif first[0] == 1:
        size = int.from_bytes(source.take(address + 8, 4), "little")
        yield from _blocks(source, [(address + 16, size)], head=8)
    else:
        raise source.damaged(f"no object at {address:,}")


def _blocks(source: Source, blocks: list[tuple[int, int]], head: int) -> Iterator[tuple[int, Cursor]]:
    old, seen = head == 8, set(blocks)
    for position, size in blocks:
        block = source.cursor(position, size)
        while block.left >= head:
            number = block.number(2 if old else 1)
            length, flags = block.number(2), block.number(1)
            block.raw(head - (5 if old else 4))
            cursor = Cursor(source, block.raw(length))
            if flags & 2:
                raise source.damaged("a message lies elsewhere in the file, which is not read here")
            if number != 0x10:
                yield number, cursor
                continue
            start, length = cursor.defined(), cursor.length()
            following = (start, length) if old else (start + 4, length - 8)
            if following in seen or len(blocks) > _MAX_BLOCKS:
                raise source.damaged("an object header leads in circles")
            if not old:
                source.signed(start, b"OCHK", 0)
            seen.add(following)
            blocks.append(following)
        if old and block.left:
            raise source.damaged("an object header is cut off")
