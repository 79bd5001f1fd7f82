"""Where a field, or the content of a set of files, comes from: `DataSource`, its `extract` and its `transform`.

Source: Croissant format specification 1.1, section "DataSource".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from audit.provenance.formats._croissant_node import Node
from audit.provenance.record import Malformed

_ORIGINS = ("cr:field", "cr:fileObject", "cr:fileSet", "cr:recordSet")
_EXTRACTS = ("cr:column", "cr:fileProperty", "cr:jsonPath")
_FILE_PROPERTIES = frozenset({"content", "filename", "filepath", "fullpath", "lines", "lineNumbers"})
_TEXT_TRANSFORMS = ("cr:format", "cr:jsonPath", "cr:regex", "cr:replace", "cr:separator")
_SWITCHES = ("cr:readLines", "cr:unArchive")


@dataclass(frozen=True)
class Origin:
    """What something is drawn from.

    Attributes:
        id: of a file, a set of files, a record set or a field.
        described: whether the card says more than the id, such as which column.
    """

    id: str
    described: bool


def origins(holder: Node, meaning: str) -> list[Origin]:
    """What a property such as `source` draws on; empty where it is absent.

    Raises:
        Malformed: it is no source, names more or less than one origin, or extracts or transforms in no known way.
    """
    return [_origin(item, holder, meaning.partition(":")[2]) for item in holder.listed(meaning)]


def _origin(item: Any, holder: Node, label: str) -> Origin:
    source = Node(
        {"@id": item} if isinstance(item, str) else item, holder.terms, f"{holder.where}: {label}", holder.depth
    )
    known = (*_ORIGINS, "sc:distribution") if source.terms.version == "0.8" else _ORIGINS
    given = [meaning for meaning in known if meaning in source]
    if not given and source.id:
        return Origin(source.id, described=False)
    if len(given) != 1:
        raise Malformed(f"{source.where}: exactly one of field, fileObject, fileSet, recordSet has to be given")
    for extract in source.nodes("cr:extract"):
        _check_extract(extract)
    for transform in source.nodes("cr:transform"):
        _check_transform(transform)
    source.texts("cr:format")
    found = source.references(given[0])
    if len(found) != 1:
        raise Malformed(f"{source.where}: {given[0].partition(':')[2]} has to name one thing")
    return Origin(found[0], described=True)


def _check_extract(extract: Node) -> None:
    given = [meaning for meaning in _EXTRACTS if extract.text(meaning)]
    if len(given) != 1:
        raise Malformed(f"{extract.where}: exactly one of column, fileProperty, jsonPath is expected")
    if given == ["cr:fileProperty"] and extract.text("cr:fileProperty") not in _FILE_PROPERTIES:
        raise Malformed(f"{extract.where}: fileProperty is none of {', '.join(sorted(_FILE_PROPERTIES))}")


def _check_transform(transform: Node) -> None:
    texts = [meaning for meaning in _TEXT_TRANSFORMS if transform.text(meaning)]
    if len(texts) > 1:
        raise Malformed(f"{transform.where}: several ways to change one text, in no order")
    for meaning in _SWITCHES:
        transform.flag(meaning)
    if not texts and not any(meaning in transform for meaning in (*_SWITCHES, "cr:samplingRate")):
        raise Malformed(f"{transform.where}: no transformation that is known")
