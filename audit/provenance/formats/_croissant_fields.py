"""One field of a Croissant card, with the fields inside it and the annotations on it.

Source: Croissant format specification 1.0 and 1.1, section "Field".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from audit.provenance.formats._croissant_files import identity
from audit.provenance.formats._croissant_node import Node
from audit.provenance.formats._croissant_source import origins
from audit.provenance.json_text import shown
from audit.provenance.record import Malformed

_SHAPE = re.compile(r"\(?\s*-?[0-9]{1,18}(?:\s*,\s*-?[0-9]{1,18})*\s*,?\s*\)?")


@dataclass(frozen=True)
class Field:
    """A field of a record set, a field inside one, or an annotation.

    Attributes:
        id: what others refer to.
        name: free text.
        parent: id of the record set or field that it belongs to.
        sources: ids that its values come from.
        references: ids of the fields that its values point to.
        typed: whether it says what its values are.
        constant: whether the card gives its value.
        nested: whether other fields lie inside it.
        annotation: whether it, or what it lies in, only speaks of another.
        where: its place in the card, for messages.
    """

    id: str
    name: str
    parent: str
    sources: tuple[str, ...]
    references: tuple[str, ...]
    typed: bool
    constant: bool
    nested: bool
    annotation: bool
    where: str


def fields(holder: Node, parent: str) -> Iterator[Field]:
    """The fields and annotations of a record set, each followed by those inside it.

    Raises:
        Malformed: one of them is not what a field has to be.
    """
    yield from _all(holder, parent, "cr:field", annotation=False)
    yield from _all(holder, parent, "cr:annotation", annotation=True)


def _all(holder: Node, parent: str, meaning: str, *, annotation: bool) -> Iterator[Field]:
    for entry in holder.nodes(meaning):
        # an annotation may leave its type out, since nothing but a field can stand there
        if "cr:Field" not in entry.types and not (meaning == "cr:annotation" and "@type" not in entry):
            raise Malformed(f"{entry.where}: its @type is not Field")
        field = _field(entry, parent, annotation=annotation)
        yield field
        yield from _all(entry, field.id, "cr:subField", annotation=annotation)
        yield from _all(entry, field.id, "cr:annotation", annotation=True)


def _field(entry: Node, parent: str, *, annotation: bool) -> Field:
    for meaning in ("sc:name", "sc:description"):
        entry.texts(meaning)
    for meaning in ("cr:repeated", "cr:isEnumeration"):
        entry.flag(meaning)
    shape = entry.text("cr:arrayShape")
    if shape and not _SHAPE.fullmatch(shape):
        raise Malformed(f"{entry.where}: arrayShape {shown(shape)} is no list of whole numbers")
    if shape and not entry.flag("cr:isArray"):
        raise Malformed(f"{entry.where}: it has an arrayShape and is no array")
    sources = [origin.id for origin in origins(entry, "cr:source")]
    references = [origin.id for origin in origins(entry, "cr:references")]
    for above in entry.nodes("cr:parentField"):
        references += [origin.id for word in ("cr:source", "cr:references") for origin in origins(above, word)]
    constant = "cr:value" in entry or "sc:value" in entry
    if len(sources) > 1:
        raise Malformed(f"{entry.where}: it has several sources")
    if constant and sources:
        raise Malformed(f"{entry.where}: it has both a source and a value")
    return Field(
        id=identity(entry, parent),
        name=entry.text("sc:name"),
        parent=parent,
        sources=tuple(sources),
        references=tuple(references),
        typed=bool(entry.addresses("cr:dataType")),
        constant=constant,
        nested="cr:subField" in entry,
        annotation=annotation,
        where=entry.where,
    )
