"""Fixes a policy before an audit, so that it can be seen later that the criteria were not chosen after the numbers.

The time in a lock is the word of whoever made it. It becomes more than that only where the digest of the lock was given
away before the run: to a reviewer, in a commit, to a time-stamping service.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit import strict_json
from audit.errors import PolicyError
from audit.policy.sources import read_bytes
from audit.records import Parameter, Policy

FORM = "auditgate-policy/1"
_MOST_BYTES = 2**20


@dataclass(frozen=True)
class Lock:
    """What a lock file holds.

    Attributes:
        policy: name of the policy.
        locked_at: ISO 8601 with its time zone.
        params: values by name.
        sources: name and SHA-256, hexadecimal, of every file that the policy was read from, in that order.
    """

    policy: str
    version: str
    locked_at: str
    params: Mapping[str, Parameter]
    sources: tuple[tuple[str, str], ...]

    @property
    def time(self) -> datetime.datetime:
        """When it was locked, in UTC."""
        return datetime.datetime.fromisoformat(self.locked_at).astimezone(datetime.UTC)


def lock(policy: Policy, *, now: datetime.datetime) -> dict[str, Any]:
    """What a lock file for a policy holds.

    Args:
        now: the time of locking, with its time zone.

    Returns:
        Name and version of the policy, the time in UTC, and the sha256 of every file that it was read from.
    """
    return {
        "lock": FORM,
        "policy": policy.name,
        "version": policy.version,
        "locked_at": now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "params": {name: list(value) if isinstance(value, tuple) else value for name, value in policy.params.items()},
        "sources": [
            {"name": source.name, "sha256": source.sha256, "bytes": len(source.content)} for source in policy.sources
        ],
    }


def lock_for(policy: Policy, path: Path, started: datetime.datetime) -> bytes:
    """Bytes of a lock file that fixed this policy before an audit.

    Args:
        started: when the audit began.

    Raises:
        PolicyError: there is no such file, it is no lock, it fixed another policy, or its time is after the start.
    """
    content = read_bytes(path, str(path))
    found = parse(content, str(path))
    sources = [(source.name, source.sha256) for source in policy.sources]
    problems = [f"{path}: {told}" for told in differences(found, policy.name, policy.version, policy.params, sources)]
    if problems:
        raise PolicyError([*problems, f"{path}: this is not the policy that was locked; nothing ran"])
    if found.time > started:
        raise PolicyError(f"{path}: locked at {found.locked_at}, after this audit began; look at the clock")
    return content


def parse(content: bytes, name: str = "policy.lock") -> Lock:
    """The lock in a file.

    Args:
        name: how messages name the file.

    Raises:
        PolicyError: it is no lock of a form that is known here.
    """
    try:
        value = strict_json.loads(content) if len(content) <= _MOST_BYTES else None
    except ValueError as error:
        raise PolicyError(f"{name}: not readable as JSON: {error}") from None
    if not isinstance(value, dict) or value.get("lock") != FORM:
        raise PolicyError(
            f'{name}: not a lock of the form "{FORM}"; make one with: audit policy lock POLICY --out FILE'
        )
    try:
        found = Lock(
            **{key: _text(value[key]) for key in ("policy", "version", "locked_at")},
            params={key: _parameter(item) for key, item in value["params"].items()},
            sources=tuple((_text(source["name"]), _text(source["sha256"])) for source in value["sources"]),
        )
        zone = found.time.tzinfo if datetime.datetime.fromisoformat(found.locked_at).tzinfo else None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise PolicyError(f"{name}: damaged: {type(error).__name__}: {error}") from None
    if zone is None:
        raise PolicyError(f"{name}: locked_at is {found.locked_at!r:.40}; expected a time with its zone")
    return found


def _parameter(value: object) -> Parameter:
    if isinstance(value, list):
        return tuple(_text(item) for item in value)
    return value if isinstance(value, bool | int | float) else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, found {type(value).__name__}")
    return value


def same_value(one: Parameter, other: Parameter) -> bool:
    """Whether two values of a param are one: 1 and 1.0 are, in JSON too; 1 and true are not."""
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def differences(
    found: Lock, name: str, version: str, params: Mapping[str, Parameter], sources: Sequence[tuple[str, str]]
) -> Iterator[str]:
    """What a policy is that its lock does not say, one sentence each.

    Args:
        name: of the policy, as `version`, `params` and `sources`.
        sources: name and SHA-256 of its files, in the order in which they were read.
    """
    for key, locked, now in (("name", found.policy, name), ("version", found.version, version)):
        if locked != now:
            yield f"the {key} of the policy is {now!r:.80}; locked is {locked!r:.80}"
    for key in sorted({*found.params, *params}):
        before, after = (values.get(key) for values in (found.params, params))
        if before is None or after is None or not same_value(before, after):
            yield f"param {key} is {after!r:.80}; locked is {before!r:.80}"
    locked_files, files, told = dict(found.sources), dict(sources), False
    digests, locked_digests = ([sha256 for _, sha256 in those] for those in (sources, found.sources))
    known, locked_known = set(digests), set(locked_digests)
    for file, sha256 in sources:  # names depend on the folder in which somebody stood; bytes do not
        if sha256 not in locked_known:
            told = True
            yield f"policy file {file}: its sha256 is {sha256}; locked is {locked_files.get(file, 'no such file')}"
    for file, sha256 in found.sources:
        if sha256 not in known and file not in files:
            told = True
            yield f"policy file {file} is locked, and the policy does not use it"
    if digests != locked_digests and not told:
        yield "the policy files were not read in the locked order"
