"""OpenLineage events: what a job read and made is told, and an event that the specification forbids is refused."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from audit import provenance
from audit.provenance import Link, Malformed, Record
from tests.provenance.changes import ABSENT, changed, spoiled

RUN = "ea041791-68bc-4ae1-bd89-4c8106a157e4"
PRODUCER = "https://example.com/trainer/1.0"


def facet(**fields: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": "https://openlineage.io/spec/facets/1-0-2/x.json#/$defs/X", **fields}


def event(kind: str, **fields: Any) -> dict[str, Any]:
    schema = f"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/{kind}"
    return {"eventTime": "2026-11-01T10:00:00.5Z", "producer": PRODUCER, "schemaURL": schema, **fields}


NAMED = {"namespace": "example", "name": "train"}
TRAIN = {"namespace": "file", "name": "data/train.csv"}
MODEL = {"namespace": "file://host", "name": "model.skops"}
RUN_EVENT = event(
    "RunEvent",
    eventType="COMPLETE",
    run={
        "runId": RUN,
        "facets": {
            "errorMessage": facet(message="none", programmingLanguage="Python", stackTrace=""),
            "externalQuery": facet(externalQueryId="1", source="x"),
            "extractionError": facet(totalTasks=1, failedTasks=0, errors=[{"errorMessage": "x"}]),
            "nominalTime": facet(nominalStartTime="2026-11-01T10:00:00Z", nominalEndTime="2026-11-02"),
            "parent": facet(run={"runId": RUN}, job=NAMED, root={"run": {"runId": RUN}, "job": NAMED}),
            "processing_engine": facet(version="1", name="x", openlineageAdapterVersion="1"),
            "tags": facet(tags=[{"key": "a", "value": "b", "source": "c"}]),
            "custom": facet(anything=[1, {"deep": None}]),
        },
    },
    job={
        **NAMED,
        "facets": {
            "documentation": facet(description="trains"),
            "jobType": facet(processingType="BATCH", integration="EXAMPLE", jobType="TASK"),
            "ownership": facet(owners=[{"name": "team:data", "type": "owner"}]),
            "sourceCode": facet(language="Python", sourceCode="fit()"),
            "sourceCodeLocation": facet(type="git", url="https://example.com/x", repoUrl="git@example.com:x"),
            "sql": facet(query="SELECT 1", dialect="x"),
        },
    },
    inputs=[
        {
            **TRAIN,
            "facets": {
                "columnLineage": facet(
                    fields={
                        "age": {
                            "inputFields": [
                                {**NAMED, "field": "born", "transformations": [{"type": "DIRECT", "masking": False}]}
                            ],
                            "transformationDescription": "",
                        }
                    }
                ),
                "dataSource": facet(name="disk", uri="file:///data"),
                "datasetType": facet(datasetType="TABLE"),
                "lifecycleStateChange": facet(lifecycleStateChange="CREATE", previousIdentifier=NAMED),
                "schema": facet(fields=[{"name": "a", "type": "struct", "fields": [{"name": "b"}]}]),
                "storage": facet(storageLayer="delta", fileFormat="csv"),
                "symlinks": facet(identifiers=[{**NAMED, "type": "TABLE"}]),
                "version": facet(datasetVersion="sha256:" + hashlib.sha256(b"train").hexdigest()),
            },
            "inputFacets": {
                "dataQualityAssertions": facet(assertions=[{"assertion": "not_null", "success": True, "column": "a"}]),
                "dataQualityMetrics": facet(
                    rowCount=5, bytes=9, columnMetrics={"a": {"nullCount": 0, "max": 1.5, "quantiles": {"0.5": 1}}},
                    lastUpdated="2026-11-01T10:00:00Z",
                ),
            },
        }
    ],
    outputs=[{**MODEL, "outputFacets": {"outputStatistics": facet(rowCount=2, size=3, fileCount=1)}}],
)  # fmt: skip
JOB_EVENT = event("JobEvent", job=NAMED, inputs=[TRAIN], outputs=[MODEL])
DATASET_EVENT = event("DatasetEvent", dataset={**TRAIN, "facets": {"schema": facet(fields=[])}})


def read(*events: dict[str, Any]) -> tuple[Record, ...]:
    name = "x.jsonl" if len(events) > 1 else "x.json"
    return provenance.read(name, "\n".join(json.dumps(one) for one in events).encode())


def test_a_run_tells_its_lineage_and_itself() -> None:
    record = read(RUN_EVENT)[0]
    assert record.kind == "openlineage"
    assert record.links == (Link("data/train.csv", "model.skops", "example/train"),)
    assert record.made == "2026-11-01T10:00:00.500000+00:00"
    assert record.facts == {"job": "example/train", "run": RUN, "event_type": "COMPLETE", "producer": PRODUCER}
    assert (record.seals, record.caps) == ((), ())


def test_a_version_that_is_a_digest_ties_the_file_and_any_other_ties_none() -> None:
    for content, level in ((b"train", "bound"), (b"other", "present")):
        files = [provenance.fingerprint("data/train.csv", content, is_model=False)]
        assert provenance.assess(read(RUN_EVENT), files).level == level
    place = "inputs/0/facets/version/datasetVersion"
    for version in ("7", "sha256:", "sha256:zz", "blake3:" + "a" * 64, ":", "a" * 64):
        record = read(changed(RUN_EVENT, place, version))[0]
        assert record.claims == ()
        assert provenance.assess([record], [provenance.fingerprint("data/train.csv", b"x")]).level == "well_formed"


def test_what_a_job_read_is_not_the_model_that_it_made() -> None:
    files = [provenance.fingerprint("base.skops", b"train")]
    assert provenance.assess(read(RUN_EVENT), files).level == "well_formed"
    made = changed(changed(RUN_EVENT, "outputs/0", RUN_EVENT["inputs"][0]), "outputs/0/inputFacets", ABSENT)
    assert provenance.assess(read(made), files).level == "bound"


def test_a_file_of_many_crowded_events_tells_few_steps() -> None:
    many = [{"namespace": "x", "name": str(at)} for at in range(70)]
    crowded = changed(changed(JOB_EVENT, "inputs", many), "outputs", many)
    records = read(*[crowded] * 5)
    assert [len(record.links) for record in records] == [4900, 4900, 0, 0, 0]
    assert "left out" in records[2].notes[0]


def test_datasets_of_other_places_keep_their_namespace() -> None:
    outputs = [{"namespace": "postgres://host:5432", "name": "public.scores"}]
    assert read(changed(JOB_EVENT, "outputs", outputs))[0].links[0].target == "postgres://host:5432/public.scores"


def test_events_of_jobs_and_datasets_are_read() -> None:
    job, dataset = read(JOB_EVENT, DATASET_EVENT)
    assert job.links == (Link("data/train.csv", "model.skops", "example/train"),)
    assert (dataset.links, dataset.claims, dataset.facts) == ((), (), {"producer": PRODUCER})


@pytest.mark.parametrize("state", ["FAIL", "ABORT"])
def test_a_run_that_failed_made_nothing(state: str) -> None:
    version = {"version": facet(datasetVersion="sha256:" + hashlib.sha256(b"model").hexdigest())}
    done = changed(RUN_EVENT, "outputs/0/facets", version)
    assert [claim.name for claim in read(done)[0].claims] == ["data/train.csv", "model.skops"]
    failed = read(changed(done, "eventType", state))[0]
    assert [claim.name for claim in failed.claims] == ["data/train.csv"]
    assert failed.links == ()
    assert state in failed.notes[0]


@pytest.mark.parametrize("state", ["START", "RUNNING", "OTHER", ABSENT])
def test_other_states_are_read(state: Any) -> None:
    assert len(read(changed(RUN_EVENT, "eventType", state))[0].links) == 1


def test_a_run_that_is_told_in_two_ways_ties_nothing() -> None:
    ended_twice = read(RUN_EVENT, changed(RUN_EVENT, "eventType", "FAIL"))
    two_jobs = read(RUN_EVENT, changed(RUN_EVENT, "job/name", "other"))
    for records in (ended_twice, two_jobs):
        assert all(RUN in record.caps[0] for record in records)
    assert not read(changed(RUN_EVENT, "eventType", "START"), RUN_EVENT)[0].caps


def test_a_local_time_is_read_and_says_not_when() -> None:
    record = read(changed(JOB_EVENT, "eventTime", "2026-11-01T10:00:00"))[0]
    assert record.made == ""
    assert "no time zone" in record.notes[0]


def test_a_crowd_of_datasets_is_not_joined_pair_by_pair() -> None:
    many = [{"namespace": "x", "name": str(at)} for at in range(300)]
    record = read(changed(changed(JOB_EVENT, "inputs", many), "outputs", many))[0]
    assert record.links == ()
    assert "left out" in record.notes[0]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("further", {"a": 1}), ("inputs", ABSENT), ("outputs", []), ("run/facets", {}), ("run/facets", ABSENT),
        ("schemaURL", "http://example.com/other"), ("run/runId", RUN.upper()), ("dataset", "left aside beside a run"),
        ("run/facets/custom/x", None), ("job/facets/sql", facet(_deleted=True)), ("job/facets/tags", facet()),
        ("inputs/0/facets/schema/fields/0/type", ABSENT), ("job/name", ""),
        ("inputs/0/inputFacets/dataQualityMetrics/rowCount", 5.0),
        ("inputs/0/inputFacets/dataQualityMetrics", facet(rowCount=5)),
        ("outputs/0/outputFacets/outputStatistics", facet(size=5)),
        ("schemaURL", "https://openlineage.io/spec/1-0-5/OpenLineage.json"),
    ],
)  # fmt: skip
def test_what_the_specification_allows_is_read(place: str, value: Any) -> None:
    assert read(changed(RUN_EVENT, place, value))[0].kind == "openlineage"


_RUN, _JOB, _IN = "run/facets", "job/facets", "inputs/0/facets"
_METRICS, _CHECKS = "inputs/0/inputFacets/dataQualityMetrics", "inputs/0/inputFacets/dataQualityAssertions"
_COLUMN = f"{_IN}/columnLineage/fields/age"
REQUIRED = {
    "eventTime": "moment", "producer": "uri", "schemaURL": "uri", "run": "object", "job": "object", "run/runId": "uuid",
    "job/namespace": "text", "job/name": "text", "inputs/0/namespace": "text", "inputs/0/name": "text",
    "outputs/0/namespace": "text", "outputs/0/name": "text",
    f"{_RUN}/custom/_producer": "uri", f"{_RUN}/custom/_schemaURL": "uri", f"{_JOB}/sql/_producer": "uri",
    f"{_IN}/schema/_schemaURL": "uri", f"{_METRICS}/_producer": "uri",
    "outputs/0/outputFacets/outputStatistics/_producer": "uri",
    f"{_RUN}/errorMessage/message": "text", f"{_RUN}/errorMessage/programmingLanguage": "text",
    f"{_RUN}/externalQuery/externalQueryId": "text", f"{_RUN}/externalQuery/source": "text",
    f"{_RUN}/extractionError/totalTasks": "whole", f"{_RUN}/extractionError/failedTasks": "whole",
    f"{_RUN}/extractionError/errors": "objects", f"{_RUN}/extractionError/errors/0/errorMessage": "text",
    f"{_RUN}/nominalTime/nominalStartTime": "text", f"{_RUN}/parent/run": "object", f"{_RUN}/parent/job": "object",
    f"{_RUN}/parent/run/runId": "uuid", f"{_RUN}/parent/job/name": "text", f"{_RUN}/parent/root/run/runId": "uuid",
    f"{_RUN}/processing_engine/version": "text", f"{_RUN}/tags/tags/0/key": "text", f"{_RUN}/tags/tags/0/value": "text",
    f"{_JOB}/documentation/description": "text", f"{_JOB}/jobType/processingType": "text",
    f"{_JOB}/jobType/integration": "text", f"{_JOB}/ownership/owners/0/name": "text",
    f"{_JOB}/sourceCode/language": "text", f"{_JOB}/sourceCode/sourceCode": "text",
    f"{_JOB}/sourceCodeLocation/type": "text", f"{_JOB}/sourceCodeLocation/url": "uri", f"{_JOB}/sql/query": "text",
    f"{_IN}/columnLineage/fields": "object", f"{_COLUMN}/inputFields": "objects",
    f"{_COLUMN}/inputFields/0/namespace": "text", f"{_COLUMN}/inputFields/0/name": "text",
    f"{_COLUMN}/inputFields/0/field": "text", f"{_COLUMN}/inputFields/0/transformations/0/type": "text",
    f"{_IN}/datasetType/datasetType": "text", f"{_IN}/lifecycleStateChange/lifecycleStateChange": "text",
    f"{_IN}/lifecycleStateChange/previousIdentifier/name": "text", f"{_IN}/schema/fields/0/name": "text",
    f"{_IN}/schema/fields/0/fields/0/name": "text", f"{_IN}/storage/storageLayer": "text",
    f"{_IN}/symlinks/identifiers/0/namespace": "text", f"{_IN}/symlinks/identifiers/0/name": "text",
    f"{_IN}/symlinks/identifiers/0/type": "text", f"{_IN}/version/datasetVersion": "text",
    f"{_CHECKS}/assertions": "objects", f"{_CHECKS}/assertions/0/assertion": "text",
    f"{_CHECKS}/assertions/0/success": "flag",
}  # fmt: skip
OPTIONAL = {
    "inputs": "objects", "outputs": "objects", _RUN: "object", _JOB: "object", _IN: "object",
    "inputs/0/inputFacets": "object", "outputs/0/outputFacets": "object", f"{_RUN}/custom": "object",
    f"{_RUN}/parent/root": "object", f"{_RUN}/tags/tags": "objects", f"{_JOB}/ownership/owners": "objects",
    f"{_JOB}/sourceCodeLocation/repoUrl": "text", f"{_IN}/dataSource/uri": "text", f"{_IN}/dataSource/name": "text",
    f"{_IN}/schema/fields": "objects", f"{_IN}/schema/fields/0/type": "text",
    f"{_IN}/schema/fields/0/fields": "objects",
    f"{_IN}/symlinks/identifiers": "objects", f"{_METRICS}/rowCount": "whole", f"{_METRICS}/bytes": "whole",
    f"{_METRICS}/columnMetrics": "object", f"{_METRICS}/columnMetrics/a": "object",
    f"{_METRICS}/columnMetrics/a/nullCount": "whole",
    f"{_METRICS}/columnMetrics/a/max": "number", f"{_METRICS}/columnMetrics/a/quantiles/0.5": "number",
    f"{_CHECKS}/assertions/0/column": "text", "outputs/0/outputFacets/outputStatistics/rowCount": "whole",
    f"{_COLUMN}/inputFields/0/transformations/0/masking": "flag",
}  # fmt: skip
WRONG = [
    *spoiled(REQUIRED, REQUIRED), *spoiled(OPTIONAL), ("eventType", ("DONE", "complete", 5, None, [])),
    ("schemaURL", (JOB_EVENT["schemaURL"], DATASET_EVENT["schemaURL"], JOB_EVENT["schemaURL"] + "s")),
    ("schemaURL", ("https://openlineage.io/spec/2/OpenLineage.json", "https://openlineage.io/spec/2-0-2/Other.json")),
    ("run/parent", ({},)), ("job/ownership", ({"owners": []},)), ("inputs/0/schema", ({"fields": []},)),
    (_METRICS, (facet(), facet(bytes=5), facet(rowCount=5, columnMetrics=None))),
    ("outputs/0/outputFacets/outputStatistics", (facet(_schemaURL="https://openlineage.io/spec/facets/1-0-1/x"),)),
    (f"{_IN}/lifecycleStateChange/lifecycleStateChange", ("GROW",)), (f"{_METRICS}/lastUpdated", ("2026-11-01", 5)),
    (f"{_RUN}/nominalTime/nominalStartTime", ("yesterday!",)), (f"{_RUN}/custom/_deleted", ("yes",)),
    (f"{_RUN}/nominalTime/nominalEndTime", ("2026-02-30", 5)),
]  # fmt: skip


@pytest.mark.parametrize(("place", "values"), WRONG)
def test_what_the_specification_forbids_is_refused(place: str, values: tuple[Any, ...]) -> None:
    for value in values:
        with pytest.raises(Malformed, match=r"x\.json: "):
            read(changed(RUN_EVENT, place, value))


@pytest.mark.parametrize(
    "document",
    [
        changed(JOB_EVENT, "schemaURL", ABSENT), changed(JOB_EVENT, "dataset", TRAIN), changed(JOB_EVENT, "job", None),
        changed(changed(RUN_EVENT, "job", ABSENT), "schemaURL", PRODUCER), changed(DATASET_EVENT, "dataset", None),
        changed(DATASET_EVENT, "dataset/name", ABSENT), changed(DATASET_EVENT, "dataset/facets/schema", {}),
        changed(DATASET_EVENT, "eventTime", ABSENT), changed(JOB_EVENT, "inputs/0/name", ABSENT), event("RunEvent"),
    ],
)  # fmt: skip
def test_events_that_fit_none_of_the_three_kinds_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match=r"x\.json"):
        read(document)


def test_one_wrong_event_spoils_the_file() -> None:
    with pytest.raises(Malformed, match="event 2"):
        read(RUN_EVENT, changed(RUN_EVENT, "run/runId", "7"))


def test_keys_that_are_given_twice_are_refused() -> None:
    text = json.dumps(JOB_EVENT)
    with pytest.raises(Malformed, match="twice"):
        provenance.read("x.json", text.replace('"eventTime"', '"producer": "https://a/b", "eventTime"', 1).encode())


def test_fields_of_fields_nest_as_deep_as_a_document_may() -> None:
    field: dict[str, Any] = {"name": "x"}
    for _ in range(40):
        field = {"name": "x", "fields": [field]}
    assert read(changed(RUN_EVENT, f"{_IN}/schema/fields", [field]))
    for _ in range(400):
        field = {"name": "x", "fields": [field]}
    with pytest.raises(Malformed, match="nested"):
        read(changed(RUN_EVENT, f"{_IN}/schema/fields", [field]))
