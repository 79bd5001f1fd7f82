"""JSON records with one meaning only: a repeated key or NaN is an error, because readers differ in what they take."""

from __future__ import annotations

from typing import Any

from audit import strict_json
from audit.provenance.record import Malformed


def parse(text: bytes | str, where: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        Malformed: it is no JSON object, or two readers would read it differently.
    """

    try:
        document = strict_json.loads(text)
    except UnicodeDecodeError as problem:
        raise Malformed(f"{where}: not UTF-8 at byte {problem.start}") from problem
    except ValueError as problem:
        raise Malformed(f"{where}: not JSON: {problem}") from problem
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
