"""Reads a bundle folder back, without believing it: `verify` says whether it may be believed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from audit.bundle.canonical import BUNDLE, RUN, WAIVERS, load
from audit.bundle.finding import Finding
from audit.bundle.layout import ATTESTATION, EVIDENCE_FOLDER, MANIFEST, REPORT_FOLDER
from audit.errors import BundleError
from audit.records import Bundle

MOST_BYTES = 512 * 1024**2
"""Largest single file of a bundle."""
MOST_KEPT = 64 * 1024**2
"""Largest file that is held in memory; a larger one can only be evidence or a report."""
MOST_IN_ALL = 2 * 1024**3
"""Bytes of all files of a bundle together."""
_MOST_KEPT_IN_ALL = 256 * 1024**2
_BLOCK = 2**20
MOST_FILES = 100_000


def read(folder: Path) -> Bundle:
    """The bundle in a folder.

    Raises:
        BundleError: the folder is no bundle, or one of its JSON files is damaged.
    """
    if not folder.is_dir():
        raise BundleError(f"{folder}: no such folder")
    return load({name: read_file(folder, name) for name in (BUNDLE, RUN, WAIVERS)}).bundle


def read_file(folder: Path, name: str) -> bytes:
    """Bytes of one regular file of a bundle; links are not followed.

    Raises:
        BundleError: it is missing, not a regular file, too large, or cannot be read.
    """
    with _opened(folder, name) as file:
        if os.fstat(file.fileno()).st_size > MOST_KEPT:
            raise BundleError(f"{name}: larger than {MOST_KEPT} bytes")
        return file.read(MOST_KEPT)


@contextmanager
def _opened(folder: Path, name: str) -> Iterator[IO[bytes]]:
    try:
        # without O_NONBLOCK a pipe in place of the file would wait for ever
        handle = os.open(folder / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise BundleError(f"{name}: not a regular file")
            if facts.st_size > MOST_BYTES:
                raise BundleError(f"{name}: larger than {MOST_BYTES} bytes")
            yield file
    except FileNotFoundError:
        raise BundleError(f"{name}: missing") from None
    except OSError as error:
        raise BundleError(f"{name}: cannot be read: {error.strerror}") from None


@dataclass(frozen=True)
class Tree:
    """What lies in a folder.

    Attributes:
        files: paths of regular files with forward slashes, sorted.
        problems: links, devices, empty folders and the like.
    """

    files: tuple[str, ...]
    problems: tuple[Finding, ...]


def walk(folder: Path) -> Tree:
    """List a bundle folder without following links.

    Raises:
        BundleError: it cannot be listed, or holds too many files.
    """
    files: list[str] = []
    problems: list[Finding] = []
    pending = [""]
    while pending:
        inside = pending.pop()
        try:
            with os.scandir(folder / inside) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError as error:
            raise BundleError(f"{inside or folder}: cannot be listed: {error.strerror}") from None
        if not entries and inside:
            problems.append(Finding(inside, "an empty folder"))
        for entry in entries:
            path = f"{inside}/{entry.name}" if inside else entry.name
            if not _is_text(path):
                shown = os.fsencode(path).decode("utf-8", "backslashreplace")
                problems.append(Finding(shown, "a name that is not UTF-8; no audit writes one"))
            elif entry.is_symlink():
                problems.append(Finding(path, "a symbolic link; a bundle holds only files"))
            elif entry.is_dir(follow_symlinks=False):
                pending.append(path)
            elif entry.is_file(follow_symlinks=False):
                files.append(path)
            else:
                problems.append(Finding(path, "not a regular file"))
        if len(files) + len(pending) > MOST_FILES:
            raise BundleError(f"{folder}: more than {MOST_FILES} files")
    return Tree(tuple(sorted(files)), tuple(problems))


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True)
class Disk:
    """The files of a bundle folder, each read once, so that what is compared is what was hashed.

    Attributes:
        contents: of all that is no evidence; a report may be too large to be held.
    """

    digests: Mapping[str, str]
    contents: Mapping[str, bytes]

    def content(self, path: str) -> bytes:
        """Bytes of a file that is no evidence.

        Raises:
            BundleError: it is not there.
        """
        if path not in self.contents:
            raise BundleError(f"{path}: missing")
        return self.contents[path]

    def listed(self) -> dict[str, str]:
        """Digests of the files that the manifest has to list."""
        return {path: digest for path, digest in self.digests.items() if path not in (MANIFEST, ATTESTATION)}

    def under(self, folder: str) -> tuple[str, ...]:
        """Paths of the files below a folder."""
        return tuple(path for path in self.digests if path.startswith(f"{folder}/"))


def read_all(folder: Path, paths: tuple[str, ...]) -> Disk:
    """Read and hash the files of a bundle.

    Raises:
        BundleError: one of them cannot be read.
    """
    digests: dict[str, str] = {}
    contents: dict[str, bytes] = {}
    total = kept = 0
    for path in paths:
        blocks: list[bytes] | None = None if path.startswith(f"{EVIDENCE_FOLDER}/") else []
        digest = hashlib.sha256()
        with _opened(folder, path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > MOST_KEPT and blocks is not None:
                if not path.startswith(f"{REPORT_FOLDER}/"):
                    raise BundleError(f"{path}: larger than {MOST_KEPT} bytes")
                blocks = None
            kept += size if blocks is not None else 0
            while block := file.read(_BLOCK):
                total += len(block)
                if total > MOST_IN_ALL or kept > _MOST_KEPT_IN_ALL:
                    raise BundleError(f"{path}: with it the bundle is larger than is read of one")
                digest.update(block)
                if blocks is not None:
                    blocks.append(block)
        digests[path] = digest.hexdigest()
        if blocks is not None:
            contents[path] = b"".join(blocks)
    return Disk(digests, contents)
