"""SLSA provenance: who built what from what is told, and half a provenance is refused."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from audit import provenance
from audit.provenance import Assessment, Demands, Link, Malformed, Record
from tests.provenance.changes import ABSENT, changed, spoiled


def digest(content: bytes) -> dict[str, str]:
    return {"sha256": hashlib.sha256(content).hexdigest()}


def statement(predicate_type: str, predicate: dict[str, Any]) -> dict[str, Any]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "model.skops", "digest": digest(b"model")}],
        "predicateType": predicate_type,
        "predicate": predicate,
    }


BUILDER = "https://example.com/trainer@v1"
V1 = statement(
    "https://slsa.dev/provenance/v1",
    {
        "buildDefinition": {
            "buildType": "https://example.com/training/v1",
            "externalParameters": {"epochs": 3},
            "internalParameters": {"runner": "a"},
            "resolvedDependencies": [
                {"name": "train.csv", "uri": "s3://bucket/train.csv", "digest": digest(b"train")},
                {"uri": "git+https://example.com/code", "digest": {"gitCommit": "a" * 40}},
            ],
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {"trainer": "1.2"}, "builderDependencies": [{"uri": "pkg:pypi/x@1"}]},
            "metadata": {
                "invocationId": "run 7",
                "startedOn": "2026-11-01T10:00:00Z",
                "finishedOn": "2026-11-01T12:00:00.5+01:00",
            },
            "byproducts": [{"name": "log", "content": "bG9n"}],
        },
    },
)
V02 = statement(
    "https://slsa.dev/provenance/v0.2",
    {
        "builder": {"id": "mailto:trainer@example.com"},
        "buildType": "https://example.com/training/v1",
        "invocation": {
            "configSource": {"uri": "git+https://example.com/code", "digest": {"sha1": "a" * 40}, "entryPoint": "fit"},
            "parameters": {"epochs": 3},
            "environment": {"arch": "amd64"},
        },
        "buildConfig": {"steps": []},
        "metadata": {
            "buildInvocationId": "run 7",
            "buildStartedOn": "2026-11-01T10:00:00Z",
            "buildFinishedOn": "2026-11-01T11:00:00Z",
            "completeness": {"parameters": True, "environment": False, "materials": False},
            "reproducible": False,
        },
        "materials": [{"uri": "s3://bucket/train.csv", "digest": digest(b"train")}],
    },
)


def read(document: dict[str, Any]) -> Record:
    return provenance.read("x.json", json.dumps(document).encode())[0]


def assessed(record: Record, demands: Demands | None = None, **files: bytes) -> Assessment:
    audited = [
        provenance.fingerprint(name.replace("_", "."), content, is_model=name.startswith("model"))
        for name, content in files.items()
    ]
    return provenance.assess([record], audited, demands=demands)


def test_provenance_tells_builder_times_and_lineage() -> None:
    record = read(V1)
    assert record.kind == "slsa"
    assert record.facts == {
        "predicate_type": "https://slsa.dev/provenance/v1",
        "builder": BUILDER,
        "build_type": "https://example.com/training/v1",
        "invocation": "run 7",
        "started": "2026-11-01T10:00:00+00:00",
        "finished": "2026-11-01T11:00:00.500000+00:00",
    }
    assert record.made == record.facts["finished"]
    assert record.links == (
        Link("train.csv", "model.skops", BUILDER),
        Link("git+https://example.com/code", "model.skops", BUILDER),
    )
    assert [claim.name for claim in record.claims] == ["model.skops", "train.csv"]


def test_the_older_version_tells_the_same() -> None:
    record = read(V02)
    assert record.kind == "slsa"
    assert record.facts["builder"] == "mailto:trainer@example.com"
    assert record.made == "2026-11-01T11:00:00+00:00"
    assert record.links == (Link("s3://bucket/train.csv", "model.skops", "mailto:trainer@example.com"),)


@pytest.mark.parametrize("document", [V1, V02])
def test_what_went_in_is_tied_as_what_came_out(document: dict[str, Any]) -> None:
    record = read(document)
    assert assessed(record, model_skops=b"model", train_csv=b"train").level == "bound"
    assert assessed(record, model_skops=b"model", train_csv=b"other").level in ("present", "well_formed")
    assert assessed(record, model_skops=b"other", train_csv=b"train").level == "present"


def test_only_builders_that_the_policy_names_count() -> None:
    for builder, level in ((BUILDER, "bound"), (BUILDER + "0", "well_formed")):
        assert assessed(read(V1), Demands(builders=(builder,)), model_skops=b"model").level == level


def test_what_went_in_never_stands_for_what_came_out() -> None:
    base = {"name": "model.skops", "digest": digest(b"base model")}
    record = read(changed(V1, "predicate/buildDefinition/resolvedDependencies", [base]))
    assert assessed(record, model_skops=b"model").level == "bound"
    assert assessed(record, model_skops=b"base model").level == "present", "the model before its training"
    assert record.links[0].source != record.links[0].target


@pytest.mark.parametrize("document", [V1, V02])
def test_what_only_went_in_is_not_the_model(document: dict[str, Any]) -> None:
    """A model in the place of the one that was built, under any name, with the bytes of an input."""
    other_name = provenance.fingerprint("base.skops", b"train")
    assert provenance.assess([read(document)], [other_name]).files[0].state == "unmentioned"
    same_name = provenance.fingerprint("train.csv", b"train")
    assert provenance.assess([read(document)], [same_name]).files[0].state == "unmentioned"


def test_an_input_of_the_name_of_data_in_another_folder_contradicts_nothing() -> None:
    clean = provenance.fingerprint("clean/train.csv", b"clean", is_model=False)
    assert provenance.assess([read(V1)], [clean]).files[0].state == "unmentioned"
    raw = provenance.fingerprint("train.csv", b"clean", is_model=False)
    assert provenance.assess([read(V1)], [raw]).files[0].state == "contradicted", "trained on other rows"


def test_a_build_that_finished_before_it_started_ties_nothing() -> None:
    record = read(changed(V1, "predicate/runDetails/metadata/finishedOn", "2026-11-01T09:59:59Z"))
    assert "before it started" in record.caps[0]
    assert assessed(record, model_skops=b"model").level == "well_formed"


def test_only_the_start_is_told_where_no_end_is() -> None:
    assert read(changed(V1, "predicate/runDetails/metadata/finishedOn", ABSENT)).made == "2026-11-01T10:00:00+00:00"
    assert read(changed(V1, "predicate/runDetails/metadata", ABSENT)).made == ""


def test_a_crowd_of_inputs_and_outputs_is_not_joined_pair_by_pair() -> None:
    many = [{"name": f"m{at}", "digest": digest(b"%d" % at)} for at in range(300)]
    record = read(changed(changed(V1, "subject", many), "predicate/buildDefinition/resolvedDependencies", many))
    assert record.links == ()
    assert any("left out" in note for note in record.notes)


def test_versions_that_are_not_known_are_left_aside_and_their_subjects_read() -> None:
    record = read(changed(V1, "predicateType", "https://slsa.dev/provenance/v9"))
    assert (record.kind, record.links, len(record.claims)) == ("in-toto", (), 1)


OPTIONAL_V1 = [
    "predicate/buildDefinition/internalParameters", "predicate/buildDefinition/resolvedDependencies",
    "predicate/runDetails/metadata", "predicate/runDetails/byproducts", "predicate/runDetails/builder/version",
    "predicate/runDetails/builder/builderDependencies", "predicate/runDetails/metadata/invocationId",
    "predicate/runDetails/metadata/startedOn", "predicate/runDetails/metadata/finishedOn",
]  # fmt: skip
OPTIONAL_V02 = [
    "predicate/invocation", "predicate/buildConfig", "predicate/metadata", "predicate/materials",
    "predicate/invocation/configSource", "predicate/invocation/configSource/uri", "predicate/metadata/completeness",
    "predicate/invocation/configSource/digest", "predicate/invocation/parameters", "predicate/metadata/reproducible",
    "predicate/metadata/completeness/materials", "predicate/metadata/buildStartedOn",
]  # fmt: skip


@pytest.mark.parametrize("value", [ABSENT, None])
@pytest.mark.parametrize(
    ("document", "place"),
    [
        *[(V1, place) for place in OPTIONAL_V1],
        *[(V02, place) for place in OPTIONAL_V02],
    ],
)
def test_unset_and_null_are_the_same(document: dict[str, Any], place: str, value: Any) -> None:
    assert read(changed(document, place, value)).kind.startswith("slsa")


def test_fields_that_are_not_known_are_ignored() -> None:
    for place in ("predicate/further", "predicate/buildDefinition/vendor_x", "predicate/runDetails/builder/vendor_x"):
        assert read(changed(V1, place, {"a": 1})) == read(V1)


_INPUT = "predicate/buildDefinition/resolvedDependencies"
WRONG_V1 = [
    *spoiled(
        {
            "predicate/buildDefinition": "object", "predicate/runDetails": "object",
            "predicate/buildDefinition/buildType": "type", "predicate/buildDefinition/externalParameters": "object",
            "predicate/buildDefinition/internalParameters": "object", _INPUT: "objects", f"{_INPUT}/0/uri": "uri",
            f"{_INPUT}/0/digest": "object", f"{_INPUT}/0/name": "text", "predicate/runDetails/builder": "object",
            "predicate/runDetails/builder/id": "type", "predicate/runDetails/builder/version": "object",
            "predicate/runDetails/builder/version/trainer": "text", "predicate/runDetails/byproducts": "objects",
            "predicate/runDetails/builder/builderDependencies": "objects", "predicate/runDetails/metadata": "object",
            "predicate/runDetails/metadata/invocationId": "text", "predicate/runDetails/metadata/startedOn": "moment",
            "predicate/runDetails/metadata/finishedOn": "moment",
        },
        required=(
            "predicate/buildDefinition", "predicate/runDetails", "predicate/buildDefinition/buildType",
            "predicate/buildDefinition/externalParameters", "predicate/runDetails/builder",
            "predicate/runDetails/builder/id", "predicate",
        ),
    ),
    ("predicate/runDetails/builder/id", ("",)), ("predicate/buildDefinition/buildType", ("",)),
    (f"{_INPUT}/0", ({}, {"name": "x"})), (f"{_INPUT}/0/digest/sha256", ("a" * 63, "A" * 64)),
    ("predicate/runDetails/byproducts/0/content", ("!",)),
    ("predicate/runDetails/metadata/startedOn", ("2026-11-01T10:00:00",)),
]  # fmt: skip
_SOURCE = "predicate/invocation/configSource"
WRONG_V02 = [
    *spoiled(
        {
            "predicate/builder": "object", "predicate/builder/id": "type", "predicate/buildType": "type",
            "predicate/invocation": "object", _SOURCE: "object", f"{_SOURCE}/uri": "uri", f"{_SOURCE}/digest": "object",
            f"{_SOURCE}/entryPoint": "text", "predicate/invocation/parameters": "object",
            "predicate/invocation/environment": "object", "predicate/buildConfig": "object",
            "predicate/metadata": "object", "predicate/metadata/buildInvocationId": "text",
            "predicate/metadata/buildStartedOn": "moment", "predicate/metadata/buildFinishedOn": "moment",
            "predicate/metadata/completeness": "object", "predicate/metadata/completeness/parameters": "flag",
            "predicate/metadata/completeness/environment": "flag", "predicate/metadata/completeness/materials": "flag",
            "predicate/metadata/reproducible": "flag", "predicate/materials": "objects",
            "predicate/materials/0/uri": "uri", "predicate/materials/0/digest": "object",
        },
        required=("predicate/builder", "predicate/builder/id", "predicate/buildType"),
    ),
    ("predicate/materials/0/digest/sha256", ("zz",)), (f"{_SOURCE}/digest/sha1", ("zz",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "place", "values"),
    [
        *[(V1, *one) for one in WRONG_V1],
        *[(V02, *one) for one in WRONG_V02],
    ],
)
def test_what_the_specification_forbids_is_refused(
    document: dict[str, Any], place: str, values: tuple[Any, ...]
) -> None:
    for value in values:
        with pytest.raises(Malformed, match=r"x\.json: predicate"):
            read(changed(document, place, value))
