"""Resolves the policy files of a bundle again: what judged must be what they come to, with the params as recorded.

All comes from the bundle, the built-in policies too: the installation of the reader may be newer. Its checks have to be
those of the reader, since a policy is filled up with their defaults; where the resolved policy itself cannot be loaded
here, nothing can be compared, and the reader is told so.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit import yaml_file
from audit.bundle import policy_file
from audit.bundle.canonical import BUNDLE
from audit.bundle.copies import Copies
from audit.bundle.finding import Finding, cut
from audit.bundle.layout import RESOLVED_POLICY, policy_paths
from audit.errors import BundleError, PolicyError
from audit.records import Parameter, Policy, PolicySummary

if TYPE_CHECKING:
    from audit.policy import Finder


@dataclass(frozen=True)
class Resolution:
    """What came of it.

    Attributes:
        problems: why the resolved policy is not what the policy files come to.
        notes: params that were set on the command line, or why nothing could be compared.
        exact: whether the resolved policy is, byte for byte, what the policy files come to.
    """

    problems: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    exact: bool = False


def compare(
    summary: PolicySummary, contents: Sequence[bytes], resolved: bytes, *, today: datetime.date | None = None
) -> Resolution:
    """Resolve the policy files of a bundle and compare the outcome with its resolved policy.

    Args:
        summary: names the files, in the order in which they were read, and the values of the params.
        contents: of those files.
        resolved: content of `policy.resolved.yaml`; it can be parsed.
        today: the UTC day of the audit, from which the last days of trusted types are counted; None for today.
    """
    names = [name for name, _ in summary.sources]
    if not contents:
        none = "the bundle names no policy file, so nothing shows who asked for these limits"
        return Resolution((Finding(BUNDLE, none, place="policy.sources"),))
    try:
        final = _resolve(summary, contents, today)
    except (BundleError, PolicyError) as error:
        return _not_resolved(error, policy_paths(names)[0], resolved, today, Copies(Path(), names, contents).find)
    notes = tuple(
        f"param {name} was set to {value!r}, which no policy file says" for name, value in final.changed.items()
    )
    exact = policy_file.is_dumped(final.policy, resolved)
    problems = () if exact else tuple(_differences(final.policy, resolved))
    if dict(final.policy.params) != dict(summary.params):
        told = "the params are not those of the policy files"
        problems += (
            Finding(BUNDLE, told, None, "policy.params", cut(dict(final.policy.params)), cut(dict(summary.params))),
        )
    return Resolution(problems, notes, exact=exact)


def loaded(summary: PolicySummary, contents: Sequence[bytes], resolved: bytes, *, today: datetime.date) -> Policy:
    """The policy of a bundle, ready to run: what its files come to, or else what its resolved policy says.

    Args:
        summary: as `compare`, like the others.

    Raises:
        BundleError: the checks that are installed here cannot run it.
    """
    try:
        final = _resolve(summary, contents, today).policy
        if policy_file.is_dumped(final, resolved):
            return final
    except (BundleError, PolicyError):
        pass
    finder = Copies(Path(), [name for name, _ in summary.sources], contents).find
    try:
        return _load_resolved(resolved, today, finder)
    except PolicyError as error:
        raise BundleError(f"{RESOLVED_POLICY}: not a policy for the checks installed here: {error}") from error


@dataclass(frozen=True)
class _Resolved:
    """What the policy files come to.

    Attributes:
        changed: params that the command line set.
    """

    policy: Policy
    changed: Mapping[str, Parameter]


def _resolve(summary: PolicySummary, contents: Sequence[bytes], today: datetime.date | None) -> _Resolved:
    given = dict(summary.params)
    with tempfile.TemporaryDirectory() as folder:
        copies = Copies(Path(folder), [name for name, _ in summary.sources], contents)
        path = copies.write()
        written = _load(path, {}, given, today, copies.find)
        changed = {name: value for name, value in given.items() if written.params.get(name) != value}
        final = _load(path, changed, given, today, copies.find) if changed else written
        copies.check_all_used()
    return _Resolved(final, changed)


def _load(
    path: Path,
    overrides: Mapping[str, Parameter],
    given: Mapping[str, Parameter],
    today: datetime.date | None,
    finder: Finder,
) -> Policy:
    from audit import policy

    def load(params: Mapping[str, Parameter]) -> Policy:
        words = {name: _word(value) for name, value in params.items()}
        return policy.load(path, overrides=words, today=today, finder=finder)

    try:
        return load(overrides)
    except PolicyError:
        if overrides or not given:
            raise
        # a file may leave a param at a value with which it does not load, and ask for another on the command line
        return load(given)


def _word(value: Parameter) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _not_resolved(
    error: BundleError | PolicyError, top: str, resolved: bytes, today: datetime.date | None, finder: Finder
) -> Resolution:
    reason = str(error).splitlines()[0]
    try:
        _load_resolved(resolved, today, finder)
    except PolicyError:
        why = "the checks installed here are not those that it was written for"
        return Resolution(notes=(f"the policy files were not resolved again: {why} ({reason})",))
    return Resolution((Finding(top, f"the policy files do not come to any policy: {reason}"),))


def _load_resolved(resolved: bytes, today: datetime.date | None, finder: Finder) -> Policy:
    from audit import policy

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "0.yaml"
        path.write_bytes(resolved)
        return policy.load(path, today=today, finder=finder)


def _differences(policy: Policy, resolved: bytes) -> Iterator[Finding]:
    document = yaml_file.read(RESOLVED_POLICY, resolved)
    wanted, found = (
        yaml_file.read(RESOLVED_POLICY, part).value for part in (policy_file.dump(policy), _own_form(resolved))
    )
    places = {rule["id"]: place for place, rule in enumerate(found["rules"])}
    rules = [{rule["id"]: rule for rule in part.pop("rules")} for part in (wanted, found)]
    told = False
    for what, path, old, new in (
        ("", (), wanted, found),
        *(
            (f'rule "{rule}": ', ("rules", places.get(rule, "none")), *(part.get(rule, {}) for part in rules))
            for rule in dict.fromkeys([*rules[0], *rules[1]])
        ),
    ):
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                told = True
                yield _difference(document, f'{what}"{name}"', (*path, name), old.get(name), new.get(name))
    if not told:
        line = _line(document, ("rules",))
        yield Finding(RESOLVED_POLICY, "the order or the form of the rules is not what the policy files say", line)


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
