"""XGBoost's JSON and UBJSON files and LightGBM's text files: numbers and names, nothing that can act."""

from __future__ import annotations

import codecs

from audit.artifact import strict_json
from audit.artifact.report import Findings, Unreadable
from audit.artifact.view import View

_SIZES = {
    "i": 1, "U": 1, "I": 2, "u": 2, "l": 4, "m": 4, "L": 8, "M": 8, "d": 4, "D": 8, "C": 1, "Z": 0, "T": 0, "F": 0,
}  # fmt: skip
"""Bytes of a value by the letter of its type."""
_INTEGERS = frozenset("iUIulmLM")
_MAX_DEPTH = 200
_LONGEST_KEY = 4096


def is_xgboost_json(data: View) -> bool:
    """Whether the file opens like a JSON object."""
    return data[:1] == b"{" and data[1:64].lstrip()[:1] in (b'"', b"}")


def is_xgboost_ubj(data: View) -> bool:
    """Whether the file opens like a UBJSON object whose keys have lengths."""
    return data[:1] == b"{" and data[1:2] in (b"L", b"l", b"I", b"i", b"U")


def is_lightgbm(data: View) -> bool:
    """Whether the file opens like a model that LightGBM wrote."""
    return data[:13] == b"tree\nversion=" or data[:14] == b"tree\r\nversion="


def scan_json(data: View, findings: Findings, place: str) -> str:
    """Read an XGBoost model in JSON.

    Raises:
        Unreadable: it is no JSON, or JSON of something else.
    """
    if not {"learner", "version"} <= strict_json.keys(data, place):
        raise Unreadable(f"{place} is JSON, but not of a model that is known")
    return "xgboost"


def scan_ubj(data: View, findings: Findings, place: str) -> str:
    """Read an XGBoost model in UBJSON from the first byte to the last.

    Raises:
        Unreadable: it is damaged, or something follows the object.
    """
    reader = _Ubjson(data.fast(), findings, place)
    keys = reader.value(0)
    if reader.position != len(data) or keys is None or not {"learner", "version"} <= keys:
        raise Unreadable(f"{place} is UBJSON, but not of a model that is known")
    return "xgboost"


def scan_lightgbm(data: View, findings: Findings, place: str) -> str:
    """Read a LightGBM model in text.

    Raises:
        Unreadable: it is not text, or its trees do not end.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in data.blocks():
        if b"\0" in block:
            raise Unreadable(f"{place} is not a complete LightGBM model")
        decoder.decode(block)
    decoder.decode(b"", final=True)
    if data.find(b"\nend of trees") < 0:
        raise Unreadable(f"{place} is not a complete LightGBM model")
    return "lightgbm"


class _Ubjson:
    """Walks UBJSON (draft 12, as XGBoost writes it) without building its values."""

    def __init__(self, data: bytes | View, findings: Findings, place: str) -> None:
        self.data, self.findings, self.place = data, findings, place
        self.position = 0

    def value(self, depth: int, kind: str = "") -> set[str] | None:
        """Pass over one value; the keys where it is an object."""
        self.findings.spend(operations=1)
        if depth > _MAX_DEPTH:
            raise Unreadable(f"{self.place} is nested too deeply")
        kind = kind or self._letter()
        if kind == "{":
            return self._object(depth)
        if kind == "[":
            self._array(depth)
        elif kind in "SH":
            self._skip(self._length())
        elif kind in _SIZES:
            self._skip(_SIZES[kind])
        elif kind != "N":
            raise Unreadable(f"{self.place} is damaged at byte {self.position}")
        return None

    def _object(self, depth: int) -> set[str]:
        keys: set[str] = set()
        kind, count = self._head()
        while count is None or count > 0:
            if count is None and self._peek() == "}":
                self.position += 1
                break
            length = self._length()
            start = self.position
            self._skip(length)
            if length > _LONGEST_KEY:
                raise Unreadable(f"{self.place} has a key of {length:,} bytes")
            key = self.data[start : self.position].decode("utf-8")
            if key in keys:
                raise Unreadable(f"{self.place} repeats a key")
            keys.add(key)
            self.value(depth + 1, kind)
            count = None if count is None else count - 1
        return keys

    def _array(self, depth: int) -> None:
        kind, count = self._head()
        if kind in _SIZES and count is not None:
            self._skip(_SIZES[kind] * count)
            return
        while count is None or count > 0:
            if count is None and self._peek() == "]":
                self.position += 1
                break
            self.value(depth + 1, kind)
            count = None if count is None else count - 1

    def _head(self) -> tuple[str, int | None]:
        """Type and number of the items, where they are declared."""
        kind = ""
        if self._peek() == "$":
            self.position += 1
            kind = self._letter()
            if self._peek() != "#":
                raise Unreadable(f"{self.place} is damaged at byte {self.position}")
        if self._peek() != "#":
            return kind, None
        self.position += 1
        return kind, self._length()

    def _length(self) -> int:
        kind = self._letter()
        if kind not in _INTEGERS:
            raise Unreadable(f"{self.place} is damaged at byte {self.position}")
        start = self.position
        self._skip(_SIZES[kind])
        length = int.from_bytes(self.data[start : self.position], "big", signed=kind in "iIlL")
        if length < 0:
            raise Unreadable(f"{self.place} is damaged at byte {self.position}")
        return length

    def _peek(self) -> str:
        return chr(self.data[self.position])

    def _letter(self) -> str:
        letter = self._peek()
        self.position += 1
        return letter

    def _skip(self, size: int) -> None:
        self.position += size
        if self.position > len(self.data):
            raise Unreadable(f"{self.place} is cut off")
