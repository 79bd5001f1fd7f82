"""What changed between two bundles: verdicts, measures with their intervals, words, files, waivers and policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from audit.bundle.loosening import Criteria, CriterionChange, run_changes, waiver_text
from audit.records import Bundle, Entry, Measure, TrustedTypeUse

_WORDS = ("finding", "blind_to", "error", "version", "why")
_LISTS = ("doubts", "notes", "controls", "evidence")
_NOT_COMPARED = Criteria()


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
        criteria: what became stricter and what looser: policy, rules left out, lock, waivers.
        subject: its name, version and task.
        files: digests of model and data files, by role and path.
        policy: name, version and digests of policy files.
        waivers: by rule, those without effect too.
        rules: what checks say beside their numbers, and how the model was isolated, of rules that both have.
        environment: versions of libraries.
        notes: what could not be compared.
    """

    verdicts: tuple[VerdictChange, ...]
    measures: tuple[MeasureChange, ...]
    criteria: tuple[CriterionChange, ...]
    subject: tuple[TextChange, ...]
    files: tuple[TextChange, ...]
    policy: tuple[TextChange, ...]
    waivers: tuple[TextChange, ...]
    rules: tuple[TextChange, ...]
    environment: tuple[TextChange, ...]
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the bundles say the same."""
        texts = (self.subject, self.files, self.policy, self.waivers, self.rules, self.environment)
        return not any((self.verdicts, self.measures, self.criteria, *texts))

    @property
    def looser(self) -> bool:
        """Whether the newer bundle was asked for less, or may: of a parameter nobody can say which way it goes."""
        return any(change.direction != "stricter" for change in self.criteria)


def diff(old: Bundle, new: Bundle, judged_by: Criteria = _NOT_COMPARED) -> BundleDiff:
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
        criteria=(*judged_by.changes, *run_changes(old, new)),
        subject=tuple(_texts(_subject(old), _subject(new))),
        files=tuple(_texts(_files(old), _files(new))),
        policy=tuple(_texts(_policy(old), _policy(new))),
        waivers=tuple(_texts(_waivers(old), _waivers(new))),
        rules=tuple(
            change
            for rule in rules
            if rule in before and rule in after
            for change in _texts(_words(before[rule], old), _words(after[rule], new))
        ),
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


def _subject(bundle: Bundle) -> dict[str, str]:
    return {name: getattr(bundle.subject, name) for name in ("name", "version", "task")}


def _waivers(bundle: Bundle) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for use in bundle.waivers:
        found.setdefault(use.waiver.rule, []).append(waiver_text(use))
    return {rule: "; ".join(texts) for rule, texts in found.items()}


def _words(entry: Entry, bundle: Bundle) -> dict[str, str]:
    """What is said of a rule beside its numbers."""
    facts = bundle.run.entries.get(entry.id, {}) if bundle.run else {}
    texts = {
        **{name: getattr(entry, name) for name in _WORDS},
        **{name: "; ".join(getattr(entry, name)) for name in _LISTS},
        "isolation": str(facts.get("isolation", "not told")),
    }
    return {f"{entry.id} {name}": text for name, text in texts.items()}


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
