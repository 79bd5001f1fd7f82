"""Reads a policy with all that it extends, merges by rule id, and refuses what a child loosens.

A child may tighten freely. Loosening a rule needs `allow_loosen: true` on the rule that it changes; what holds for the
whole policy (confidence, on_inconclusive, max_waiver_days, isolation) can never be loosened. A child trusts all that
its parents trust; one name more, a later last day or another owner needs `allow_trusted_types: true` in each parent
that does not say the same itself, so what one parent trusts does not slip past another. Rules are compared after params
are filled in, so a limit cannot be loosened by way of a param, nor by `--set`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from audit.errors import PolicyError
from audit.policy.attached import Attached, Finder, beside
from audit.policy.compare import Change, rule_changes, setting_changes
from audit.policy.draft import SETTINGS, Draft, DraftRule, Placed, read_draft
from audit.policy.params import Values, collect, names_in
from audit.policy.problems import Problems
from audit.policy.rules import read_rule
from audit.policy.sources import Source, find
from audit.policy.trusted import merged
from audit.records import ISOLATION, Policy, Rule
from audit.yaml_file import YamlError, read

MAX_DEPTH = 8
PolicyFinder = Callable[[str, Source], Source]
"""Finds the policy that a word under `extends` names, in a policy file."""


def inside(word: str, policy: Source) -> Source:
    """Read the policy that a word names: a path relative to the file in which it stands, or `builtin:NAME`."""
    return find(word, folder=policy.folder)


@dataclass(frozen=True)
class Resolved:
    """One policy file together with everything that it extends.

    Attributes:
        policy: what it comes to; rules with a mistake are missing.
        values: its params, with the names that its rules asked for.
    """

    source: Source
    draft: Draft
    policy: Policy
    values: Values


class Tree:
    """Reads policy files, each once, however often it is extended.

    Attributes:
        sources: every policy file read so far, the first one first.
        attached: the files that rules name.
    """

    def __init__(self, problems: Problems, finder: Finder = beside, extended: PolicyFinder = inside) -> None:
        self.problems = problems
        self._extended = extended
        self.sources: dict[str, Source] = {}
        self.attached = Attached(self.sources, problems, finder)
        self._done: dict[str, Resolved | None] = {}

    def resolve(self, source: Source, overrides: Mapping[str, str], chain: tuple[Source, ...] = ()) -> Resolved | None:
        """Read one file and what it extends; every mistake is noted.

        Args:
            overrides: words of the command line by param.
            chain: the files that led here, the first one first.

        Returns:
            None where the file is no policy at all.
        """
        if source.key in self._done:
            return self._done[source.key]
        self.sources.setdefault(source.key, source)
        self.problems.file(source.name)
        draft = self._draft(source)
        resolved = None
        if draft is not None:
            parents = self._parents(draft, source, (*chain, source))
            resolved = self._resolved(source, draft, parents, overrides)
        self._done[source.key] = resolved
        return resolved

    def _draft(self, source: Source) -> Draft | None:
        try:
            return read_draft(read(source.name, source.content), self.problems)
        except YamlError as error:
            self.problems.extend(error.problems)
            return None

    def _parents(self, draft: Draft, source: Source, chain: tuple[Source, ...]) -> list[Resolved]:
        found = []
        for word in draft.extends:
            try:
                parent = self._extended(word.value, source)
            except PolicyError as error:
                self.problems.add(word.place, f"extends {error}")
                continue
            if parent.key in [link.key for link in chain]:
                circle = " -> ".join(link.name for link in (*chain, parent))
                self.problems.add(word.place, f"a policy cannot extend itself: {circle}")
            elif len(chain) >= MAX_DEPTH:
                self.problems.add(word.place, f"more than {MAX_DEPTH} policies extend one another")
            elif (known := self.sources.get(parent.key, parent)) and Path(known.name).name != Path(parent.name).name:
                # the bundle keeps a file under one name, and could not show what the other one meant
                self.problems.add(word.place, f"{parent.name} is the same file as {known.name}; use one of the names")
            else:
                resolved = self.resolve(parent, {}, chain)
                found += [resolved] if resolved is not None else []
        return found

    def _resolved(self, source: Source, own: Draft, parents: list[Resolved], overrides: Mapping[str, str]) -> Resolved:
        inherited = _join(parents)
        draft = own.over(inherited) if inherited else own
        values = collect(draft.params, overrides, self.problems)
        known = inherited.rules if inherited else {}
        rules = [
            read_rule(rule, values, self.problems, known=known, attached=self.attached) for rule in draft.rules.values()
        ]
        settings: dict[str, Any] = {name: placed.value for name, placed in draft.settings.items()}
        complete = tuple(rule for rule in rules if rule is not None)
        settings["trusted_types"] = tuple(draft.trusted[name].trusted for name in sorted(draft.trusted))
        policy = Policy(draft.top["name"], draft.top["version"], draft.top["owner"], complete, **settings)
        resolved = Resolved(source, draft, policy, values)
        for parent in parents:
            self._refuse_loosening(parent, own, resolved, overrides)
        return resolved

    def _refuse_loosening(self, parent: Resolved, own: Draft, child: Resolved, overrides: Mapping[str, str]) -> None:
        for change in setting_changes(parent.policy, child.policy):
            if change.key[0] == "trusted_types":
                self._refuse_trust(change, parent, own)
            elif change.direction == "looser":
                place = own.settings[change.key[0]].place if change.key[0] in own.settings else own.place
                message = f"{change.sentence}, which is looser than {parent.source.name}; no policy may loosen it"
                self.problems.add(place, message)
        rules = {rule.id: rule for rule in child.policy.rules}
        for old in parent.policy.rules:
            if old.allow_loosen or old.id not in rules:
                continue
            for change in rule_changes(old, rules[old.id]):
                if loosens(change, old):
                    place = _blame(change, own, child.draft.rules[old.id], overrides)
                    self.problems.add(place, _refusal(change, old), rule=old.id)

    def _refuse_trust(self, change: Change, parent: Resolved, own: Draft) -> None:
        """Note a name that is trusted without leave of a parent; another owner of it counts as more trust."""
        if change.direction == "stricter" or parent.policy.allow_trusted_types:
            return
        name = change.key[1]
        handed_on = own.extends[-1].place if own.extends else own.place
        place = own.trusted[name].trusted.location if name in own.trusted else handed_on
        says_not = f'{parent.source.name} does not say "allow_trusted_types: true"'
        self.problems.add(place, f"{change.sentence}; {says_not}")


def loosens(change: Change, old: Rule) -> bool:
    """Whether a child may not make a change without leave; what cannot be proven tighter counts as looser."""
    return change.direction == "looser" or (change.direction == "changed" and old.blocking)


def _refusal(change: Change, old: Rule) -> str:
    known = change.direction == "looser"
    why = "which is looser" if known else "which cannot be proven as strict"
    return f'{change.sentence}, {why}; the rule at {old.location} does not say "allow_loosen: true"'


def _blame(change: Change, own: Draft, merged: DraftRule, overrides: Mapping[str, str]) -> str:
    """Where the child made a change: in the rule, in a param that it uses, on the command line, or by extending."""
    mine = own.rules.get(change.rule)
    inner: Placed | None = None
    if change.key[0] == "with":
        inner = merged.params.get(change.key[1])
    elif change.key[0] == "require":
        inner = merged.limits.get(change.key[1], {}).get(change.key[2])
    else:
        inner = merged.fields.get(change.key[0])
    used = names_in(inner.value) if inner is not None else set()
    for name in sorted(used):
        if name in overrides:
            return f"--set {name}"
        if name in own.params:
            return own.params[name].place
    if mine is None:
        return own.extends[-1].place if own.extends else own.place
    return inner.place if inner is not None else mine.place


def _join(parents: list[Resolved]) -> Draft | None:
    """Several policies as one to build on: of two rules with one id the tighter, of settings the tightest."""
    if not parents:
        return None
    first, *rest = parents
    rules, judged = dict(first.draft.rules), {rule.id: rule for rule in first.policy.rules}
    params = dict(first.draft.params)
    for parent in rest:
        params.update(parent.draft.params)
        later = {rule.id: rule for rule in parent.policy.rules}
        for name, rule in parent.draft.rules.items():
            both = name in judged and name in later
            if not (both and _is_tighter(judged[name], later[name])):
                rules[name] = rule
                judged.update({name: later[name]} if name in later else {})
    tightest = {
        "confidence": max(parent.policy.confidence for parent in parents),
        "max_waiver_days": min(parent.policy.max_waiver_days for parent in parents),
        "on_inconclusive": min(parent.policy.on_inconclusive for parent in parents),  # "fail" comes before "warn"
        "seed": parents[-1].policy.seed,
        "isolation": max((parent.policy.isolation for parent in parents), key=ISOLATION.index),
        "allow_trusted_types": all(parent.policy.allow_trusted_types for parent in parents),
    }
    place = parents[-1].draft.place
    settings = {name: Placed(tightest[name], place, place) for name in SETTINGS}
    trusted = merged([parent.draft.trusted for parent in parents])
    return replace(first.draft, rules=rules, params=params, settings=settings, trusted=trusted)


def _is_tighter(rule: Rule, other: Rule) -> bool:
    """Whether `rule` loosens nothing of `other`."""
    return not any(loosens(change, other) for change in rule_changes(other, rule))
