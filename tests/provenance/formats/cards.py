"""Croissant cards that break no rule: one of 1.1 that uses most of the vocabulary, and one of 0.8."""

from __future__ import annotations

import hashlib
from typing import Any

DIGEST = hashlib.sha256(b"rows").hexdigest()
OTHER = hashlib.sha256(b"ports").hexdigest()
WORDS = (
    "annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "examples", "extract", "field",
    "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset", "jsonPath", "key", "md5",
    "parentField", "readLines", "recordSet", "references", "regex", "repeated", "separator", "source", "subField",
    "transform", "unArchive",
)  # fmt: skip
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{word: f"cr:{word}" for word in WORDS},
}


def of(file: str, column: str) -> dict[str, Any]:
    return {"fileObject": {"@id": file}, "extract": {"column": column}}


def field(name: str, **properties: Any) -> dict[str, Any]:
    return {"@type": "cr:Field", "@id": name, "name": name, "dataType": "sc:Text", **properties}


CARD: dict[str, Any] = {
    "@context": CONTEXT,
    "@type": "sc:Dataset",
    "conformsTo": "http://mlcommons.org/croissant/1.1",
    "name": "ships",
    "description": "Passengers and ports.",
    "license": ["https://example.org/license", {"@type": "sc:CreativeWork", "name": "Terms of the port"}],
    "citeAs": "A. Author, 2026",
    "url": "https://example.org/ships",
    "creator": {"@type": "sc:Person", "name": "A. Author"},
    "datePublished": "2026-10-01T08:00:00+02:00",
    "rai:dataBiases": "Who is missing.",
    "distribution": [
        {"@type": "cr:FileObject", "@id": "zip", "name": "all.zip", "contentUrl": "https://example.org/all.zip",
         "encodingFormat": "application/zip", "sha256": DIGEST},
        {"@type": "cr:FileObject", "@id": "rows", "contentUrl": "csv/rows.csv", "containedIn": {"@id": "zip"},
         "encodingFormat": "text/csv", "sha256": OTHER},
        {"@type": "cr:FileObject", "@id": "ports", "contentUrl": "data/ports.csv", "encodingFormat": "text/csv",
         "sha256": OTHER.upper(), "md5": "a" * 32},
        {"@type": "cr:FileSet", "@id": "images", "containedIn": [{"@id": "zip"}], "encodingFormat": "image/jpeg",
         "includes": ["*.jpg", "*.jpeg"]},
        {"@type": "cr:FileSet", "@id": "lines",
         "containedIn": {"fileObject": {"@id": "ports"}, "transform": {"readLines": True, "unArchive": True}}},
    ],
    "recordSet": [
        {"@type": "cr:RecordSet", "@id": "kinds", "dataType": "sc:Enumeration", "key": {"@id": "kinds/name"},
         "field": [field("kinds/name"), field("kinds/url", dataType=["sc:URL", "https://example.org/kind"])],
         "data": [{"kinds/name": "a", "kinds/url": "b"}, {"kinds/name": "c", "kinds/url": "d"}]},
        {"@type": "cr:RecordSet", "@id": "harbours", "field": [
            field("harbours/id", source=of("ports", "id")),
            field("harbours/place", dataType="sc:GeoCoordinates", subField=[
                field("harbours/lat", dataType="sc:Float", source=of("ports", "lat"))]),
            field("harbours/fixed", value="blue"),
            field("harbours/shape", source=of("ports", "shape"), isArray=True, arrayShape="-1,3")]},
        {"@type": "cr:RecordSet", "@id": "people", "name": {"en": "people", "de-CH": "Leute"}, "field": [
            field("people/port", source=of("rows", "port"), references={"field": {"@id": "harbours/id"}}),
            {"@type": "cr:Field", "@id": "people/place", "source": {"field": {"@id": "harbours/id"}}},
            field("people/kind", source=of("rows", "kind"), references={"@id": "kinds/name"}),
            field("people/trips", parentField={"source": of("rows", "trip")}, subField=[
                field("people/trips/day", source={**of("rows", "day"), "transform": {"format": "%Y"}})])],
         "annotation": {"@id": "people/count", "value": 12, "dataType": "sc:Integer"}},
        {"@type": "cr:RecordSet", "@id": "pictures", "field": [
            field("pictures/content", dataType="sc:ImageObject",
                  source={"fileSet": {"@id": "images"}, "extract": {"fileProperty": "content"}})]},
    ],
}  # fmt: skip
OLD: dict[str, Any] = {
    "@context": {
        "@vocab": "https://schema.org/", "sc": "https://schema.org/", "ml": "http://mlcommons.org/schema/",
        "dataType": {"@id": "ml:dataType", "@type": "@vocab"},
        **{word: f"ml:{word}" for word in ("recordSet", "field", "source", "extract", "column", "includes")},
    },
    "@type": "sc:Dataset", "name": "old", "description": "of 0.8", "url": "https://example.org", "license": "mit",
    "distribution": [
        {"@type": "sc:FileObject", "name": "rows", "contentUrl": "rows.csv", "encodingFormat": "text/csv",
         "sha256": DIGEST}],
    "recordSet": [
        {"@type": "ml:RecordSet", "name": "people", "field": [
            {"@type": "ml:Field", "name": "age", "dataType": "sc:Integer",
             "source": {"distribution": "rows", "extract": {"column": "age"}}}]},
        {"@type": "ml:RecordSet", "name": "ages", "field": [
            {"@type": "ml:Field", "name": "again", "source": {"field": "people/age"}}]}],
}  # fmt: skip
