"""The bundle that the reports are tried on, with a policy file that loads: rules as the checks take them.

Names are those of `reports/example.py`.
"""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from audit import judge
from audit import policy as policies
from audit.bundle import policy_file
from audit.policy.sources import Source
from audit.records import Bundle, Entry, Measure, Policy, Rule
from audit.signature import describe

_MADE: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[1] / "reports" / "example.py"))
_NAME = "policies/credit.yaml"
_SHOWN = Measure(1.0, "share", 20, 0.83, 1.0)


def loadable(made: Policy) -> Policy:
    """A policy like this one, from a file."""
    rules = [replace(rule, params=_taken(rule), min_power=rule.min_power or 0.9) for rule in made.rules]
    values = yaml.safe_load(policy_file.dump(replace(made, rules=tuple(rules), sources=())))
    values["params"] = dict(made.params)
    content = yaml.safe_dump(values, sort_keys=False).encode()
    return policies.load(Source(_NAME, _NAME, _NAME, Path(), content))


def _taken(rule: Rule) -> dict[str, Any]:
    return {name: value for name, value in rule.params.items() if name in describe(rule.check).parameters}


def _entry(entry: Entry, rule: Rule) -> Entry:
    power = _SHOWN if entry.id == "origin" else entry.power
    found = judge.decide(
        rule.limits, entry.measures, doubts=entry.doubts, power=power, min_power=rule.min_power, error=entry.error,
        finding=entry.finding, waived=entry.waiver is not None,
    )  # fmt: skip
    assert found.verdict == entry.verdict
    return replace(
        entry, params=rule.params, min_power=rule.min_power, power=power, sentence=found.sentence,
        reasons=found.reasons, location=rule.location, blind_to=describe(entry.check).sections.get("Blind to", ""),
    )  # fmt: skip


def fitted(made: Bundle, policy: Policy) -> Bundle:
    """A bundle that was judged by a policy with rules for these entries."""
    entries = tuple(_entry(entry, rule) for entry, rule in zip(made.entries, policy.rules, strict=True))
    assert made.run is not None
    sources = tuple((source.name, source.sha256) for source in policy.sources)
    ids = {entry.id for entry in entries}
    run = replace(made.run, entries={name: facts for name, facts in made.run.entries.items() if name in ids})
    return replace(made, entries=entries, run=run, policy=replace(made.policy, sources=sources))


POLICY = loadable(_MADE["POLICY"])
BUNDLE = fitted(_MADE["BUNDLE"], POLICY)
RULES, WAIVER, EVIDENCE = POLICY.rules, _MADE["WAIVER"], _MADE["EVIDENCE"]
globals().update({name: value for name, value in _MADE.items() if name.isupper() and name not in globals()})
