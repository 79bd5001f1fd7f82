"""OpenLineage events: which job made which datasets from which, one event a document or one a line.

An event seldom says anything of bytes: only a dataset version written as `sha256:HEX` is a digest. So most events are
lineage, and tie no file.

Source: OpenLineage core specification 2-0-2, RunEvent, JobEvent and DatasetEvent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.provenance.formats._openlineage_facets import check_facets, local_moment, run_id, words
from audit.provenance.json_text import an_object, shown, uri
from audit.provenance.record import Claim, Malformed, Record, Role, claim
from audit.provenance.record_file import RecordFile
from audit.provenance.steps import Steps

KIND = "openlineage"
MAX_EVENTS = 20_000
_EVENT_TYPES = ("START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER")
_WITHOUT_RESULT = ("ABORT", "FAIL")
_LAST = ("COMPLETE", *_WITHOUT_RESULT)
_OFFICIAL = "https://openlineage.io/spec/"
_SCHEMA = re.compile(
    r"https://openlineage\.io/spec/[0-9]+-[0-9]+-[0-9]+/OpenLineage\.json"
    r"(#/(\$defs|definitions)/(?P<kind>RunEvent|JobEvent|DatasetEvent))?"
)


@dataclass(frozen=True)
class _Event:
    """An event whose fields were checked.

    Attributes:
        job: namespace and name; empty for an event of a dataset.
        run: its UUID; empty where the event is of no run.
        state: one of `_EVENT_TYPES`; empty where the event does not say.
        time: when it happened, ISO, in UTC; without a zone where it has none.
    """

    where: str
    job: str
    run: str
    state: str
    time: str
    producer: str
    inputs: Sequence[Mapping[str, Any]]
    outputs: Sequence[Mapping[str, Any]]


def recognises(file: RecordFile) -> bool:
    """Whether every document looks like an event, by its outer keys."""
    return file.is_json and bool(file.documents) and all(_recognised(document) for document in file.documents)


def _recognised(document: Mapping[str, Any]) -> bool:
    named = "openlineage" in str(document.get("schemaURL", "")).lower()
    return named or ("eventTime" in document and not {"run", "job", "dataset"}.isdisjoint(document))


def read(file: RecordFile) -> tuple[Record, ...]:
    """One record an event.

    Raises:
        Malformed: an event lacks a field or has one of the wrong kind, or there are too many events.
    """
    documents = file.documents
    if len(documents) > MAX_EVENTS:
        raise Malformed(f"{file.path}: more than {MAX_EVENTS:,} events")
    numbered = [f"{file.path}: event {number}" for number, _ in enumerate(documents, start=1)]
    places = numbered if len(documents) > 1 else [file.path]
    events = [_event(document, where) for document, where in zip(documents, places, strict=True)]
    caps, steps = tuple(_contradictions(events, file.path)), Steps()
    return tuple(_record(event, file.path, caps, steps) for event in events)


def _event(document: Mapping[str, Any], where: str) -> _Event:
    time = local_moment(document.get("eventTime"), f"{where}: eventTime")
    producer = uri(document.get("producer"), f"{where}: producer")
    kind = _kind(document, where)
    _check_schema(uri(document.get("schemaURL"), f"{where}: schemaURL"), kind, where)
    if kind == "DatasetEvent":
        dataset = an_object(document["dataset"], f"{where}: dataset")
        _named(dataset, f"{where}: dataset")
        check_facets(dataset, "facets", "dataset", f"{where}: dataset")
        return _Event(where, "", "", "", time, producer, (), (dataset,))
    run = _run(document, where) if kind == "RunEvent" else ""
    state = _state(document, where) if kind == "RunEvent" else ""
    job = an_object(document["job"], f"{where}: job")
    name = _named(job, f"{where}: job")
    check_facets(job, "facets", "job", f"{where}: job")
    inputs, outputs = _datasets(document, "input", where), _datasets(document, "output", where)
    return _Event(where, name, run, state, time, producer, inputs, outputs)


def _kind(document: Mapping[str, Any], where: str) -> str:
    """Which of the three an event is; the specification wants exactly one to fit."""
    if "run" in document and "job" in document:
        return "RunEvent"
    if ("dataset" in document) == ("job" in document):
        raise Malformed(f"{where}: run and job, or job alone, or dataset is expected")
    if "run" in document:
        raise Malformed(f"{where}: job: an object is expected beside run")
    return "JobEvent" if "job" in document else "DatasetEvent"


def _check_schema(schema: str, kind: str, where: str) -> None:
    """Refuse a schema of the specification that there is not, or that is of another kind of event."""
    found = _SCHEMA.fullmatch(schema)
    if found is None and schema.startswith(_OFFICIAL):
        raise Malformed(f"{where}: schemaURL: OpenLineage has no event schema {shown(schema)}")
    if found is not None and found["kind"] not in (None, kind):
        raise Malformed(f"{where}: schemaURL: it names a {found['kind']}, and the event is a {kind}")


def _run(document: Mapping[str, Any], where: str) -> str:
    run = an_object(document["run"], f"{where}: run")
    check_facets(run, "facets", "run", f"{where}: run")
    return run_id(run.get("runId"), f"{where}: run.runId")


def _state(document: Mapping[str, Any], where: str) -> str:
    state = document.get("eventType", "")
    if "eventType" in document and state not in _EVENT_TYPES:
        raise Malformed(f"{where}: eventType: one of {', '.join(_EVENT_TYPES)} is expected, found {shown(state)}")
    return str(state)


def _datasets(document: Mapping[str, Any], side: str, where: str) -> list[Mapping[str, Any]]:
    """Datasets of one side, `input` or `output`."""
    given = document.get(f"{side}s", [])
    if not isinstance(given, list):
        raise Malformed(f"{where}: {side}s: a list is expected, found {shown(given)}")
    for at, dataset in enumerate(given):
        place = f"{where}: {side}s[{at}]"
        _named(an_object(dataset, place), place)
        check_facets(dataset, "facets", "dataset", place)
        check_facets(dataset, f"{side}Facets", side, place)
    return given


def _named(holder: Mapping[str, Any], where: str) -> str:
    """Namespace and name as one; of files the name alone, which is their path."""
    namespace, name = (words(holder.get(key), f"{where}.{key}") for key in ("namespace", "name"))
    return name if namespace == "file" or namespace.startswith("file:") else f"{namespace}/{name}"


def _record(event: _Event, path: str, caps: tuple[str, ...], steps: Steps) -> Record:
    notes = []
    outputs = () if event.state in _WITHOUT_RESULT else event.outputs
    sources, targets = ([_named(one, event.where) for one in side] for side in (event.inputs, outputs))
    links = steps.join(sources, targets, event.job)
    if event.state in _WITHOUT_RESULT:
        notes.append(f"{event.where}: the run ended with {event.state}; what it would have made is left out")
    if links is None:
        notes.append(f"{event.where}: too many inputs and outputs; their lineage is left out")
    zoned = event.time.endswith("+00:00")
    if not zoned:
        notes.append(f"{event.where}: eventTime has no time zone, so it does not say when the event was")
    facts = {"job": event.job, "run": event.run, "event_type": event.state, "producer": event.producer}
    return Record(
        path,
        KIND,
        (*_claims(event.inputs, event.where, "input"), *_claims(outputs, event.where, "made")),
        names_are_paths=False,
        notes=tuple(notes),
        caps=caps,
        made=event.time if zoned else "",
        links=links or (),
        facts={name: value for name, value in facts.items() if value},
    )


def _claims(datasets: Sequence[Mapping[str, Any]], where: str, role: Role) -> Iterator[Claim]:
    """The versions of datasets where they are digests; in OpenLineage a version may be any text."""
    for dataset in datasets:
        version = dataset.get("facets", {}).get("version", {}).get("datasetVersion", "")
        kind, _, digest = version.partition(":") if isinstance(version, str) else ("", "", "")
        try:
            found = claim(_named(dataset, where), kind, digest, where, role)
        except Malformed:
            continue
        if found is not None:
            yield found


def _contradictions(events: Sequence[_Event], path: str) -> Iterator[str]:
    jobs: dict[str, str] = {}
    ends: dict[str, str] = {}
    for event in events:
        if event.run and jobs.setdefault(event.run, event.job) != event.job:
            yield f"{path}: the run {event.run} is told of two jobs"
        if event.run and event.state in _LAST and ends.setdefault(event.run, event.state) != event.state:
            yield f"{path}: the run {event.run} ended both with {ends[event.run]} and with {event.state}"
