"""Croissant data cards: whether they are in order, and the digest of each file that they describe.

A card is JSON-LD after schema.org. What the specification calls required and cards in the wild leave out, such as the
license, is noted; what makes a card ambiguous or unusable is an error.

Source: Croissant format specification 1.0 and 1.1; Croissant RAI specification 1.0. A relative `contentUrl` is a path
below the folder of the card, or, with `containedIn`, inside another file; what is fetched from elsewhere may lie
anywhere.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from audit.provenance.formats._croissant_files import CardFile, files, identity
from audit.provenance.formats._croissant_node import MAX_DEPTH, Node
from audit.provenance.formats._croissant_records import check_records
from audit.provenance.formats._croissant_terms import Terms
from audit.provenance.json_text import shown
from audit.provenance.record import Claim, Link, Malformed, Record, checked_name, claim
from audit.provenance.record_file import RecordFile

KIND = "croissant"
_KEYS = frozenset({"distribution", "recordSet", "conformsTo"})
_REQUIRED = ("sc:description", "sc:license", "sc:url", "sc:creator", "sc:datePublished")
_DATES = ("sc:dateModified", "sc:datePublished", "sc:dateCreated")
_PARTIAL_DATE = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_RAI = frozenset(
    {"annotationsPerItem", "annotatorDemographics", "dataAnnotationAnalysis", "dataAnnotationPlatform",
     "dataAnnotationProtocol", "dataBiases", "dataCollection", "dataCollectionMissingData", "dataCollectionRawData",
     "dataCollectionTimeframe", "dataCollectionType", "dataImputationProtocol", "dataLimitations",
     "dataManipulationProtocol", "dataPreprocessingProtocol", "dataReleaseMaintenancePlan", "dataSocialImpact",
     "dataUseCases", "machineAnnotationTools", "personalSensitiveInformation"}
)  # fmt: skip


def recognises(file: RecordFile) -> bool:
    """Whether the document is JSON-LD of one thing that has files or records, or conforms to something."""
    return file.is_json and all(
        "@context" in document
        and "@graph" not in document
        and any(key.replace(":", "/").rpartition("/")[2] in _KEYS for key in document)
        for document in file.documents
    )


def read(file: RecordFile) -> tuple[Record, ...]:
    """The digests of every file; sets of files carry none. Those of files that are fetched stand a second time, free.

    Raises:
        Malformed: the card breaks the specification, or a path in it is unsafe or has two digests.
    """
    path = file.path
    if len(file.documents) != 1:
        raise Malformed(f"{path}: one card is expected")
    document = file.documents[0]
    dataset = Node(document, Terms(document, path), path)
    _check_dataset(dataset)
    found = files(dataset)
    check_records(dataset, found)
    places = {name: _place(entry, found) for name, entry in found.items() if not entry.many}
    notes, caps = list(_notes(dataset)), list[str]()
    claims: dict[tuple[str, str], Claim] = {}
    for name, place in places.items():
        for one in _claims(found[name], place, notes, caps):
            if claims.setdefault((one.name, one.algorithm), one) != one:
                raise Malformed(f"{path}: {shown(one.name)} has two {one.algorithm} digests")
    card = Record(
        path,
        KIND,
        tuple(claims.values()),
        names_are_paths=True,
        notes=tuple(notes),
        caps=tuple(caps),
        made=_made(dataset),
        links=tuple(_links(found, places)),
        facts=_facts(dataset),
    )
    fetched = tuple(dict.fromkeys(_fetched(found.values())))
    free = replace(card, claims=fetched, names_are_paths=False, notes=(), links=(), facts={})
    return (card, free) if fetched else (card,)


def _check_dataset(dataset: Node) -> None:
    if "sc:Dataset" not in dataset.types:
        raise Malformed(f"{dataset.where}: its @type is not Dataset of schema.org")
    if not dataset.text("sc:name"):
        raise Malformed(f"{dataset.where}: name is missing")
    if dataset.terms.version == "0.8":
        identity(dataset)
    for meaning in ("sc:description", "sc:url", "cr:citeAs"):
        dataset.texts(meaning)
    for meaning in ("sc:creator", "sc:publisher"):
        for agent in dataset.nodes(meaning):
            if not agent.types and not agent.id:
                raise Malformed(f"{agent.where}: a Person or an Organization is expected")
    for meaning in _DATES:
        for text in dataset.texts(meaning):
            if not _PARTIAL_DATE.fullmatch(text) and _time(text) is None:
                raise Malformed(f"{dataset.where}: {meaning.partition(':')[2]} {shown(text)} is no ISO 8601 date")


def _time(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return None


def _made(dataset: Node) -> str:
    """The last time that the card gives for the data with its zone; a day alone is too coarse."""
    for text in (dataset.text("sc:dateModified"), dataset.text("sc:datePublished")):
        time = _time(text)
        if time is not None and time.tzinfo is not None:
            return time.isoformat()
    return ""


def _facts(dataset: Node) -> Mapping[str, str]:
    said = {"conforms_to": dataset.terms.version, "name": dataset.text("sc:name")}
    said |= {"cite_as": dataset.text("cr:citeAs"), "url": dataset.text("sc:url")}
    licenses = [item if isinstance(item, str) else _of_work(item, dataset) for item in dataset.listed("sc:license")]
    said["license"] = ", ".join(text for text in licenses if text)
    return {name: text for name, text in said.items() if text}


def _of_work(item: object, dataset: Node) -> str:
    """Address or name of a license that is described as a creative work."""
    work = Node(item, dataset.terms, f"{dataset.where}: license", depth=1)
    return work.id or work.text("sc:url") or work.text("sc:name")


def _notes(dataset: Node) -> Iterator[str]:
    missing = [meaning.partition(":")[2] for meaning in _REQUIRED if meaning not in dataset]
    if missing:
        yield f"{dataset.where}: the specification also requires {', '.join(missing)}"
    for meaning in dataset:
        if meaning.startswith("rai:") and meaning.removeprefix("rai:") not in _RAI:
            yield f"{dataset.where}: {shown(meaning)} is no property of Croissant RAI 1.0"


def _place(file: CardFile, found: Mapping[str, CardFile]) -> str:
    """Path of a file below the folder of the card; one that is fetched from elsewhere goes by its own name.

    A file inside another lies below the other's path: true of folders, and of archives never a path of a real file.
    Empty where the card does not say enough.

    Raises:
        Malformed: the path leaves the folder.
    """
    if file.containers and not file.url:
        return ""
    parts: list[str] = []
    while not _SCHEME.match(file.url) and file.url:
        parts.append(checked_name(file.url, file.where))
        if len(parts) > MAX_DEPTH:
            raise Malformed(f"{file.where}: it lies in too many files at once")
        outer = found[file.containers[0]] if file.containers else None
        if outer is None or outer.many:
            return "/".join(reversed(parts))
        file = outer
    for name in (file.name, file.id):
        try:
            parts.append(checked_name(name, file.where))
        except Malformed:  # free text is allowed here, so it is no fault
            continue
        return "/".join(reversed(parts))
    return ""


def _claims(file: CardFile, place: str, notes: list[str], caps: list[str]) -> Iterator[Claim]:
    local = not _SCHEME.match(file.url)
    if not file.digests and not file.containers:
        notes.append(f"{file.where}: no digest")
    for algorithm, digest in file.digests.items():
        try:
            found = claim(place, algorithm, digest, file.where, "input")
        except Malformed as problem:
            # published cards put placeholders here for what is fetched; a file beside the card deserves better
            (caps if local else notes).append(f"{problem}, so it is not compared")
            continue
        if found is not None and place:
            yield found


def _fetched(found: Iterable[CardFile]) -> Iterator[Claim]:
    """Digests without names of files that are fetched from elsewhere: nobody knows where they were put."""
    for file in found:
        algorithm = next(iter(file.digests), "")
        if not algorithm or not _SCHEME.match(file.url):
            continue
        try:
            one = claim("", algorithm, file.digests[algorithm], file.where, "input")
        except Malformed:  # noted where it is compared by name
            continue
        if one is not None:
            yield one


def _links(found: Mapping[str, CardFile], places: Mapping[str, str]) -> Iterator[Link]:
    for name, place in places.items():
        for container in found[name].containers:
            if place and places.get(container):
                yield Link(places[container], place, "contained in it")
