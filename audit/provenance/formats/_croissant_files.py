"""The files of a Croissant card: `distribution` with its FileObjects and FileSets, and what lies inside what.

Source: Croissant format specification 1.0 and 1.1, section "Resources".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from audit.provenance.formats._croissant_node import Node
from audit.provenance.formats._croissant_source import origins
from audit.provenance.json_text import shown
from audit.provenance.record import Malformed

_DIGESTS = {"sc:sha256": "sha256", "cr:md5": "md5", "sc:md5": "md5"}
_OLD_NAME = re.compile(r"[a-zA-Z0-9\-_.]{1,255}")


@dataclass(frozen=True)
class CardFile:
    """A FileObject or a FileSet.

    Attributes:
        id: what others refer to.
        name: free text.
        url: `contentUrl`; empty for a set.
        digests: as written, by the name of the algorithm.
        containers: ids of what it lies in; empty where it stands for itself.
        many: whether it is a set of files.
        where: its place in the card, for messages.
    """

    id: str
    name: str
    url: str
    digests: Mapping[str, str]
    containers: tuple[str, ...]
    many: bool
    where: str


def files(dataset: Node) -> dict[str, CardFile]:
    """Everything under `distribution`, by id.

    Raises:
        Malformed: an entry is no file, lacks what a file needs, shares its id, or lies in nothing that is there.
    """
    live = dataset.flag("cr:isLiveDataset")
    found: dict[str, CardFile] = {}
    for entry in dataset.nodes("sc:distribution"):
        file = _file(entry, live)
        if file.id in found:
            raise Malformed(f"{file.where}: the id {shown(file.id)} is given twice")
        found[file.id] = file
    for file in found.values():
        for container in file.containers:
            if container not in found:
                raise Malformed(f"{file.where}: it lies in {shown(container)}, which the card does not describe")
    _refuse_circles(found)
    return found


def identity(entry: Node, parent: str = "") -> str:
    """The id of an object: its `@id`; in Croissant 0.8, which had none, its name below its parent's id.

    Nothing can refer to an object without `@id`, so its place in the card stands for it.

    Raises:
        Malformed: it has neither id nor name, or a name that 0.8 does not allow.
    """
    name = entry.text("sc:name")
    if entry.terms.version == "0.8":
        if not _OLD_NAME.fullmatch(name):
            raise Malformed(f"{entry.where}: a name of up to 255 letters, digits, '-', '_', '.' is expected")
        return f"{parent}/{name}" if parent else name
    if not entry.id and not name:
        raise Malformed(f"{entry.where}: neither @id nor name")
    return entry.id or f"_: {entry.where}"


def _file(entry: Node, live: bool) -> CardFile:
    vocabulary = "sc" if entry.terms.version == "0.8" else "cr"
    many = f"{vocabulary}:FileSet" in entry.types
    if not many and f"{vocabulary}:FileObject" not in entry.types:
        raise Malformed(
            f"{entry.where}: its @type is neither FileObject nor FileSet of Croissant {entry.terms.version}"
        )
    entry.texts("sc:description")
    entry.texts("sc:contentSize")
    containers = [*origins(entry, "sc:containedIn"), *origins(entry, "cr:containedIn")]
    # a set drawn from a described source, such as the lines of a manifest, needs neither pattern nor format
    described = any(container.described for container in containers)
    needed: tuple[str, ...] = (
        () if many and described else ("sc:encodingFormat", "cr:includes") if many else ("sc:encodingFormat",)
    )
    if not many and not containers:
        needed = (*needed, "sc:contentUrl")
    for meaning in needed:
        if not any(entry.texts(meaning)):
            raise Malformed(f"{entry.where}: {meaning.partition(':')[2]} is missing")
    digests = {algorithm: entry.text(meaning) for meaning, algorithm in _DIGESTS.items() if meaning in entry}
    if not many and not containers and not live and not digests:
        raise Malformed(f"{entry.where}: neither sha256 nor md5, which only a live dataset may leave out")
    url = "" if many else entry.text("sc:contentUrl")
    inside = tuple(container.id for container in containers)
    return CardFile(identity(entry), entry.text("sc:name"), url, digests, inside, many, entry.where)


def _refuse_circles(found: Mapping[str, CardFile]) -> None:
    """Take away what lies in nothing that is left, again and again; what remains lies in itself."""
    waiting = {file.id: set(file.containers) for file in found.values()}
    holding: dict[str, list[str]] = {}
    for file in found.values():
        for container in set(file.containers):
            holding.setdefault(container, []).append(file.id)
    free = [name for name, containers in waiting.items() if not containers]
    placed = 0
    while free:
        placed += 1
        name = free.pop()
        for inner in holding.get(name, ()):
            waiting[inner].discard(name)
            if not waiting[inner]:
                free.append(inner)
    if placed < len(found):
        circle = next(name for name, containers in waiting.items() if containers)
        raise Malformed(f"{found[circle].where}: {shown(circle)} lies in itself")
