"""What the strict validator of `cyclonedx-python-lib` says of a document, where that package is installed.

Its JSON Schema decides beside our own tables. It is slow on long addresses and long lists, so only documents of an
ordinary size are shown to it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

INSTALL = "pip install 'auditgate[cyclonedx]'"

MOST_VALUES = 10_000
LONGEST_LIST = 500
"""Entries of one list; whether one is repeated takes the package time that grows with their square."""

MOST_ADDRESS_CHARACTERS = 3_000
"""Characters of all addresses together; the package takes about half a millisecond for each."""

_ADDRESSES = frozenset(
    {"url", "references", "endpoints", "source", "destination", "featuredImage", "socialImage", "algorithm"}
)


@dataclass(frozen=True)
class Opinion:
    """What the package says.

    Attributes:
        fault: the first thing that is wrong, as `$.path: what`; empty where nothing is.
        note: why it was not asked; empty where it was.
    """

    fault: str = ""
    note: str = ""


def opinion(document: dict[str, Any], version: str) -> Opinion:
    """Ask the package.

    Args:
        document: one in which our own tables find no fault.
        version: such as 1.6.
    """
    if _is_large(document):
        return Opinion(note="its schema was validated by the tables here alone, for it is large")
    try:
        from cyclonedx.exception import MissingOptionalDependencyException
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator
    except ImportError:
        return Opinion(note=f"its schema was validated in part only; in full with: {INSTALL}")
    try:
        problem = JsonStrictValidator(SchemaVersion.from_version(version)).validate_str(json.dumps(document))
    except (MissingOptionalDependencyException, ValueError):
        return Opinion(note=f"its schema was validated in part only; in full with: {INSTALL}")
    if problem is None:
        return Opinion()
    return Opinion(fault=f"{problem.data.json_path[:200]}: {ascii(problem.data.message)[1:201]}")


def _is_large(document: dict[str, Any]) -> bool:
    values, addresses = 0, 0
    layer: list[tuple[str, Any]] = [("", document)]
    while layer:
        key, value = layer.pop()
        values += 1
        if isinstance(value, dict):
            layer.extend(value.items())
        elif isinstance(value, list):
            if len(value) > LONGEST_LIST:
                return True
            layer.extend((key, item) for item in value)
        elif isinstance(value, str) and key in _ADDRESSES:
            addresses += len(value)
        if values > MOST_VALUES or addresses > MOST_ADDRESS_CHARACTERS:
            return True
    return False
