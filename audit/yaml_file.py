"""Reads one YAML file of a person's hand: every value with its place, and nothing that a reviewer would not see.

The scalars are those of the YAML 1.2 core schema: `no`, `on` and `2026-12-31` are text, `1e-3` is a number, `012` is
twelve, and keys are text. What could hide, repeat or explode is refused, all of it at once: anchors, aliases, tags,
directives, duplicate keys, numbers that are not finite, controls, encodings but UTF-8, several documents, deep nesting.

PyYAML's parser does the reading of the syntax; its constructors are not used, because they keep neither the place of a
value nor the text that it was written with.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from audit.errors import AuditError

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_VALUES = 100_000
MAX_PROBLEMS = 50
LARGEST_INTEGER = 2**53
"""Above it a reader that keeps numbers as floats, as most JSON readers do, would change the digits."""

KeyPath = tuple[str | int, ...]
"""Where a value stands: `("rules", 0, "id")`."""

_NULL = re.compile(r"(?:null|Null|NULL|~|)")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))")
# controls but tab and line end, separators that shift line numbers, marks that have no width or reorder text; joiners
_HIDDEN = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
_INVISIBLE = re.compile(f"[{_HIDDEN}\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YamlError(AuditError):
    """A YAML file cannot be accepted.

    Attributes:
        problems: one message a mistake, each `file:line:column: what is wrong; what to do`.
        document: what could be read all the same, to look for other mistakes in; None where the reading broke off.
    """

    def __init__(self, problems: tuple[str, ...], document: Document | None = None) -> None:
        self.problems, self.document = problems, document
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Document:
    """One YAML file, read.

    Attributes:
        name: how messages name the file.
        value: the content: dict, list, str, int, float, bool and None only; the top is a dict.
    """

    name: str
    value: dict[str, Any]
    _places: Mapping[KeyPath, tuple[int, int]] = field(repr=False)
    _key_places: Mapping[KeyPath, tuple[int, int]] = field(repr=False)
    _texts: Mapping[KeyPath, str] = field(repr=False)

    def mark(self, path: KeyPath = ()) -> str:
        """Place of a value as `file:line:column`; of the nearest value around it where there is none."""
        return self._mark(self._places, path)

    def key_mark(self, path: KeyPath) -> str:
        """Place of the key that names a value, as `file:line:column`; the value's own place for an item of a list."""
        return self._mark(self._key_places, path) if path in self._key_places else self.mark(path)

    def source_text(self, path: KeyPath) -> str | None:
        """Text of a scalar without its quotes, `"1.10"` where `value` holds 1.1; None for lists and mappings."""
        return self._texts.get(path)

    def _mark(self, places: Mapping[KeyPath, tuple[int, int]], path: KeyPath) -> str:
        while path and path not in places:
            path = path[:-1]
        line, column = places.get(path, (1, 1))
        return f"{self.name}:{line}:{column}"


def read(name: str | Path, content: bytes) -> Document:
    """Read one YAML file.

    Args:
        name: how messages name the file; it is not opened.
        content: the bytes of the file.

    Raises:
        YamlError: the file is not acceptable; it carries every mistake that could be found in one pass.
    """
    name = str(name)
    reader = _Reader(name, _decode(name, content))
    value = reader.read()
    document = Document(name, value, reader.places, reader.key_places, reader.texts)
    if reader.problems:
        raise YamlError(tuple(reader.problems[:MAX_PROBLEMS]), document if isinstance(value, dict) else None)
    if value is None:
        raise YamlError((f"{name}:1:1: the file is empty; it has to hold a mapping of keys",))
    if not isinstance(value, dict):
        found = "a list" if isinstance(value, list) else "a single value"
        raise YamlError((f"{name}:1:1: expected a mapping of keys, found {found}",))
    return document


def _decode(name: str, content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise YamlError((f"{name}:1:1: the file has {len(content)} bytes; at most {MAX_BYTES} are read",))
    if content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        raise YamlError((f"{name}:1:1: the file starts with a byte order mark; save it as UTF-8 without one",))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise YamlError((f"{name}:{line}:{column}: byte {error.start} is not UTF-8; save the file as UTF-8",)) from None
    if hidden := _INVISIBLE.search(text):
        line, column = text.count("\n", 0, hidden.start()) + 1, hidden.start() - text.rfind("\n", 0, hidden.start())
        raise YamlError((f"{name}:{line}:{column}: {_invisible(hidden[0])}; remove it",))
    return text


def _invisible(character: str) -> str:
    return f"invisible character U+{ord(character):04X} (a control, or one that hides or reorders text)"


@dataclass
class _Level:
    """A mapping or list that is still open; `key` is the key whose value comes next."""

    value: dict[str, Any] | list[Any]
    path: KeyPath
    key: str | None = None
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)  # line and column of each key seen


class _Reader:
    """Builds plain values from parser events, without recursion."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        self.problems: list[str] = []
        self.places: dict[KeyPath, tuple[int, int]] = {}
        self.key_places: dict[KeyPath, tuple[int, int]] = {}
        self.texts: dict[KeyPath, str] = {}
        self._levels: list[_Level] = []
        self._root: Any = None
        self._documents = 0

    def read(self) -> Any:
        """The value of the only document, None where there is none."""
        for count, event in enumerate(self._events()):
            if count > MAX_VALUES:
                self._stop(event, f"more than {MAX_VALUES} values in one file")
            self._take(event)
        return self._root

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self.text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            what = ", ".join(part for part in (error.problem, error.context) if part)
            raise YamlError((*self.problems, f"{self.name}:{line}:{column}: not readable as YAML: {what}")) from None
        except (yaml.YAMLError, UnicodeError, ValueError):
            raise YamlError((f"{self.name}:1:1: not readable as YAML: a character or escape is not valid",)) from None

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event)
        elif isinstance(event, yaml.AliasEvent):
            self._problem(event, f'alias "*{event.anchor}"; write the value out')
            self._put(event, None)
        elif isinstance(event, yaml.ScalarEvent):
            self._refuse_decoration(event)
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_decoration(event)
            if self._awaits_key():
                self._stop(event, "a key has to be text")
            value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
            self._levels.append(_Level(value, self._put(event, value)))
            if len(self._levels) > MAX_DEPTH:
                self._stop(event, f"nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            self._levels.pop()

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self._stop(event, 'a second document starts here; one file holds one document, without a "---" inside')
        if event.tags or (event.version and tuple(event.version) != (1, 2)):
            self._problem(event, "a directive other than %YAML 1.2; remove it")

    def _refuse_decoration(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor:
            self._problem(event, f'anchor "&{event.anchor}"; write the value out where it is used')
        if event.tag:
            self._problem(event, f'tag "{event.tag[:60]}"; values are plain text, numbers, lists and mappings')

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if hidden := _INVISIBLE.search(event.value):
            self._problem(event, f"{_invisible(hidden[0])}; remove it")
        if self._awaits_key():
            self._key(event)
            return
        value: bool | int | float | str | None = event.value
        if event.implicit[0]:  # unquoted
            try:
                value = resolve(event.value)
            except ValueError as error:
                self._problem(event, str(error))
        self.texts[self._put(event, value)] = event.value

    def _awaits_key(self) -> bool:
        return bool(self._levels) and isinstance(self._levels[-1].value, dict) and self._levels[-1].key is None

    def _key(self, event: yaml.ScalarEvent) -> None:
        level, (line, column) = self._levels[-1], _place(event)
        if not event.value:
            self._problem(event, "an empty key")
        if event.value in level.keys:
            first, where = level.keys[event.value]
            both = f"on line {first} and on line {line}" if first != line else f"in columns {where} and {column}"
            self._problem(event, f'key "{event.value[:60]}" is given twice, {both}; keep one')
        level.keys.setdefault(event.value, (line, column))
        level.key = event.value
        self.key_places[(*level.path, event.value)] = _place(event)

    def _put(self, event: yaml.Event, value: Any) -> KeyPath:
        path: KeyPath = ()
        if not self._levels:
            self._root = value
        else:
            level = self._levels[-1]
            if isinstance(level.value, list):
                path = (*level.path, len(level.value))
                level.value.append(value)
            elif level.key is None:  # an alias where a key should stand; its problem is noted already
                level.key, path = "", level.path
            else:
                path = (*level.path, level.key)
                level.value[level.key] = value
                level.key = None
        self.places[path] = _place(event)
        return path

    def _problem(self, event: yaml.Event, what: str) -> None:
        line, column = _place(event)
        self.problems.append(f"{self.name}:{line}:{column}: {what}".replace("\n", "\\n"))
        if len(self.problems) >= MAX_PROBLEMS:
            raise YamlError((*self.problems, f"{self.name}:{line}:{column}: too many mistakes; the rest was not read"))

    def _stop(self, event: yaml.Event, what: str) -> None:
        line, column = _place(event)
        raise YamlError((*self.problems, f"{self.name}:{line}:{column}: {what}"))


def resolve(text: str) -> bool | int | float | str | None:
    """Value of an unquoted scalar under the YAML 1.2 core schema.

    Raises:
        ValueError: it is a number that is not finite, or a whole number beyond 2**53.
    """
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text[0] in "tT"
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number; quote it if it is meant as text")
    for pattern, base in ((_DECIMAL, 10), (_OCTAL, 8), (_HEX, 16)):
        if pattern.fullmatch(text):
            digits = text if base == 10 else text[2:]
            if len(digits) > 60 or abs(int(digits, base)) > LARGEST_INTEGER:
                raise ValueError("a whole number beyond 2**53 cannot be kept exactly; quote it if it is meant as text")
            return int(digits, base)
    if _FLOAT.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            raise ValueError("a number too large to be finite; quote it if it is meant as text")
        return value
    return text


def _place(event: yaml.Event) -> tuple[int, int]:
    return (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)
