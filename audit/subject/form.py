"""Reads values of a YAML document by kind and collects every mistake, so that all are reported at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from audit.errors import foreign
from audit.plugins import near
from audit.yaml_file import Document, KeyPath

Scalar = str | int | float | bool


class Form:
    """A document with its mistakes so far.

    Attributes:
        allow_outside: whether paths may leave the folder of the document.
        problems: one message a mistake, each `file:line:column: what is wrong; what to do`.
    """

    def __init__(self, document: Document, *, allow_outside: bool = False, unreadable: Sequence[str] = ()) -> None:
        self.document = document
        self.allow_outside = allow_outside
        self.problems: list[str] = list(unreadable)
        self._unreadable = tuple(unreadable)

    def problem(self, path: KeyPath, what: str, *, at_key: bool = False) -> None:
        """Note a mistake at a value, or at the key that names it; what could not be read there was said already."""
        mark = self.document.key_mark(path) if at_key else self.document.mark(path)
        if not any(line.startswith(f"{mark}: ") for line in self._unreadable):
            self.problems.append(f"{mark}: {what}".replace("\n", "\\n"))

    def value(self, path: KeyPath) -> Any:
        """What stands at a path, None where nothing does."""
        found: Any = self.document.value
        for step in path:
            if isinstance(found, Mapping):
                found = found.get(str(step))
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found

    def mapping(self, path: KeyPath, known: Collection[str] | None = None) -> dict[str, Any]:
        """A mapping, empty where nothing stands; keys that are not known are mistakes."""
        found = self.value(path)
        if found is None:
            return {}
        if not isinstance(found, dict):
            self._unexpected(path, found, "a mapping of keys")
            return {}
        for key in found:
            if known is not None and key not in known:
                self.unknown((*path, key), key, known)
        return found

    def unknown(self, path: KeyPath, word: str, known: Collection[str]) -> None:
        """Note a key that is not known, with the nearest known one."""
        similar = near(word, known)
        hint = f'did you mean "{similar[0]}"?{foreign(word, similar[0])}' if similar else f"known: {', '.join(known)}"
        self.problem(path, f'unknown key "{word}"; {hint}', at_key=True)

    def text(self, path: KeyPath, default: str | None = None, *, numbers: bool = False) -> str | None:
        """A text that is not empty.

        Args:
            numbers: whether a number counts as the text that it was written with, as in `version: 1.10`.
        """
        found = self.value(path)
        if found is None:
            return default
        if numbers and isinstance(found, int | float) and not isinstance(found, bool):
            found = self.document.source_text(path)
        if not isinstance(found, str) or not found.strip():
            self._unexpected(path, found, "a text")
            return default
        return found

    def choice(self, path: KeyPath, words: Collection[str], default: str) -> str:
        """One of some words."""
        found = self.value(path)
        if found is None:
            return default
        if found not in words:
            similar = near(str(found), words)
            hint = f'; did you mean "{similar[0]}"?' if similar else ""
            self.problem(path, f'"{self._key(path)}" is {self._shown(found)}; expected one of {", ".join(words)}{hint}')
            return default
        return str(found)

    def boolean(self, path: KeyPath, default: bool) -> bool:
        """True or false."""
        found = self.value(path)
        if found is None:
            return default
        if not isinstance(found, bool):
            self._unexpected(path, found, "true or false")
            return default
        return found

    def number(self, path: KeyPath, *, above: float | None = None) -> float | None:
        """A number, above a limit where one is given."""
        found = self.value(path)
        if found is None:
            return None
        wrong = isinstance(found, bool) or not isinstance(found, int | float)
        if wrong or (above is not None and found <= above):
            self._unexpected(path, found, "a number" if above is None else f"a number above {above:g}")
            return None
        return float(found)

    def scalar(self, path: KeyPath) -> Scalar | None:
        """A text, a number, true or false."""
        found = self.value(path)
        if found is None or isinstance(found, str | int | float | bool):
            return found
        self._unexpected(path, found, "a single value")
        return None

    def scalars(self, path: KeyPath) -> tuple[Scalar, ...]:
        """A list of single values, without repetition."""
        items = [item for item in (self.scalar((*path, i)) for i in range(self._length(path))) if item is not None]
        for position, item in enumerate(items):
            if item in items[:position]:
                self.problem((*path, position), f"{item!r} is listed twice")
        return tuple(items)

    def texts(self, path: KeyPath) -> tuple[str, ...]:
        """A list of texts, without repetition."""
        return tuple(self.items(path).values())

    def items(self, path: KeyPath) -> dict[int, str]:
        """A list of texts, without repetition, each with its position in the file."""
        found: dict[int, str] = {}
        for position in range(self._length(path)):
            word = self.text((*path, position))
            if word is not None and word in found.values():
                self.problem((*path, position), f'"{word}" is listed twice')
            elif word is not None:
                found[position] = word
        return found

    def words(self, path: KeyPath) -> tuple[str, ...]:
        """A list of texts in which a text may come twice, such as a command line; numbers count as they are written."""
        found = [self.text((*path, i), numbers=True) for i in range(self._length(path))]
        return tuple(word for word in found if word is not None)

    def _length(self, path: KeyPath) -> int:
        found = self.value(path)
        if found is None:
            return 0
        if not isinstance(found, list):
            self._unexpected(path, found, "a list, such as [a, b]")
            return 0
        return len(found)

    def _unexpected(self, path: KeyPath, found: Any, expected: str) -> None:
        self.problem(path, f'"{self._key(path)}" is {self._shown(found)}; expected {expected}')

    @staticmethod
    def _key(path: KeyPath) -> str:
        words = [step for step in path if isinstance(step, str)]
        return words[-1] if words else "the file"

    @staticmethod
    def _shown(found: Any) -> str:
        if isinstance(found, dict):
            return "a mapping"
        if isinstance(found, list):
            return "a list"
        return "empty" if found is None or found == "" else repr(found)[:60]
