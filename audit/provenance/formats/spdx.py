"""SPDX 3.0 in JSON-LD, with its AI and data set profiles: digests of software and data, and what a model came from.

SPDX 2 is refused: it has no profile for models.

Source: SPDX 3.0.0 and 3.0.1, model and JSON-LD serialization (spdx.github.io/spdx-spec/v3.0.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.provenance.formats._spdx_graph import Graph, Node, graph_of
from audit.provenance.json_text import shown
from audit.provenance.record import Claim, Link, Malformed, Record, Role, claim
from audit.provenance.record_file import RecordFile

KIND = "spdx"
_NAMESPACE = "https://spdx.org/rdf/"

_LINEAGE = {
    "trainedOn": ("to", "trained on"), "testedOn": ("to", "tested on"), "hasDataFile": ("to", "data file"),
    "hasInput": ("to", "input"), "dependsOn": ("to", "depends on"), "descendantOf": ("to", "descendant"),
    "generates": ("from", "generates"), "hasOutput": ("from", "output"), "ancestorOf": ("from", "descendant"),
}  # fmt: skip
"""Relationships that tell what was made from what: which end went in, and how."""

_ASKED = {
    "ai_AIPackage": ("suppliedBy", "software_downloadLocation", "software_packageVersion", "releaseTime"),
    "dataset_DatasetPackage": ("originatedBy", "software_downloadLocation", "releaseTime", "builtTime"),
}
"""What the profiles ask for beyond the classes; a document without is noted, not refused."""

_MAY_BE_THE_MODEL = ("ai_AIPackage", "software_File")
_FACTS = {
    "model": "name", "model_version": "software_packageVersion", "type_of_model": "ai_typeOfModel",
    "domain": "ai_domain", "autonomy": "ai_autonomyType", "safety_risk": "ai_safetyRiskAssessment",
    "sensitive_personal_information": "ai_useSensitivePersonalInformation",
}  # fmt: skip
_LONGEST_FACT = 500


def recognises(file: RecordFile) -> bool:
    """Whether every document has a context of SPDX 3, or calls itself SPDX 2."""
    return file.is_json and all(_is_spdx(document) for document in file.documents)


def read(file: RecordFile) -> tuple[Record, ...]:
    """One record a document.

    Raises:
        Malformed: it is SPDX 2, or not of the form of SPDX 3.0, or a digest is no digest of its kind.
    """
    return tuple(_record(document, file.path) for document in file.documents)


def _is_spdx(document: dict[str, Any]) -> bool:
    context = document.get("@context")
    first = context[0] if isinstance(context, list) and context else context
    return "spdxVersion" in document or (isinstance(first, str) and first.startswith(_NAMESPACE))


def _record(document: dict[str, Any], path: str) -> Record:
    if "spdxVersion" in document:
        raise Malformed(f"{path}: {shown(document['spdxVersion'])} is not read; SPDX 3.0 in JSON-LD is")
    graph = graph_of(document, path)
    inputs = _inputs(graph)
    claims: list[Claim] = []
    notes: list[str] = []
    for node in graph.nodes:
        if node.is_a("Artifact"):
            made = node.kind in _MAY_BE_THE_MODEL and id(node) not in inputs
            _digests(node, graph, "made" if made else "input", path, claims, notes)
        missing = [key for key in _ASKED.get(node.kind, ()) if key not in node.values]
        if missing:
            notes.append(f"{path}: {shown(_name(node))} lacks what its profile asks for: {', '.join(missing)}")
    return Record(
        path,
        KIND,
        tuple(dict.fromkeys(claims)),
        names_are_paths=False,
        notes=tuple(dict.fromkeys(notes)),
        caps=tuple(f"{path}: it refers to {shown(ref)}, which is not in it" for ref in graph.loose_ends[:1]),
        made=_made(graph),
        links=tuple(dict.fromkeys(_links(graph))),
        facts=_facts(graph),
    )


def _inputs(graph: Graph) -> frozenset[int]:
    """Identities of elements that went into a model, data or a build, by a relationship."""
    found = (source for source, target, how in _ends(graph) if how != "depends on" or target.kind == "ai_AIPackage")
    return frozenset(map(id, found))


def _digests(node: Node, graph: Graph, role: Role, path: str, claims: list[Claim], notes: list[str]) -> None:
    for value in node.listed("verifiedUsing"):
        method = graph.at(value)
        if method is None:
            continue
        kind = str(method.values.get("algorithm", method.kind))
        found = None
        if method.kind == "Hash":
            algorithm = "blake2b" if kind == "blake2b512" else kind
            found = claim(_name(node), algorithm, method.values["hashValue"], path, role)
        if found is None:
            notes.append(f"{path}: digests of the kind {shown(kind)} are not compared")
        else:
            claims.append(found)


def _name(node: Node) -> str:
    return str(node.values.get("name") or node.identifier).removeprefix("./")


def _made(graph: Graph) -> str:
    """When the document was made; without one, the time on which all of it agrees."""
    documents = [node for node in graph.nodes if node.kind == "SpdxDocument"]
    said = [graph.at(node.values["creationInfo"]) for node in documents]
    infos = said or [node for node in graph.nodes if node.kind == "CreationInfo"]
    times = {info.values["created"] for info in infos if info is not None}
    return str(times.pop()) if len(times) == 1 else ""


def _links(graph: Graph) -> Iterator[Link]:
    for source, target, how in _ends(graph):
        yield Link(_name(source), _name(target), how)


def _ends(graph: Graph) -> Iterator[tuple[Node, Node, str]]:
    """What went in, what came out and how."""
    for node in graph.nodes:
        goes_in, how = _LINEAGE.get(str(node.values.get("relationshipType")), ("", ""))
        if not goes_in:
            continue
        one, others = graph.at(node.values["from"]), [graph.at(value) for value in node.listed("to")]
        for other in others:
            if one is not None and other is not None:
                yield (other, one, how) if goes_in == "to" else (one, other, how)


def _facts(graph: Graph) -> dict[str, str]:
    facts = {"format_version": f"3.0.{graph.release}"}
    models = [node for node in graph.nodes if node.kind == "ai_AIPackage"]
    for model in models[:1]:
        told = {fact: ", ".join(map(str, model.listed(key))) for fact, key in _FACTS.items()}
        facts |= {fact: text[:_LONGEST_FACT] for fact, text in told.items() if text}
    return facts
