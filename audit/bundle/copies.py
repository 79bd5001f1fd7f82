"""The policy files of a bundle as files that `policy.load` can read: they extend one another by the names they get."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from audit import yaml_file
from audit.errors import BundleError, PolicyError

if TYPE_CHECKING:
    from audit.policy.sources import Source

_BUILTIN = "builtin:"
_MOST_DEEP = 16


class Copies:
    """The policy files of a bundle as `0.yaml`, `1.yaml` ..., which extend one another by those names.

    Files are met in the order in which they were read, so that two of one name are not taken for each other. Behind
    the policies come the files that their rules name; those are handed over and not written.
    """

    def __init__(self, folder: Path, names: Sequence[str], contents: Sequence[bytes]) -> None:
        self.folder, self.names, self.contents = folder, names, contents
        self.copies: dict[str, str] = {}
        self._attached: dict[str, int] = {}

    def write(self) -> Path:
        """Write all of them.

        Returns:
            The first one.

        Raises:
            BundleError: they do not belong together.
        """
        return self.folder / self._copy(self.names[0], 0)

    def find(self, word: str, policy: Source) -> Source:
        """The file that a rule names, from the bundle.

        Args:
            word: as the rule gives it.
            policy: the copy in which the rule stands.

        Raises:
            PolicyError: the bundle has no such file.
        """
        from audit.policy.sources import Source

        originals = {copy: name for name, copy in self.copies.items()}
        name = _beside(originals.get(Path(policy.name).name, ""), word)
        if name not in self._attached:
            behind = [
                place for place in range(len(self.copies), len(self.names)) if _same_file(self.names[place], name)
            ]
            unclaimed = [place for place in behind if place not in self._attached.values()]
            if not behind:
                raise PolicyError(f"{word}: a rule names it, and the bundle does not have it")
            self._attached[name] = (unclaimed or behind)[0]
        place = self._attached[name]
        return Source(self.names[place], self.names[place], f"attached {place}", Path(), self.contents[place])

    def check_all_used(self) -> None:
        """Refuse files that the policy does not need.

        Raises:
            BundleError: there is one.
        """
        used = {*range(len(self.copies)), *self._attached.values()}
        if unused := [name for place, name in enumerate(self.names) if place not in used]:
            raise BundleError(f'no policy file extends "{unused[0]}", and no rule names it')

    def _copy(self, name: str, depth: int) -> str:
        if name in self.copies:
            return self.copies[name]
        index = len(self.copies)
        if index >= len(self.names) or depth > _MOST_DEEP or not _same_file(self.names[index], name):
            raise BundleError(f'"{name}" is extended, and its file is not where the bundle should have it')
        copy = self.copies[name] = f"{index}.yaml"
        lines = self.contents[index].decode("utf-8", "replace").split("\n")
        words = _extended(self.contents[index])
        parents = [self._copy(_beside(name, word.text), depth + 1) for word in words]
        for word, parent in reversed(list(zip(words, parents, strict=True))):  # from the end, so that places stay true
            before, after = lines[word.line][: word.column], lines[word.line][word.column :]
            if word.text not in after:
                raise BundleError(f'"{word.text}" is not written out where "{name}" extends it')
            lines[word.line] = before + after.replace(word.text, parent, 1)
        (self.folder / copy).write_text("\n".join(lines), encoding="utf-8", newline="")
        return copy


@dataclass(frozen=True)
class _Word:
    """A policy that another one extends, and where the word stands, counted from 0."""

    text: str
    line: int
    column: int


def _extended(content: bytes) -> list[_Word]:
    if b"extends" not in content:
        return []  # reading it once more would double the time; a key in disguise names a file that is not there
    try:
        document = yaml_file.read("policy", content)
    except yaml_file.YamlError as error:
        raise BundleError(str(error)) from None
    words = document.value.get("extends")
    found = []
    for position, text in enumerate(words if isinstance(words, list) else []):
        if isinstance(text, str):
            line, column = document.mark(("extends", position)).split(":")[-2:]
            found.append(_Word(text, int(line) - 1, int(column) - 1))
    return found


def _beside(name: str, word: str) -> str:
    """The file that a word names inside another file."""
    return word if word.startswith(_BUILTIN) else posixpath.normpath(posixpath.join(posixpath.dirname(name), word))


def _same_file(recorded: str, name: str) -> bool:
    """Whether a recorded name may be that file: outside the working folder only the last part was recorded."""
    if recorded.startswith(_BUILTIN) or name.startswith(_BUILTIN):
        return recorded == name
    return posixpath.basename(recorded.replace("\\", "/")) == posixpath.basename(name.replace("\\", "/"))
