"""What is measured: the task of an engine, the result of a check, the files that were opened, the verdict."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
"""What a JSON file can hold."""

Parameter = int | float | str | bool | tuple[str, ...]
"""What a policy may pass to a check."""


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


MANY_PARTS = 12
"""Parts of one measure (`cell_share.IBAN_CODE`) from which on a reader is spared those in which nothing was seen."""


def telling(measures: Mapping[str, Measure], limited: Collection[str] = ()) -> dict[str, Measure]:
    """Measures that readers want to see.

    Where a measure has many parts and nothing was seen in most of them, those are left out. Where 0 is the exception,
    as the recall of one slice among many, it is what a reader has to see.

    Args:
        measures: by name.
        limited: names that a policy asks for; they are always kept.
    """
    parts: dict[str, list[str]] = {}
    for name in measures:
        whole, dot, _ = name.partition(".")
        if dot and whole in measures:
            parts.setdefault(whole, []).append(name)
    left_out: set[str] = set()
    for names in parts.values():
        empty = [name for name in names if _nothing_seen(measures[name])]
        if len(empty) >= MANY_PARTS and 2 * len(empty) > len(names):
            left_out.update(empty)
    return {name: measure for name, measure in measures.items() if name in limited or name not in left_out}


def _nothing_seen(measure: Measure) -> bool:
    """Whether a measure is 0, or a bound of which 0 is the lower end."""
    return measure.value == 0 or (measure.low == 0 and measure.value == measure.high)


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
class Step:
    """One step of a lineage: something was made from something else.

    Attributes:
        source: what went in, as readers call it: a path, or a name from a record.
        target: what came out.
        how: what made it, in a few words.
        record: path of the provenance record that says so.
        verified: whether both are files at hand that have the digests of that record.
    """

    source: str
    target: str
    how: str
    record: str
    verified: bool


@dataclass(frozen=True)
class CheckResult:
    """All that a check may return.

    Attributes:
        measures: numbers by the names that the check declares in `MEASURES`.
        evidence: files for the bundle.
        notes: facts for the engineer, such as which attacks ran.
        doubts: reasons why the numbers may flatter.
        sentence: what was found, for a reader who knows no ML; one sentence.
        lineage: where the model and its data come from; following the steps never leads back.
    """

    measures: Mapping[str, Measure]
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    sentence: str = ""
    lineage: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Task:
    """One check to run on the subject.

    Attributes:
        rule: id of the rule, for messages.
        params: all parameters of the check, defaults filled in.
        seed: of this rule; it does not change when other rules are added.
        confidence: of every interval.
        timeout_seconds: wall-clock limit for measuring and planting together.
        files: text of the files beside the policy that parameters name, by parameter.
        limited: names of the measures that the rule limits, in the order of the policy.
        today: the UTC day of the audit, ISO; empty where nobody said which.
    """

    rule: str
    check: str
    params: Mapping[str, Parameter]
    seed: int
    confidence: float
    timeout_seconds: float
    files: Mapping[str, str] = field(default_factory=dict)
    limited: tuple[str, ...] = ()
    today: str = ""


@dataclass(frozen=True)
class Isolation:
    """What separated the model, and other code of the subject, from the auditor while one check ran.

    Attributes:
        level: `kernel` (a process of its own that the kernel restricts, tested at its start), `process` (a process of
            its own without kernel restrictions) or `none` (objects of this process, or no foreign code at all).
        mechanisms: what was in force, such as `no_new_privs`, `rlimits`, `landlock 7`, `seccomp`.
        refused: what the process tried at its start and could not do, such as `socket`, `write`, `exec`.
    """

    level: str = "none"
    mechanisms: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


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
class Power:
    """What became of the faults that a check planted.

    Attributes:
        share: of the planted faults that were found.
        notes: what a reviewer should know of it, such as the kinds that were hardly found.
        evidence: files that back it.
    """

    share: Measure
    notes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Measured:
    """What is known of one check after it ran.

    Attributes:
        result: the last one that it gave.
        power: share of planted faults found, None where it was not asked for or could not be shown.
        notes: facts beside those of the result, such as why no power was shown.
        error: why it did not finish, empty if it did.
        trace: where it crashed, without values.
        files: files of the subject that were opened for it.
    """

    result: CheckResult = field(default_factory=lambda: CheckResult({}))
    power: Measure | None = None
    notes: tuple[str, ...] = ()
    error: str = ""
    trace: str = ""
    files: tuple[FileRecord, ...] = ()
    isolation: Isolation = Isolation()
