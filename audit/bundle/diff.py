"""What changed between two bundles: verdicts, measures with their intervals, files and policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from audit.bundle.judged_by import policy_of, recorded_policy
from audit.errors import AuditError, BundleError
from audit.policy.compare import policy_changes
from audit.records import Bundle, Entry, Measure, TrustedTypeUse


@dataclass(frozen=True)
class VerdictChange:
    """A rule whose verdict changed; an empty word where one of the bundles does not have the rule."""

    rule: str
    old: str
    new: str


@dataclass(frozen=True)
class MeasureChange:
    """A measure that changed; None where one of the bundles does not have it.

    Attributes:
        apart: whether the two intervals do not overlap, so the change is more than chance would explain.
    """

    rule: str
    measure: str
    old: Measure | None
    new: Measure | None
    apart: bool


@dataclass(frozen=True)
class TextChange:
    """A file digest, a setting or a version that changed; an empty text where it is new or gone."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class CriterionChange:
    """One difference between the policies that bears on a verdict.

    Attributes:
        direction: `stricter`, `looser`, or `changed` where nobody can say which of the two.
        rule: its id; empty for a setting of the whole policy.
    """

    direction: str
    rule: str
    sentence: str


@dataclass(frozen=True)
class BundleDiff:
    """All that changed between two bundles.

    Attributes:
        criteria: what became stricter and what looser; empty where the two policies were not compared.
        files: digests of model and data files, by role and path.
        policy: name, version and digests of policy files.
        environment: versions of libraries.
        notes: what could not be compared.
    """

    verdicts: tuple[VerdictChange, ...]
    measures: tuple[MeasureChange, ...]
    criteria: tuple[CriterionChange, ...]
    files: tuple[TextChange, ...]
    policy: tuple[TextChange, ...]
    environment: tuple[TextChange, ...]
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the bundles say the same."""
        return not any((self.verdicts, self.measures, self.criteria, self.files, self.policy, self.environment))

    @property
    def looser(self) -> bool:
        """Whether the newer policy asks for less, or may: of another parameter nobody can say which way it goes."""
        return any(change.direction != "stricter" for change in self.criteria)


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
    return Criteria(tuple(CriterionChange(one.direction, one.rule, one.sentence) for one in changes), notes)


def diff(old: Bundle, new: Bundle, judged_by: Criteria = Criteria()) -> BundleDiff:
    """Compare two bundles, rule by rule and file by file.

    Args:
        judged_by: how their policies differ.
    """
    before, after = ({entry.id: entry for entry in bundle.entries} for bundle in (old, new))
    rules = list(dict.fromkeys([*after, *before]))
    return BundleDiff(
        verdicts=tuple(
            VerdictChange(rule, *words)
            for rule in rules
            if len(set(words := (_verdict(before.get(rule)), _verdict(after.get(rule))))) > 1
        ),
        measures=tuple(change for rule in rules for change in _measures(rule, before.get(rule), after.get(rule))),
        criteria=judged_by.changes,
        files=tuple(_texts(_files(old), _files(new))),
        policy=tuple(_texts(_policy(old), _policy(new))),
        environment=tuple(_texts(old.environment, new.environment)),
        notes=judged_by.notes,
    )


def _verdict(entry: Entry | None) -> str:
    return "" if entry is None else entry.verdict.value


def _measures(rule: str, old: Entry | None, new: Entry | None) -> Iterator[MeasureChange]:
    before, after = _with_power(old), _with_power(new)
    for name in dict.fromkeys([*after, *before]):
        first, second = before.get(name), after.get(name)
        # repr, since a number that is not finite never equals itself
        if repr(first) != repr(second):
            yield MeasureChange(rule, name, first, second, _apart(first, second))


def _with_power(entry: Entry | None) -> dict[str, Measure]:
    if entry is None:
        return {}
    return {**entry.measures, **({"power": entry.power} if entry.power else {})}


def _apart(old: Measure | None, new: Measure | None) -> bool:
    if old is None or new is None or not (old.finite and new.finite):
        return False
    if isinstance(old.value, str) or isinstance(new.value, str):
        return old.value != new.value
    old_low, old_high = _or(old.low, old.value), _or(old.high, old.value)
    new_low, new_high = _or(new.low, new.value), _or(new.high, new.value)
    return old_high < new_low or new_high < old_low


def _or(end: float | None, value: float) -> float:
    return value if end is None else end


def _files(bundle: Bundle) -> dict[str, str]:
    return {f"{file.role} {file.path}": file.sha256 for file in bundle.subject.files}


def _policy(bundle: Bundle) -> dict[str, str]:
    policy = bundle.policy
    names = ("name", "version", "owner", "seed", "confidence", "on_inconclusive", "max_waiver_days", "isolation")
    return {
        **{name: str(getattr(policy, name)) for name in names},
        "only": ", ".join(policy.only),
        "lock": "" if policy.lock is None else f"{policy.lock.locked_at} ({policy.lock.sha256})",
        **{f"file {name}": sha for name, sha in policy.sources},
        **{f"trusted type {use.trusted.name}": _trust(use) for use in policy.trusted_types},
    }


def _trust(use: TrustedTypeUse) -> str:
    return f"until {use.trusted.expires}, owned by {use.trusted.owner} ({use.state})"


def _texts(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[TextChange]:
    for name in dict.fromkeys([*new, *old]):
        if old.get(name, "") != new.get(name, ""):
            yield TextChange(name, old.get(name, ""), new.get(name, ""))
