"""CycloneDX bills of materials in JSON: `components[].hashes`, nested components and `metadata.component` included.

Source: CycloneDX 1.4 to 1.7 JSON schema. Only what ties a component to bytes is read; the rest is not validated.
"""

from __future__ import annotations

from typing import Any

from audit.provenance.json_text import objects, text
from audit.provenance.record import Claim, Malformed, Record, claim
from audit.provenance.record_file import RecordFile

KIND = "cyclonedx"
_MAX_DEPTH = 30


def recognises(file: RecordFile) -> bool:
    """Whether the document calls itself CycloneDX."""
    return file.is_json and all(document.get("bomFormat") == "CycloneDX" for document in file.documents)


def read(file: RecordFile) -> tuple[Record, ...]:
    """Every digest of every component.

    Raises:
        Malformed: a component has no name or type, a digest is none, or there is no digest at all.
    """
    path, document = file.path, file.documents[0]
    text(document.get("specVersion"), f"{path}: specVersion")
    roots = objects(document.get("components"), f"{path}: components")
    metadata = document.get("metadata", {})
    if isinstance(metadata, dict) and metadata.get("component") is not None:
        roots = [*roots, *objects([metadata["component"]], f"{path}: metadata.component")]
    claims: list[Claim] = []
    notes: list[str] = []
    _components(roots, path, claims, notes, 0)
    if not claims:
        raise Malformed(f"{path}: no component has a digest that can be compared")
    return (Record(path, KIND, tuple(claims), names_are_paths=False, notes=tuple(dict.fromkeys(notes))),)


def _components(components: list[dict[str, Any]], path: str, claims: list[Claim], notes: list[str], depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise Malformed(f"{path}: components are nested too deeply")
    for component in components:
        name = text(component.get("name"), f"{path}: name of a component")
        text(component.get("type"), f"{path}: type of the component {name!r}")
        for entry in objects(component.get("hashes"), f"{path}: hashes of {name!r}"):
            algorithm = text(entry.get("alg"), f"{path}: alg of {name!r}")
            found = claim(name, algorithm, entry.get("content"), path)
            if found is None:
                notes.append(f"{path}: digests of the kind {algorithm} are not compared")
            else:
                claims.append(found)
        _components(objects(component.get("components"), f"{path}: components"), path, claims, notes, depth + 1)
