"""SPDX 3.0: what is of the form of the model is read, what is not is refused, and what it says of models is told."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import provenance
from audit.provenance import Malformed
from audit.provenance.record import Claim, Link, Record

DIGEST = "a" * 63 + "b"
BASE = "https://example.org/credit#"
INFO = {
    "type": "CreationInfo", "@id": "_:info", "specVersion": "3.0.1", "created": "2026-03-01T12:00:00Z",
    "createdBy": [f"{BASE}lab"],
}  # fmt: skip


def element(kind: str, name: str, **values: Any) -> dict[str, Any]:
    return {"type": kind, "spdxId": BASE + name, "creationInfo": "_:info", "name": name, **values}


def related(number: int, how: str, source: str, *targets: str) -> dict[str, Any]:
    return element(
        "Relationship",
        f"r{number}",
        relationshipType=how,
        **{"from": BASE + source, "to": [BASE + to for to in targets]},
    )


def hashed(algorithm: str = "sha256", value: str = DIGEST) -> list[dict[str, Any]]:
    return [{"type": "Hash", "algorithm": algorithm, "hashValue": value}]


GRAPH: list[dict[str, Any]] = [
    INFO,
    element("Organization", "lab"),
    element("SpdxDocument", "document", rootElement=[f"{BASE}model"], profileConformance=["core", "ai", "dataset"]),
    element(
        "ai_AIPackage", "model", verifiedUsing=hashed(), software_packageVersion="3", ai_typeOfModel=["boosted trees"],
        ai_safetyRiskAssessment="high", ai_autonomyType="no", ai_domain=["credit"], suppliedBy=f"{BASE}lab",
        ai_metric=[{"type": "DictionaryEntry", "key": "AUC", "value": "0.8"}], releaseTime="2026-02-01T00:00:00Z",
        software_downloadLocation="https://example.org/model",
    ),
    element("dataset_DatasetPackage", "train", dataset_datasetType=["text"], dataset_confidentialityLevel="amber"),
    element("dataset_DatasetPackage", "test", dataset_datasetType=["structured"], dataset_datasetSize=100),
    element("software_File", "./train.csv", verifiedUsing=hashed("md5", "c" * 32), contentType="text/csv"),
    related(1, "trainedOn", "model", "train"),
    related(2, "testedOn", "model", "test"),
    related(3, "hasDataFile", "train", "./train.csv"),
]  # fmt: skip
BOM: dict[str, Any] = {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": GRAPH}


def read(document: Any) -> Record:
    return provenance.read("model.spdx3.json", json.dumps(document).encode())[0]


def changed(index: int, **values: Any) -> dict[str, Any]:
    """The document with properties of one object replaced; None drops one."""
    document = copy.deepcopy(BOM)
    target = document["@graph"][index]
    target.update(values)
    document["@graph"][index] = {key: value for key, value in target.items() if value is not None}
    return document


def with_objects(*objects: dict[str, Any]) -> dict[str, Any]:
    return {**BOM, "@graph": [*GRAPH, *objects]}


def test_a_model_and_its_data_are_read() -> None:
    record = read(BOM)
    assert record.kind == "spdx"
    assert record.claims == (Claim("model", "sha256", DIGEST), Claim("train.csv", "md5", "c" * 32, "input"))
    assert set(record.links) == {
        Link("train", "model", "trained on"), Link("test", "model", "tested on"),
        Link("train.csv", "train", "data file"),
    }  # fmt: skip
    assert record.made == "2026-03-01T12:00:00Z"
    assert record.facts["type_of_model"] == "boosted trees"
    assert record.facts["safety_risk"] == "high"
    assert record.caps == ()


@pytest.mark.parametrize(
    "graph",
    [
        [element("software_Package", "library", verifiedUsing=hashed("sha256", "d" * 64))],
        [element("dataset_DatasetPackage", "rows", dataset_datasetType=["text"], verifiedUsing=hashed(value="d" * 64))],
        *[
            [element("ai_AIPackage", "base", verifiedUsing=hashed("sha256", "d" * 64)), related(9, how, *ends)]
            for how, *ends in (
                ("dependsOn", "model", "base"), ("descendantOf", "model", "base"), ("ancestorOf", "base", "model"),
                ("trainedOn", "model", "base"),
            )
        ],
    ],
)  # fmt: skip
def test_what_is_not_the_model_is_an_input(graph: list[dict[str, Any]]) -> None:
    claims = {claim.digest: claim.role for claim in read(with_objects(*graph)).claims}
    assert (claims[DIGEST], claims["d" * 64]) == ("made", "input")


def test_what_a_profile_asks_for_is_noted() -> None:
    notes = " ".join(read(BOM).notes)
    assert "'train' lacks" in notes
    assert "builtTime" in notes
    assert "'model' lacks" not in notes


def test_a_single_object_and_one_in_place_of_a_list_are_read() -> None:
    alone = {"@context": BOM["@context"], **element("software_File", "a.csv", verifiedUsing=hashed()[0])}
    alone["creationInfo"] = {key: value for key, value in INFO.items() if key != "@id"}
    record = read(alone)
    assert record.claims == (Claim("a.csv", "sha256", DIGEST),)
    assert "which is not in it" in record.caps[0], "its maker is not in the document"


def test_identifiers_that_lead_out_of_the_document_cap_the_record() -> None:
    loose = changed(7, to=["https://example.org/other#data"])
    assert "other#data" in read(loose).caps[0]
    mapped = copy.deepcopy(loose)
    mapped["@graph"][2]["import"] = [{"type": "ExternalMap", "externalSpdxId": "https://example.org/other#data"}]
    assert read(mapped).caps == ()
    assert read(changed(7, to=["NoAssertionElement"])).caps == ()


def test_digests_that_are_not_compared_are_noted() -> None:
    record = read(changed(3, verifiedUsing=hashed("blake3", "d" * 64)))
    assert len(record.claims) == 1
    assert any("blake3" in note for note in record.notes)


def test_extensions_are_left_aside() -> None:
    extension = {"type": "https://example.org/terms#Review", "anything": {"at": "all"}}
    assert read(changed(3, extension=[extension])).claims == read(BOM).claims


def test_spdx_2_is_refused_with_a_reason() -> None:
    with pytest.raises(Malformed, match=r"SPDX-2\.3.* is not read; SPDX 3\.0"):
        read({"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT"})


@pytest.mark.parametrize(
    "document",
    [
        {**BOM, "@context": "https://spdx.org/rdf/3.1/spdx-context.jsonld"},
        {**BOM, "@context": [BOM["@context"], {"ex": "https://example.org/"}]},
        {**BOM, "@graph": {}}, {**BOM, "@graph": [5]}, {**BOM, "more": 1}, with_objects({"type": "Element"}),
        with_objects({"type": "ai_Model"}), with_objects({"spdxId": "https://example.org/x"}), with_objects(GRAPH[3]),
        with_objects(element("SpdxDocument", "second")), with_objects(element("Artifact", "abstract")),
        changed(0, created="2026-03-01T12:00:00+00:00"), changed(0, created="2026-02-30T12:00:00Z"),
        changed(0, specVersion="3.0"), changed(0, createdBy=None), changed(0, createdBy=[f"{BASE}model"]),
        changed(0, **{"@id": "_:other"}), changed(1, spdxId=None), changed(1, spdxId="lab"), changed(1, name=5),
        changed(1, creationInfo=None), changed(1, unknown="x"), changed(2, profileConformance=["ml"]),
        changed(2, rootElement=["relative"]), changed(3, ai_safetyRiskAssessment="none"),
        changed(3, ai_autonomyType=True), changed(3, ai_typeOfModel=5), changed(3, ai_metric=[{"type": "Hash"}]),
        changed(3, ai_metric=[{"type": "DictionaryEntry"}]), changed(3, suppliedBy=f"{BASE}train"),
        changed(3, dataset_datasetType=["text"]), changed(3, verifiedUsing=hashed("sha-256")),
        changed(3, verifiedUsing=hashed("sha256", "zz")), changed(3, releaseTime="yesterday"),
        changed(4, dataset_datasetType=None), changed(4, dataset_datasetType=["tabular"]),
        changed(4, dataset_confidentialityLevel="secret"), changed(5, dataset_datasetSize=-1),
        changed(5, dataset_datasetSize=True), changed(6, contentType="csv"), changed(7, relationshipType="taughtBy"),
        changed(7, to=None), changed(7, **{"from": None}), changed(7, **{"from": "_:nobody"}),
    ],
)  # fmt: skip
def test_what_is_not_of_the_model_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match=r"model\.spdx3\.json"):
        read(document)


def test_many_objects_are_read_in_little_time() -> None:
    files = [element("software_File", f"{number}.csv", verifiedUsing=hashed()) for number in range(1500)]
    assert len(read(with_objects(*files)).claims) == 1502


KEYS = st.sampled_from(sorted({key for node in GRAPH for key in node}))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["_:info", f"{BASE}model", DIGEST]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


def outcome(document: dict[str, Any]) -> str:
    try:
        return read(document).kind
    except Malformed:
        return "refused"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GRAPH) - 1), st.dictionaries(KEYS, VALUES, max_size=3))
def test_any_change_is_read_or_refused(index: int, values: dict[str, Any]) -> None:
    assert outcome(changed(index, **values)) in ("spdx", "refused")
