"""One finished check as bytes with their own digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from audit import plain
from audit.records import Measured


def seal(content: Mapping[str, Any]) -> bytes:
    """Plain values with the digest of their canonical spelling, as one line."""
    digest = hashlib.sha256(plain.canonical(content)).hexdigest()
    return plain.canonical({**content, "sha256": digest})


def unseal(line: bytes) -> dict[str, Any]:
    """The values, without their digest.

    Raises:
        ValueError: the bytes are no sealed values, or not those that were sealed.
    """
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(content, dict) or seal({name: content[name] for name in content if name != "sha256"}) != line:
        raise ValueError("not what was written")
    del content["sha256"]
    return content


def measured_of(content: Mapping[str, Any], key: str) -> Measured:
    """The finished check in unsealed values.

    Raises:
        ValueError: they are of another key, or of a check that did not finish.
    """
    if content.get("key") != key:
        raise ValueError("another key")
    measured = plain.to_measured(content["measured"])
    if measured.error:
        raise ValueError("a check that did not finish")
    return measured
