"""What came of it: one entry a rule, and the bundle that every report reads."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from audit.records.measuring import FileRecord, JsonValue, Measure, Parameter, Step, Verdict
from audit.records.policy import Limit, TrustedType, Waiver


@dataclass(frozen=True)
class WaiverUse:
    """What became of one waiver in one audit.

    Attributes:
        state: `applied`, `unused`, `expired`, `not_yet`, `other_model` or `not_waivable`.
    """

    waiver: Waiver
    state: str


@dataclass(frozen=True)
class TrustedTypeUse:
    """One name that the policy trusts, and whether it counted on the day of the audit.

    Attributes:
        state: `valid` or `expired`.
    """

    trusted: TrustedType
    state: str


@dataclass(frozen=True)
class Entry:
    """One rule with what was measured and what the judge says of it.

    Attributes:
        version: version of the check, with its package where it is a plugin.
        sentence: written for a reader who knows no ML: the check's own finding, then the judge's verdict on it.
        finding: the first half of it, as the check wrote it.
        reasons: one line a limit, for the engineer.
        controls: references of the rule, such as `NIST-AI-RMF/MEASURE 2.7`.
        evidence: paths inside the bundle.
        blind_to: what the check cannot see, from its docstring.
        error: why nothing could be decided (crash, time-out, missing input); the verdict is then ERROR.
        lineage: where the model and its data come from, where the check found out.
    """

    id: str
    check: str
    version: str
    params: Mapping[str, Parameter]
    severity: str
    blocking: bool
    verdict: Verdict
    sentence: str
    measures: Mapping[str, Measure]
    limits: tuple[Limit, ...]
    power: Measure | None
    min_power: float | None
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    reasons: tuple[str, ...]
    controls: tuple[str, ...]
    evidence: tuple[str, ...]
    seed: int
    why: str = ""
    blind_to: str = ""
    location: str = ""
    waiver: Waiver | None = None
    error: str = ""
    finding: str = ""
    lineage: tuple[Step, ...] = ()


@dataclass(frozen=True)
class SubjectSummary:
    """What was audited, as the bundle keeps it: names and digests, no content."""

    name: str
    version: str
    task: str
    files: tuple[FileRecord, ...]

    @property
    def model_sha256(self) -> str | None:
        """Digest of the model file, None where the subject has no model file."""
        return next((file.sha256 for file in self.files if file.role == "model"), None)


@dataclass(frozen=True)
class PolicyLock:
    """The criteria were fixed before the run, in a file that the bundle keeps.

    Attributes:
        locked_at: the time that the file says, ISO 8601; the word of whoever made it.
        sha256: of the file, hexadecimal; who got it before the run knows the time for himself.
    """

    locked_at: str
    sha256: str


@dataclass(frozen=True)
class PolicySummary:
    """Which policy judged, as the bundle keeps it."""

    name: str
    version: str
    owner: str
    seed: int
    confidence: float
    on_inconclusive: str
    max_waiver_days: int
    sources: tuple[tuple[str, str], ...]
    """Name and sha256 of every policy file that was read."""
    only: tuple[str, ...] = ()
    """Ids of the rules that were asked for, where it was not the whole policy."""
    params: tuple[tuple[str, Parameter], ...] = ()
    """Name and value of every param, as the files and the command line (`--set`) left it."""
    isolation: str = "best_effort"
    """What had to separate the model from the auditor: `required`, `best_effort` or `off`."""
    trusted_types: tuple[TrustedTypeUse, ...] = ()
    """Names that the policy trusts beyond the list of the static scan, with their state on the day of the audit."""
    lock: PolicyLock | None = None
    """The lock that the policy was held against before anything ran."""


@dataclass(frozen=True)
class RunFacts:
    """Whatever may differ between two runs: clock, host, durations. Kept in `run.json`, never in `bundle.json`."""

    started: str
    seconds: float
    host: str
    entries: Mapping[str, Mapping[str, JsonValue]]
    """Per rule id: seconds, cached, isolation, engine."""


def exit_code(blocking: Set[Verdict], on_inconclusive: str) -> int:
    """How an audit ends whose blocking rules have these verdicts; the words are those of `Bundle.exit_code`."""
    if Verdict.FAIL in blocking:
        return 1
    undecided = {Verdict.ERROR}
    if on_inconclusive != "warn":
        undecided.add(Verdict.INCONCLUSIVE)
    return 3 if not blocking or blocking & undecided else 0


@dataclass(frozen=True)
class Bundle:
    """The outcome of an audit: the one source that every report reads."""

    schema_version: str
    subject: SubjectSummary
    policy: PolicySummary
    entries: tuple[Entry, ...]
    environment: Mapping[str, str]
    waivers: tuple[WaiverUse, ...] = ()
    run: RunFacts | None = None

    @property
    def partial(self) -> bool:
        """Whether only some rules of the policy were asked for: such a bundle releases nothing."""
        return bool(self.policy.only)

    @property
    def exit_code(self) -> int:
        """0 passed, 1 a blocking rule failed, 3 a blocking rule could not be decided and none failed."""
        return exit_code({entry.verdict for entry in self.entries if entry.blocking}, self.policy.on_inconclusive)

    @property
    def passed(self) -> bool:
        """True only if each blocking entry is PASS or WAIVED (or INCONCLUSIVE where the policy only warns)."""
        return self.exit_code == 0
