"""Parameters that name a file beside the policy: who reads its content, and which measures it adds to a check.

A check says `FILES = {"recognisers": custom}`, where `custom` is a module with

    read(name: str, content: bytes) -> Any               what the parameter becomes; an AuditError says what is wrong
    test(name: str, content: bytes) -> tuple[str, ...]   optional: runs the tests that the file holds; one line for
                                                         each, empty where it is as expected

and may have `further_measures(**PARAMETERS) -> dict[str, str]`: what it returns beside `MEASURES` when its parameters
are these. A check opens no such file itself: it gets what `read` makes of the content, wherever it runs.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from audit.signature.wording import range_of

if TYPE_CHECKING:
    from audit.signature import CheckSpec


class FileReader(Protocol):
    """What knows the format of a file that a parameter names."""

    def read(self, name: str, content: bytes) -> Any:
        """What a check gets of it."""


def arguments(spec: CheckSpec, params: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """Parameters as the check takes them: the content of a file, read, in place of its name.

    Args:
        params: values of a rule.
        files: text of the files that parameters name, by parameter.

    Raises:
        AuditError: a file is wrong.
    """
    given = dict(params)
    for name, text in files.items():
        parameter = spec.parameters.get(name)
        if parameter is not None and parameter.reader is not None:
            given[name] = parameter.reader.read(str(params[name]), text.encode())
    return given


def with_files(spec: CheckSpec, params: Mapping[str, Any], files: Mapping[str, str]) -> CheckSpec:
    """The check with all measures that it returns when its parameters are these.

    Raises:
        AuditError: a file is wrong.
    """
    further = getattr(spec.module, "further_measures", None)
    if further is None or not files:
        return spec
    given, wanted = arguments(spec, params, files), inspect.signature(further).parameters
    more: dict[str, str] = further(**{name: value for name, value in given.items() if name in wanted})
    ranges = {name: found for name, text in more.items() if (found := range_of(text)) is not None}
    return replace(spec, measures={**spec.measures, **more}, ranges={**spec.ranges, **ranges})
