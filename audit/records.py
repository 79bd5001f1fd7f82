"""The nouns of an audit: frozen records that hold values and know nothing of files, models or policies.

An engine gets a `Task`, a check fills a `CheckResult`, the judge turns it into an `Entry`, and a `Bundle` is what a
report reads. Records have no behaviour beyond small properties, so every layer may import them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
"""What a JSON file can hold."""

Parameter = int | float | str | bool | tuple[str, ...]
"""What a policy may pass to a check."""

SEVERITIES = ("low", "medium", "high", "critical")


class Verdict(StrEnum):
    """What the judge says of one rule. There is no "skipped": what could not be measured is `ERROR`."""

    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    ERROR = "ERROR"
    WAIVED = "WAIVED"


@dataclass(frozen=True)
class Measure:
    """One number (or one word of a scale) with the sample that it rests on.

    Attributes:
        value: the point estimate; a word where `scale` is given.
        unit: what one is: "share", "rows", "seconds", "bytes" ...
        n: rows, cells, files or repetitions that it was computed from.
        low: lower end of the confidence interval, None where the value is an exact count.
        high: upper end of the confidence interval.
        scale: the words that `value` may take, weakest first, where it is a word.
    """

    value: float | str
    unit: str = "share"
    n: int = 0
    low: float | None = None
    high: float | None = None
    scale: tuple[str, ...] = ()

    @property
    def finite(self) -> bool:
        """Whether value, low and high are numbers that can be compared (a word must be on its scale)."""
        if isinstance(self.value, str):
            return self.value in self.scale
        return all(math.isfinite(end) for end in (self.value, self.low, self.high) if end is not None)


@dataclass(frozen=True)
class Evidence:
    """A file that backs a result. It holds positions, counts and shapes, never a raw personal value.

    Attributes:
        name: file name inside `evidence/<rule>/`, for example `suspect_rows.csv`.
        content: the bytes of the file.
        sentence: what the file shows, for a reader who knows no ML.
    """

    name: str
    content: bytes
    sentence: str


@dataclass(frozen=True)
class Doubt:
    """Why the numbers may flatter, in plain words. A PASS cannot stand beside it."""

    text: str


@dataclass(frozen=True)
class CheckResult:
    """All that a check may return.

    Attributes:
        measures: numbers by the names that the check declares in `MEASURES`.
        evidence: files for the bundle.
        notes: facts for the engineer, such as which attacks ran.
        doubts: reasons why the numbers may flatter.
        sentence: what was found, for a reader who knows no ML; one sentence.
    """

    measures: Mapping[str, Measure]
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    sentence: str = ""


@dataclass(frozen=True)
class Task:
    """One check to run on the subject.

    Attributes:
        rule: id of the rule, for messages.
        params: all parameters of the check, defaults filled in.
        seed: of this rule; it does not change when other rules are added.
        confidence: of every interval.
        timeout_seconds: wall-clock limit for measuring and planting together.
    """

    rule: str
    check: str
    params: Mapping[str, Parameter]
    seed: int
    confidence: float
    timeout_seconds: float


@dataclass(frozen=True)
class Limit:
    """What one measure has to satisfy: the pessimistic end of its interval must clear `min` and `max`."""

    measure: str
    min: float | str | None = None
    max: float | str | None = None


@dataclass(frozen=True)
class Rule:
    """One line of a policy: which check, with which parameters, within which limits.

    Attributes:
        location: `file:line:column` of the rule, for messages and SARIF.
        min_power: smallest share of planted faults that a pass has to find; None where the check plants none.
        loosen: whether a child policy may loosen this rule (`allow_loosen`).
    """

    id: str
    check: str
    params: Mapping[str, Parameter] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    severity: str = "medium"
    blocking: bool = True
    waivable: bool = True
    min_power: float | None = 0.9
    timeout_seconds: float = 600.0
    why: str = ""
    controls: tuple[str, ...] = ()
    allow_loosen: bool = False
    location: str = ""


@dataclass(frozen=True)
class PolicySource:
    """One file that a policy was read from: its name, its exact bytes and their digest."""

    name: str
    content: bytes
    sha256: str


@dataclass(frozen=True)
class Policy:
    """A resolved policy: after `extends` and `params`, ready to run."""

    name: str
    version: str
    owner: str
    rules: tuple[Rule, ...]
    seed: int = 0
    confidence: float = 0.95
    on_inconclusive: str = "fail"
    max_waiver_days: int = 90
    params: Mapping[str, Parameter] = field(default_factory=dict)
    sources: tuple[PolicySource, ...] = ()


@dataclass(frozen=True)
class Waiver:
    """Somebody's signed exception to one rule.

    Attributes:
        created: first day, UTC, ISO date.
        expires: last day on which it counts, UTC, ISO date.
        model_sha256: where given, the waiver dies with a new model.
        location: `file:line:column`.
    """

    rule: str
    reason: str
    owner: str
    approved_by: str
    created: str
    expires: str
    model_sha256: str | None = None
    location: str = ""


@dataclass(frozen=True)
class WaiverUse:
    """What became of one waiver in one audit.

    Attributes:
        state: `applied`, `unused`, `expired`, `not_yet`, `other_model` or `not_waivable`.
    """

    waiver: Waiver
    state: str


@dataclass(frozen=True)
class FileRecord:
    """One file that the audit opened.

    Attributes:
        path: relative to the folder of `audit.yaml`, with forward slashes.
        role: what the subject calls it: `model`, `data.train`, `provenance` ...
    """

    path: str
    role: str
    sha256: str
    bytes: int


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


@dataclass(frozen=True)
class RunFacts:
    """Whatever may differ between two runs: clock, host, durations. Kept in `run.json`, never in `bundle.json`."""

    started: str
    seconds: float
    host: str
    entries: Mapping[str, Mapping[str, JsonValue]]
    """Per rule id: seconds, cached, isolation, engine."""


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
        verdicts = {entry.verdict for entry in self.entries if entry.blocking}
        if Verdict.FAIL in verdicts:
            return 1
        undecided = {Verdict.ERROR}
        if self.policy.on_inconclusive != "warn":
            undecided.add(Verdict.INCONCLUSIVE)
        if not verdicts or verdicts & undecided:
            return 3
        return 0

    @property
    def passed(self) -> bool:
        """True only if each blocking entry is PASS or WAIVED (or INCONCLUSIVE where the policy only warns)."""
        return self.exit_code == 0
