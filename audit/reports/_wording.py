"""The words that all reports share, so that the terminal, the web page and the CI never say two different things."""

from __future__ import annotations

from dataclasses import dataclass

from audit.records import Bundle, Entry, Limit, Measure, Verdict

VERDICT_WORDS = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.INCONCLUSIVE: "not decided",
    Verdict.ERROR: "not measured",
    Verdict.WAIVED: "waived",
}

_GRAVEST_FIRST = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.WAIVED, Verdict.PASS)

WAIVER_STATES = {
    "applied": "applied: the rule did not pass, and this waiver covers it",
    "not_yet": "not yet valid: counts for nothing",
    "expired": "expired: counts for nothing",
    "other_model": "written for another model: counts for nothing",
    "not_waivable": "the policy allows no waiver for this rule: counts for nothing",
    "unused": "unused: the rule did not need it; consider deleting it",
}

TRUSTED_STATES = {
    "valid": "valid: a model file may use it",
    "expired": "expired: counts for nothing",
}

_WANTED = {
    "required": "Required: no model runs outside a process that the kernel restricts.",
    "best_effort": "As far as the machine can do it; each rule says how far that was.",
    "off": "None: the policy lets a model use all that the auditor can.",
}

_REACHED = {
    "kernel": "The model ran in a process without network, files and other programs; the process tried, and was "
    "refused.",
    "process": "No model was opened, or it ran in a process without kernel restrictions: then this machine does not "
    "offer them.",
    "none": "No model was opened, or it ran inside the auditor with nothing between them.",
}

SCOPE = (
    "A pass says that the measured numbers, with their uncertainty, are within the limits of this policy on these "
    "data. It does not say that nothing else can go wrong; each rule lists what it cannot see. References to "
    "frameworks name evidence that is relevant to them and are no statement of conformity."
)


@dataclass(frozen=True)
class Outcome:
    """The headline: one word and one sentence."""

    word: str
    sentence: str


def isolation_wanted(bundle: Bundle) -> str:
    """What the policy asks for to separate the model from the auditor, for a reader who knows neither."""
    return _WANTED.get(bundle.policy.isolation, bundle.policy.isolation)


def criteria_locked(bundle: Bundle) -> str:
    """Whether the criteria were fixed before the run, and on whose word."""
    lock = bundle.policy.lock
    if lock is None:
        return "no"
    return f"yes, at {lock.locked_at} by the word of whoever made policy.lock (sha256 {lock.sha256[:12]}...)"


def isolation_reached(entry: Entry, bundle: Bundle) -> str:
    """What separated the model from the auditor while one rule was measured; empty where the run does not say."""
    run = bundle.run.entries if bundle.run else {}
    facts = run.get(entry.id, {})
    level = str(facts.get("isolation", ""))
    if level == "process" and bundle.policy.isolation == "off":
        return "No model was opened, or it ran in a process without kernel restrictions: the policy asks for none."
    offered = bundle.policy.isolation == "required" or any(other.get("isolation") == "kernel" for other in run.values())
    if level == "process" and offered and not facts.get("isolation_mechanisms"):
        return "No model file was opened for this rule."
    return _REACHED.get(level, level)


def outcome(bundle: Bundle) -> Outcome:
    """PASSED (WITH DOUBTS), FAILED, NOT DECIDED or PARTIAL (not all rules ran), and what stands behind the word."""
    blocking = [entry for entry in bundle.entries if entry.blocking]
    failed = sum(entry.verdict is Verdict.FAIL for entry in blocking)
    undecided = sum(stops(entry, bundle) and entry.verdict is not Verdict.FAIL for entry in blocking)
    waived = sum(entry.verdict is Verdict.WAIVED for entry in blocking)
    rules = _count(len(blocking), "blocking rule")
    if bundle.exit_code == 1:
        more = f"; {undecided} more could not be decided" if undecided else ""
        return Outcome("FAILED", f"{failed} of {rules} failed{more}.")
    if bundle.exit_code == 0 and bundle.partial:
        return Outcome("PARTIAL", f"Only some rules of the policy were run ({rules}), so this releases nothing.")
    if bundle.exit_code == 0:
        warned = sum(entry.verdict is Verdict.INCONCLUSIVE for entry in blocking)
        more = f", {waived} of them only by a waiver" if waived else ""
        more += f", {warned} could not be decided and the policy only warns of that" if warned else ""
        word = "PASSED WITH DOUBTS" if warned else "PASSED"
        return Outcome(word, f"Nothing stands against release under this policy: {rules}{more}.")
    if not blocking:
        return Outcome("NOT DECIDED", "The policy has no blocking rule, so it cannot pass anything.")
    return Outcome("NOT DECIDED", f"None failed, but {undecided} of {rules} could not be decided. Doubt is not a pass.")


def stops(entry: Entry, bundle: Bundle) -> bool:
    """Whether this entry alone keeps the audit from passing."""
    if not entry.blocking or entry.verdict in (Verdict.PASS, Verdict.WAIVED):
        return False
    return entry.verdict is not Verdict.INCONCLUSIVE or bundle.policy.on_inconclusive != "warn"


def gravest_first(bundle: Bundle) -> tuple[Entry, ...]:
    """All entries, those that keep the audit from passing first, else in the order of the policy."""
    return tuple(
        sorted(bundle.entries, key=lambda entry: (not stops(entry, bundle), _GRAVEST_FIRST.index(entry.verdict)))
    )


def next_step(entry: Entry) -> str:
    """What somebody can do about an entry that is not PASS; empty for a pass."""
    if entry.verdict is Verdict.FAIL:
        step = "Change the model or its data and audit again."
        waiver = " Where the policy allows it, a named person can grant a waiver with an end date."
        return step + waiver if entry.blocking else step
    if entry.verdict is Verdict.ERROR:
        return "Remove the cause named above and audit again; nothing was measured, so nothing is known."
    if entry.verdict is Verdict.WAIVED and entry.waiver:
        return f"{entry.waiver.owner} has to settle this before {entry.waiver.expires} ends; then the waiver is void."
    if entry.verdict is Verdict.INCONCLUSIVE:
        steps = []
        if entry.doubts:
            steps.append("Settle the doubts: until then good numbers may be flattery.")
        if _weak(entry):
            steps.append("Make the check stronger (more rows, a larger budget) until it finds enough planted faults.")
        if not steps or any(_inside(limit, entry.measures.get(limit.measure)) for limit in entry.limits):
            steps.append("Measure on more data: the interval has to clear the limit.")
        return " ".join(steps)
    return ""


def _inside(limit: Limit, measure: Measure | None) -> bool:
    if measure is None or measure.low is None or measure.high is None:
        return False
    return any(isinstance(end, int | float) and measure.low <= end <= measure.high for end in (limit.min, limit.max))


def _weak(entry: Entry) -> bool:
    if entry.min_power is None:
        return False
    if entry.power is None:
        return _could_pass(entry)
    found = entry.power.value
    return isinstance(found, str) or not found >= entry.min_power


def _could_pass(entry: Entry) -> bool:
    """Whether nothing but power was left to show: faults are planted only where the rule would pass otherwise."""
    if entry.doubts or entry.verdict not in (Verdict.PASS, Verdict.INCONCLUSIVE):
        return False
    return not any(_inside(limit, entry.measures.get(limit.measure)) for limit in entry.limits)


def number(value: float) -> str:
    """A number as a person writes it: whole numbers whole, others with four significant digits."""
    return f"{value:.0f}" if abs(value) < 1e15 and value == int(value) else f"{value:.4g}"


def value_text(value: float | str | None) -> str:
    """A value of a measure or a limit; words in quotation marks."""
    if value is None:
        return "none"
    if isinstance(value, str):
        return f'"{value}"'
    return number(value) if abs(value) < float("inf") else "not a finite number"


def interval_text(measure: Measure) -> str:
    """`0.27 to 0.35`, or `exact` where there is no interval."""
    if not measure.finite:
        return "none"
    if measure.low is None and measure.high is None:
        return "exact"
    return f"{value_text(measure.low)} to {value_text(measure.high)}"


def measure_text(measure: Measure) -> str:
    """Value, interval and sample size of a measure in one line."""
    span = "" if interval_text(measure) in ("exact", "none") else f"{interval_text(measure)}, "
    unit = f" {measure.unit}" if measure.unit not in ("", "share") and not isinstance(measure.value, str) else ""
    return f"{value_text(measure.value)}{unit} ({span}n = {measure.n})"


def limit_text(limit: Limit) -> str:
    """`at least 0.6`, `at most 3` or both."""
    ends = []
    if limit.min is not None:
        ends.append(f"at least {value_text(limit.min)}")
    if limit.max is not None:
        ends.append(f"at most {value_text(limit.max)}")
    return " and ".join(ends)


def power_text(entry: Entry) -> str:
    """How many planted faults the check found and had to find; empty where that does not matter.

    Only a pass has to show its power: a fault that was found is found, however weak the search.
    """
    wanted = "" if entry.min_power is None else f"; the policy asks for {entry.min_power:.0%}"
    if entry.power is None:
        return f"not shown{wanted}" if wanted and _could_pass(entry) else ""
    found = entry.power.value
    if isinstance(found, str) or not abs(found) < float("inf"):
        return f"not a number{wanted}"
    return f"{found:.0%} of {_count(entry.power.n, 'fault')} planted in the same data were found{wanted}"


def standing(entry: Entry) -> str:
    """`high, blocking`."""
    return f"{entry.severity}, {'blocking' if entry.blocking else 'not blocking'}"


def parameter_text(value: object) -> str:
    """A parameter of a check as a policy would write it."""
    if isinstance(value, tuple | list):
        return "[" + ", ".join(parameter_text(item) for item in value) + "]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    return number(value) if isinstance(value, float) and abs(value) < float("inf") else str(value)


def _count(number_of: int, noun: str) -> str:
    return f"{number_of} {noun}" if number_of == 1 else f"{number_of} {noun}s"
