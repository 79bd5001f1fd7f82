"""What of two bundles says that the newer was judged by less: their policies, rules left out, a lock, waivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit.bundle.judged_by import policy_of, recorded_policy
from audit.errors import AuditError, BundleError
from audit.policy.compare import policy_changes
from audit.records import Bundle, Waiver, WaiverUse


@dataclass(frozen=True)
class CriterionChange:
    """One difference between what two bundles were held against that bears on a verdict.

    Attributes:
        direction: `stricter`, `looser`, or `changed` where nobody can say which of the two.
        rule: its id; empty for a setting of the whole policy.
    """

    direction: str
    rule: str
    sentence: str


@dataclass(frozen=True)
class Criteria:
    """How two policies differ, and what of them could not be compared."""

    changes: tuple[CriterionChange, ...] = ()
    notes: tuple[str, ...] = ()


def criteria(old: Path, new: Path) -> Criteria:
    """Compare the policies that judged two bundle folders.

    Raises:
        BundleError: a folder is no bundle.
    """
    notes: tuple[str, ...] = ()
    try:
        policies = policy_of(old), policy_of(new)
    except BundleError as error:
        policies = recorded_policy(old), recorded_policy(new)
        reason = str(error).splitlines()[0]
        notes = (f"the policies were compared as recorded, files that rules name only by their digest ({reason})",)
    if policies[0] == policies[1]:
        return Criteria()
    try:
        changes = policy_changes(*policies)
    except AuditError as error:
        return Criteria(notes=(f"whether the policy became looser cannot be said here: {error}",))
    # another reason for a rule, or another reference, is told with the rule
    bearing = [one for one in changes if one.direction == "stricter" or one.may_loosen]
    return Criteria(tuple(CriterionChange(one.direction, one.rule, one.sentence) for one in bearing), notes)


def run_changes(old: Bundle, new: Bundle) -> Iterator[CriterionChange]:
    """What became looser or stricter though the policy may be the same."""
    ran = {entry.id for entry in new.entries}
    for entry in old.entries if new.partial else ():
        if entry.id not in ran:
            yield CriterionChange("looser", entry.id, "the rule was not run (--only)")
    if old.policy.lock is not None and new.policy.lock is None:
        yield CriterionChange("looser", "", "the lock is gone: nothing shows that the criteria were fixed before")
    if old.policy.lock is None and new.policy.lock is not None:
        yield CriterionChange("stricter", "", "the criteria were locked before the run")
    before = [use.waiver for use in old.waivers if use.state in ("applied", "unused", "not_yet")]
    for use in new.waivers:
        if use.state in ("applied", "unused") and not any(_covers(known, use.waiver) for known in before):
            sentence = f"no waiver reached as far as this one: {waiver_text(use)}"
            yield CriterionChange("looser", use.waiver.rule, sentence)


def waiver_text(use: WaiverUse) -> str:
    """A waiver in one line."""
    waiver = use.waiver
    scope = "any model" if waiver.model_sha256 is None else f"model {waiver.model_sha256}"
    people = f"owned by {waiver.owner}, approved by {waiver.approved_by}"
    return f"{waiver.created} to {waiver.expires}, {scope}, {people}: {waiver.reason} ({use.state})"


def _covers(known: Waiver, waiver: Waiver) -> bool:
    """Whether a waiver that was there reaches as far as another."""
    same = known.rule == waiver.rule and known.model_sha256 in (None, waiver.model_sha256)
    return same and known.expires >= waiver.expires
