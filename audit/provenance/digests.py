"""Digests by name: those of hashlib, and those of a file that is cut into parts of equal size.

`sha256-sharded-1000` stands for the SHA-256 digests of the first thousand bytes, of the next thousand and so on, joined
in that order; of an empty file nothing is left. So a claim by parts is compared as any other is, and covers the whole
file.

Source: OpenSSF Model Signing 1.0, section 6.3.2 (shard serialization); the name is that of its reference program.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from audit.provenance.record import STRONG

_BETWEEN = "-sharded-"


class Digest(Protocol):
    """A digest that is being computed, as hashlib has it."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Take in the bytes that follow."""

    def hexdigest(self) -> str:
        """Lower-case hexadecimal digest of the bytes so far."""


def new(algorithm: str) -> Digest:
    """Begin a digest.

    Args:
        algorithm: name in hashlib, or that with the size of the parts, as `sharded` gives it.
    """
    whole, _, size = algorithm.partition(_BETWEEN)
    return _Sharded(whole, int(size)) if size else hashlib.new(whole, usedforsecurity=False)


def sharded(algorithm: str, size: int) -> str:
    """The name of a digest over parts of `size` bytes."""
    return f"{algorithm}{_BETWEEN}{size}"


def is_sharded(algorithm: str) -> bool:
    """Whether a name stands for a digest over parts, of which an empty file has none."""
    return _BETWEEN in algorithm


def is_strong(algorithm: str) -> bool:
    """Whether nobody can make a second file with the same digest."""
    return algorithm.partition(_BETWEEN)[0] in STRONG


class _Sharded:
    def __init__(self, algorithm: str, size: int) -> None:
        self._algorithm, self._size = algorithm, size
        self._done = bytearray()
        self._begun, self._filled = self._next(), 0

    def update(self, data: bytes | memoryview, /) -> None:
        rest = memoryview(data)
        while rest:
            part = rest[: self._size - self._filled]
            self._begun.update(part)
            self._filled += len(part)
            rest = rest[len(part) :]
            if self._filled == self._size:
                self._done += self._begun.digest()
                self._begun, self._filled = self._next(), 0

    def hexdigest(self) -> str:
        return self._done.hex() + (self._begun.hexdigest() if self._filled else "")

    def _next(self) -> hashlib._Hash:
        return hashlib.new(self._algorithm, usedforsecurity=False)
