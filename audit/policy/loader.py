"""Loads a policy: the file, all that it extends, its params and what its words mean, with every mistake at once."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from audit.errors import PolicyError
from audit.policy.attached import Attached, Finder, beside
from audit.policy.draft import read_draft
from audit.policy.extends import PolicyFinder, Resolved, Tree, inside
from audit.policy.params import collect
from audit.policy.problems import Problems
from audit.policy.rules import read_rule
from audit.policy.sources import Source, find
from audit.policy.trusted import check_days
from audit.policy.weak import warn_of_weakness
from audit.records import Policy
from audit.yaml_file import YamlError, read


@dataclass(frozen=True)
class Reading:
    """A policy, and what its author should still know.

    Attributes:
        warnings: one line each, `file:line:column: warning: ...`.
        given: the parameters of checks that the files give, by rule, in the order of the rules; others are defaults.
    """

    policy: Policy
    warnings: tuple[str, ...]
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)


def load(
    source: str | Path | Source,
    *,
    overrides: Mapping[str, str] | None = None,
    today: datetime.date | None = None,
    finder: Finder = beside,
    extended: PolicyFinder = inside,
) -> Policy:
    """Load a policy, ready to run.

    Args:
        source: a path, `builtin:NAME` for one that comes with the product, or a file that is read already.
        overrides: words of the command line (`--set name=value`) by param.
        today: the UTC day from which the last days of trusted types are counted; None for the day of the clock.
        finder: how the files that rules name are found.
        extended: how the policies are found that one extends.

    Raises:
        PolicyError: the policy is wrong; it carries every mistake, each with its place.
    """
    return inspect(source, overrides=overrides, today=today, finder=finder, extended=extended).policy


def inspect(
    source: str | Path | Source,
    *,
    overrides: Mapping[str, str] | None = None,
    today: datetime.date | None = None,
    finder: Finder = beside,
    extended: PolicyFinder = inside,
) -> Reading:
    """Load a policy and say what is allowed but odd.

    That is: params that nothing uses, blocking rules that give no reason, limits that every possible value meets,
    demands so low that a pass says little (`min_power`, `confidence`, `max_waiver_days`), a model that nothing keeps
    apart (`isolation: off`), and trusted types past their last day.

    Raises:
        PolicyError: the policy is wrong.
    """
    problems = Problems()
    tree = Tree(problems, finder, extended)
    resolved = tree.resolve(source if isinstance(source, Source) else find(source), overrides or {})
    for read_before in tuple(tree.sources.values()) if len(problems) else ():
        _look_further(read_before, overrides or {}, problems, tree.attached, extended)
    today = today or datetime.datetime.now(datetime.UTC).date()
    if resolved is not None:
        _check_whole(resolved, problems)
        check_days(resolved.draft.trusted, resolved.policy.max_waiver_days, today, problems)
    if resolved is None or len(problems):
        raise problems.error()
    warn_of_weakness(resolved, problems, today)
    return Reading(_finished(resolved, tree), tuple(problems.warnings), _given(resolved))


def readable_part(
    source: Source, *, overrides: Mapping[str, str], finder: Finder, extended: PolicyFinder
) -> Reading | None:
    """A policy without the rules that hold a mistake, such as a check that is not installed here; never to be run.

    Args:
        source: as `load`, like the others.

    Returns:
        The mistakes stand among the warnings; None where the file is no policy at all.
    """
    problems = Problems()
    tree = Tree(problems, finder, extended)
    resolved = tree.resolve(source, overrides)
    if resolved is None:
        return None
    told = tuple(problems.error().problems) if len(problems) else ()
    return Reading(_finished(resolved, tree), told, _given(resolved))


def _given(resolved: Resolved) -> dict[str, frozenset[str]]:
    return {name: frozenset(rule.params) for name, rule in resolved.draft.rules.items()}


def _look_further(
    source: Source, overrides: Mapping[str, str], problems: Problems, attached: Attached, extended: PolicyFinder
) -> None:
    """Note the other mistakes of a file whose YAML holds a mistake, such as a key that is given twice."""
    try:
        read(source.name, source.content)
    except YamlError as error:
        problems.unreadable(error.problems)
        draft = None if error.document is None else read_draft(error.document, problems)
        for word in draft.extends if draft is not None else ():
            try:
                extended(word.value, source)
            except PolicyError as missing:
                problems.add(word.place, f"extends {missing}")
        if draft is not None and not draft.extends:
            values = collect(draft.params, overrides, problems)
            for rule in draft.rules.values():
                read_rule(rule, values, problems, known={}, attached=attached)


def _check_whole(resolved: Resolved, problems: Problems) -> None:
    draft = resolved.draft
    explained = "rules" in draft.damaged or (draft.extends and len(problems))
    if not draft.rules and not explained:
        problems.add(draft.place, "the policy has no rules, so it could only pass; give it rules, or extend a policy")
    elif not len(problems) and not any(rule.blocking for rule in resolved.policy.rules):
        problems.add(draft.place, "no rule is blocking, so the policy could never fail; make one blocking")
    for name, placed in draft.params.items():
        if name not in resolved.values.used:
            problems.warn(placed.key_place, f'no rule uses param "{name}"')
    for rule in resolved.policy.rules:
        if rule.blocking and not rule.why:
            problems.warn(rule.location, "gives no why; say in plain words why it may stop a release", rule=rule.id)


def _finished(resolved: Resolved, tree: Tree) -> Policy:
    files = sorted(tree.sources.values(), key=lambda source: -len(source.name))
    rules = tuple(replace(rule, location=_portable(rule.location, files)) for rule in resolved.policy.rules)
    trusted = tuple(
        replace(trusted, location=_portable(trusted.location, files)) for trusted in resolved.policy.trusted_types
    )
    params = {name: tuple(value) if isinstance(value, list) else value for name, value in resolved.values.given.items()}
    read_files = (*tree.sources.values(), *tree.attached.sources.values())
    records = tuple(source.as_record() for source in read_files)
    return replace(resolved.policy, rules=rules, trusted_types=trusted, params=params, sources=records)


def _portable(place: str, files: list[Source]) -> str:
    """A place with the name that the bundle uses for its file."""
    return next((source.location(place) for source in files if place.startswith(f"{source.name}:")), place)
