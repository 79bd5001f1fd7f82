"""What is asked for: a policy, its rules and limits, and the waivers that somebody signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from audit.records.measuring import Parameter

SEVERITIES = ("low", "medium", "high", "critical")
ISOLATION = ("off", "best_effort", "required")
"""What a policy may ask for, weakest first."""


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
        files: text of the files beside the policy that parameters name, by parameter.
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
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PolicySource:
    """One file that a policy was read from: its name, its exact bytes and their digest."""

    name: str
    content: bytes
    sha256: str


@dataclass(frozen=True)
class TrustedType:
    """A name that a model file may use although the list of the static scan does not know it.

    Attributes:
        name: exact name, such as `mypackage.layers.Gate`.
        owner: who reviewed it and answers for it.
        expires: last day on which it counts, UTC, ISO date.
        why: why the model needs it, in the owner's words.
        location: `file:line:column`.
    """

    name: str
    owner: str
    expires: str
    why: str = ""
    location: str = ""


@dataclass(frozen=True)
class Policy:
    """A resolved policy: after `extends` and `params`, ready to run.

    Attributes:
        isolation: what has to separate the model from the auditor: `required` (the kernel's restrictions, or ERROR),
            `best_effort` (what the system gives, and the bundle says what that was) or `off`.
        trusted_types: names beyond the list of the static scan, those past their last day too, sorted by name.
        allow_trusted_types: whether a policy that extends this one may trust more names, or for longer.
    """

    name: str
    version: str
    owner: str
    rules: tuple[Rule, ...]
    seed: int = 0
    confidence: float = 0.95
    on_inconclusive: str = "fail"
    max_waiver_days: int = 90
    isolation: str = "best_effort"
    trusted_types: tuple[TrustedType, ...] = ()
    allow_trusted_types: bool = False
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
