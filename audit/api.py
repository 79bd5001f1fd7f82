"""Puts the parts together: what the command line does, a notebook can do.

`run` is a whole audit, `measure` one check without a policy, `verify` a look at somebody's bundle. The public names are
those of the package `audit`; this module holds what they do.
"""

from __future__ import annotations

import datetime
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from audit import bundle, plugins, policy, runner, signature
from audit.bundle.summaries import environment, policy_summary, subject_summary
from audit.data.content import DOCUMENTS, SUFFIXES
from audit.engine.inline import InlineEngine
from audit.engine.local import LocalEngine
from audit.errors import AuditError, BundleError, PolicyError, SubjectError
from audit.memory import Memory, cache_of, journal_of, surroundings_of
from audit.policy.lock import lock_for
from audit.policy.waivers import waiver_states, waiver_uses
from audit.records import (
    Bundle,
    Evidence,
    FileRecord,
    Measured,
    Policy,
    RunFacts,
    Task,
    Verdict,
    Waiver,
)
from audit.subject import Subject

ENGINES = ("inline", "local")
_NO_HURRY_SECONDS = 7 * 86_400.0


@dataclass(frozen=True)
class Options:
    """How an audit runs, beside its subject and its policy.

    Attributes:
        out: folder for the bundle; None keeps it in memory.
        waivers: file of waivers, or the waivers themselves.
        lock: file in which the policy was fixed before the run; another policy does not run.
        overrides: policy parameters set on the command line.
        only: ids of the rules to run; empty for all.
        engine: `local` worker processes, or `inline` in this process, where time-outs end nothing that hangs.
        jobs: rules at a time; None for one a processor.
        sign_key: private key (PEM) that signs the bundle.
        allow_outside: whether the subject may name files outside its folder.
        today: the UTC day on which waivers and trusted types are judged; None for the day of the run.
        resume: whether to go on from what a run that was killed had finished.
        cache: whether results of earlier runs may be reused, and those of this one stored. A signed bundle rests on
            what its own run measured, so nothing is reused for it.
        tell: called with what somebody should know, such as a damaged cache.
    """

    out: Path | None = None
    waivers: Path | tuple[Waiver, ...] = ()
    lock: Path | None = None
    overrides: Mapping[str, str] | None = None
    only: tuple[str, ...] = ()
    engine: str = "local"
    jobs: int | None = None
    sign_key: bytes | None = None
    allow_outside: bool = False
    today: datetime.date | None = None
    resume: bool = False
    cache: bool = False
    tell: Callable[[str], None] = lambda text: None


@dataclass(frozen=True)
class Measurement:
    """One check on one subject, without a policy.

    Attributes:
        params: all parameters, defaults filled in.
    """

    check: str
    subject: str
    params: Mapping[str, Any]
    measured: Measured
    seconds: float


def run(
    subject: Subject | Path | str,
    rules: Policy | Path | str,
    options: Options = Options(),
    progress: Callable[[runner.Outcome], None] = lambda outcome: None,
) -> Bundle:
    """Audit a subject against a policy.

    Args:
        subject: path of an `audit.yaml` (or a bare model or data file), or a subject in memory.
        rules: path of a policy, `builtin:NAME`, or a loaded policy.
        progress: called after each rule.

    Raises:
        PolicyError: the policy or the waivers are wrong, or the policy is not the locked one.
        SubjectError: the subject is wrong, or is an object and the policy requires what only files can have.
        BundleError: the bundle, or the journal beside it, could not be written.
        AuditError: no bundle can be written at `out`, or another audit is writing there; nothing ran.
    """
    started, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
    today = options.today or started.date()
    if options.out is not None:
        bundle.check_target(options.out, sign_key=options.sign_key)
    loaded = rules if isinstance(rules, Policy) else policy.load(rules, overrides=options.overrides)
    chosen = _only(loaded, options.only)
    waivers = policy.load_waivers(options.waivers, loaded) if isinstance(options.waivers, Path) else options.waivers
    locked = lock_for(loaded, options.lock, started) if options.lock is not None else None
    trusted = policy.trusted_names(loaded, today)
    opened = _open(subject, options, loaded.isolation, trusted)
    declared = opened.digests()
    model_digests = {file.sha256 for file in declared if file.role == "model"}
    states = waiver_states(waivers, loaded, model_digests, today)
    valid = {use.waiver.rule: use.waiver for use in states if use.state == "valid"}
    on_disk = not isinstance(subject, Subject)
    # a signed bundle rests on what its own run measured, and the bytes behind an endpoint are not known
    reuse = options.cache and on_disk and options.sign_key is None and not opened.remote
    resume = options.resume and options.sign_key is None
    if options.resume and not resume:
        options.tell("a bundle that is signed rests on what its own run measured: nothing is resumed")
    with journal_of(options.out if on_disk else None, resume=resume, tell=options.tell) as journal:
        if journal is not None:
            bundle.remove_leftovers(journal.out)
        cache = cache_of(options.tell) if reuse else None
        memory = None
        if journal is not None or cache is not None:
            about = surroundings_of(opened, declared, loaded.isolation, options.engine)
            memory = Memory(about, journal=journal, cache=cache, unchanged=opened.unchanged)
        engine = _engine(subject, opened, len(chosen.rules), options, loaded.isolation, trusted)
        try:
            outcomes = runner.run(
                chosen,
                engine,
                missing=opened.missing,
                waivers=valid,
                memory=memory,
                today=today.isoformat(),
                progress=progress,
            )
        finally:
            engine.close()
        outcomes = _same_bytes(outcomes, declared, loaded.confidence)
        entries = tuple(outcome.entry for outcome in outcomes)
        result = Bundle(
            schema_version=bundle.SCHEMA_VERSION,
            subject=subject_summary(opened, (file for outcome in outcomes for file in outcome.files)),
            policy=policy_summary(loaded, options.only, today, locked),
            entries=entries,
            environment=environment(),
            waivers=waiver_uses(states, [entry.id for entry in entries if entry.verdict is Verdict.WAIVED]),
            run=_facts(started, time.monotonic() - clock, outcomes, engine.name),
        )
        if options.out is not None:
            evidence: dict[str, Sequence[Evidence]] = {outcome.entry.id: outcome.evidence for outcome in outcomes}
            bundle.write(result, loaded, evidence, options.out, sign_key=options.sign_key, lock=locked)
    return result


def measure(
    check: str,
    subject: Subject | Path | str,
    params: Mapping[str, Any],
    *,
    from_text: bool = False,
    power: bool = False,
    seed: int = 0,
    confidence: float = 0.95,
    allow_outside: bool = False,
) -> Measurement:
    """Run one check without a policy, to the end.

    Args:
        params: parameters of the check; of a file its path.
        from_text: whether they are words of a command line.
        power: whether to plant faults and show how many are found.

    Raises:
        UnknownName: no such check or parameter.
        SubjectError: the subject is wrong.
        AuditError: a parameter does not fit.
    """
    spec = signature.describe(check)
    fit = signature.fit(spec, params, from_text=from_text)
    if fit.problems:
        raise AuditError("\n".join(f"{check}: {problem.message}" for problem in fit.problems))
    named = {name: fit.values[name] for name, parameter in spec.parameters.items() if parameter.reader is not None}
    files = {name: policy.text_of(spec.parameters[name], word) for name, word in named.items() if word is not None}
    opened = subject if isinstance(subject, Subject) else Subject.load(Path(subject), allow_outside=allow_outside)
    started = time.monotonic()
    absent = opened.missing(spec.needs)
    if absent:
        told = f"the subject has no {', no '.join(absent)}, which check {check} needs"
        measured = Measured(error=told + _names_of_data(opened, absent))
    else:
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        task = Task(check, check, fit.values, seed, confidence, _NO_HURRY_SECONDS, files, today=today)
        engine = _engine(subject, opened, 1, Options(allow_outside=allow_outside))
        try:
            measured = runner.measure(task, engine, wants_power=lambda result: power and spec.plants)
        finally:
            engine.close()
    return Measurement(check, opened.name, fit.values, measured, time.monotonic() - started)


def _names_of_data(subject: Subject, absent: Sequence[str]) -> str:
    """How files of data are named, for a single file that was taken for a model where data is needed; else empty."""
    if subject.model_path != subject.path or not any(need.startswith("data.") for need in absent):
        return ""
    endings = ", ".join((*SUFFIXES, *DOCUMENTS))
    return f'; "{subject.path.name}" was taken for a model, since files of data end with {endings}'


def _open(subject: Subject | Path | str, options: Options, isolation: str, trusted: tuple[str, ...]) -> Subject:
    if not isinstance(subject, Subject):
        outside = options.allow_outside
        return Subject.load(Path(subject), allow_outside=outside, isolation=isolation, trusted_types=trusted)
    if isolation == "required":
        raise SubjectError(
            "the policy requires isolation, and a subject that is handed over as an object has its own, or none; "
            "hand over the path of its audit.yaml"
        )
    if more := sorted(set(subject.trusted_types) - set(trusted)):
        raise SubjectError(f"the subject trusts {', '.join(more)}, and the policy does not")
    return subject


def _facts(started: datetime.datetime, seconds: float, outcomes: Sequence[runner.Outcome], engine: str) -> RunFacts:
    return RunFacts(
        started=started.isoformat(timespec="seconds"),
        seconds=round(seconds, 3),
        host=platform.node(),
        entries={
            outcome.entry.id: {
                "seconds": round(outcome.seconds, 3),
                "cached": outcome.cached,
                "isolation": outcome.isolation.level,
                "isolation_mechanisms": list(outcome.isolation.mechanisms),
                "isolation_refused": list(outcome.isolation.refused),
                "engine": engine,
            }
            for outcome in outcomes
        },
    )


def _only(loaded: Policy, only: tuple[str, ...]) -> Policy:
    known = [rule.id for rule in loaded.rules]
    unknown = [plugins.unknown(f'rule of policy "{loaded.name}"', name, known) for name in only if name not in known]
    if unknown:
        raise PolicyError([str(error) for error in unknown])
    return replace(loaded, rules=tuple(rule for rule in loaded.rules if not only or rule.id in only))


def _engine(
    given: Subject | Path | str,
    opened: Subject,
    rules: int,
    options: Options,
    isolation: str = "best_effort",
    trusted: tuple[str, ...] = (),
) -> InlineEngine | LocalEngine:
    if options.engine not in ENGINES:
        raise plugins.unknown("engine", options.engine, ENGINES)
    if isinstance(given, Subject) or options.engine == "inline":
        return InlineEngine(opened)
    jobs = 1 if opened.remote else min(options.jobs or os.cpu_count() or 1, rules)
    outside = options.allow_outside
    try:
        return LocalEngine(
            Path(given), allow_outside=outside, jobs=max(1, jobs), isolation=isolation, trusted_types=trusted
        )
    except OSError as error:
        raise BundleError(f"no temporary files can be written: {error.strerror or error}; nothing ran") from error


def _same_bytes(
    outcomes: tuple[runner.Outcome, ...], before: Sequence[FileRecord], confidence: float
) -> tuple[runner.Outcome, ...]:
    """Turn every verdict that rests on a file which changed during the audit into ERROR."""
    changed = set(runner.changed_files([*before, *(file for outcome in outcomes for file in outcome.files)]))
    return tuple(
        runner.spoiled(outcome, f"{', '.join(sorted(hit))} changed while the audit ran; run it again", confidence)
        if (hit := changed & {file.path for file in outcome.files})
        else outcome
        for outcome in outcomes
    )
