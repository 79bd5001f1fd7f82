"""The records of a Croissant card: `recordSet`, and whether everything that its fields refer to is there.

Source: Croissant format specification 1.0 and 1.1, sections "RecordSet", "Embedding data" and "Joins"; that sources
have to be joined is a rule of the reference implementation, which can otherwise not make records of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from audit.provenance.formats._croissant_fields import Field, fields
from audit.provenance.formats._croissant_files import identity
from audit.provenance.formats._croissant_node import Node
from audit.provenance.json_text import shown
from audit.provenance.record import Malformed


@dataclass(frozen=True)
class _RecordSet:
    """A record set with all fields in it, however deep."""

    id: str
    entry: Node
    fields: tuple[Field, ...]

    @property
    def columns(self) -> list[Field]:
        """The fields of a record, without those inside them."""
        return [field for field in self.fields if field.parent == self.id and not field.annotation]


def check_records(dataset: Node, files: Iterable[str]) -> None:
    """Hold everything under `recordSet` against the specification.

    Args:
        files: ids of what is under `distribution`.

    Raises:
        Malformed: something is no record set or field, refers to what is not there, or has no source or data type.
    """
    sets = [_record_set(entry) for entry in dataset.nodes("cr:recordSet")]
    owners = dict.fromkeys(files, "")
    by_id: dict[str, Field] = {}
    for found in sets:
        _claim_id(found.id, "", owners, found.entry.where)
        for field in found.fields:
            _claim_id(field.id, field.parent, owners, field.where)
            by_id[field.id] = field
    typed = _typed(by_id.values())
    for field in by_id.values():
        for target in (*field.sources, *field.references):
            if target not in owners:
                raise Malformed(f"{field.where}: it refers to {shown(target)}, which the card does not describe")
        if not field.annotation and not field.nested and field.id not in typed:
            raise Malformed(f"{field.where}: neither it nor what it comes from has a dataType")
    for found in sets:
        if "cr:data" in found.entry:
            _check_data(found)
        else:
            _check_sources(found)
        _check_joins(found, owners)


def _record_set(entry: Node) -> _RecordSet:
    if "cr:RecordSet" not in entry.types:
        raise Malformed(f"{entry.where}: its @type is not RecordSet")
    for meaning in ("sc:name", "sc:description"):
        entry.texts(meaning)
    for meaning in ("cr:key", "sc:key"):
        entry.references(meaning)
    name = identity(entry)
    return _RecordSet(name, entry, tuple(fields(entry, name)))


def _claim_id(name: str, parent: str, owners: dict[str, str], where: str) -> None:
    if name in owners:
        raise Malformed(f"{where}: the id {shown(name)} is given twice")
    owners[name] = parent


def _typed(every: Iterable[Field]) -> set[str]:
    """Ids of the fields that have a data type, or take one over from a field that they come from or point to."""
    takers: dict[str, list[str]] = {}
    typed, waiting = set[str](), list[str]()
    for field in every:
        if field.typed:
            waiting.append(field.id)
        for target in (*field.sources, *field.references):
            takers.setdefault(target, []).append(field.id)
    while waiting:
        name = waiting.pop()
        if name not in typed:
            typed.add(name)
            waiting += takers.get(name, ())
    return typed


def _check_data(found: _RecordSet) -> None:
    """Records that the card itself holds have one value for each field, by ids or, as older cards do, by names."""
    rows = found.entry.listed("cr:data")
    ids, names = {field.id for field in found.columns}, {field.name for field in found.columns}
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict) or row.keys() not in (ids, names):
            raise Malformed(f"{found.entry.where}: row {number} of its data does not have the fields of the record set")
    if not rows:
        raise Malformed(f"{found.entry.where}: its data is empty")


def _check_sources(found: _RecordSet) -> None:
    """Some field of a record set has to come from somewhere, unless all are constant."""
    if any(field.sources or field.references for field in found.fields if not field.annotation):
        return
    for field in found.columns:
        if not field.nested and not field.constant:
            raise Malformed(f"{field.where}: neither a source nor a value, and the record set has no data")


def _check_joins(found: _RecordSet, owners: Mapping[str, str]) -> None:
    """Fields from several places need references that say which record of one belongs to which of another."""
    columns = found.columns
    places = {place for field in columns for place in _places(field.sources, owners)}
    joined = {
        frozenset((source, target))
        for field in columns
        for source in _places(field.sources, owners)
        for target in _places(field.references, owners)
    }
    pairs = len(places) * (len(places) - 1) // 2
    # counting first keeps the work in proportion to the card: a join takes a field to say it
    if pairs > len(joined) or any(
        frozenset((one, other)) not in joined for one in places for other in places if one < other
    ):
        raise Malformed(f"{found.entry.where}: its fields come from several places that no reference joins")


def _places(targets: Sequence[str], owners: Mapping[str, str]) -> list[str]:
    """The file, record set or field that each target belongs to; a file or record set belongs to itself."""
    return [owners[target] or target for target in targets]
