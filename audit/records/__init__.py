"""The nouns of an audit: frozen records that hold values and know nothing of files, models or policies.

An engine gets a `Task`, a check fills a `CheckResult`, the judge turns it into an `Entry`, and a `Bundle` is what a
report reads. Records have no behaviour beyond small properties, so every layer may import them.
"""

from audit.records.bundle import (
    Bundle,
    Entry,
    PolicyLock,
    PolicySummary,
    RunFacts,
    SubjectSummary,
    TrustedTypeUse,
    WaiverUse,
    exit_code,
)
from audit.records.measuring import (
    CheckResult,
    Doubt,
    Evidence,
    FileRecord,
    Isolation,
    JsonValue,
    Measure,
    Measured,
    Parameter,
    Power,
    Step,
    Task,
    Verdict,
    telling,
)
from audit.records.policy import ISOLATION, SEVERITIES, Limit, Policy, PolicySource, Rule, TrustedType, Waiver

__all__ = [
    "ISOLATION",
    "SEVERITIES",
    "Bundle",
    "CheckResult",
    "Doubt",
    "Entry",
    "Evidence",
    "FileRecord",
    "Isolation",
    "JsonValue",
    "Limit",
    "Measure",
    "Measured",
    "Parameter",
    "Policy",
    "PolicyLock",
    "PolicySource",
    "PolicySummary",
    "Power",
    "Rule",
    "RunFacts",
    "Step",
    "SubjectSummary",
    "Task",
    "TrustedType",
    "TrustedTypeUse",
    "Verdict",
    "Waiver",
    "WaiverUse",
    "exit_code",
    "telling",
]
