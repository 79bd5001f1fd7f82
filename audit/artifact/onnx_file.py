"""ONNX models, read from the bytes of the protobuf message without the onnx package.

A graph cannot run code by itself. What can is an operator of a custom domain, which needs a native library at load,
and what can reach other files is external data whose path leaves the folder of the model.

Source: field numbers of onnx.proto3, IR version 13; wire format of Protocol Buffers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from audit.artifact.archives import unsafe_name
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft"})
_PYTHON_OPERATORS = frozenset({"PythonOp", "PythonOpGrad"})
_MODEL_FIELDS = (2, 3, 4, 5, 6, 7, 8, 14)
_MAX_DEPTH = 60
_LONGEST_WORD = 4096
_GRAPH, _NODE, _ATTRIBUTE, _TENSOR, _SPARSE, _FUNCTION, _ENTRY, _TRAINING = (
    "graph", "node", "attribute", "tensor", "sparse tensor", "function", "entry", "training step",
)  # fmt: skip
_CHILDREN: dict[str, dict[int, str]] = {
    "model": {7: _GRAPH, 20: _TRAINING, 25: _FUNCTION},
    _GRAPH: {1: _NODE, 5: _TENSOR, 15: _SPARSE},
    _NODE: {5: _ATTRIBUTE},
    _ATTRIBUTE: {5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE},
    _TENSOR: {13: _ENTRY},
    _SPARSE: {1: _TENSOR, 2: _TENSOR},
    _FUNCTION: {7: _NODE, 11: _ATTRIBUTE},
    _TRAINING: {1: _GRAPH, 2: _GRAPH},
    _ENTRY: {},
}


@dataclass(frozen=True, slots=True)
class _Message:
    """A message inside the file."""

    data: bytes | View
    start: int
    end: int

    def text(self) -> str:
        """The message as a word."""
        if self.end - self.start > _LONGEST_WORD:
            raise Unreadable("a name or path in an ONNX file is too long")
        return str(self.data[self.start : self.end], "utf-8")


@dataclass
class _Reading:
    """What the walk has met so far."""

    findings: Findings
    place: str
    operators: set[tuple[str, str]] = field(default_factory=set)
    functions: set[tuple[str, str]] = field(default_factory=set)
    locations: set[str] = field(default_factory=set)
    graphs: int = 0


def is_onnx(data: View) -> bool:
    """Whether the message opens with a small IR version, as every ONNX writer puts it, and a field of a model."""
    return len(data) > 4 and data[0] == 0x08 and 1 <= data[1] <= 64 and data[2] >> 3 in _MODEL_FIELDS


def scan(data: View, findings: Findings, place: str) -> str:
    """Walk the whole message.

    Raises:
        Unreadable: the message is damaged, too deep or holds no graph.
    """
    reading = _Reading(findings, place)
    _walk(_Message(data.fast(), 0, len(data)), "model", reading, 0)
    if not reading.graphs:
        raise Unreadable(f"{place} holds no graph")
    for domain, operator in sorted(reading.operators - reading.functions):
        if domain not in DOMAINS:
            findings.named(f"onnx.domain.{domain}", f"{place}, operator {operator}")
        elif operator in _PYTHON_OPERATORS:
            findings.named(f"onnx.operator.{domain}.{operator}", place)
    for location in sorted(reading.locations):
        if unsafe_name(location):
            findings.named(f"onnx.external_data.{location}", place)
    return "onnx"


def _walk(message: _Message, kind: str, reading: _Reading, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise Unreadable(f"{reading.place} is nested too deeply")
    reading.graphs += kind == _GRAPH
    texts: dict[int, str] = {}
    for number, content in _fields(message, reading):
        child = _CHILDREN[kind].get(number)
        if child is not None:
            if content is None:
                raise Unreadable(f"{reading.place} has a damaged {kind}")
            _walk(content, child, reading, depth + 1)
        elif content is not None and number in _TEXTS.get(kind, ()):
            texts[number] = content.text()
    if kind == _NODE:
        reading.operators.add((texts.get(7, ""), texts.get(4, "")))
    elif kind == _FUNCTION:
        reading.functions.add((texts.get(10, ""), texts.get(1, "")))
    elif kind == _ENTRY and texts.get(1) == "location":
        reading.locations.add(texts.get(2, ""))


_TEXTS = {_NODE: (4, 7), _FUNCTION: (1, 10), _ENTRY: (1, 2)}


def _fields(message: _Message, reading: _Reading) -> Iterator[tuple[int, _Message | None]]:
    """Number and content of every field; the content is None where it is a plain number."""
    position, end = message.start, message.end
    while position < end:
        reading.findings.spend(operations=1)
        key, position = _varint(message, position, reading.place)
        number, wire = key >> 3, key & 7
        content = None
        if wire == 0:
            _, position = _varint(message, position, reading.place)
        elif wire == 1:
            position += 8
        elif wire == 5:
            position += 4
        elif wire == 2:
            size, position = _varint(message, position, reading.place)
            content = _Message(message.data, position, position + size)
            position += size
        else:
            raise Unreadable(f"{reading.place} is not an ONNX message")
        if position > end or number == 0:
            raise Unreadable(f"{reading.place} is cut off or damaged")
        yield number, content


def _varint(message: _Message, position: int, place: str) -> tuple[int, int]:
    value = shift = 0
    while position < message.end and shift < 70:
        byte = message.data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise Unreadable(f"{place} is cut off or damaged")
