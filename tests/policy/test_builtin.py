"""The policies that come with the product are valid, explained, tied to controls, and build on the baseline."""

from __future__ import annotations

import pytest
import yaml

from audit import judge, policy, shipped, signature
from audit.policy import controls
from audit.policy.compare import policy_changes
from audit.records import Measure

NAMES = ("baseline", "ci", "release")


def test_all_are_found() -> None:
    assert set(NAMES) <= set(policy.builtin_names())


@pytest.mark.parametrize("name", policy.builtin_names())
def test_each_is_valid_and_explained(name: str) -> None:
    reading = policy.inspect(f"builtin:{name}")
    assert reading.warnings == ()
    for rule in reading.policy.rules:
        assert len(rule.why) > 30
        assert rule.controls
        assert rule.limits
    content = (shipped.folder("policies") / f"{name}.yaml").read_text(encoding="utf-8")
    assert content.startswith("# For ")  # who it is for


@pytest.mark.parametrize("name", policy.builtin_names())
def test_each_reads_the_same_by_path_and_by_name(name: str) -> None:
    by_name = policy.load(f"builtin:{name}")
    by_path = policy.load(shipped.folder("policies") / f"{name}.yaml")
    assert policy_changes(by_name, by_path) == ()
    assert by_name.sources[0].name == f"builtin:{name}"
    assert by_name.sources[0].sha256 == by_path.sources[0].sha256


@pytest.mark.parametrize("name", ["ci", "release"])
def test_each_is_at_least_as_strict_as_the_baseline(name: str) -> None:
    changes = policy_changes(policy.load("builtin:baseline"), policy.load(f"builtin:{name}"))
    assert [change for change in changes if change.direction == "looser"] == []


@pytest.mark.parametrize(("level", "verdict"), [("present", "FAIL"), ("well_formed", "PASS"), ("bound", "PASS")])
def test_a_record_that_the_files_contradict_does_not_meet_the_baseline(level: str, verdict: str) -> None:
    rule = next(rule for rule in policy.load("builtin:baseline").rules if rule.check == "provenance")
    scale = signature.describe("provenance").scales["level"]
    judgement = judge.decide(rule.limits, {"level": Measure(level, "level", 4, scale=scale)})
    assert judgement.verdict == verdict


def test_every_control_has_an_id_and_a_title_and_its_own_reference() -> None:
    known = [control for framework in controls.known().values() for control in framework.values()]
    assert len(known) == len({control.reference for control in known}) > 200
    assert all(control.title and control.id for control in known)
    assert all(controls.find(control.reference) == control for control in known)


def test_the_reader_takes_from_the_controls_what_another_yaml_reader_takes() -> None:
    from importlib.resources import files

    content = yaml.safe_load(files("audit.policy").joinpath("controls.yaml").read_text(encoding="utf-8"))
    listed = {f"{part['framework']}/{item['id']}" for part in content["frameworks"] for item in part["controls"]}
    assert listed == {c.reference for framework in controls.known().values() for c in framework.values()}
