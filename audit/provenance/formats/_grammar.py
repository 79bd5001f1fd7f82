"""A notation for the objects of a JSON format, and a walk that holds a document against it.

An object is written as its properties, apart by spaces:

    *name=text              required
    tags=[text]@5           a list, since release 5
    ref=text@-4             until release 4; `@5-6` is from 5 to 6
    parts={component}       a list in which nothing is repeated
    notes=[text]+           a list that is not empty
    choice=(thing)          a list of exactly one
    who=person|company      exactly one of these fits
    mode=fast/slow          one of these words; a single one is written `fast/`
    <id|name>               exactly one of these properties is there; `a+b` stands for both together
    <id,name>               at least one of these is there
    ...                     properties that are not listed are allowed; elsewhere they are a fault

What `=` names is a scalar, a list of words, an alias or another object. Documents may not be nested without bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from audit.provenance.json_text import shown

_SPAN = re.compile(r"(?P<what>.+?)(?:@(?P<since>\d*)(?:(?P<until>-)(?P<last>\d+))?)?")
_BRACKETS = {"[": "]", "{": "}", "(": ")"}


@dataclass(frozen=True)
class Tables:
    """What a format is made of.

    Attributes:
        scalars: whether a value is right that is no object and no list, by the name of its kind.
        words: words of each list, apart by spaces; `@5` opens those since release 5.
        aliases: kinds by another name, by release.
        objects: properties of each object.
        rules: what the notation cannot say of an object: gives the fault, empty for none.
    """

    scalars: Mapping[str, Callable[[Any], bool]]
    words: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Callable[[dict[str, Any]], str]] = field(default_factory=dict)


class Grammar:
    """The tables as they are for one release of a format, such as 6 for 1.6."""

    def __init__(self, tables: Tables, release: int) -> None:
        self._tables = tables
        self._release = release
        self._words = {name: frozenset(self._opened(text.split())) for name, text in tables.words.items()}
        self._aliases = {name: kind for name, text in tables.aliases.items() for kind in self._current(text.split())}
        self._shapes = {name: self._shape(name, text.split()) for name, text in tables.objects.items()}
        self._kind = cache(self._parsed)

    def fault(self, name: str, value: Any) -> str:
        """The first thing that is wrong with a value, as `$.path: what`; empty for none.

        Args:
            name: the kind that it should be.
        """
        return _Walk(self._kind, self._shapes).fault(self._kind(name), value, "$")

    def _current(self, entries: Iterable[str]) -> Iterable[str]:
        for entry in entries:
            found = _SPAN.fullmatch(entry)
            if found is None:
                continue
            first = int(found["since"] or 0)
            last = int(found["last"]) if found["until"] else self._release
            if first <= self._release <= last:
                yield found["what"]

    def _opened(self, words: Iterable[str]) -> Iterable[str]:
        is_open = True
        for word in words:
            if word.startswith("@"):
                is_open = int(word[1:]) <= self._release
            elif is_open:
                yield word

    def _shape(self, name: str, entries: Sequence[str]) -> _Shape:
        current = list(self._current(entries))
        pairs = [entry.partition("=") for entry in current if "=" in entry]
        return _Shape(
            {key.lstrip("*"): kind for key, _, kind in pairs},
            tuple(key[1:] for key, _, _ in pairs if key.startswith("*")),
            tuple(_Group(entry[1:-1]) for entry in current if entry.startswith("<")),
            "..." in current,
            self._tables.rules.get(name, lambda value: ""),
        )

    def _parsed(self, text: str) -> _Kind:
        options = _apart(text)
        if len(options) > 1:
            return _OneOf(tuple(map(self._kind, options)))
        bare = text.rstrip("+")
        if bare[0] in _BRACKETS:
            most = 1 if text[0] == "(" else None
            return _List(self._kind(bare[1:-1]), text[0] == "{", 1 if most or bare != text else 0, most)
        if text in self._aliases:
            return self._kind(self._aliases[text])
        if text in self._shapes:
            return _Object(text)
        if text in self._tables.scalars:
            return _Scalar(text, self._tables.scalars[text])
        return _Words(self._words[text] if text in self._words else frozenset(filter(None, text.split("/"))))


@dataclass(frozen=True)
class _Group:
    """Properties of which exactly one, or at least one, is there: `id|name`, `a+b|c`, `id,name`."""

    text: str

    def holds(self, value: Mapping[str, Any]) -> bool:
        options = re.split("[|,]", self.text)
        held = sum(all(part in value for part in option.split("+")) for option in options)
        return held >= 1 if "," in self.text else held == 1


@dataclass(frozen=True)
class _Shape:
    """One object, as its table has it."""

    properties: Mapping[str, str]
    required: tuple[str, ...]
    groups: tuple[_Group, ...]
    is_open: bool
    rule: Callable[[dict[str, Any]], str]

    def fault(self, value: dict[str, Any]) -> str:
        """What is wrong with which properties are there."""
        for key in self.required:
            if key not in value:
                return f"{key!r} is missing"
        if not self.is_open:
            for key in value:
                if key not in self.properties:
                    return f"{shown(key)} is not known here"
        for group in self.groups:
            if not group.holds(value):
                return f"{'at least' if ',' in group.text else 'exactly'} one is expected of: {group.text}"
        return self.rule(value)


@dataclass(frozen=True)
class _OneOf:
    options: tuple[_Kind, ...]


@dataclass(frozen=True)
class _List:
    item: _Kind
    unique: bool
    least: int
    most: int | None


@dataclass(frozen=True)
class _Object:
    name: str


@dataclass(frozen=True)
class _Words:
    words: frozenset[str]


@dataclass(frozen=True)
class _Scalar:
    name: str
    accepts: Callable[[Any], bool]


_Kind = _OneOf | _List | _Object | _Words | _Scalar


def _apart(text: str) -> list[str]:
    """The parts of `a|[b|c]`: `a` and `[b|c]`."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in _BRACKETS) - (character in _BRACKETS.values())
        if character == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return parts


class _Walk:
    """One walk through one document."""

    def __init__(self, kind: Callable[[str], _Kind], shapes: Mapping[str, _Shape]) -> None:
        self._kind = kind
        self._shapes = shapes
        self._fingerprints: dict[int, int] = {}

    def fault(self, kind: _Kind, value: Any, path: str) -> str:
        """The first fault, with its path."""
        if isinstance(kind, _Scalar):
            return "" if kind.accepts(value) else f"{path}: {_told(value)} is no {kind.name.replace('_', ' ')}"
        if isinstance(kind, _Words):
            known = isinstance(value, str) and value in kind.words
            return "" if known else f"{path}: {_told(value)} is none of {_some(kind.words)}"
        if isinstance(kind, _OneOf):
            return self._one_of(kind, value, path)
        return self._list(kind, value, path) if isinstance(kind, _List) else self._object(kind, value, path)

    def _object(self, kind: _Object, value: Any, path: str) -> str:
        if not isinstance(value, dict):
            return f"{path}: {_told(value)} is no object"
        shape = self._shapes[kind.name]
        problem = shape.fault(value)
        if problem:
            return f"{path}: {problem}"
        for key, part in value.items():
            if key in shape.properties:
                problem = self.fault(self._kind(shape.properties[key]), part, f"{path}.{key}")
                if problem:
                    return problem
        return ""

    def _list(self, kind: _List, value: Any, path: str) -> str:
        if not isinstance(value, list):
            return f"{path}: {_told(value)} is no list"
        if len(value) < kind.least or (kind.most is not None and len(value) > kind.most):
            return f"{path}: {len(value)} entries, {'exactly' if kind.most else 'at least'} {kind.least} expected"
        for index, item in enumerate(value):
            problem = self.fault(kind.item, item, f"{path}[{index}]")
            if problem:
                return problem
        if kind.unique and len(value) > 1 and len({self._fingerprint(item) for item in value}) < len(value):
            return f"{path}: an entry is repeated"
        return ""

    def _one_of(self, kind: _OneOf, value: Any, path: str) -> str:
        faults = [self.fault(option, value, path) for option in kind.options]
        fitting = faults.count("")
        if fitting == 1:
            return ""
        if fitting:
            return f"{path}: may be read in {fitting} ways"
        return max(faults, key=lambda text: len(text.partition(": ")[0]))  # the reading that went furthest

    def _fingerprint(self, value: Any) -> int:
        """Equal for equal values of JSON, in which 1 is 1.0 and true is not 1."""
        if not isinstance(value, dict | list):
            return hash((isinstance(value, bool), value))
        if id(value) in self._fingerprints:
            return self._fingerprints[id(value)]
        inner = value.values() if isinstance(value, dict) else value
        parts = [self._fingerprint(part) for part in inner]
        found = hash(frozenset(zip(value, parts, strict=True)) if isinstance(value, dict) else (list, *parts))
        if any(isinstance(part, dict | list) for part in inner):  # the others are cheap to look at again
            self._fingerprints[id(value)] = found
        return found


def _told(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return shown(value)


def _some(words: Iterable[str]) -> str:
    ordered = sorted(words)
    return ", ".join(ordered[:8]) + (", ..." if len(ordered) > 8 else "")
