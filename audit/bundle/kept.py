"""The policy files of a bundle, found by the words with which they extend one another, and with which rules name files.

A bundle names a file as the audit did, with no folder outside the working folder, so two files may have one name; they
are told apart by the order in which they were read: the policies first, each before those that it extends.
"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path

from audit.errors import BundleError, PolicyError
from audit.policy.sources import BUILTIN, Source


class Kept:
    """Hands out the files of a bundle while its policy is loaded once; nothing is read from a disk."""

    def __init__(self, names: Sequence[str], contents: Sequence[bytes]) -> None:
        self._names, self._contents = names, contents
        self._policies: dict[str, int] = {}
        self._attached: dict[str, int] = {}
        self._met = 0

    @property
    def policies(self) -> int:
        """How many of the files, the first ones, were met as policies."""
        return self._met

    def first(self) -> Source:
        """The policy itself."""
        self._policies[self._names[0]], self._met = 0, 1
        return self._source(self._names[0], 0)

    def extended(self, word: str, policy: Source) -> Source:
        """The policy that another one extends.

        Raises:
            PolicyError: the bundle does not have it, or not where it should.
        """
        name = _beside(policy.name, word)
        if name not in self._policies:
            self._policies[name] = self._place(name, word)
        return self._source(name, self._policies[name])

    def _place(self, name: str, word: str) -> int:
        if self._met < len(self._names) and _same_file(self._names[self._met], name):
            self._met += 1
            return self._met - 1
        # outside the working folder, two words for one file cannot be seen to be that: its folder is not recorded
        for place in range(self._met):
            if not name.startswith(BUILTIN) and _same_file(self._names[place], name):
                return place
        raise PolicyError(f"{word}: its file is not where the bundle should have it")

    def attached(self, word: str, policy: Source) -> Source:
        """The file that a rule names.

        Raises:
            PolicyError: the bundle does not have it.
        """
        name = _beside(policy.name, word)
        if name not in self._attached:
            behind = [place for place in range(self._met, len(self._names)) if _same_file(self._names[place], name)]
            if not behind:
                raise PolicyError(f"{word}: a rule names it, and the bundle does not have it")
            claimed = set(self._attached.values())
            self._attached[name] = next((place for place in behind if place not in claimed), behind[0])
        return self._source(name, self._attached[name])

    def check_all_used(self) -> None:
        """Refuse files that the policy does not need.

        Raises:
            BundleError: there is one.
        """
        used = {*range(self._met), *self._attached.values()}
        if unused := [name for place, name in enumerate(self._names) if place not in used]:
            raise BundleError(f'no policy file extends "{unused[0]}", and no rule names it')

    def _source(self, name: str, place: int) -> Source:
        return Source(name, self._names[place], f"kept {place}", Path(), self._contents[place])


def _beside(name: str, word: str) -> str:
    """The file that a word names inside another file."""
    return word if word.startswith(BUILTIN) else posixpath.normpath(posixpath.join(posixpath.dirname(name), word))


def _same_file(recorded: str, name: str) -> bool:
    """Whether a recorded name may be that file: outside the working folder only the last part was recorded."""
    if recorded.startswith(BUILTIN) or name.startswith(BUILTIN):
        return recorded == name
    return posixpath.basename(recorded.replace("\\", "/")) == posixpath.basename(name.replace("\\", "/"))
