"""A model or data file of the subject, as records are compared with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from audit.provenance import digests


@dataclass(frozen=True)
class AuditedFile:
    """One file of the subject.

    Attributes:
        path: relative to the folder of the subject.
        digest: lower-case hexadecimal digest of its bytes, by the name of the algorithm as `digests.new` takes it.
        is_model: whether it is the model or a part of it, and no data; what only went into something is never that.
    """

    path: str
    digest: Callable[[str], str]
    is_model: bool = True

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rpartition("/")[2]


def fingerprint(path: str, content: bytes, *, is_model: bool = True) -> AuditedFile:
    """A file of which the bytes are at hand."""

    def digest(algorithm: str) -> str:
        running = digests.new(algorithm)
        running.update(content)
        return running.hexdigest()

    return AuditedFile(path, digest, is_model)


def folded(path: str) -> str:
    """What two paths have in common that are one file on disks of Windows or macOS.

    Those take capital and small letters, and the two ways of Unicode to write an accent, for the same.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
