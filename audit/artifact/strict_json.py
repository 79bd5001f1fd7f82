"""JSON as one meaning only: a repeated key, NaN or a number without end is an error, and so is deep nesting."""

from __future__ import annotations

import json
from typing import Any

from audit.artifact.report import Unreadable


def parse(data: bytes | str, place: str) -> Any:
    """The document.

    Raises:
        Unreadable: it is no JSON, or JSON that two readers would read differently.
    """

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            raise Unreadable(f"{place} repeats a key")
        return found

    def constant(word: str) -> Any:
        raise Unreadable(f"{place} holds {word}, which is not JSON")

    try:
        return json.loads(data, object_pairs_hook=pairs, parse_constant=constant)
    except ValueError as problem:
        raise Unreadable(f"{place} is not JSON: {problem}") from problem
