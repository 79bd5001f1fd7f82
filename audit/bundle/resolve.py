"""Resolves the policy files of a bundle again: what judged must be what they come to, with the params as recorded.

All comes from the bundle, the built-in policies too: the installation of the reader may be newer. Its checks have to be
those of the audit, since a policy is filled up with their defaults. Where they are others, every rule that can be read
here is compared all the same, and what remains is marked as excusable: only a signer whom the reader trusts can vouch
for it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit import yaml_file
from audit.bundle import installed, policy_file
from audit.bundle.canonical import BUNDLE
from audit.bundle.finding import Finding, cut
from audit.bundle.kept import Kept
from audit.bundle.layout import RESOLVED_POLICY, policy_paths
from audit.errors import BundleError, PolicyError
from audit.policy import load
from audit.policy.loader import Reading, inspect, readable_part
from audit.policy.lock import same_value
from audit.policy.sources import Source
from audit.records import Bundle, Parameter, Policy


@dataclass(frozen=True)
class Resolution:
    """What came of it.

    Attributes:
        problems: why the resolved policy is not what the policy files come to.
        excusable: what could not be compared, for want of the checks that the audit had.
        notes: params that were set on the command line.
        exact: whether the resolved policy is, byte for byte, what the policy files come to.
        policy: what the policy files come to, with the text of the files that rules name; None where that is not known.
    """

    problems: tuple[Finding, ...] = ()
    excusable: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    exact: bool = False
    policy: Policy | None = None


def compare(
    bundle: Bundle, contents: Sequence[bytes], resolved: bytes, *, today: datetime.date | None = None
) -> Resolution:
    """Resolve the policy files of a bundle and compare the outcome with its resolved policy.

    Args:
        contents: of the policy files, in the order in which the bundle names them.
        resolved: content of `policy.resolved.yaml`; it can be parsed.
        today: the UTC day of the audit, from which the last days of trusted types are counted; None for today.
    """
    if not contents:
        none = "the bundle names no policy file, so nothing shows who asked for these limits"
        return Resolution((Finding(BUNDLE, none, place="policy.sources"),))
    files = _Files(bundle, contents, today)
    try:
        final = files.resolve()
    except (BundleError, PolicyError) as error:
        return _not_resolved(error, files, resolved)
    policy, changed = final.reading.policy, final.changed
    notes = tuple(f"param {name} was set to {value!r}, which no policy file says" for name, value in changed.items())
    exact = policy_file.is_dumped(policy, resolved)
    problems, excusable = ([], []) if exact else _sorted_out(_differences(policy, resolved), final.reading, bundle)
    wanted, found = dict(policy.params), files.params
    if wanted.keys() != found.keys() or not all(same_value(wanted[name], found[name]) for name in wanted):
        told = "the params are not those of the policy files"
        problems.append(Finding(BUNDLE, told, None, "policy.params", cut(wanted), cut(found)))
    return Resolution(tuple(problems), tuple(excusable), notes, exact, policy)


def loaded(bundle: Bundle, contents: Sequence[bytes], resolved: bytes, *, today: datetime.date) -> Policy:
    """The policy of a bundle, ready to run: what its files come to, or else what its resolved policy says.

    Args:
        bundle: as `compare`, like the others.

    Raises:
        BundleError: the checks that are installed here cannot run it.
    """
    files = _Files(bundle, contents, today)
    try:
        final = files.resolve().reading.policy
        if policy_file.is_dumped(final, resolved):
            return final
    except (BundleError, PolicyError):
        pass
    try:
        kept = files.kept()
        return load(
            Source(RESOLVED_POLICY, RESOLVED_POLICY, RESOLVED_POLICY, Path(), resolved),
            today=today,
            finder=kept.attached,
            extended=kept.extended,
        )
    except PolicyError as error:
        raise BundleError(f"{RESOLVED_POLICY}: not a policy for the checks installed here: {error}") from error


@dataclass(frozen=True)
class _Final:
    """What the policy files come to.

    Attributes:
        changed: params that the command line set.
    """

    reading: Reading
    changed: Mapping[str, Parameter]


@dataclass(frozen=True)
class _Files:
    """The policy files of a bundle, and what they were loaded with."""

    bundle: Bundle
    contents: Sequence[bytes]
    today: datetime.date | None

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.bundle.policy.sources]

    @property
    def params(self) -> dict[str, Parameter]:
        return dict(self.bundle.policy.params)

    def kept(self) -> Kept:
        return Kept(self.names, self.contents)

    def resolve(self) -> _Final:
        """Load them, with the params that no file says set as on a command line.

        Raises:
            PolicyError: they do not load.
            BundleError: one of them is not needed.
        """
        given = self.params
        try:
            kept, reading = self._inspect({})
        except PolicyError as error:
            # a file may leave a param at a value with which it does not load, and ask for another on the command line
            try:
                kept, reading = self._inspect(given)
            except PolicyError:
                raise error from None
            kept.check_all_used()
            return _Final(reading, {})
        written = reading.policy.params
        changed = {
            name: value for name, value in given.items() if name not in written or not same_value(value, written[name])
        }
        if changed:
            kept, reading = self._inspect(changed)
        kept.check_all_used()
        return _Final(reading, changed)

    def _inspect(self, overrides: Mapping[str, Parameter]) -> tuple[Kept, Reading]:
        kept, words = self.kept(), {name: _word(value) for name, value in overrides.items()}
        reading = inspect(kept.first(), overrides=words, today=self.today, finder=kept.attached, extended=kept.extended)
        return kept, reading

    def readable_part(self) -> Reading | None:
        """What of them can be read here."""
        kept, words = self.kept(), {name: _word(value) for name, value in self.params.items()}
        return readable_part(kept.first(), overrides=words, finder=kept.attached, extended=kept.extended)

    def unreadable(self) -> Iterator[Finding]:
        """Policies among them that are no YAML, whatever is installed."""
        kept = self.kept()
        readable_part(kept.first(), overrides={}, finder=kept.attached, extended=kept.extended)
        paths = policy_paths(self.names)
        for path, content in list(zip(paths, self.contents, strict=True))[: kept.policies]:
            try:
                yaml_file.read(path, content)
            except yaml_file.YamlError as error:
                yield Finding(path, f"no policy: {str(error).splitlines()[0].removeprefix(path + ':')}")


def _word(value: Parameter) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _not_resolved(error: BundleError | PolicyError, files: _Files, resolved: bytes) -> Resolution:
    """What can still be said of policy files that do not load here."""
    told = f"the policy files do not come to any policy: {str(error).splitlines()[0]}"
    refused = Finding(policy_paths(files.names)[0], told)
    reading = files.readable_part()
    unread = tuple(files.unreadable())
    if isinstance(error, BundleError) or reading is None or unread:
        return Resolution(unread or (refused,))
    elsewhere = installed.elsewhere(files.bundle)
    missing = [rule for rule in reading.given if rule not in {known.id for known in reading.policy.rules}]
    if not missing or not set(missing) <= elsewhere:
        return Resolution((refused,))  # its mistakes have nothing to do with checks that are not those of the audit
    problems, excusable = _sorted_out(_differences(reading.policy, resolved, set(missing)), reading, files.bundle)
    return Resolution(tuple(problems), (refused, *excusable))


def _sorted_out(
    differences: Iterator[_Difference], reading: Reading, bundle: Bundle
) -> tuple[list[Finding], list[Finding]]:
    """Differences that nothing excuses, and those in defaults of a check that is not the one of the audit."""
    problems: list[Finding] = []
    excusable: list[Finding] = []
    elsewhere = installed.elsewhere(bundle)
    for one in differences:
        only_defaults = bool(one.params) and not one.params & reading.given.get(one.rule, frozenset())
        (excusable if one.rule in elsewhere and only_defaults else problems).append(one.finding)
    return problems, excusable


@dataclass(frozen=True)
class _Difference:
    """One key in which two policies differ.

    Attributes:
        rule: its id; empty for a key of the whole policy.
        params: parameters of the check that differ, where the key is `with`.
    """

    finding: Finding
    rule: str = ""
    params: frozenset[str] = frozenset()


def _differences(policy: Policy, resolved: bytes, unknown: Set[str] = frozenset()) -> Iterator[_Difference]:
    """How the resolved policy differs from what the policy files come to.

    Args:
        unknown: ids of rules that could not be read here.
    """
    document = yaml_file.read(RESOLVED_POLICY, resolved)
    wanted, found = (
        yaml_file.read(RESOLVED_POLICY, part).value for part in (policy_file.dump(policy), _own_form(resolved))
    )
    places = {rule["id"]: place for place, rule in enumerate(found["rules"])}
    rules = [{rule["id"]: rule for rule in part.pop("rules")} for part in (wanted, found)]
    told = False
    for rule, path, old, new in (
        ("", (), wanted, found),
        *(
            (rule, ("rules", places.get(rule, "none")), *(part.get(rule, {}) for part in rules))
            for rule in dict.fromkeys([*rules[0], *rules[1]])
            if rule not in unknown
        ),
    ):
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                told = True
                what = f'rule "{rule}": "{name}"' if rule else f'"{name}"'
                ends = old.get(name), new.get(name)
                finding = _difference(document, what, (*path, name), *ends)
                yield _Difference(finding, rule, _differing(*ends) if name == "with" else frozenset())
    if not told and not unknown:
        line = _line(document, ("rules",))
        form = "the order or the form of the rules is not what the policy files say"
        yield _Difference(Finding(RESOLVED_POLICY, form, line))


def _differing(old: Any, new: Any) -> frozenset[str]:
    old, new = old or {}, new or {}
    return frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _difference(document: yaml_file.Document, what: str, path: yaml_file.KeyPath, old: Any, new: Any) -> Finding:
    """One key that differs, at the line of the innermost value in it that does."""
    message = f"{what} is not what the policy files in the bundle say"
    while isinstance(old, dict) and isinstance(new, dict):
        differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        if len(differing) != 1:
            break
        (name,) = differing
        path, old, new = (*path, name), old.get(name), new.get(name)
    return Finding(RESOLVED_POLICY, message, _line(document, path), "", cut(old), cut(new))


def _line(document: yaml_file.Document, path: yaml_file.KeyPath) -> int:
    return int(document.mark(path).split(":")[1])


def _own_form(resolved: bytes) -> bytes:
    """The same policy as an audit writes it."""
    return policy_file.dump(policy_file.parse(resolved))
