"""One finished check as bytes with their own digest."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from audit import plain
from audit.records import Measured


def seal(content: Mapping[str, Any], secret: bytes = b"") -> bytes:
    """Plain values with the digest of their canonical spelling, as one line.

    Args:
        secret: where there is one, only who knows it can make such a digest (HMAC-SHA256).
    """
    return plain.canonical({**content, "sha256": digest_of(plain.canonical(content), secret)})


def digest_of(content: bytes, secret: bytes) -> str:
    """SHA-256, or HMAC-SHA256 where there is a secret."""
    return hmac.digest(secret, content, "sha256").hex() if secret else hashlib.sha256(content).hexdigest()


def unseal(line: bytes, secret: bytes = b"") -> dict[str, Any]:
    """The values, without their digest.

    Raises:
        ValueError: the bytes are no sealed values, or not those that were sealed.
    """
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(content, dict):
        raise ValueError("not what was written")
    values = {name: content[name] for name in content if name != "sha256"}
    if not hmac.compare_digest(seal(values, secret), line):
        raise ValueError("not what was written")
    return values


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
