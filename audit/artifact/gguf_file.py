"""GGUF files: numbers, settings and chat templates; the templates are programs in the language of Jinja.

Source: GGUF versions 2 and 3, docs/gguf.md of the ggml project; sizes of its tensor types from gguf 0.19.
"""

from __future__ import annotations

from dataclasses import dataclass

from audit.artifact import chat_template
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

MAGIC = b"GGUF"
MAX_TEXT = 16 << 20
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value by the number of its type."""
_TEXT, _ARRAY = 8, 9
_MAX_DEPTH = 4
_MAX_DIMENSIONS = 8
_TEMPLATES = "chat_template"
_TENSORS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66), 17: (256, 74),
    18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2),
    26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
    40: (64, 36), 41: (128, 18),
}  # fmt: skip
"""Elements and bytes of a block by the number of the tensor type."""


def is_gguf(data: View) -> bool:
    """Whether the file starts with the mark of GGUF."""
    return data[:4] == MAGIC


def scan(data: View, findings: Findings, place: str) -> str:
    """Read the settings, the chat templates and the list of tensors.

    Raises:
        Unreadable: the file is damaged, of an unknown version, or holds tensors that lie outside it.
    """
    reader = _Reader(data, findings, place)
    if reader.number(4) not in (2, 3):
        raise Unreadable(f"{place} has a version of GGUF that is not known")
    tensors, settings = reader.number(8), reader.number(8)
    alignment, keys = 32, set()
    for _ in range(settings):
        key = reader.text()
        if key in keys:
            raise Unreadable(f"{place} gives the setting {key[:60]!r} twice")
        keys.add(key)
        kind = reader.number(4)
        start = reader.position
        reader.value(kind, key, 0)
        if key == "general.alignment":
            alignment = int.from_bytes(data[start : reader.position], "little")
    if not alignment or alignment & (alignment - 1) or alignment > 1 << 20:
        raise Unreadable(f"{place} is aligned in an unusual way")
    spans = [reader.tensor() for _ in range(tensors)]
    start = -(-reader.position // alignment) * alignment
    for span in spans:
        if start + span.offset + span.size > len(data):
            raise Unreadable(f"a tensor of {place} is cut off")
    return "gguf"


@dataclass(frozen=True)
class _Span:
    """Where a tensor lies behind the header."""

    offset: int
    size: int


class _Reader:
    """Reads the header from front to back."""

    def __init__(self, data: View, findings: Findings, place: str) -> None:
        self.data, self.findings, self.place = data.fast(), findings, place
        self.position = len(MAGIC)

    def number(self, size: int) -> int:
        """The next unsigned number of that many bytes."""
        self.findings.spend(operations=1)
        self.skip(size)
        return int.from_bytes(self.data[self.position - size : self.position], "little")

    def skip(self, size: int) -> None:
        """Pass over bytes.

        Raises:
            Unreadable: there are not so many.
        """
        self.position += size
        if self.position > len(self.data):
            raise Unreadable(f"{self.place} is cut off")

    def text(self) -> str:
        """The next text.

        Raises:
            Unreadable: it is too long or cut off.
        """
        size = self.number(8)
        if size > MAX_TEXT:
            raise Unreadable(f"a text of {self.place} is longer than {MAX_TEXT:,} bytes")
        self.skip(size)
        return self.data[self.position - size : self.position].decode("utf-8", "surrogateescape")

    def value(self, kind: int, key: str, depth: int) -> None:
        """Pass over one value; texts of chat templates are read."""
        if kind in _SIZES:
            self.skip(_SIZES[kind])
        elif kind == _TEXT and _TEMPLATES in key:
            chat_template.scan(self.text(), self.findings, f"{self.place}, {key}")
        elif kind == _TEXT:
            self.skip(self.number(8))
        elif kind == _ARRAY and depth < _MAX_DEPTH:
            inner, count = self.number(4), self.number(8)
            if inner in _SIZES:
                self.skip(_SIZES[inner] * count)
                return
            if inner == _TEXT and _TEMPLATES not in key:
                self.texts(count)
                return
            for _ in range(count):
                self.value(inner, key, depth + 1)
        else:
            raise Unreadable(f"a setting of {self.place} is of a kind that is not known")

    def texts(self, count: int) -> None:
        """Pass over texts, of which a vocabulary has hundreds of thousands."""
        self.findings.spend(operations=count)
        data, position, end = self.data, self.position, len(self.data)
        for _ in range(count):
            position += 8 + int.from_bytes(data[position : position + 8], "little")
            if position > end:
                break
        self.position = position
        self.skip(0)

    def tensor(self) -> _Span:
        """Place and size of the next tensor."""
        self.text()
        dimensions = self.number(4)
        if dimensions > _MAX_DIMENSIONS:
            raise Unreadable(f"a tensor of {self.place} has {dimensions} dimensions")
        count = 1
        for _ in range(dimensions):
            count *= self.number(8)
        block = _TENSORS.get(self.number(4))
        if block is None:
            raise Unreadable(f"a tensor of {self.place} is of a type that is not known")
        return _Span(self.number(8), -(-count // block[0]) * block[1])
