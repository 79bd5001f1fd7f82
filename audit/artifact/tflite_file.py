"""TensorFlow Lite models: a graph of numbered operators; custom ones need native code, or run TensorFlow's own.

Source: schema.fbs of TensorFlow Lite 2.21, file identifier TFL3; wire format of FlatBuffers.
"""

from __future__ import annotations

from collections.abc import Iterator

from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

IDENTIFIER = b"TFL3"
_CUSTOM, _DELEGATE, _CUSTOM_CALL, _LAST = 32, 51, 173, 209
"""Operators by number; all up to the last one but the first three compute on tensors only."""
_PLAIN_CUSTOM = frozenset({"TFLite_Detection_PostProcess"})
_MAX_OPERATORS = 10_000
_MAX_TEXT = 10_000


def is_tflite(data: View) -> bool:
    """Whether the file carries the identifier of TensorFlow Lite."""
    return data[4:8] == IDENTIFIER


def scan(data: View, findings: Findings, place: str) -> str:
    """Read the list of operators.

    Raises:
        Unreadable: the file is damaged, holds no model, or an operator that is not known.
    """
    tables = _Tables(data, findings, place)
    model = tables.follow(0)
    if tables.field(model, 2) is None:
        raise Unreadable(f"{place} holds no graph")
    for operator in tables.vector(model, 1):
        old, new = tables.number(operator, 0, 1), tables.number(operator, 3, 4)
        number = max(old, new)
        custom = tables.text(operator, 1)
        if number > _LAST:
            raise Unreadable(f"operator {number} of {place} is not known")
        if (number == _CUSTOM or custom) and custom not in _PLAIN_CUSTOM:
            findings.named(f"tflite.custom.{custom}", place)
        elif number in (_DELEGATE, _CUSTOM_CALL):
            findings.named(f"tflite.operator.{number}", place)
    return "tflite"


class _Tables:
    """Follows offsets inside a FlatBuffer; each has to stay in the file."""

    def __init__(self, data: View, findings: Findings, place: str) -> None:
        self.data, self.findings, self.place = data, findings, place

    def follow(self, position: int) -> int:
        """Where the offset at this position leads."""
        return position + self._read(position, 4)

    def field(self, table: int, index: int) -> int | None:
        """Position of a field, None where the table does not have it."""
        start = table - int.from_bytes(self._raw(table, 4), "little", signed=True)
        size = self._read(start, 2)
        if 4 + 2 * index + 2 > size:
            return None
        offset = self._read(start + 4 + 2 * index, 2)
        return table + offset if offset else None

    def number(self, table: int, index: int, size: int) -> int:
        """A number, 0 where the table does not have it.

        Raises:
            Unreadable: it is below 0.
        """
        position = self.field(table, index)
        value = 0 if position is None else int.from_bytes(self._raw(position, size), "little", signed=True)
        if value < 0:
            raise Unreadable(f"{self.place} holds an operator with a number below 0")
        return value

    def text(self, table: int, index: int) -> str:
        """A text, empty where the table does not have it."""
        position = self.field(table, index)
        if position is None:
            return ""
        start = self.follow(position)
        size = self._read(start, 4)
        if size > _MAX_TEXT:
            raise Unreadable(f"a name of {self.place} is too long")
        return self._raw(start + 4, size).decode("utf-8", "backslashreplace")

    def vector(self, table: int, index: int) -> Iterator[int]:
        """The tables of a vector."""
        position = self.field(table, index)
        if position is None:
            return
        start = self.follow(position)
        count = self._read(start, 4)
        if count > _MAX_OPERATORS:
            raise Unreadable(f"{self.place} holds more than {_MAX_OPERATORS:,} operators")
        for number in range(count):
            yield self.follow(start + 4 + 4 * number)

    def _read(self, position: int, size: int) -> int:
        return int.from_bytes(self._raw(position, size), "little")

    def _raw(self, position: int, size: int) -> bytes:
        self.findings.spend(operations=1)
        if position < 0 or position + size > len(self.data):
            raise Unreadable(f"{self.place} is cut off or damaged")
        return self.data[position : position + size]
