"""An SPDX 3.0 document as a graph: every object held against the table of its class, every identifier followed.

Source: SPDX 3.0.0 and 3.0.1, model and JSON-LD serialization.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from audit.provenance.formats import _spdx_core as core
from audit.provenance.formats import _spdx_profiles as profiles
from audit.provenance.formats._grammar import Grammar, Tables
from audit.provenance.formats._lexical import is_date_time, is_iri_reference
from audit.provenance.json_text import shown
from audit.provenance.record import Malformed

CONTEXTS = {f"https://spdx.org/rdf/3.0.{release}/spdx-context.jsonld": release for release in (0, 1)}
"""Contexts that are read, and their releases."""

_CLASSES = core.CLASSES | profiles.CLASSES
_ABSTRACT = frozenset(kind for kind, table in _CLASSES.items() if "abstract" in table.split())
_EXTENSION = "extension_Extension"
_NOT_LISTED = frozenset({"NoAssertionElement", "NoneElement", "SpdxOrganization"})
_KNOWN_PLACES = ("https://spdx.org/rdf/3.0", "https://spdx.org/licenses/", "expandedlicensing_No")
_VERSION = re.compile(
    r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?"
)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Node:
    """One object of the graph.

    Attributes:
        kind: its class.
        values: its properties.
        place: where it stands, for messages.
    """

    kind: str
    values: dict[str, Any]
    place: str

    @property
    def identifier(self) -> str:
        """By which others refer to it; empty where it has none."""
        return str(self.values.get("spdxId") or self.values.get("@id") or "")

    def is_a(self, kind: str) -> bool:
        """Whether it is of a class, or of one that this class opens."""
        return kind in lineage(self.kind)

    def listed(self, key: str) -> list[Any]:
        """The values of a property that may have several."""
        value = self.values.get(key, [])
        return value if isinstance(value, list) else [value]


@dataclass(frozen=True)
class Graph:
    """All objects of a document, those inside of others too.

    Attributes:
        release: such as 1 for 3.0.1.
    """

    nodes: tuple[Node, ...]
    release: int

    @cached_property
    def by_identifier(self) -> dict[str, Node]:
        """Objects by identifier."""
        return {node.identifier: node for node in self.nodes if node.identifier}

    @cached_property
    def _by_object(self) -> dict[int, Node]:
        return {id(node.values): node for node in self.nodes}

    def at(self, value: Any) -> Node | None:
        """The object that a property means: written inside of it, or referred to; None where it is not here."""
        if isinstance(value, str):
            return self.by_identifier.get(value)
        return self._by_object.get(id(value))

    @cached_property
    def loose_ends(self) -> tuple[str, ...]:
        """Identifiers that are referred to and lie neither here nor where the document says that they lie."""
        imported = {node.values["externalSpdxId"] for node in self.nodes if node.kind == "ExternalMap"}
        return tuple(
            dict.fromkeys(
                ref
                for node in self.nodes
                for _, ref in _references(node, self.release)
                if ref not in self.by_identifier and ref not in imported and not _is_well_known(ref)
            )
        )


def graph_of(document: dict[str, Any], where: str) -> Graph:
    """Take a document apart and hold it against the model.

    Raises:
        Malformed: an object is not of the form of its class, two have one identifier, or a reference leads to an object
            of another class.
    """
    context = document.get("@context")
    release = CONTEXTS.get(context) if isinstance(context, str) else None
    if release is None:
        raise Malformed(f"{where}: @context is {shown(context)}; one of {', '.join(CONTEXTS)} is expected")
    if "@graph" in document:
        if len(document) != 2 or not isinstance(document["@graph"], list):
            raise Malformed(f"{where}: beside @context a list under @graph is expected, and nothing else")
        roots = [(f"@graph[{index}]", value) for index, value in enumerate(document["@graph"])]
    else:
        roots = [("$", {key: value for key, value in document.items() if key != "@context"})]
    graph = Graph(tuple(_nodes(roots, release, where)), release)
    _check_identifiers(graph, where)
    return graph


@cache
def lineage(kind: str) -> tuple[str, ...]:
    """A class and those that it is a kind of."""
    if kind not in _CLASSES:
        return (kind, _EXTENSION)
    parent = _CLASSES[kind].split()[0][1:]
    return (kind, *lineage(parent)) if parent != "Node" else (kind,)


def _nodes(roots: list[tuple[str, Any]], release: int, where: str) -> Iterator[Node]:
    waiting = list(reversed(roots))
    while waiting:
        place, value = waiting.pop()
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind in _ABSTRACT or (kind not in _CLASSES and ":" not in kind):
            raise Malformed(f"{where}: {place}: type is {shown(kind)}, which is no class of SPDX 3.0")
        if kind not in _CLASSES:
            yield Node(kind, {}, place)  # an extension, of which only its makers know the form
            continue
        fault = _grammar(release).fault(kind, value)
        if fault:
            raise Malformed(f"{where}: not SPDX 3.0: {place}{fault[1:]}")
        yield Node(kind, value, place)
        for key, part in value.items():
            inner = part if isinstance(part, list) else [part]
            waiting.extend((f"{place}.{key}", item) for item in inner if isinstance(item, dict))


def _check_identifiers(graph: Graph, where: str) -> None:
    seen: set[str] = set()
    for node in graph.nodes:
        if node.identifier in seen:
            raise Malformed(f"{where}: {node.place}: the identifier {shown(node.identifier)} is given twice")
        if node.identifier:
            seen.add(node.identifier)
        for expected, ref in _references(node, graph.release):
            target = graph.by_identifier.get(ref)
            if target is None and ref.startswith("_:"):
                raise Malformed(f"{where}: {node.place}: {shown(ref)} is not in the document")
            if target is not None and not target.is_a(expected):
                raise Malformed(f"{where}: {node.place}: {shown(ref)} is no {expected}")
    if sum(node.kind == "SpdxDocument" for node in graph.nodes) > 1:
        raise Malformed(f"{where}: more than one SpdxDocument")


def _references(node: Node, release: int) -> Iterator[tuple[str, str]]:
    """The class that is expected and the identifier, of each reference."""
    kinds = _ranges(node.kind, release)
    for key in node.values:
        if key in kinds:
            yield from ((kinds[key], value) for value in node.listed(key) if isinstance(value, str))


@cache
def _ranges(kind: str, release: int) -> dict[str, str]:
    """Classes of what properties refer to."""
    entries = (entry.lstrip("*").partition("=") for entry in _entries(kind))
    return {key: target[1:].rstrip("*") for key, _, target in entries if target.startswith(">")}


def _entries(kind: str) -> list[str]:
    if kind not in _CLASSES:
        return []
    return [entry for name in lineage(kind) for entry in _CLASSES[name].split()[1:]]


def _is_well_known(ref: str) -> bool:
    return ref in _NOT_LISTED or ref.startswith(_KNOWN_PLACES)


@cache
def _grammar(release: int) -> Grammar:
    objects = {kind: _table(kind) for kind in _CLASSES if kind not in _ABSTRACT}
    scalars = {**_SCALARS, **{f">{kind}": _refers_to(kind) for kind in _CLASSES}}
    return Grammar(Tables(scalars, words=core.WORDS | profiles.WORDS, objects=objects), release)


def _table(kind: str) -> str:
    """The table of a class in the notation of `_grammar`."""
    named = "spdxId=absolute_iri @id=absolute_iri <spdxId|@id>" if "Element" in lineage(kind) else "@id=identifier"
    listed = re.sub(r"=(\S+)\*", r"=[\1]|\1", " ".join(_entries(kind)))
    return f"*type={kind}/ {named} {listed}"


def _refers_to(kind: str) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        if isinstance(value, dict):
            return isinstance(value.get("type"), str) and kind in lineage(value["type"])
        return _is_identifier(value) or (isinstance(value, str) and _is_well_known(value))

    return accepts


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not _HALF_CHARACTER.search(value)


def _is_iri(value: Any) -> bool:
    return _is_text(value) and is_iri_reference(value)


def _is_absolute(value: Any) -> bool:
    return _is_iri(value) and ":" in value


def _is_identifier(value: Any) -> bool:
    return _is_absolute(value) or (_is_text(value) and value.startswith("_:") and len(value) > 2)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_SCALARS: dict[str, Callable[[Any], bool]] = {
    "text": _is_text,
    "flag": lambda value: isinstance(value, bool),
    "number": lambda value: (
        _is_number(value) or (_is_text(value) and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None)
    ),
    "positive": lambda value: _is_whole(value) and value > 0,
    "count": lambda value: _is_whole(value) and value >= 0,
    "iri": _is_iri,
    "absolute_iri": _is_absolute,
    "identifier": _is_identifier,
    "media_type": lambda value: _is_text(value) and re.fullmatch("[^/]+/[^/]+", value) is not None,
    "semantic_version": lambda value: _is_text(value) and _VERSION.fullmatch(value) is not None,
    "utc_time": lambda value: _is_text(value) and len(value) == 20 and value.endswith("Z") and is_date_time(value),
}
