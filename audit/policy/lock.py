"""Fixes a policy before an audit: anyone can later see that the criteria were not chosen after the numbers."""

from __future__ import annotations

import datetime
from typing import Any

from audit.records import Policy


def lock(policy: Policy, *, now: datetime.datetime) -> dict[str, Any]:
    """What a lock file holds.

    Args:
        now: the time of locking, with its time zone.

    Returns:
        Name and version of the policy, the time in UTC, and the sha256 of every file that it was read from.
    """
    return {
        "lock": "auditgate-policy/1",
        "policy": policy.name,
        "version": policy.version,
        "locked_at": now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "params": {name: list(value) if isinstance(value, tuple) else value for name, value in policy.params.items()},
        "sources": [
            {"name": source.name, "sha256": source.sha256, "bytes": len(source.content)} for source in policy.sources
        ],
    }
