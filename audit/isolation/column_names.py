"""Column names on their way to a model: sent once, for with one row they cost more than the row."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

_NAMES = 16


class Names:
    """The names that both sides of one exchange know."""

    def __init__(self) -> None:
        self._known: list[Any] = []
        self._new: list[Any] = []

    def dumps(self, arguments: Any, buffers: list[pickle.PickleBuffer]) -> bytes:
        """Pickle arguments, with known column names as numbers and arrays in `buffers`."""
        self._new = []
        target = io.BytesIO()
        _Pickler(target, self._reference, buffers).dump(arguments)
        return target.getvalue()

    def sent(self) -> None:
        """The other side knows the names of the last arguments now."""
        self._known += self._new
        self._new = []

    def loads(self, content: bytes, buffers: list[Any]) -> Any:
        """What `dumps` of the other side was given."""
        return _Unpickler(content, self._resolved, buffers).load()

    def _reference(self, found: Any) -> tuple[int, bytes] | None:
        kind = type(found)
        if kind.__name__ != "Index" or kind.__module__ != "pandas":
            return None
        for number, known in enumerate((*self._known, *self._new)):
            if found is known or (found.dtype == known.dtype and found.name == known.name and found.equals(known)):
                return number, b""
        if len(self._known) + len(self._new) >= _NAMES:
            return None
        self._new.append(found)
        return len(self._known) + len(self._new) - 1, pickle.dumps(found, protocol=5)

    def _resolved(self, reference: tuple[int, bytes]) -> Any:
        number, content = reference
        if content:
            self._known.append(pickle.loads(content))
        return self._known[number]


class _Pickler(pickle.Pickler):
    """Names some objects instead of writing them out."""

    def __init__(self, target: io.BytesIO, reference: Callable[[Any], Any], buffers: list[pickle.PickleBuffer]) -> None:
        super().__init__(target, protocol=5, buffer_callback=buffers.append)
        self._reference = reference

    def persistent_id(self, found: Any) -> Any:
        """The number of an object that the other side knows."""
        return self._reference(found)


class _Unpickler(pickle.Unpickler):
    """Finds the objects that `_Pickler` named."""

    def __init__(self, content: bytes, resolved: Callable[[Any], Any], buffers: list[Any]) -> None:
        super().__init__(io.BytesIO(content), buffers=buffers)
        self._resolved = resolved

    def persistent_load(self, reference: Any) -> Any:
        """The object with that number."""
        return self._resolved(reference)
