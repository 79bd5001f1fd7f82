"""Finds and reads the files that a policy is made of: paths, and the policies that come with the product."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from audit import plugins, shipped
from audit.errors import PolicyError
from audit.records import PolicySource
from audit.yaml_file import MAX_BYTES

BUILTIN = "builtin:"
_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Source:
    """One policy file, read.

    Attributes:
        name: how messages name it: the path as it was given, or `builtin:NAME`.
        record: how the bundle names it: the same, but no folder outside the working folder, so that two machines agree.
        key: tells two files apart, whatever they are called by.
        folder: what relative paths inside it start from.
    """

    name: str
    record: str
    key: str
    folder: Path
    content: bytes

    def location(self, place: str) -> str:
        """A place inside this file with the name that the bundle uses."""
        return self.record + place.removeprefix(self.name) if place.startswith(self.name) else place

    def as_record(self) -> PolicySource:
        """The file as the bundle keeps it."""
        return PolicySource(self.record, self.content, hashlib.sha256(self.content).hexdigest())


def builtin_names() -> tuple[str, ...]:
    """Names of the policies that come with the product, sorted."""
    return tuple(sorted(path.stem for path in shipped.folder("policies").glob("*.yaml")))


def find(word: str | Path, *, folder: Path | None = None) -> Source:
    """Read the policy file that a word names.

    Args:
        word: a path, or `builtin:NAME`.
        folder: what a relative path starts from, for a path inside a policy file; the working folder otherwise.

    Raises:
        PolicyError: there is no such file, or it cannot be read.
    """
    text = str(word)
    if text.startswith(BUILTIN):
        name = text.removeprefix(BUILTIN)
        if name not in builtin_names():
            raise PolicyError(f"{text}: {plugins.unknown('built-in policy', name, builtin_names())}")
        path = shipped.folder("policies") / f"{name}.yaml"
        return Source(text, text, text, path.parent, read_bytes(path, text))
    if folder is not None:
        return _inner(text, folder)
    path = Path(word)
    return Source(text, portable(path), str(path.resolve()), path.parent, read_bytes(path, text))


def read_bytes(path: Path, name: str) -> bytes:
    """Bytes of a regular file, at most one more than a YAML file may have.

    Args:
        name: how messages name the file.

    Raises:
        PolicyError: it is not there, not a regular file, or not readable.
    """
    try:
        # a FIFO would keep the audit waiting for a writer that never comes
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise PolicyError(f"{name}: not a regular file")
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise PolicyError(f"{name}: no such file{_hint(path)}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise PolicyError(f"{name}: cannot be read: {reason}") from None


def _inner(text: str, folder: Path) -> Source:
    if "://" in text:
        raise PolicyError(f'{text}: nothing is fetched; keep the file beside this one, or use "{BUILTIN}NAME"')
    if Path(text).is_absolute():
        raise PolicyError(f"{text}: an absolute path works on one machine only; write it relative to this file")
    path = Path(os.path.normpath(folder / text))
    return Source(str(path), portable(path), str(path.resolve()), path.parent, read_bytes(path, str(path)))


def portable(path: Path) -> str:
    """A path for the bundle: relative to the working folder where it lies inside, else the bare file name."""
    absolute, here = Path(os.path.abspath(path)), Path.cwd()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else path.name


def _hint(path: Path) -> str:
    if path.name in builtin_names() or path.stem in builtin_names():
        return f'; did you mean "{BUILTIN}{path.stem}"?'
    folder = path.parent
    siblings = [entry.name for entry in folder.iterdir() if entry.suffix in _SUFFIXES] if folder.is_dir() else []
    near = plugins.near(path.name, siblings)
    return f'; did you mean "{near[0]}"?' if near else ""
