"""One bundle made by hand that has each verdict, and names that nobody should be able to choose."""

from __future__ import annotations

import hashlib
from typing import Any

from audit import judge
from audit.records import (
    Bundle,
    Entry,
    Evidence,
    FileRecord,
    Limit,
    Measure,
    Policy,
    PolicySource,
    PolicySummary,
    Rule,
    RunFacts,
    SubjectSummary,
    TrustedType,
    TrustedTypeUse,
    Waiver,
    WaiverUse,
)

SCRIPT = "<script>alert(1)</script>"
HOSTILE = f"{SCRIPT} | `x` @octocat #12 \x1b[31mred\x9b0m \u202eevil \n::error file=a.py::boom & ]]> \ufffe"

_CONTENT = b"policy: credit-release\nversion: 1.2.0\nrules: []\n"
_BASE = b"policy: baseline\n"
_LEVELS = ("absent", "present", "well_formed", "bound", "signed", "trusted", "fresh")
MODEL_SHA256 = hashlib.sha256(b"model").hexdigest()

WAIVER = Waiver(
    rule="drift",
    reason="The new branch opened in May; data collection is under way.",
    owner="a.person@example.org",
    approved_by="risk-board",
    created="2026-11-01",
    expires="2027-01-15",
    model_sha256=MODEL_SHA256,
    location="waivers.yaml:2:5",
)
GATE = TrustedType(
    name="mypackage.layers.Gate",
    owner="a.person@example.org",
    expires="2026-11-23",
    why="Weighs the branches of the network.",
    location="policies/credit.yaml:5:5",
)
OLD = TrustedType("oldpackage.Scaler", f"b@example.org {SCRIPT}", "2026-11-22", f"Column {SCRIPT} | `x` @octocat.")
UNUSED = Waiver("accuracy", "Not needed | any more.", "b@example.org", "risk-board", "2026-11-01", "2026-12-01")


def _rule(name: str, check: str, *limits: Limit, **more: Any) -> Rule:
    line = 10 + 7 * len(name)
    return Rule(id=name, check=check, limits=limits, location=f"policies/credit.yaml:{line}:5", **more)


RULES = (
    _rule(
        "accuracy",
        "performance",
        Limit("balanced_accuracy", min=0.7),
        params={"average": "macro", "threshold": 0.5, "by": ("sex", "age_band")},
        severity="high",
        why="A model that is often wrong denies credit to people who would have paid.",
        controls=("NIST-AI-RMF/MEASURE 2.5", "EU-AI-ACT/Article 15"),
    ),
    _rule(
        "robust",
        "evasion",
        Limit("robust_accuracy", min=0.6),
        params={"epsilon": 0.05, "norm": "linf", "seeds": 3, "strict": True},
        severity="critical",
        waivable=False,
        why="A customer can change income and amount by 5 % without notice.",
        controls=("MITRE-ATLAS/AML.T0043", "NIST-AI-RMF/MEASURE 2.7"),
    ),
    _rule(
        "leaks",
        "leakage",
        Limit("duplicate_share", max=0.01),
        severity="medium",
        why=f"Column {SCRIPT} | `x` @octocat: {{no}} &amp; #12.",
    ),
    _rule("odd", "calibration", Limit("ece", max=0.1), Limit("brier", max=0.25), severity="medium", min_power=None),
    _rule("files", "unsafe_file", Limit("unsafe_globals", max=0), severity="critical", timeout_seconds=30.0),
    _rule("drift", "drift", Limit("shifted_columns", max=2), severity="high", min_power=0.8),
    _rule("origin", "provenance", Limit("level", min="bound"), severity="low", min_power=None),
    _rule("private", "pii", Limit("cell_share", max=0.0), severity="low", blocking=False),
)

POLICY = Policy(
    name="credit-release",
    version="1.2.0",
    owner="model-risk@example.org",
    rules=RULES,
    seed=1234,
    params={"eps": 0.05},
    trusted_types=(GATE, OLD),
    sources=(
        PolicySource("policies/credit.yaml", _CONTENT, hashlib.sha256(_CONTENT).hexdigest()),
        PolicySource("builtin:baseline", _BASE, hashlib.sha256(_BASE).hexdigest()),
    ),
)

_POWER = Measure(0.96, "share", 50, 0.8629, 0.9951)
_MEASURED: dict[str, dict[str, Any]] = {
    "accuracy": {
        "measures": {
            "balanced_accuracy": Measure(0.7731, "share", 300, 0.7214, 0.8192),
            "log_loss": Measure(0.4921, "nats", 300, 0.45, 0.54),
        },
        "power": _POWER,
        "finding": "The model is right in 77 of 100 cases, counted equally for both outcomes.",
        "notes": ("compared with a model that always says the same",),
    },
    "robust": {
        "measures": {"robust_accuracy": Measure(0.31, "share", 200, 0.2468, 0.3791)},
        "finding": "Small changes to what a customer can state about himself turn two of three decisions around.",
        "notes": ("attacks: hopskipjump, square",),
        "blind_to": "attackers who know the training data",
    },
    "leaks": {
        "measures": {"duplicate_share": Measure(0.008, "share", 300, 0.0017, 0.0237)},
        "power": _POWER,
        "finding": f"Rows of column {HOSTILE} stand in both tables.",
        "doubts": ("the tables share no key, so near copies were not compared",),
    },
    "odd": {
        "measures": {
            "ece": Measure(float("nan"), "share", 0),
            "brier": Measure(float("inf"), "", 3, 0.1, float("inf")),
        },
    },
    "files": {"measures": {}, "error": "the check took longer than 30 seconds"},
    "drift": {
        "measures": {"shifted_columns": Measure(4.0, "columns", 20)},
        "power": Measure(1.0, "share", 20, 0.83, 1.0),
        "finding": "4 of 20 columns look different from the data that the model was built for.",
        "waiver": WAIVER,
    },
    "origin": {
        "measures": {"level": Measure("signed", "level", 3, scale=_LEVELS)},
        "finding": "The model file is the one that its signed record names.",
    },
    "private": {
        "measures": {"cell_share": Measure(0.0, "share", 6000, 0.0, 0.0006)},
        "power": Measure(0.5, "share", 20, 0.272, 0.728),
        "doubts": ("names were searched with a word list only",),
    },
}

EVIDENCE = {
    "robust": (
        Evidence("adversarial_rows.csv", b"row,amount\n3,4200\n17,900\n", "Rows that were turned around."),
        Evidence("distances.csv", b"row,distance\n3,0.01\n", "How far each row had to move."),
    ),
    "files": (Evidence("traceback.txt", b"TimeoutError\n", "Where it stopped."),),
}


def _entry(rule: Rule) -> Entry:
    facts = _MEASURED[rule.id]
    waiver = facts.get("waiver")
    judgement = judge.decide(
        rule.limits,
        facts["measures"],
        doubts=facts.get("doubts", ()),
        power=facts.get("power"),
        min_power=rule.min_power,
        error=facts.get("error", ""),
        finding=facts.get("finding", ""),
        confidence=POLICY.confidence,
        waived=waiver is not None,
    )
    return Entry(
        id=rule.id,
        check=rule.check,
        version="auditgate 0.1.0",
        params=rule.params,
        severity=rule.severity,
        blocking=rule.blocking,
        verdict=judgement.verdict,
        sentence=judgement.sentence,
        measures=facts["measures"],
        limits=rule.limits,
        power=facts.get("power"),
        min_power=rule.min_power,
        doubts=facts.get("doubts", ()),
        notes=facts.get("notes", ()),
        reasons=judgement.reasons,
        controls=rule.controls,
        evidence=tuple(f"evidence/{rule.id}/{file.name}" for file in EVIDENCE.get(rule.id, ())),
        seed=judge.seed_of(POLICY.seed, rule.id),
        why=rule.why,
        blind_to=facts.get("blind_to", ""),
        location=rule.location,
        waiver=waiver,
        error=facts.get("error", ""),
        finding=facts.get("finding", ""),
    )


BUNDLE = Bundle(
    schema_version="1.0",
    subject=SubjectSummary(
        name="credit-risk",
        version="2026.11",
        task="classification",
        files=(
            FileRecord("test.parquet", "data.test", hashlib.sha256(b"test").hexdigest(), 45_120),
            FileRecord(f"{SCRIPT}.csv", "data.train", hashlib.sha256(b"train").hexdigest(), 181_000),
            FileRecord("model.skops", "model", MODEL_SHA256, 91_234),
        ),
    ),
    policy=PolicySummary(
        name=POLICY.name,
        version=POLICY.version,
        owner=POLICY.owner,
        seed=POLICY.seed,
        confidence=POLICY.confidence,
        on_inconclusive=POLICY.on_inconclusive,
        max_waiver_days=POLICY.max_waiver_days,
        sources=tuple((source.name, source.sha256) for source in POLICY.sources),
        params=tuple(POLICY.params.items()),
        trusted_types=(TrustedTypeUse(GATE, "valid"), TrustedTypeUse(OLD, "expired")),
    ),
    entries=tuple(_entry(rule) for rule in RULES),
    environment={"auditgate": "0.1.0", "python": "3.11.9", "numpy": "2.3.0"},
    waivers=(WaiverUse(WAIVER, "applied"), WaiverUse(UNUSED, "unused")),
    run=RunFacts(
        started="2026-11-23T06:39:00+00:00",
        seconds=41.275,
        host="builder",
        entries={
            "robust": {"seconds": 12.5, "cached": False, "isolation": "kernel", "engine": "local"},
            "leaks": {"seconds": 1.5, "cached": False, "isolation": "process", "engine": "local"},
            "odd": {"seconds": 0.5, "cached": False, "isolation": "none", "engine": "inline"},
        },
    ),
)
