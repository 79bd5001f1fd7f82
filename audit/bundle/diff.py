"""What changed between two bundles: verdicts, measures with their intervals, files and policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

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
class BundleDiff:
    """All that changed between two bundles.

    Attributes:
        limits: what rules ask for.
        files: digests of model and data files, by role and path.
        policy: name, version and digests of policy files.
        environment: versions of libraries.
    """

    verdicts: tuple[VerdictChange, ...]
    measures: tuple[MeasureChange, ...]
    limits: tuple[TextChange, ...]
    files: tuple[TextChange, ...]
    policy: tuple[TextChange, ...]
    environment: tuple[TextChange, ...]

    @property
    def empty(self) -> bool:
        """Whether the bundles say the same."""
        return not any((self.verdicts, self.measures, self.limits, self.files, self.policy, self.environment))


def diff(old: Bundle, new: Bundle) -> BundleDiff:
    """Compare two bundles, rule by rule and file by file."""
    before, after = ({entry.id: entry for entry in bundle.entries} for bundle in (old, new))
    rules = list(dict.fromkeys([*after, *before]))
    return BundleDiff(
        verdicts=tuple(
            VerdictChange(rule, *words)
            for rule in rules
            if len(set(words := (_verdict(before.get(rule)), _verdict(after.get(rule))))) > 1
        ),
        measures=tuple(change for rule in rules for change in _measures(rule, before.get(rule), after.get(rule))),
        limits=tuple(_texts(_limits(before), _limits(after))),
        files=tuple(_texts(_files(old), _files(new))),
        policy=tuple(_texts(_policy(old), _policy(new))),
        environment=tuple(_texts(old.environment, new.environment)),
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


def _limits(entries: Mapping[str, Entry]) -> dict[str, str]:
    return {
        f"{entry.id} {limit.measure} {name}": str(end)
        for entry in entries.values()
        for limit in entry.limits
        for name, end in (("min", limit.min), ("max", limit.max))
        if end is not None
    }


def _files(bundle: Bundle) -> dict[str, str]:
    return {f"{file.role} {file.path}": file.sha256 for file in bundle.subject.files}


def _policy(bundle: Bundle) -> dict[str, str]:
    policy = bundle.policy
    names = ("name", "version", "owner", "seed", "confidence", "on_inconclusive", "max_waiver_days", "isolation")
    return {
        **{name: str(getattr(policy, name)) for name in names},
        **{f"file {name}": sha for name, sha in policy.sources},
        **{f"trusted type {use.trusted.name}": _trust(use) for use in policy.trusted_types},
    }


def _trust(use: TrustedTypeUse) -> str:
    return f"until {use.trusted.expires}, owned by {use.trusted.owner} ({use.state})"


def _texts(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[TextChange]:
    for name in dict.fromkeys([*new, *old]):
        if old.get(name, "") != new.get(name, ""):
            yield TextChange(name, old.get(name, ""), new.get(name, ""))
