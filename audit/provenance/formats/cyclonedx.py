"""CycloneDX bills of materials in JSON, 1.4 to 1.7: validated, then read for digests and for the lineage of models.

The form is held against our own tables of the specification, and with the extra `cyclonedx` against its JSON Schema
too. A model is tied by the digests of models and files that the bill lists, inside of another component too. Data is
tied by those of every component, also in the formulation, and of where something is distributed. Digests of tools, and
of ancestors and variants in a pedigree, are of other bytes.

Source: CycloneDX 1.4 to 1.7, JSON.
"""

from __future__ import annotations

from typing import Any

from audit.provenance.formats import _cyclonedx_schema as schema
from audit.provenance.formats._cyclonedx_contents import Contents
from audit.provenance.formats._cyclonedx_strict import opinion
from audit.provenance.formats._embedded_signature import embedded
from audit.provenance.json_text import shown
from audit.provenance.record import Malformed, Record
from audit.provenance.record_file import RecordFile

KIND = "cyclonedx"


def recognises(file: RecordFile) -> bool:
    """Whether every document calls itself CycloneDX."""
    return file.is_json and all(document.get("bomFormat") == "CycloneDX" for document in file.documents)


def read(file: RecordFile) -> tuple[Record, ...]:
    """One record a document.

    Raises:
        Malformed: its version is not read, it is not of the form of its version, a digest is no digest of its kind, or
            two components are called by one `bom-ref`.
    """
    return tuple(_record(document, file.path) for document in file.documents)


def _record(document: dict[str, Any], path: str) -> Record:
    version = document.get("specVersion")
    if not isinstance(version, str) or version not in schema.VERSIONS:
        raise Malformed(f"{path}: specVersion is {shown(version)}; CycloneDX {', '.join(schema.VERSIONS)} is read")
    _refuse(schema.fault(document, version), version, path)
    said = opinion(document, version)
    _refuse(said.fault, version, path)
    contents = Contents(document, path)
    signature = embedded(document)
    return Record(
        path,
        KIND,
        contents.claims,
        names_are_paths=False,
        notes=(*([f"{path}: {said.note}"] if said.note else ()), *dict.fromkeys(contents.notes)),
        seals=signature.seals,
        caps=(*contents.caps, *([f"{path}: {signature.fault}"] if signature.fault else ())),
        made=contents.made,
        links=contents.links,
        facts={"format_version": version, **contents.facts},
    )


def _refuse(fault: str, version: str, path: str) -> None:
    if fault:
        raise Malformed(f"{path}: not CycloneDX {version}: {fault}")
