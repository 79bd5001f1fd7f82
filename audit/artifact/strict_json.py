"""JSON inside model files: what cannot be read one way only is unreadable."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

from audit import strict_json
from audit.artifact.report import Unreadable
from audit.artifact.view import View

MOST_KEYS = 100_000
DEEPEST = 200
LONGEST_WORD = 16 << 20


def parse(data: bytes | str, place: str) -> Any:
    """The document.

    Raises:
        Unreadable: it is no JSON, or JSON that two readers would read differently.
    """
    try:
        return strict_json.loads(data)
    except ValueError as problem:
        raise Unreadable(f"{place} is not JSON: {problem}") from problem


def keys(data: View, place: str) -> set[str]:
    """Keys of the outermost object of a JSON file of any size, which is checked piece by piece.

    NaN and Infinity are numbers here, as in the files that XGBoost writes.

    Raises:
        Unreadable: it is no JSON object, or JSON that two readers would read differently.
    """
    return _Walk(data, place).keys()


class _Walk:
    """Checks the grammar of JSON from the first byte to the last, and keeps no values."""

    def __init__(self, data: View, place: str) -> None:
        self._pieces = data.blocks()
        self._place = place
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._position = 0
        self._complete = False
        self._more()

    def keys(self) -> set[str]:
        """Keys of the outermost object."""
        first: set[str] = set()
        if not self._skip(_OPEN_OBJECT):
            raise self._damage()
        open_parts: list[set[str] | None] = [first]
        self._value_or_end(open_parts)
        while open_parts:
            if self._skip(_COMMA):
                self._item(open_parts)
            else:
                self._close(open_parts)
        self._skip(_SPACE)
        if self._position < len(self._text):
            raise self._damage()
        return first

    def _value_or_end(self, open_parts: list[set[str] | None]) -> None:
        """What follows an opening bracket."""
        if self._skip(_END_OBJECT if open_parts[-1] is not None else _END_ARRAY):
            open_parts.pop()
        else:
            self._item(open_parts)

    def _close(self, open_parts: list[set[str] | None]) -> None:
        if not self._skip(_END_OBJECT if open_parts[-1] is not None else _END_ARRAY):
            raise self._damage()
        open_parts.pop()

    def _item(self, open_parts: list[set[str] | None]) -> None:
        names = open_parts[-1]
        if names is not None:
            key = self._skip(_KEY, LONGEST_WORD)
            if not key or key in names or len(names) > MOST_KEYS:
                raise self._damage()
            names.add(key)
        else:
            while self._skip(_NUMBERS):
                pass
        if self._skip(_OPEN_OBJECT):
            open_parts.append(set())
        elif self._skip(_OPEN_ARRAY):
            open_parts.append(None)
        elif self._skip(_PLAIN, LONGEST_WORD):
            return
        else:
            raise self._damage()
        if len(open_parts) > DEEPEST:
            raise Unreadable(f"{self._place} is nested too deeply")
        self._value_or_end(open_parts)

    def _skip(self, pattern: re.Pattern[str], longest: int = 1000) -> str:
        """Pass over what the pattern matches; what touches the end of the piece may go on in the next one."""
        while True:
            match = pattern.match(self._text, self._position)
            if self._complete or (match and match.end() < len(self._text)):
                break
            if not match and len(self._text) - self._position > longest:
                break
            self._more()
        if not match:
            return ""
        self._position = match.end()
        return json.loads(match[1]) if pattern is _KEY else match[0]

    def _more(self) -> None:
        piece = next(self._pieces, None)
        try:
            text = self._decoder.decode(piece or b"", piece is None)
        except UnicodeDecodeError as problem:
            raise self._damage() from problem
        self._complete = piece is None
        self._text = self._text[self._position :] + text
        self._position = 0

    def _damage(self) -> Unreadable:
        return Unreadable(f"{self._place} is not JSON, or repeats a key")


_SPACE = re.compile(r"[ \t\r\n]*")
_OPEN_OBJECT, _OPEN_ARRAY, _END_OBJECT, _END_ARRAY, _COMMA = (
    re.compile(rf"[ \t\r\n]*{mark}") for mark in (r"\{", r"\[", r"\}", r"\]", ",")
)
_STRING = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"'
_NUMBER = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]{1,3})?+"
_NUMBERS = re.compile(rf"(?:[ \t\r\n]*+{_NUMBER}[ \t\r\n]*+,){{1,10000}}+")
_KEY = re.compile(rf"[ \t\r\n]*({_STRING})[ \t\r\n]*:")
_PLAIN = re.compile(rf"[ \t\r\n]*(?:{_STRING}|{_NUMBER}|true|false|null|NaN|-?Infinity)")
