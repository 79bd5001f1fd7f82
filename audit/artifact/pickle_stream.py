"""Pickle files: one stream or several, joblib's raw arrays between the opcodes, and torch's old format.

A file is read twice where two loaders would read it differently: as joblib does, which skips the raw bytes of arrays,
and as `pickle.load` does, which takes the same bytes for opcodes.
"""

from __future__ import annotations

from audit.artifact import array_layout
from audit.artifact.pickle_machine import Machine
from audit.artifact.pickle_opcodes import follow
from audit.artifact.pickle_values import Global, Made, Pairs, Value
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

TORCH_MAGIC = 0x1950A86A20F9469CFC6C
_WRAPPER_FIELDS = frozenset({"subclass", "shape", "order", "dtype", "allow_mmap", "numpy_array_alignment_bytes"})
_STORAGE_SIZES = {
    "ComplexDouble": 16, "ComplexFloat": 8, "Double": 8, "Long": 8, "Float": 4, "Int": 4, "Half": 2, "BFloat16": 2,
    "Short": 2, "QInt32": 4, "QInt8": 1, "QUInt8": 1, "QUInt4x2": 1, "Char": 1, "Byte": 1, "Bool": 1, "Untyped": 1,
}  # fmt: skip


class _Arrays:
    """Skips the raw arrays that joblib writes behind their wrappers, and counts them."""

    def __init__(self, data: View, findings: Findings, place: str, depth: int) -> None:
        self.data, self.findings, self.place, self.depth = data, findings, place, depth
        self.count = 0

    def skip(self, wrapper: Made, position: int) -> int:
        """Position after the array of a wrapper; an array of objects is a pickle of its own and is read as one."""
        self.count += 1
        if wrapper.args or not isinstance(wrapper.state, Pairs):
            raise Unreadable(f"an array of {self.place} is described in an unusual way")
        fields = wrapper.state.texts()
        if len(wrapper.state.items) != len(fields) or not _WRAPPER_FIELDS.issuperset(fields):
            raise Unreadable(f"an array of {self.place} is described in an unusual way")
        layout = array_layout.pickled(fields.get("dtype"))
        if layout.objects:
            return self._objects(position)
        if fields.get("numpy_array_alignment_bytes") is not None:
            if position >= len(self.data):
                raise Unreadable(f"an array of {self.place} is cut off")
            position += 1 + self.data[position]
        position += layout.size * array_layout.elements(fields.get("shape"))
        if position > len(self.data):
            raise Unreadable(f"an array of {self.place} is cut off")
        return position

    def _objects(self, position: int) -> int:
        if self.depth > 20:
            raise Unreadable(f"arrays of {self.place} lie inside arrays without end")
        inner = _Arrays(self.data, self.findings, self.place, self.depth + 1)
        machine = Machine(self.data, position, self.findings, self.place, on_array=inner.skip)
        follow(machine)
        return machine.position


def scan(data: View, findings: Findings, place: str) -> str:
    """Read a file of one or more pickles, completely.

    Returns:
        `pickle`, `joblib` or `torch`.

    Raises:
        Unreadable: a stream is damaged, or something that is no pickle follows.
    """
    arrays = _Arrays(data, findings, place, 0)
    machine = Machine(data, 0, findings, place, on_array=arrays.skip)
    first = follow(machine)
    if isinstance(first, int) and first == TORCH_MAGIC:
        _scan_torch(data, machine.position, findings, place)
        return "torch"
    position = machine.position
    end = data.end_of_content()
    while position < end:
        while data[position] == 0:
            position += 1
        machine = Machine(data, position, findings, place, on_array=arrays.skip)
        follow(machine)
        position = machine.position
    if arrays.count:
        probe(data, findings, place)
    return "joblib" if arrays.count else "pickle"


def probe(data: View, findings: Findings, place: str) -> None:
    """Note what `pickle.load` would run of these bytes before it stumbles, whatever they are otherwise."""
    try:
        follow(Machine(data, 0, findings, f"{place} read as a plain pickle"))
    except Unreadable:
        return


def torch_archive_pickle(data: View, findings: Findings, place: str) -> None:
    """Read the pickle of a torch archive, whose tensors are persistent ids.

    Raises:
        Unreadable: the stream is damaged, or an id is no storage.
    """
    identifiers: list[Value] = []
    machine = Machine(data, 0, findings, place, on_array=_no_array, persistent=identifiers)
    follow(machine)
    if not data.blank(machine.position):
        raise Unreadable(f"something follows the pickle in {place}")
    for identifier in identifiers:
        _storage(identifier, place)


def _no_array(wrapper: Made, position: int) -> int:
    raise Unreadable("a torch file holds an array of joblib")


def _scan_torch(data: View, position: int, findings: Findings, place: str) -> None:
    """torch before 1.6: magic number, version, system, object and keys as pickles, then every storage raw."""
    sizes: dict[str, int] = {}
    keys: Value = None
    for _ in range(4):
        identifiers: list[Value] = []
        machine = Machine(data, position, findings, place, on_array=_no_array, persistent=identifiers)
        keys = follow(machine)
        position = machine.position
        for identifier in identifiers:
            if isinstance(identifier, tuple) and identifier[:1] == ("module",):
                continue
            key, size = _storage(identifier, place)
            sizes[key] = size
    if not isinstance(keys, list):
        raise Unreadable(f"the list of storages in {place} is damaged")
    for key in keys:
        if not isinstance(key, str) or key not in sizes:
            raise Unreadable(f"the list of storages in {place} is damaged")
        count = int.from_bytes(data[position : position + 8], "little")
        position += 8 + count * sizes[key]
    if position != len(data):
        raise Unreadable(f"{len(data) - position} bytes of {place} belong to no storage")


def _storage(identifier: Value, place: str) -> tuple[str, int]:
    """Key and bytes an element of the storage that a persistent id names."""
    if not isinstance(identifier, tuple) or len(identifier) not in (5, 6) or identifier[0] != "storage":
        raise Unreadable(f"{place} refers to something outside the file that is no tensor")
    kind, key = identifier[1], identifier[2]
    if not isinstance(kind, Global) or not isinstance(key, str):
        raise Unreadable(f"{place} refers to something outside the file that is no tensor")
    name = kind.name.rpartition(".")[2].removesuffix("Storage")
    if name not in _STORAGE_SIZES:
        raise Unreadable(f"{place} holds tensors of the unknown type {kind.name}")
    return key, _STORAGE_SIZES[name]
