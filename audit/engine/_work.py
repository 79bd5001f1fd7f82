"""Calls one check: `run` as a stream of results, `plant` for its power."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from audit import signature
from audit.errors import AuditError, NotMeasurable
from audit.records import CheckResult, Measure, Power, Task
from audit.signature import CheckSpec
from audit.subject import Subject


def results(subject: Subject, task: Task) -> Iterator[CheckResult]:
    """Results of a check, one where it measures at once, several of growing precision where it samples.

    Raises:
        AuditError: the check returned a measure that it does not declare, or nothing at all.
    """
    spec = signature.with_files(signature.describe(task.check), task.params, task.files)
    outcome = _call(spec.module.run, subject, task, spec)
    stream = iter((outcome,)) if isinstance(outcome, CheckResult) else outcome
    last = None
    for last in stream:
        undeclared = ", ".join(sorted(set(last.measures) - set(spec.measures)))
        if undeclared:
            raise AuditError(f'check "{task.check}" returned measures that it does not declare: {undeclared}')
        yield last
    if last is None:
        raise NotMeasurable(f'check "{task.check}" ended without a result')


def power(subject: Subject, task: Task) -> Power:
    """Share of faults, planted in a copy of the subject, that the check finds.

    Raises:
        NotMeasurable: the check plants no fault, or cannot on this subject.
    """
    spec = signature.describe(task.check)
    if not spec.plants:
        raise NotMeasurable(f'check "{task.check}" plants no fault')
    shown = _call(spec.module.plant, subject, task, spec)
    if isinstance(shown, Measure):
        return Power(shown)
    if not isinstance(shown, Power):
        raise AuditError(f'plant of check "{task.check}" returned {type(shown).__name__}; expected a Measure or Power')
    return shown


def _call(function: Callable[..., Any], subject: Subject, task: Task, spec: CheckSpec) -> Any:
    from_runner = {"seed": task.seed, "confidence": task.confidence, "limited": task.limited, "today": task.today}
    offered = {**signature.arguments(spec, task.params, task.files), **from_runner}
    wanted = inspect.signature(function).parameters
    return function(subject, **{name: value for name, value in offered.items() if name in wanted})
