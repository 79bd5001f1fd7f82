"""JSON records with one meaning only: a repeated key or NaN is an error, because readers differ in what they take."""

from __future__ import annotations

import json
from typing import Any

from audit.provenance.record import Malformed


def parse(text: bytes | str, where: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        Malformed: it is no JSON object, or two readers would read it differently.
    """

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            names = [name for name, _ in items]
            twice = next(name for name in names if names.count(name) > 1)
            raise Malformed(f"{where}: the key {twice!r} is given twice")
        return found

    def constant(word: str) -> Any:
        raise Malformed(f"{where}: {word} is not JSON")

    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        document = json.loads(decoded, object_pairs_hook=pairs, parse_constant=constant)
    except UnicodeDecodeError as problem:
        raise Malformed(f"{where}: not UTF-8 at byte {problem.start}") from problem
    except ValueError as problem:
        raise Malformed(f"{where}: not JSON: {problem}") from problem
    except RecursionError as problem:
        raise Malformed(f"{where}: nested too deeply") from problem
    if not isinstance(document, dict):
        raise Malformed(f"{where}: not a JSON object")
    return document


def objects(value: Any, where: str) -> list[dict[str, Any]]:
    """A list of objects; an absent one is empty.

    Raises:
        Malformed: it is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Malformed(f"{where}: a list of objects is expected")
    return value


def text(value: Any, where: str) -> str:
    """Text that has to be there.

    Raises:
        Malformed: it is absent or something else.
    """
    if not isinstance(value, str) or not value:
        raise Malformed(f"{where}: text is expected")
    return value
