"""Resolves the policy files of a bundle again: what judged must be what they come to, with the params as recorded.

All comes from the bundle, the built-in policies too: the installation of the reader may be newer. Its checks have to be
those of the reader, since a policy is filled up with their defaults; where the resolved policy itself cannot be loaded
here, nothing can be compared, and the reader is told so.
"""

from __future__ import annotations

import datetime
import posixpath
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from audit import yaml_file
from audit.bundle import policy_file
from audit.errors import BundleError, PolicyError
from audit.records import Parameter, Policy, PolicySummary

if TYPE_CHECKING:
    from audit.policy import Finder
    from audit.policy.sources import Source

_BUILTIN = "builtin:"
_MOST_DEEP = 16


@dataclass(frozen=True)
class Resolution:
    """What came of it.

    Attributes:
        problems: why the resolved policy is not what the policy files come to.
        notes: params that were set on the command line, or why nothing could be compared.
    """

    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def compare(
    summary: PolicySummary, contents: Sequence[bytes], resolved: bytes, *, today: datetime.date | None = None
) -> Resolution:
    """Resolve the policy files of a bundle and compare the outcome with its resolved policy.

    Args:
        summary: names the files, in the order in which they were read, and the values of the params.
        contents: of those files.
        resolved: content of `policy.resolved.yaml`.
        today: the UTC day of the audit, from which the last days of trusted types are counted; None for today.

    Raises:
        BundleError: `resolved` is no resolved policy.
    """
    policy_file.parse(resolved)
    if not contents:
        return Resolution(("the bundle names no policy file, so nothing shows who asked for these limits",))
    given = dict(summary.params)
    names = [name for name, _ in summary.sources]
    try:
        with tempfile.TemporaryDirectory() as folder:
            copies = _Copies(Path(folder), names, contents)
            path = copies.write()
            written = _load(path, {}, given, today, copies.find)
            changed = {name: value for name, value in given.items() if written.params.get(name) != value}
            final = _load(path, changed, given, today, copies.find) if changed else written
            copies.check_all_used()
    except (BundleError, PolicyError) as error:
        return _not_resolved(error, resolved, today, _Copies(Path(), names, contents).find)
    notes = tuple(f"param {name} was set to {value!r}, which no policy file says" for name, value in changed.items())
    problems = tuple(_differences(final, resolved))
    if dict(final.params) != given:
        problems += ("the params in bundle.json are not those of the policy files",)
    return Resolution(problems, notes)


def _load(
    path: Path,
    overrides: Mapping[str, Parameter],
    given: Mapping[str, Parameter],
    today: datetime.date | None,
    finder: Finder,
) -> Policy:
    from audit import policy

    def load(params: Mapping[str, Parameter]) -> Policy:
        words = {name: _word(value) for name, value in params.items()}
        return policy.load(path, overrides=words, today=today, finder=finder)

    try:
        return load(overrides)
    except PolicyError:
        if overrides or not given:
            raise
        # a file may leave a param at a value with which it does not load, and ask for another on the command line
        return load(given)


def _word(value: Parameter) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _not_resolved(
    error: BundleError | PolicyError, resolved: bytes, today: datetime.date | None, finder: Finder
) -> Resolution:
    from audit import policy

    reason = str(error).splitlines()[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "0.yaml"
        path.write_bytes(resolved)
        try:
            policy.load(path, today=today, finder=finder)
        except PolicyError:
            why = "the checks installed here are not those that it was written for"
            return Resolution(notes=(f"the policy files were not resolved again: {why} ({reason})",))
    return Resolution((f"the policy files do not come to any policy: {reason}",))


def _differences(policy: Policy, resolved: bytes) -> Iterator[str]:
    content = policy_file.dump(policy)
    if content == resolved:
        return
    own_form = policy_file.dump(policy_file.parse(resolved))
    wanted, found = (yaml_file.read("policy.resolved.yaml", part).value for part in (content, own_form))
    rules = [{rule["id"]: rule for rule in part.pop("rules")} for part in (wanted, found)]
    says = "is not what the policy files in the bundle say"
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            yield f'policy.resolved.yaml: "{name}" {says}'
    for rule in dict.fromkeys([*rules[0], *rules[1]]):
        old, new = (part.get(rule, {}) for part in rules)
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield f'policy.resolved.yaml: rule "{rule}": "{name}" {says}'
    yield f"policy.resolved.yaml: {says}"


class _Copies:
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
