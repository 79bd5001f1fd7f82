"""JSON inside model files: what cannot be read one way only is unreadable."""

from __future__ import annotations

from typing import Any

from audit import strict_json
from audit.artifact.report import Unreadable


def parse(data: bytes | str, place: str) -> Any:
    """The document.

    Raises:
        Unreadable: it is no JSON, or JSON that two readers would read differently.
    """
    try:
        return strict_json.loads(data)
    except ValueError as problem:
        raise Unreadable(f"{place} is not JSON: {problem}") from problem
