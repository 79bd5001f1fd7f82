"""Walks over the rules of a policy: measure, judge, stop as soon as the verdict is certain, and catch what crashes.

This is the only place that catches any exception: whatever goes wrong in one rule becomes the verdict ERROR of that
rule, with a traceback as evidence, and the others run on. A rule whose measures pass has to show its power first.
"""

from __future__ import annotations

import errno
import re
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from typing import Protocol

from audit import judge, signature, trace
from audit.errors import AuditError, BundleError, NotMeasurable, WorkerFailed
from audit.records import (
    CheckResult,
    Evidence,
    FileRecord,
    Isolation,
    Measured,
    Policy,
    Power,
    Rule,
    Task,
    Verdict,
    Waiver,
)
from audit.runner.outcome import Outcome, changed_files, entry_of, spoiled

__all__ = ["Engine", "Memory", "Outcome", "Work", "changed_files", "measure", "run", "spoiled"]

_DISK_FULL = re.compile(rf"the check crashed: OSError: \[Errno (?:{errno.ENOSPC}|{errno.EDQUOT})\] (?P<reason>[^:]*)")


class Work(Protocol):
    """One task under way on an engine."""

    @property
    def files(self) -> tuple[FileRecord, ...]:
        """Every file that was opened for it."""

    @property
    def isolation(self) -> Isolation:
        """What separates the model from this process."""

    def results(self) -> Iterator[CheckResult]:
        """Results of growing precision."""

    def power(self) -> Power:
        """What became of the planted faults."""

    def close(self) -> None:
        """Free what it holds."""


class Engine(Protocol):
    """Where tasks run."""

    name: str
    jobs: int

    def open(self, task: Task) -> Work:
        """Begin a task."""

    def stop(self) -> None:
        """End what is under way, from any thread; nothing can be begun afterwards."""


class Memory(Protocol):
    """What earlier runs, or this one before it was killed, found out."""

    def recall(self, rule: Rule, task: Task) -> Measured | None:
        """What is known of a rule; None where it has to be measured."""

    def keep(self, rule: Rule, task: Task, measured: Measured, spec: signature.CheckSpec) -> None:
        """Keep what a check found out."""


def measure(
    task: Task,
    engine: Engine,
    *,
    enough: Callable[[CheckResult], bool] = lambda result: False,
    wants_power: Callable[[CheckResult], bool] = lambda result: False,
) -> Measured:
    """Run one check; nothing that it raises gets out.

    Args:
        enough: whether a result is precise enough to stop.
        wants_power: whether the last result needs its power shown.
    """
    measured = Measured()
    work: Work | None = None
    try:
        work = engine.open(task)
        for result in work.results():
            measured = replace(measured, result=result)
            if enough(result):
                break
        if wants_power(measured.result):
            measured = _with_power(work, measured)
    except AuditError as error:
        trace_left = error.trace if isinstance(error, WorkerFailed) else ""
        measured = replace(measured, error=str(error), trace=trace_left)
    except Exception as error:
        reason = f"the check crashed: {trace.raised(type(error).__name__, str(error))}"
        measured = replace(measured, error=reason, trace=trace.clean(traceback.format_exc()))
    finally:
        if work is not None:
            measured = replace(measured, files=work.files, isolation=work.isolation)
            work.close()
    return measured


def run(
    policy: Policy,
    engine: Engine,
    *,
    missing: Callable[[tuple[str, ...]], tuple[str, ...]],
    waivers: Mapping[str, Waiver] | None = None,
    memory: Memory | None = None,
    today: str = "",
    progress: Callable[[Outcome], None] = lambda outcome: None,
) -> tuple[Outcome, ...]:
    """Run all rules of a policy.

    Args:
        engine: where checks run; its `jobs` rules run at a time, with the same results as one after the other.
        missing: which of a check's needs the subject does not meet.
        waivers: the waiver that is valid today, by rule id.
        memory: what earlier runs found out; what this one finds out is kept there.
        today: the UTC day of the audit, ISO.
        progress: called after each rule.

    Returns:
        One outcome a rule, in the order of the policy.

    Raises:
        BundleError: a disk is full, so neither the checks nor the bundle can be relied on.
    """
    waivers = waivers or {}
    interrupted = threading.Event()

    def one(rule: Rule) -> Outcome:
        outcome = _run_rule(rule, policy, engine, missing, waivers.get(rule.id), memory, today)
        if not interrupted.is_set():
            progress(outcome)
        return outcome

    if engine.jobs == 1:
        return tuple(one(rule) for rule in policy.rules)
    threads = ThreadPoolExecutor(max_workers=engine.jobs)
    whole = False
    try:
        futures = [threads.submit(one, rule) for rule in policy.rules]
        for ended in as_completed(futures):
            ended.result()  # what stops the audit stops it now, not once the rules before it have ended
        outcomes = tuple(future.result() for future in futures)
        whole = True
    finally:
        if not whole:
            # a signal, or a full disk: what is under way would go on for as long as its rule allows
            interrupted.set()
            engine.stop()
        threads.shutdown(cancel_futures=True)
    return outcomes


def _run_rule(
    rule: Rule,
    policy: Policy,
    engine: Engine,
    missing: Callable[[tuple[str, ...]], tuple[str, ...]],
    waiver: Waiver | None,
    memory: Memory | None,
    today: str,
) -> Outcome:
    started = time.monotonic()
    spec = signature.describe(rule.check)
    seed = judge.seed_of(policy.seed, rule.id)
    limited = tuple(limit.measure for limit in rule.limits)
    task = Task(
        rule.id, rule.check, rule.params, seed, policy.confidence, rule.timeout_seconds, rule.files, limited, today
    )
    absent = missing(spec.needs)
    known = None if absent or memory is None else memory.recall(rule, task)
    if absent:
        measured = Measured(error=f"the subject has no {', no '.join(absent)}, which check {rule.check} needs")
    elif known is not None:
        measured = known
    else:
        measured = measure(
            task,
            engine,
            enough=lambda result: judge.settled(rule.limits, result.measures),
            wants_power=lambda result: rule.min_power is not None and _would_pass(rule, result),
        )
        if full := _DISK_FULL.match(measured.error):
            where = tempfile.gettempdir()
            raise BundleError(
                f'rule "{rule.id}": {full["reason"]} (temporary files lie in {where}); no bundle is written'
            )
        if memory is not None and _finished(rule, measured):
            memory.keep(rule, task, measured, spec)
    entry = entry_of(rule, policy, spec, seed, measured, waiver)
    evidence = measured.result.evidence
    if measured.trace:
        evidence += (Evidence("traceback.txt", measured.trace.encode(), "Where the check crashed."),)
    entry = replace(entry, evidence=tuple(f"evidence/{rule.id}/{file.name}" for file in evidence))
    seconds = time.monotonic() - started
    return Outcome(entry, evidence, measured.files, seconds, measured.isolation, cached=known is not None)


def _with_power(work: Work, measured: Measured) -> Measured:
    try:
        shown = work.power()
    except NotMeasurable as error:
        # a pass whose power is unknown is no pass; the judge says so, and the reader learns why
        return replace(measured, notes=(f"power was not shown: {error}",))
    result = replace(measured.result, evidence=measured.result.evidence + shown.evidence)
    return replace(measured, result=result, power=shown.share, notes=shown.notes)


def _finished(rule: Rule, measured: Measured) -> bool:
    """Whether a check gave the numbers that its rule asks for; else a later run tries it again."""
    return not measured.error and judge.decide(rule.limits, measured.result.measures).verdict is not Verdict.ERROR


def _would_pass(rule: Rule, result: CheckResult) -> bool:
    judgement = judge.decide(rule.limits, result.measures, doubts=[doubt.text for doubt in result.doubts])
    return judgement.verdict is Verdict.PASS
