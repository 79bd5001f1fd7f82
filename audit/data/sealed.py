"""A large file that is read in pieces, each of which is compared with what was hashed.

The file is hashed once from the first byte to the last, as a whole and block by block. Whoever reads a piece later gets
the bytes of that first pass or an error, whatever was written to the file in between.
"""

from __future__ import annotations

import hashlib
import os

from audit.errors import SubjectError

BLOCK = 1 << 20


class SealedFile:
    """An open file whose bytes are known.

    Args:
        descriptor: of a regular file; the caller keeps it open.
        path: for messages.

    Attributes:
        size: bytes.
        sha256: digest of all of them.

    Raises:
        SubjectError: the file cannot be read.
    """

    def __init__(self, descriptor: int, path: str) -> None:
        self.path = path
        self._descriptor = descriptor
        self._digests: list[bytes] = []
        whole, self.size = hashlib.sha256(), 0
        while block := self._read(self.size, BLOCK):
            whole.update(block)
            self._digests.append(hashlib.sha256(block).digest())
            self.size += len(block)
        self.sha256 = whole.hexdigest()

    def read_at(self, start: int, size: int) -> bytes:
        """Exactly these bytes.

        Raises:
            SubjectError: they are not the bytes that were hashed, or lie behind the end of the file.
        """
        if start < 0 or size < 0 or start + size > self.size:
            raise SubjectError(f'"{self.path}" has no bytes {start} to {start + size}')
        first = start // BLOCK
        blocks = b"".join(self._block(number) for number in range(first, -(-(start + size) // BLOCK)))
        offset = start - first * BLOCK
        return blocks if not offset and size == len(blocks) else blocks[offset : offset + size]

    def _block(self, number: int) -> bytes:
        block = self._read(number * BLOCK, BLOCK)
        if hashlib.sha256(block).digest() != self._digests[number]:
            raise SubjectError(f'"{self.path}" changed while it was read; start again with a file at rest')
        return block

    def _read(self, start: int, size: int) -> bytes:
        """As many bytes as there are, up to `size`."""
        try:
            block = os.pread(self._descriptor, size, start)
            while len(block) < size and (more := os.pread(self._descriptor, size - len(block), start + len(block))):
                block += more
        except OSError as error:
            raise SubjectError(f'"{self.path}" cannot be read: {error.strerror}') from error
        return block
