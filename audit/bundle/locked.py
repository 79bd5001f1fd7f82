"""Looks at the lock: the policy that judged must be the one that was fixed, and fixed before the run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from audit.bundle.canonical import BUNDLE
from audit.bundle.finding import Finding
from audit.bundle.layout import LOCK
from audit.bundle.read import Disk
from audit.bundle.waivers import began
from audit.errors import PolicyError
from audit.policy import lock
from audit.records import Bundle

WORD_OF_THE_MAKER = "the time is the word of whoever made the lock, unless its digest was known before the run"


def problems(disk: Disk, bundle: Bundle) -> Iterator[Finding]:
    """Why it may not be believed that the criteria were locked before the run."""
    stated, place = bundle.policy.lock, "policy.lock"
    if stated is None:
        if LOCK in disk.contents:
            yield Finding(LOCK, f"there, though {BUNDLE} says that nothing was locked")
        return
    if LOCK not in disk.contents:
        yield Finding(LOCK, f"missing, though {BUNDLE} says that the policy was locked")
        return
    content, summary = disk.content(LOCK), bundle.policy
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != stated.sha256:
        yield Finding(LOCK, f"not the lock that {BUNDLE} names", None, "", stated.sha256, sha256)
    try:
        found = lock.parse(content)
    except PolicyError as error:
        yield Finding(LOCK, str(error).removeprefix(f"{LOCK}: "))
        return
    for difference in lock.differences(found, summary.name, summary.version, dict(summary.params), summary.sources):
        yield Finding(LOCK, difference)
    if found.locked_at != stated.locked_at:
        yield Finding(BUNDLE, "not the time of the lock", None, f"{place}.locked_at", found.locked_at, stated.locked_at)
    started = began(bundle)
    if started is None or found.time > started:
        when = "no time" if started is None else started.isoformat()
        yield Finding(LOCK, "locked after the run began", None, "locked_at", f"at or before {when}", found.locked_at)
