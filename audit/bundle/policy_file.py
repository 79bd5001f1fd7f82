"""`policy.resolved.yaml`: the policy after `extends` and `params`, for a person and for `policy.load` to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import yaml

from audit import yaml_file
from audit.bundle.canonical import BUNDLE
from audit.bundle.finding import Finding, cut
from audit.bundle.layout import RESOLVED_POLICY
from audit.errors import BundleError
from audit.records import Bundle, Entry, Limit, Policy, Rule, TrustedType

if TYPE_CHECKING:
    from yaml import SafeDumper as _LibYaml
else:
    _LibYaml = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_HEADER = "# The policy that judged this bundle, after extends and params. The files it was made from are in policy/.\n"
# what YAML 1.2 may read as a number or a word of its own; PyYAML would leave some of it without quotes
_LOOKS_TYPED = re.compile(r"[-+.0-9~].*|null|true|false|yes|no|on|off", re.IGNORECASE | re.DOTALL)
_SETTINGS = ("version", "owner", "seed", "confidence", "on_inconclusive", "max_waiver_days", "isolation")
_ONLY_IN_FILES = ("allow_trusted_types",)
_TYPE_FIELDS = ("name", "owner", "expires", "why")
_RULE_FIELDS = ("severity", "blocking", "waivable", "min_power", "timeout_seconds", "why", "controls", "allow_loosen")
_COMPARED = ("check", "severity", "blocking", "min_power", "why", "controls")


class _Dumper(yaml.SafeDumper):
    """Block style, no aliases, and every text that could be taken for something else in quotation marks."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write repeated values out: the reader refuses aliases."""
        return True


class _QuickDumper(_LibYaml):
    """The same by libyaml, where PyYAML was built with it; it may fold long lines elsewhere."""

    def ignore_aliases(self, data: Any) -> bool:
        """As above."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _LOOKS_TYPED.fullmatch(text) or not text.isprintable() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


for _kind in (_Dumper, _QuickDumper):
    _kind.add_representer(str, _text)


def dump(policy: Policy) -> bytes:
    """The policy as YAML; the same policy gives the same bytes."""
    return _dumped(policy, _Dumper)


def is_dumped(policy: Policy, content: bytes) -> bool:
    """Whether a file holds this policy and nothing else: what `dump` writes, folded by whichever of the two writers."""
    return content == _dumped(policy, _QuickDumper) or content == dump(policy)


def _dumped(policy: Policy, dumper: type[yaml.SafeDumper]) -> bytes:
    values = {"policy": policy.name, **{name: getattr(policy, name) for name in (*_SETTINGS, *_ONLY_IN_FILES)}}
    if policy.trusted_types:
        values["trusted_types"] = [_type_values(trusted) for trusted in policy.trusted_types]
    values["rules"] = [_rule_values(rule) for rule in policy.rules]
    text = yaml.dump(values, Dumper=dumper, sort_keys=False, allow_unicode=True, width=100)
    return (_HEADER + text).encode()


def parse(content: bytes) -> Policy:
    """The policy that `dump` wrote, without its source files; no check is looked up.

    Raises:
        BundleError: it is not such a file.
    """
    try:
        values = yaml_file.read("policy.resolved.yaml", content).value
        rules = tuple(_rule(rule) for rule in values["rules"])
        settings = {name: values[name] for name in (*_SETTINGS, *_ONLY_IN_FILES)}
        trusted = tuple(_type(one) for one in values.get("trusted_types", ()))
        policy = Policy(name=values["policy"], rules=rules, trusted_types=trusted, **settings)
    except yaml_file.YamlError as error:
        raise BundleError(str(error)) from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BundleError(f"policy.resolved.yaml: not in the form that an audit writes: {error}") from None
    return policy


def disagreements(policy: Policy, bundle: Bundle, *, says: str = RESOLVED_POLICY) -> Iterator[Finding]:
    """What the entries of a bundle were judged by that is not what a policy says.

    Args:
        says: what messages call the policy.
    """

    def finding(place: str, what: str, wanted: object, found: object) -> Finding:
        return Finding(BUNDLE, f"{what} not what {says} says", None, place, cut(wanted), cut(found))

    for name in ("name", *_SETTINGS):
        wanted, found = getattr(policy, name), getattr(bundle.policy, name)
        if wanted != found:
            yield finding(f"policy.{name}", f"{name} is", wanted, found)
    wanted_types = [_type_values(trusted) for trusted in policy.trusted_types]
    found_types = [_type_values(use.trusted) for use in bundle.policy.trusted_types]
    if wanted_types != found_types:
        yield finding("policy.trusted_types", "the trusted types are", wanted_types, found_types)
    only = set(bundle.policy.only)
    wanted_ids = [rule.id for rule in policy.rules if not only or rule.id in only]
    found_ids = [entry.id for entry in bundle.entries]
    if wanted_ids != found_ids:
        yield finding("entries", "the rules are", ", ".join(wanted_ids), ", ".join(found_ids))
    rules = {rule.id: rule for rule in policy.rules}
    for position, entry in enumerate(bundle.entries):
        if entry.id in rules:
            for name, wanted, found in _rule_disagreements(rules[entry.id], entry):
                yield finding(f"entries[{position}].{name}", f'rule "{entry.id}": {name} is', wanted, found)


def _rule_disagreements(rule: Rule, entry: Entry) -> Iterator[tuple[str, object, object]]:
    """Name of the field, what it should be, and what it is."""
    for name in _COMPARED:
        if getattr(rule, name) != getattr(entry, name):
            yield name, getattr(rule, name), getattr(entry, name)
    if _plain(dict(rule.params)) != _plain(dict(entry.params)):
        yield "params", dict(rule.params), dict(entry.params)
    if rule.limits != entry.limits:
        wanted, found = ({limit.measure: _ends(limit) for limit in one.limits} for one in (rule, entry))
        yield "limits", wanted, found
    if entry.waiver is not None and not rule.waivable:
        yield "waiver", None, entry.waiver.reason


def _rule_values(rule: Rule) -> dict[str, Any]:
    values: dict[str, Any] = {"id": rule.id, "check": rule.check}
    if rule.params:
        values["with"] = _plain(dict(rule.params))
    if rule.limits:
        values["require"] = {limit.measure: _ends(limit) for limit in rule.limits}
    values |= {name: _plain(getattr(rule, name)) for name in _RULE_FIELDS}
    # a check that plants nothing takes no min_power, and the loader refuses an empty why
    return {name: value for name, value in values.items() if value is not None and value != "" and value != []}


def _type_values(trusted: TrustedType) -> dict[str, str]:
    # the loader refuses an empty why
    return {name: text for name in _TYPE_FIELDS if (text := getattr(trusted, name))}


def _type(values: dict[str, Any]) -> TrustedType:
    fields = {name: values[name] for name in _TYPE_FIELDS if name in values}
    if not all(isinstance(text, str) for text in fields.values()):
        raise TypeError("a trusted type is made of texts")
    return TrustedType(**fields)


def _ends(limit: Limit) -> dict[str, float | str]:
    return {name: end for name, end in (("min", limit.min), ("max", limit.max)) if end is not None}


def _rule(values: dict[str, Any]) -> Rule:
    fields = {name: values[name] for name in _RULE_FIELDS if name in values}
    fields["min_power"] = values.get("min_power")
    fields["controls"] = tuple(values.get("controls", ()))
    if not isinstance(values["id"], str):
        raise TypeError("the id of a rule is text")
    return Rule(
        id=values["id"],
        check=values["check"],
        params={name: _tuples(value) for name, value in values.get("with", {}).items()},
        limits=tuple(
            Limit(measure, ends.get("min"), ends.get("max")) for measure, ends in values.get("require", {}).items()
        ),
        **fields,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
