"""Collects every mistake of a policy, so that a person can mend all of them in one go."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from audit.errors import PolicyError

_SECRET = re.compile(
    r"(?:^|[_-])(?:password|passwd|passphrase|secret|token|credentials?|api_?key|private_?key)(?:$|[_-])"
)
_LONGEST_ECHO = 60


class Problems:
    """Mistakes by place; the same one is kept once, whichever way it was met."""

    def __init__(self) -> None:
        self._files: dict[str, int] = {}
        self._found: dict[str, tuple[int, int, int, int]] = {}
        self._unreadable: tuple[str, ...] = ()
        self.warnings: list[str] = []

    def file(self, name: str) -> None:
        """Fix the order in which files are reported: the order of the first calls."""
        self._files.setdefault(name, len(self._files))

    def add(self, place: str, message: str, *, rule: str = "") -> None:
        """Note one mistake, unless what stands there could not be read and that is noted already.

        Args:
            place: `file:line:column`.
            message: what is wrong and what to do.
            rule: id of the rule that it concerns.
        """
        if not any(line.startswith(f"{place}: ") for line in self._unreadable):
            self.extend([f"{place}: {_of(rule)}{message}".replace("\n", "\\n")])

    def warn(self, place: str, message: str, *, rule: str = "") -> None:
        """Note something that is allowed, and that its author should know."""
        line = f"{place}: warning: {_of(rule)}{message}"
        if line not in self.warnings:
            self.warnings.append(line)

    def extend(self, lines: Iterable[str]) -> None:
        """Note mistakes that already carry their place."""
        for line in lines:
            self._found.setdefault(line, (*self._position(line), len(self._found)))

    def unreadable(self, lines: Iterable[str]) -> None:
        """Note mistakes of the syntax; what is said later of the same places would only repeat them."""
        self._unreadable += tuple(lines)
        self.extend(self._unreadable)

    def __len__(self) -> int:
        """How many mistakes there are."""
        return len(self._found)

    def error(self) -> PolicyError:
        """All mistakes as one error, in the order of files and lines."""
        return PolicyError(sorted(self._found, key=lambda line: self._found[line]))

    def _position(self, line: str) -> tuple[int, int, int]:
        match = re.match(r"(.*?):(\d+):(\d+): ", line)
        if match is None:
            return -1, 0, 0
        self.file(match[1])
        return self._files[match[1]], int(match[2]), int(match[3])


def is_secret(key: str) -> bool:
    """Whether a key, by its name, holds something that must not be repeated in a message."""
    return _SECRET.search(key.lower()) is not None


def shown(value: Any, *, key: str = "") -> str:
    """A value as a message may repeat it: short, in YAML's words, and never one that its key calls a secret."""
    if is_secret(key):
        return "(hidden)"
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, float):
        return f"{value:.12g}"
    text = str(value)
    text = text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "..."
    return f'"{text}"' if isinstance(value, str) else text


def _of(rule: str) -> str:
    return f'rule "{rule}": ' if rule else ""
