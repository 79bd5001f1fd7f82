"""What policy files say, each value with its place, before words are looked up: so files can be merged and blamed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from audit.policy.problems import Problems
from audit.policy.schema import PolicyFile, RuleFile, validate
from audit.policy.trusted import DraftType, read_types
from audit.yaml_file import Document, KeyPath

SETTINGS = ("seed", "confidence", "on_inconclusive", "max_waiver_days", "isolation", "allow_trusted_types")


@dataclass(frozen=True)
class Placed:
    """A value and where it stands.

    Attributes:
        place: `file:line:column` of the value.
        key_place: the same of its key.
        text: the scalar as written, None for lists and mappings.
        texts: the same of each item of a list.
    """

    value: Any
    place: str
    key_place: str
    text: str | None = None
    texts: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class DraftRule:
    """A rule as files give it.

    Attributes:
        place: of the rule in the file that mentioned it last.
        fields: the keys that were given, other than `with` and `require`; each of `controls` has its own place.
        params: values of `with`.
        limits: bounds by measure; an empty mapping where a file gave the measure without a bound.
        measure_places: where each measure was named last.
        damaged: keys whose content was refused, so that nothing more is said of them.
    """

    id: str
    place: str
    fields: Mapping[str, Placed]
    params: Mapping[str, Placed]
    limits: Mapping[str, Mapping[str, Placed]]
    measure_places: Mapping[str, str]
    damaged: frozenset[str] = frozenset()

    def over(self, parent: DraftRule) -> DraftRule:
        """This rule on top of the rule of the same id that it changes."""
        check = self.fields.get("check")
        if check is not None and check.value != parent.fields.get("check", check).value:
            parent = replace(parent, params={}, limits={}, measure_places={})
        limits = {**parent.limits}
        for measure, bounds in self.limits.items():
            limits[measure] = {**limits.get(measure, {}), **bounds}
        return DraftRule(
            self.id,
            self.place,
            {**parent.fields, **self.fields},
            {**parent.params, **self.params},
            limits,
            {**parent.measure_places, **self.measure_places},
            self.damaged | parent.damaged,
        )


@dataclass(frozen=True)
class Draft:
    """A policy as files give it.

    Attributes:
        top: name, version and owner.
        settings: seed, confidence ... where they were given.
        trusted: trusted types by name.
        place: of the whole policy, for what is missing in it.
        damaged: keys whose content was refused, at least in part.
    """

    place: str
    top: Mapping[str, str]
    extends: tuple[Placed, ...] = ()
    params: Mapping[str, Placed] = field(default_factory=dict)
    settings: Mapping[str, Placed] = field(default_factory=dict)
    rules: Mapping[str, DraftRule] = field(default_factory=dict)
    trusted: Mapping[str, DraftType] = field(default_factory=dict)
    damaged: frozenset[str] = frozenset()

    def over(self, parent: Draft) -> Draft:
        """This policy on top of the one that it extends."""
        rules = dict(parent.rules)
        for name, rule in self.rules.items():
            rules[name] = rule.over(rules[name]) if name in rules else rule
        return replace(
            self,
            params={**parent.params, **self.params},
            settings={**parent.settings, **self.settings},
            rules=rules,
            trusted={**parent.trusted, **self.trusted},
        )


def read_draft(document: Document, problems: Problems) -> Draft | None:
    """Read what one file says; every mistake of its shape is noted.

    Returns:
        The draft without what was wrong; None where the file is no policy at all.
    """
    file = validate(PolicyFile, {"policy": "unnamed", **document.value}, document, problems)
    if "policy" not in document.value:
        problems.add(document.mark(), 'key "policy" is missing; it names the policy')
    if file is None:
        return None
    given = file.model_fields_set
    rules = _rules(document, file, problems)
    damaged = frozenset(document.value) - given
    raw = document.value.get("rules")
    if isinstance(raw, list) and len(rules) < len(raw):
        damaged |= {"rules"}
    words = document.value.get("extends")
    return Draft(
        place=document.mark(),
        top={"name": file.policy, "version": file.version, "owner": file.owner},
        extends=tuple(
            _placed(document, ("extends", i), word)
            for i, word in enumerate(words if isinstance(words, list) else [])
            if word in file.extends
        ),
        params={key: _placed(document, ("params", key), value) for key, value in file.params.items()},
        settings={key: _placed(document, (key,), getattr(file, key)) for key in SETTINGS if key in given},
        rules=rules,
        trusted=read_types(document, file, problems),
        damaged=damaged,
    )


def _rules(document: Document, file: PolicyFile, problems: Problems) -> dict[str, DraftRule]:
    found: dict[str, DraftRule] = {}
    seen: dict[str, str] = {}
    raw = document.value.get("rules")
    for position, value in enumerate(raw if isinstance(raw, list) and file.rules else []):
        at: KeyPath = ("rules", position)
        if not isinstance(value, dict):
            continue  # already noted: the list has to hold mappings
        name = document.source_text((*at, "id")) or ""
        rule = validate(RuleFile, value, document, problems, at=at, rule=name)
        if rule is None:
            continue
        folded = rule.id.casefold()
        if folded in seen:
            place = document.mark((*at, "id"))
            problems.add(place, f"this id is taken by the rule at {seen[folded]}; rename one", rule=rule.id)
            continue
        seen[folded] = document.mark((*at, "id"))
        found[rule.id] = _rule(document, at, rule)
    return found


def _rule(document: Document, at: KeyPath, rule: RuleFile) -> DraftRule:
    value = document.value["rules"][at[-1]]
    given = {"with" if name == "with_" else name for name in rule.model_fields_set}
    fields = {name: _placed(document, (*at, name), getattr(rule, name)) for name in given - {"id", "with", "require"}}
    if "controls" in fields:
        items = tuple(_placed(document, (*at, "controls", i), word) for i, word in enumerate(rule.controls))
        fields["controls"] = replace(fields["controls"], value=items)
    damaged = set(value) - given
    limits: dict[str, dict[str, Placed]] = {}
    written = value["require"] if "require" in given else {}
    for measure, raw in written.items():
        bounds = rule.require.get(measure)
        path = (*at, "require", measure)
        names = {"min", "max"} if bounds is None else bounds.model_fields_set
        if measure in rule.require and (raw is None or len(names) == len(raw)):
            limits[measure] = {
                name: _placed(document, (*path, name), getattr(bounds, name, None)) for name in sorted(names)
            }
        else:
            damaged.add("require")
    return DraftRule(
        id=rule.id,
        place=document.mark(at),
        fields=fields,
        params={key: _placed(document, (*at, "with", key), inner) for key, inner in rule.with_.items()},
        limits=limits,
        measure_places={measure: document.key_mark((*at, "require", measure)) for measure in limits},
        damaged=frozenset(damaged),
    )


def _placed(document: Document, path: KeyPath, value: Any) -> Placed:
    items = range(len(value) if isinstance(value, list) else 0)
    texts = tuple(document.source_text((*path, item)) for item in items)
    return Placed(value, document.mark(path), document.key_mark(path), document.source_text(path), texts)
