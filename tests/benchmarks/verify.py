"""How long `audit verify` takes for a bundle of 300 rules, in a process of its own, and what heavy modules it imports.

    python tests/benchmarks/verify.py [RULES]

The policy is a real one over all installed checks; the numbers are made up and judged, since verifying needs no model.
The time is that of the whole command, start of Python included, as the median of five runs; modules are compiled by a
run before them, as an installation does.
"""

from __future__ import annotations

import datetime
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from audit import bundle, judge, plugins, policy, signature
from audit.bundle.summaries import environment, policy_summary
from audit.dsse import new_private_key
from audit.records import Bundle, Entry, FileRecord, Measure, Policy, Rule, RunFacts, SubjectSummary

RUNS = 5
HEAVY = (
    "art", "catboost", "joblib", "lightgbm", "numpy", "onnx", "onnxruntime", "pandas", "presidio_analyzer", "pyarrow",
    "scipy", "sigstore", "skimage", "sklearn", "skops", "spacy", "tensorflow", "torch", "transformers", "xgboost",
)  # fmt: skip
"""Libraries of models and data: whoever verifies a bundle may have none of them."""

LOADED = (
    "import sys; from audit.cli import root; root.main({words!r}, standalone_mode=False); print(sorted(sys.modules))"
)


def write_bundle(folder: Path, rules: int) -> Path:
    """A signed bundle of this many rules in an empty folder."""
    names = [name for name in plugins.names(signature.CHECKS) if signature.describe(name).measures]
    lines = ["policy: large", "version: 1.0.0", "owner: risk@example.org", "rules:"]
    for number in range(rules):
        spec = signature.describe(names[number % len(names)])
        measure = next(iter(spec.measures))
        least = f'"{spec.scales[measure][1]}"' if measure in spec.scales else 0.4
        params = "with: {epsilon: 0.05}, " if "epsilon" in spec.parameters else ""
        lines.append(f"  - {{id: rule-{number}, check: {spec.name}, {params}require: {{{measure}: {{min: {least}}}}},")
        lines.append(f"     why: Rule {number} asks for much., controls: [NIST-AI-RMF/MEASURE 2.5]}}")
    (folder / "large.yaml").write_text("\n".join(lines) + "\n")
    loaded = policy.load(folder / "large.yaml")
    files = (FileRecord("model.onnx", "model", "1" * 64, 10), FileRecord("test.csv", "data.test", "2" * 64, 10))
    started = datetime.datetime.now(datetime.UTC)
    audited = Bundle(
        schema_version=bundle.SCHEMA_VERSION,
        subject=SubjectSummary("large", "1", "classification", files),
        policy=policy_summary(loaded, (), started.date()),
        entries=tuple(_entry(rule, loaded) for rule in loaded.rules),
        environment=environment(),
        run=RunFacts(started.isoformat(timespec="seconds"), 1.0, "host", {}),
    )
    return bundle.write(audited, loaded, {}, folder / "bundle", sign_key=new_private_key().pem())


def _entry(rule: Rule, judged_by: Policy) -> Entry:
    spec = signature.describe(rule.check)
    words = {name: Measure(scale[-1], "level", 3, scale=scale) for name, scale in spec.scales.items()}
    measures = {name: words.get(name, Measure(0.5, "share", 400, 0.45, 0.55)) for name in list(spec.measures)[:8]}
    power = Measure(0.95, "share", 40, 0.83, 0.99) if rule.min_power is not None else None
    found = judge.decide(rule.limits, measures, power=power, min_power=rule.min_power, confidence=judged_by.confidence)
    return Entry(
        rule.id, rule.check, "auditgate 0", rule.params, rule.severity, rule.blocking, found.verdict, found.sentence,
        measures, rule.limits, power, rule.min_power, (), ("a note for the engineer",), found.reasons, rule.controls,
        (), judge.seed_of(judged_by.seed, rule.id), rule.why, spec.sections.get("Blind to", ""), rule.location,
    )  # fmt: skip


def heavy_modules(folder: Path) -> list[str]:
    """Heavy modules that `audit verify` has imported when it ends, of a bundle that verifies."""
    program = LOADED.format(words=["verify", str(folder)])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    if ": verifies\n" not in done.stdout:
        raise RuntimeError(done.stdout)
    loaded = done.stdout.splitlines()[-1]
    return [name for name in HEAVY if f"'{name}'" in loaded]


def seconds(folder: Path) -> float:
    """Wall-clock time of one `audit verify` in a fresh process."""
    # modules are compiled once by an installation, not at each start
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder.with_name("compiled"))}
    command = [sys.executable, "-m", "audit", "verify", str(folder)]
    began = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True, env=os.environ | compiled)
    return time.perf_counter() - began


def main() -> None:
    """Print the numbers."""
    rules = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as place:
        folder = write_bundle(Path(place), rules)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        times = [seconds(folder) for _ in range(RUNS + 1)][1:]
        print(f"rules: {rules}, bundle: {size / 2**20:.1f} MiB")
        print(
            f"audit verify: {statistics.median(times):.2f} s (median of {RUNS}; {min(times):.2f} to {max(times):.2f})"
        )
        print(f"heavy modules: {', '.join(heavy_modules(folder)) or 'none'}")


if __name__ == "__main__":
    main()
