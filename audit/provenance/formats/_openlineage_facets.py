"""Facets of OpenLineage: which fields they must have, and of what kind; facets of other names may hold anything.

Source: OpenLineage core specification 2-0-2 and the facets beside it, `spec/facets`, in their newest versions; a field
that became optional in a later version is optional here.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.provenance.json_text import an_object, moment, shown, uri
from audit.provenance.record import Malformed

Check = Callable[[Any, str], object]


@dataclass(frozen=True)
class Shape:
    """An object with some fields; what else it holds is left aside."""

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)

    def __call__(self, value: Any, where: str) -> None:
        """Refuse anything else as `Malformed`."""
        given = an_object(value, where)
        for name, check in self.required.items():
            check(given.get(name), f"{where}.{name}")
        for name, check in self.optional.items():
            if name in given:
                check(given[name], f"{where}.{name}")


def words(value: Any, where: str) -> str:
    """Text, which may be empty."""
    if not isinstance(value, str):
        raise Malformed(f"{where}: text is expected, found {shown(value)}")
    return value


def run_id(value: Any, where: str) -> str:
    """A UUID in its canonical form."""
    try:
        found = str(uuid.UUID(words(value, where)))
    except ValueError:
        found = ""
    if not found or found != value.lower():
        raise Malformed(f"{where}: a UUID is expected, found {shown(value)}")
    return found


def local_moment(value: Any, where: str) -> str:
    """A date-time, of which the zone may be missing: the Python client writes local times."""
    return moment(value, where, zone_needed=False)


def check_facets(holder: Mapping[str, Any], key: str, kind: str, where: str) -> None:
    """Check the facets of a run, a job or a dataset.

    Args:
        key: where they are, such as `inputFacets`.
        kind: one of those of `_KNOWN`.

    Raises:
        Malformed: one is no facet, stands in the wrong place, or is of a known name and lacks a field or has one of
            the wrong kind.
    """
    outside = sorted(_KNOWN[kind].keys() & holder.keys()) if key == "facets" else []
    if outside:
        raise Malformed(f"{where}.{outside[0]}: a facet is expected inside of facets, where readers look for it")
    for name, facet in an_object(holder.get(key, {}), f"{where}.{key}").items():
        place = f"{where}.{key}.{shown(name)}"
        _BASE(facet, place)
        known = _KNOWN[kind].get(name)
        if known is not None and facet.get("_deleted") is not True:
            known(facet, place)


def _whole(value: Any, where: str) -> None:
    if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
        raise Malformed(f"{where}: a whole number is expected, found {shown(value)}")


def _number(value: Any, where: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Malformed(f"{where}: a number is expected, found {shown(value)}")


def _flag(value: Any, where: str) -> None:
    if not isinstance(value, bool):
        raise Malformed(f"{where}: true or false is expected, found {shown(value)}")


def _day_or_moment(value: Any, where: str) -> str:
    day = isinstance(value, str) and len(value) == len("2020-01-01")
    return moment(f"{value}T00:00:00Z" if day else value, where, zone_needed=False)


def _each(check: Check) -> Check:
    def checked(value: Any, where: str) -> None:
        if not isinstance(value, list):
            raise Malformed(f"{where}: a list is expected, found {shown(value)}")
        for at, item in enumerate(value):
            check(item, f"{where}[{at}]")

    return checked


def _every(check: Check) -> Check:
    def checked(value: Any, where: str) -> None:
        for name, item in an_object(value, where).items():
            check(item, f"{where}.{shown(name)}")

    return checked


def _one_of(*known: str) -> Check:
    def checked(value: Any, where: str) -> None:
        if value not in known:
            raise Malformed(f"{where}: one of {', '.join(known)} is expected, found {shown(value)}")

    return checked


def _metrics(value: Any, where: str) -> None:
    # the specification wants metrics of columns; its own example of a whole event has counts of rows alone
    counted = "rowCount" in value and "columnMetrics" not in value
    Shape({} if counted else {"columnMetrics": _every(_COLUMN)}, {**_COUNTS, "lastUpdated": local_moment})(value, where)


def _output_statistics(value: Any, where: str) -> None:
    # the number of rows became optional in version 1-0-2
    early = "/1-0-0/" in value["_schemaURL"] or "/1-0-1/" in value["_schemaURL"]
    Shape({"rowCount": _whole} if early else {}, _COUNTS)(value, where)


def _schema_field(value: Any, where: str) -> None:
    # fields of structures hold fields; the depth of the document bounds this
    Shape({"name": words}, {"type": words, "description": words, "fields": _each(_schema_field)})(value, where)


_BASE = Shape({"_producer": uri, "_schemaURL": uri}, {"_deleted": _flag})
_NAMED = Shape({"namespace": words, "name": words})
_RUN_AND_JOB = Shape({"run": Shape({"runId": run_id}), "job": _NAMED})
_DESCRIPTION = Shape({"description": words})
_OWNERS = Shape({}, {"owners": _each(Shape({"name": words}, {"type": words}))})
_TAGS = Shape({}, {"tags": _each(Shape({"key": words, "value": words}, {"source": words, "field": words}))})
_COLUMN = Shape(
    {},
    {
        **dict.fromkeys(("nullCount", "distinctCount"), _whole),
        **dict.fromkeys(("sum", "count", "min", "max"), _number),
        "quantiles": _every(_number),
    },
)
_COUNTS: Mapping[str, Check] = dict.fromkeys(("rowCount", "bytes", "fileCount", "size"), _whole)
_ASSERTIONS = Shape({"assertions": _each(Shape({"assertion": words, "success": _flag}, {"column": words}))})
_INPUT_FIELD = Shape(
    {"namespace": words, "name": words, "field": words},
    {"transformations": _each(Shape({"type": words}, {"subtype": words, "description": words, "masking": _flag}))},
)
_COLUMN_LINEAGE = Shape(
    {"fields": _every(Shape({"inputFields": _each(_INPUT_FIELD)}, {"transformationDescription": words}))},
    {"dataset": _each(_INPUT_FIELD)},
)
_LIFE = Shape(
    {"lifecycleStateChange": _one_of("ALTER", "CREATE", "DROP", "OVERWRITE", "RENAME", "TRUNCATE")},
    {"previousIdentifier": _NAMED},
)

_KNOWN: Mapping[str, Mapping[str, Check]] = {
    "run": {
        "errorMessage": Shape({"message": words, "programmingLanguage": words}, {"stackTrace": words}),
        "externalQuery": Shape({"externalQueryId": words, "source": words}),
        "extractionError": Shape(
            {"totalTasks": _whole, "failedTasks": _whole, "errors": _each(Shape({"errorMessage": words}))}
        ),
        "nominalTime": Shape({"nominalStartTime": _day_or_moment}, {"nominalEndTime": _day_or_moment}),
        "parent": Shape(_RUN_AND_JOB.required, {"root": _RUN_AND_JOB}),
        "processing_engine": Shape({"version": words}, {"name": words, "openlineageAdapterVersion": words}),
        "tags": _TAGS,
    },
    "job": {
        "documentation": _DESCRIPTION,
        "jobType": Shape({"processingType": words, "integration": words}, {"jobType": words}),
        "ownership": _OWNERS,
        "sourceCode": Shape({"language": words, "sourceCode": words}),
        "sourceCodeLocation": Shape(
            {"type": words, "url": uri}, dict.fromkeys(("repoUrl", "path", "version", "tag", "branch"), words)
        ),
        "sql": Shape({"query": words}, {"dialect": words}),
        "tags": _TAGS,
    },
    "dataset": {
        "catalog": Shape({"framework": words, "type": words, "name": words}),
        "columnLineage": _COLUMN_LINEAGE,
        "dataQualityMetrics": _metrics,
        "dataSource": Shape({}, {"name": words, "uri": words}),
        "datasetType": Shape({"datasetType": words}, {"subType": words}),
        "documentation": _DESCRIPTION,
        "lifecycleStateChange": _LIFE,
        "ownership": _OWNERS,
        "schema": Shape({}, {"fields": _each(_schema_field)}),
        "storage": Shape({"storageLayer": words}, {"fileFormat": words}),
        "symlinks": Shape({}, {"identifiers": _each(Shape({"namespace": words, "name": words, "type": words}))}),
        "tags": _TAGS,
        "version": Shape({"datasetVersion": words}),
    },
    "input": {
        "dataQualityAssertions": _ASSERTIONS,
        "dataQualityMetrics": _metrics,
        "inputStatistics": Shape({}, _COUNTS),
    },
    "output": {"outputStatistics": _output_statistics},
}
