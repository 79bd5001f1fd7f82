"""A comparison names what changed, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from audit.bundle import diff
from audit.bundle.diff import MeasureChange, TextChange, VerdictChange
from audit.records import Bundle, Measure, Verdict


def test_a_bundle_does_not_differ_from_itself(bundle: Bundle) -> None:
    assert diff(bundle, bundle).empty  # though it holds a number that is not finite


def test_all_kinds_of_changes(bundle: Bundle) -> None:
    old = bundle.entries[0]
    after = Measure(0.6, "share", 300, 0.55, 0.65)
    limit = replace(old.limits[0], min=0.75)
    entry = replace(old, verdict=Verdict.FAIL, limits=(limit,), measures={**old.measures, "balanced_accuracy": after})
    new = replace(
        bundle,
        entries=(entry, *bundle.entries[2:]),
        environment={**bundle.environment, "numpy": "2.4.0"},
        policy=replace(
            bundle.policy,
            version="1.3.0",
            isolation="required",
            trusted_types=(replace(bundle.policy.trusted_types[0], state="expired"),),
        ),
        subject=replace(
            bundle.subject, files=(replace(bundle.subject.files[0], sha256="0" * 64), *bundle.subject.files[1:])
        ),
    )
    found = diff(bundle, new)
    assert found.verdicts == (VerdictChange("accuracy", "PASS", "FAIL"), VerdictChange("robust", "FAIL", ""))
    before = old.measures["balanced_accuracy"]
    assert found.measures[0] == MeasureChange("accuracy", "balanced_accuracy", before, after, apart=True)
    assert found.measures[1].new is None
    assert found.environment == (TextChange("numpy", "2.3.0", "2.4.0"),)
    gate, old = (f"until {one.trusted.expires}, owned by {one.trusted.owner}" for one in bundle.policy.trusted_types)
    assert found.policy == (
        TextChange("version", "1.2.0", "1.3.0"),
        TextChange("isolation", "best_effort", "required"),
        TextChange("trusted type mypackage.layers.Gate", f"{gate} (valid)", f"{gate} (expired)"),
        TextChange("trusted type oldpackage.Scaler", f"{old} (expired)", ""),
    )
    assert found.files == (TextChange("data.test test.parquet", bundle.subject.files[0].sha256, "0" * 64),)


def test_overlapping_intervals_are_not_apart(bundle: Bundle) -> None:
    entry = bundle.entries[0]
    close = replace(entry, measures={**entry.measures, "balanced_accuracy": Measure(0.8, "share", 300, 0.75, 0.85)})
    (change,) = diff(bundle, replace(bundle, entries=(close, *bundle.entries[1:]))).measures
    assert not change.apart
