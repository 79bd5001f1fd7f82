"""Tests a policy without a model: a case gives numbers that checks might return, and the verdicts that must follow."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit import judge, plugins, signature
from audit.errors import PolicyError
from audit.policy.loader import load
from audit.policy.problems import Problems
from audit.policy.schema import CaseFile, MeasureFile, validate
from audit.policy.sources import BUILTIN, read_bytes
from audit.records import Measure, Policy, Rule, exit_code
from audit.yaml_file import Document, KeyPath, YamlError, read

_PLANTED = 20
"""Faults that a power written as a bare number stands for."""


@dataclass(frozen=True)
class CaseOutcome:
    """What became of one case.

    Attributes:
        mismatches: one line each; none where the policy judged as expected.
        judged: verdicts that were compared, and the exit code if the case says one.
        policy: which judged.
    """

    name: str
    judged: int
    mismatches: tuple[str, ...]
    policy: Policy


def find_cases(folder: Path) -> tuple[Path, ...]:
    """Case files of a folder, sorted, those in folders inside it too.

    Raises:
        PolicyError: there is none; tests that do not exist cannot pass.
    """
    found = tuple(sorted(path for suffix in ("yaml", "yml") for path in folder.rglob(f"*.{suffix}")))
    if not found:
        raise PolicyError(f"{folder}: no case (*.yaml) is in this folder")
    return found


def run_case(path: Path) -> CaseOutcome:
    """Judge the numbers of one case under its policy.

    Raises:
        PolicyError: the case or its policy is wrong.
    """
    name, problems = str(path), Problems()
    try:
        document = read(name, read_bytes(path, name))
    except YamlError as error:
        raise PolicyError(error.problems) from error
    case = validate(CaseFile, document.value, document, problems)
    if case is None or len(problems):
        raise problems.error()
    source = case.policy if case.policy.startswith(BUILTIN) else path.parent / case.policy
    overrides = {key: document.source_text(("params", key)) or "" for key in case.params}
    policy = load(source, overrides=overrides)
    rules = {rule.id: rule for rule in policy.rules}
    _check_names(document, case, rules, problems)
    measures = {rule: _measures(document, rules[rule], problems) for rule in case.measures if rule in rules}
    if not case.expect and case.exit_code is None:
        problems.add(document.mark(("expect",)), "expects no verdict and no exit_code, so it tests nothing")
    if len(problems):
        raise problems.error()
    judgements = {rule.id: _judge(rule, measures.get(rule.id, {}), case, policy) for rule in policy.rules}
    mismatches = []
    for rule_id, expected in case.expect.items():
        judgement = judgements[rule_id]
        if judgement.verdict != expected:
            place = document.mark(("expect", rule_id))
            mismatches.append(f'{place}: rule "{rule_id}": expected {expected}, judged {judgement.sentence}')
    ended = exit_code({judgements[rule.id].verdict for rule in policy.rules if rule.blocking}, policy.on_inconclusive)
    if case.exit_code not in (None, ended):
        place = document.mark(("exit_code",))
        mismatches.append(f"{place}: the audit: expected exit code {case.exit_code}, found {ended}")
    return CaseOutcome(name, len(case.expect) + (case.exit_code is not None), tuple(mismatches), policy)


def _check_names(document: Document, case: CaseFile, rules: dict[str, Rule], problems: Problems) -> None:
    for part in ("measures", "power", "doubts", "errors", "expect"):
        for name in getattr(case, part):
            if name not in rules:
                problems.add(document.key_mark((part, name)), str(plugins.unknown("rule", name, rules)))
    for place, name in enumerate(case.waived):
        if name not in rules:
            problems.add(document.mark(("waived", place)), str(plugins.unknown("rule", name, rules)))


def _measures(document: Document, rule: Rule, problems: Problems) -> dict[str, Measure]:
    spec = signature.of_rule(rule)
    found = {}
    for name, value in document.value["measures"][rule.id].items():
        at: KeyPath = ("measures", rule.id, name)
        if name not in spec.measures:
            message = str(plugins.unknown(f"{spec.name} measure", name, spec.measures))
            problems.add(document.key_mark(at), message, rule=rule.id)
            continue
        given = value if isinstance(value, dict) else {"value": value}
        file = validate(MeasureFile, given, document, problems, at=at, rule=rule.id)
        measured = _value(file.value if file else None, spec.scales.get(name))
        if measured is None:
            problems.add(document.mark(at), f"{name} needs a value that the check could return", rule=rule.id)
        elif file is not None:
            found[name] = Measure(measured, n=file.n, low=file.low, high=file.high, scale=spec.scales.get(name, ()))
    return found


def _value(value: Any, scale: tuple[str, ...] | None) -> float | str | None:
    if scale is not None:
        return value if value in scale else None
    try:
        return signature.number(value)
    except ValueError:
        return None


def _judge(rule: Rule, measures: dict[str, Measure], case: CaseFile, policy: Policy) -> judge.Judgement:
    power = case.power.get(rule.id)
    return judge.decide(
        rule.limits,
        measures,
        doubts=case.doubts.get(rule.id, ()),
        power=None if power is None else Measure(power, n=_PLANTED),
        min_power=rule.min_power,
        error=case.errors.get(rule.id, ""),
        confidence=policy.confidence,
        waived=rule.waivable and rule.id in case.waived,  # else the waiver counts for nothing
    )
