"""A comparison names what changed, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit.bundle import diff
from audit.bundle.diff import MeasureChange, TextChange, VerdictChange
from audit.bundle.loosening import CriterionChange
from audit.records import Bundle, Measure, PolicyLock, Verdict, Waiver, WaiverUse

WAIVER = Waiver("robust", "Later.", "ann", "board", "2026-11-01", "2026-12-01")


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


def waived(bundle: Bundle, waiver: Waiver, state: str = "applied") -> Bundle:
    return replace(bundle, waivers=(WaiverUse(waiver, state),))


@pytest.mark.parametrize(
    ("waiver", "state", "looser"),
    [
        (WAIVER, "unused", False),
        (replace(WAIVER, approved_by="nobody", reason="because"), "applied", False),
        (replace(WAIVER, expires="2026-11-30"), "applied", False),
        (replace(WAIVER, model_sha256="0" * 64), "applied", False),
        (replace(WAIVER, expires="2026-12-02"), "applied", True),
        (replace(WAIVER, expires="2026-12-02"), "expired", False),
        (replace(WAIVER, rule="accuracy"), "applied", True),
    ],
)
def test_a_waiver_that_reaches_further_is_looser(waiver: Waiver, state: str, looser: bool, bundle: Bundle) -> None:
    found = diff(waived(bundle, WAIVER), waived(bundle, waiver, state))
    assert found.waivers
    assert found.looser == looser
    assert {change.rule for change in found.criteria} == ({waiver.rule} if looser else set())


def test_a_waiver_for_one_model_does_not_stand_for_any(bundle: Bundle) -> None:
    one = waived(bundle, replace(WAIVER, model_sha256="0" * 64))
    assert diff(one, waived(bundle, WAIVER)).looser
    assert diff(one, waived(bundle, replace(WAIVER, model_sha256="1" * 64))).looser
    assert not diff(one, one).looser


def test_rules_that_were_left_out_are_looser(bundle: Bundle) -> None:
    only = replace(bundle, entries=bundle.entries[:2], policy=replace(bundle.policy, only=("accuracy", "robust")))
    left_out = [entry.id for entry in bundle.entries[2:]]
    found = diff(bundle, only)
    assert found.criteria == tuple(
        CriterionChange("looser", name, "the rule was not run (--only)") for name in left_out
    )
    assert not diff(only, bundle).looser
    assert not diff(only, only).looser


def test_a_lock_that_is_gone_is_looser(bundle: Bundle) -> None:
    free = replace(bundle, policy=replace(bundle.policy, lock=None))
    locked = replace(bundle, policy=replace(bundle.policy, lock=PolicyLock("2026-11-01T00:00:00+00:00", "0" * 64)))
    assert [change.direction for change in diff(locked, free).criteria] == ["looser"]
    assert [change.direction for change in diff(free, locked).criteria] == ["stricter"]


def test_subject_words_and_isolation(bundle: Bundle) -> None:
    assert bundle.run is not None
    entry = replace(bundle.entries[0], finding="All is well.", blind_to="", doubts=("it may flatter",), why="Because.")
    new = replace(
        bundle,
        subject=replace(bundle.subject, name="other", version="99", task="regression"),
        entries=(entry, *bundle.entries[1:]),
        run=replace(bundle.run, entries={**bundle.run.entries, "robust": {"isolation": "off"}}),
    )
    found = diff(bundle, new)
    assert [change.name for change in found.subject] == ["name", "version", "task"]
    names = {change.name: change.new for change in found.rules}
    assert names == {
        "accuracy finding": "All is well.",
        "accuracy doubts": "it may flatter",
        "accuracy why": "Because.",
        "robust isolation": "off",
    } | ({"accuracy blind_to": ""} if bundle.entries[0].blind_to else {})
    assert not found.empty
    assert not found.looser
