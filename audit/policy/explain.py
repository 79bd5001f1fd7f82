"""Says in plain words what a policy asks for, for a reviewer who knows no ML."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from audit import signature
from audit.policy import controls
from audit.policy.problems import shown
from audit.records import Limit, Policy, Rule
from audit.signature import CheckSpec

_WIDTH = 100
_ISOLATION = {
    "required": "A model is opened only in a process that the system keeps from network, other files and programs; "
    "where this machine cannot do that, nothing is measured and the audit does not pass.",
    "best_effort": "A model is opened in a process that is kept from network, other files and programs as far as this "
    "machine can do that; the bundle says how far that was.",
    "off": "A model is opened with all rights of whoever runs the audit: a hostile one can do whatever that person "
    "can, and change its own verdict.",
}
_INDENT = 4


def explain(policy: Policy) -> str:
    """The whole policy as text."""
    stopping = sum(rule.blocking for rule in policy.rules)
    undecided = "fails the audit" if policy.on_inconclusive == "fail" else "is a warning"
    opening = (
        f"Every number is judged by the unfavourable end of its {policy.confidence * 100:g}% confidence interval, not "
        f"by the number itself. A rule that cannot be decided {undecided}. "
        f"A waiver lasts at most {_count(policy.max_waiver_days, 'day')}."
    )
    lines = [
        f'Policy "{policy.name}", version {policy.version}' + (f", owned by {policy.owner}" if policy.owner else ""),
        f"{_count(len(policy.rules), 'rule')}; {stopping} of them can stop a release.",
        *textwrap.wrap(opening, _WIDTH),
        *textwrap.wrap(_ISOLATION[policy.isolation], _WIDTH),
        *_trusted_types(policy),
        "Read from: " + ", ".join(f"{source.name} (sha256 {source.sha256[:12]}...)" for source in policy.sources),
    ]
    for number, rule in enumerate(policy.rules, start=1):
        lines += ["", *_rule(number, rule, policy)]
    return "\n".join(lines) + "\n"


def _trusted_types(policy: Policy) -> Iterator[str]:
    """One sentence each: what a model file may use though the list of the static scan does not know it."""
    for trusted in policy.trusted_types:
        why = f": {trusted.why}" if trusted.why else ""
        sentence = f"A model file may use {trusted.name} up to {trusted.expires}; {trusted.owner} answers for it{why}"
        yield from textwrap.wrap(sentence if sentence.endswith(".") else f"{sentence}.", _WIDTH, break_long_words=False)


def _rule(number: int, rule: Rule, policy: Policy) -> Iterator[str]:
    spec = signature.of_rule(rule)
    effect = "stops the release" if rule.blocking else "warns only"
    yield f"{number}. {rule.id} ({effect}, severity {rule.severity})"
    yield from _line("What", f"{spec.summary} (check {rule.check})")
    if rule.why:
        yield from _line("Why", rule.why)
    for limit in rule.limits:
        yield from _line("Passes if", _wish(limit, spec))
    if rule.min_power is not None:
        yield from _line("Proof", f"the check has to find {rule.min_power:.0%} of the faults that it plants as a trial")
    settings = [f"{name} = {_value(value, name)}" for name, value in rule.params.items()]
    if settings:
        yield from _line("Settings", ", ".join(settings))
    if "Blind to" in spec.sections:
        yield from _line("Cannot see", spec.sections["Blind to"])
    yield from _line("Exceptions", f"by waiver, at most {policy.max_waiver_days} days" if rule.waivable else "none")
    for reference in rule.controls:
        yield from _line("Evidence for", f"{reference}: {controls.find(reference).title}")
    yield from _line("Written at", rule.location)


def _line(title: str, text: str) -> list[str]:
    head = f"{'':{_INDENT}}{title + ':':<14}"
    return textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _wish(limit: Limit, spec: CheckSpec) -> str:
    ends = [("at least", limit.min), ("at most", limit.max)]
    wish = " and ".join(f"{words} {shown(end)}" for words, end in ends if end is not None)
    scale = spec.scales.get(limit.measure)
    order = f" (weakest to strongest: {', '.join(scale)})" if scale else ""
    return f"{limit.measure} is {wish}; that is: {spec.measures[limit.measure]}{order}"


def _value(value: object, name: str) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "none" if value is None else shown(value, key=name)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
