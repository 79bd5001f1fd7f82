"""Looks at the policy of a bundle: the resolved one, its source files, and the one that a reader holds against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from audit import policy as policies
from audit.bundle import policy_file, resolve, waivers
from audit.bundle.again import different_line
from audit.bundle.canonical import BUNDLE, RUN
from audit.bundle.finding import Finding, cut
from audit.bundle.layout import POLICY_FOLDER, RESOLVED_POLICY, policy_paths
from audit.bundle.read import Disk, read, read_file
from audit.errors import BundleError, PolicyError
from audit.policy.sources import BUILTIN, find
from audit.records import Bundle, Policy

_GIVEN = "the policy given"


def resolved(disk: Disk, bundle: Bundle, policy: Policy, *, exact: bool) -> Iterator[Finding]:
    """What is wrong with the files that say which policy judged.

    Args:
        policy: the one in `policy.resolved.yaml`.
        exact: whether that file was already found to be as an audit writes it.
    """
    content = disk.content(RESOLVED_POLICY)
    if not exact and (own_form := policy_file.dump(policy)) != content:
        yield different_line(RESOLVED_POLICY, "not in the exact form that an audit writes", own_form, content)
    yield from policy_file.disagreements(policy, bundle)
    wanted = dict(zip(policy_paths(name for name, _ in bundle.policy.sources), bundle.policy.sources, strict=True))
    found = {path: disk.digests[path] for path in disk.under(POLICY_FOLDER)}
    for path in sorted(wanted.keys() | found.keys()):
        sha256 = wanted[path][1] if path in wanted else ""
        if found.get(path, "") != sha256:
            told = f"not the policy file that {BUNDLE} names"
            yield Finding(path, told, None, "", sha256 or "no such file", found.get(path, "no such file"))


def resolved_again(disk: Disk, bundle: Bundle) -> resolve.Resolution:
    """Resolve the policy files of the bundle and compare the outcome with its resolved policy."""
    paths = policy_paths(name for name, _ in bundle.policy.sources)
    if absent := [path for path in paths if path not in disk.contents]:
        return resolve.Resolution((Finding(absent[0], "missing"),))
    contents, today = [disk.content(path) for path in paths], waivers.day_of(bundle)
    return resolve.compare(bundle, contents, disk.content(RESOLVED_POLICY), today=today)


def shipped_otherwise(disk: Disk, bundle: Bundle) -> Iterator[Finding]:
    """Policies that the bundle calls built-in ones, and that come with another content here."""
    names = [name for name, _ in bundle.policy.sources]
    for name, path in zip(names, policy_paths(names), strict=True):
        if not name.startswith(BUILTIN) or path not in disk.contents:
            continue
        try:
            here = find(name).content if name.removeprefix(BUILTIN) in policies.builtin_names() else None
        except PolicyError:
            here = None
        if here is None:
            yield Finding(path, f"no policy {name} comes with the version that is installed here")
        elif here != disk.content(path):
            told = f"not the policy {name} that comes with the version that is installed here"
            yield different_line(path, told, here, disk.content(path))


def policy_of(folder: Path) -> Policy:
    """The policy that judged a bundle, ready to run; believe it only if the bundle verifies.

    Raises:
        BundleError: the folder is no bundle, or the checks that are installed here cannot run its policy.
    """
    bundle = read(folder)
    today = waivers.day_of(bundle)
    if today is None:
        raise BundleError(f"{RUN}: does not say on which day the audit was")
    contents = [read_file(folder, path) for path in policy_paths(name for name, _ in bundle.policy.sources)]
    return resolve.loaded(bundle, contents, read_file(folder, RESOLVED_POLICY), today=today)


def recorded_policy(folder: Path) -> Policy:
    """The resolved policy of a bundle as it stands there, without the files that its rules name.

    Raises:
        BundleError: it is missing or damaged.
    """
    return policy_file.parse(read_file(folder, RESOLVED_POLICY))


def given(bundle: Bundle, policy: Policy, kept: Policy) -> Iterator[Finding]:
    """How the policy that a reader gives differs from the one that judged.

    Args:
        policy: the reader's.
        kept: the one in `policy.resolved.yaml`.
    """
    if bundle.partial:
        told = f"only {', '.join(bundle.policy.only)} ran; a partial bundle does not stand for the whole policy"
        yield Finding(BUNDLE, told, place="policy.only")
    wanted, found = sorted(source.sha256 for source in policy.sources), sorted(sha for _, sha in bundle.policy.sources)
    if wanted != found:
        told = "the bundle was judged by other policy files than those given"
        yield Finding(BUNDLE, told, None, "policy.sources", ", ".join(wanted), ", ".join(found))
    yield from policy_file.disagreements(policy, bundle, says=_GIVEN)
    if policy.allow_trusted_types != kept.allow_trusted_types:
        yield _differs('"allow_trusted_types"', policy.allow_trusted_types, kept.allow_trusted_types)
    rules = {rule.id: rule for rule in kept.rules}
    for rule in policy.rules:
        if rule.id not in rules:
            yield _differs(f'rule "{rule.id}"', "this rule", "no such rule")
            continue
        for name in ("waivable", "allow_loosen", "timeout_seconds"):
            values = getattr(rule, name), getattr(rules[rule.id], name)
            if values[0] != values[1]:
                yield _differs(f'rule "{rule.id}": {name}', *values)


def _differs(what: str, wanted: object, found: object) -> Finding:
    return Finding(RESOLVED_POLICY, f"{what} is not what {_GIVEN} says", None, "", cut(wanted), cut(found))
