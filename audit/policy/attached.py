"""Files that rules name beside the policy, such as lists of what counts as personal: found, read and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from audit.errors import AuditError, PolicyError
from audit.policy.problems import Problems
from audit.policy.sources import BUILTIN, Source, find, read_bytes
from audit.signature import ParameterSpec
from audit.yaml_file import YamlError

Finder = Callable[[str, Source], Source]
"""Finds the file that a word in a policy file names."""


def beside(word: str, policy: Source) -> Source:
    """Read a file that lies in the folder of a policy file, or in a folder below it.

    Args:
        word: the path as a rule gives it.
        policy: the file in which the rule stands.

    Raises:
        PolicyError: the path leads elsewhere, or there is no such file.
    """
    if word.startswith(BUILTIN):
        raise PolicyError(f"{word}: a policy, where the name of a file beside this one is expected")
    if ".." in PurePosixPath(word.replace("\\", "/")).parts:
        raise PolicyError(f"{word}: leads out of the folder of the policy; keep the file beside the policy or below it")
    return find(word, folder=policy.folder)


def text_of(parameter: ParameterSpec, word: str) -> str:
    """The text of a file that a parameter names on a command line, from the working folder.

    Raises:
        AuditError: there is no such file, or it is wrong.
    """
    content = read_bytes(Path(word), word)
    if parameter.reader is not None:
        parameter.reader.read(word, content)
    return content.decode()


class Attached:
    """Reads the files that rules name, each once, and notes what is wrong with them.

    Args:
        policies: the policy files read so far, by key; it may grow.
        finder: how a file is found.

    Attributes:
        sources: the files read so far, by key, the first one first.
    """

    def __init__(self, policies: Mapping[str, Source], problems: Problems, finder: Finder = beside) -> None:
        self.sources: dict[str, Source] = {}
        self._policies, self._problems, self._finder = policies, problems, finder

    def text(self, parameter: ParameterSpec, word: str, place: str, rule: str) -> str | None:
        """The text of the file that a parameter names; None where a mistake was noted.

        Args:
            parameter: it has a reader.
            word: the value of the parameter.
            place: `file:line:column` of the value.
            rule: id of the rule.
        """
        if parameter.reader is None:
            raise TypeError(f'parameter "{parameter.name}" names no file')
        try:
            source = self._finder(word, self._policy(place))
            parameter.reader.read(source.name, source.content)
        except YamlError as error:
            self._problems.file(place.rsplit(":", 2)[0])
            self._problems.extend(error.problems)
            return None
        except AuditError as error:
            self._problems.add(place, f"{parameter.name}: {error}", rule=rule)
            return None
        if source.key not in self._policies:
            self.sources.setdefault(source.key, source)
        return source.content.decode()

    def _policy(self, place: str) -> Source:
        """The policy file in which a place lies."""
        inside = [source for source in self._policies.values() if place.startswith(f"{source.name}:")]
        return max(inside, key=lambda source: len(source.name))
