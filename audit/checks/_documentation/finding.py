"""Everything that one reading of the documents found: fields, claims and facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from audit import documents
from audit.checks._documentation.judged import Judged, judge
from audit.checks._documentation.measurements import Measurements
from audit.checks._documentation.stated_facts import Compared, compare
from audit.documents import Document, Found

_ABSENT = Found("absent")


@dataclass(frozen=True)
class Field:
    """One demanded field.

    Attributes:
        kind: of the document that has to hold it, such as `model_card`.
        document: path of that document, empty where there is none.
    """

    kind: str
    document: str
    name: str
    found: Found


@dataclass(frozen=True)
class Finding:
    """What the documents of a subject say and what became of it."""

    fields: tuple[Field, ...]
    claims: tuple[Judged, ...]
    facts: tuple[Compared, ...]

    @property
    def missing(self) -> list[Field]:
        """Demanded fields that are absent or hold nothing of substance."""
        return [field for field in self.fields if field.found.state != "said"]

    @property
    def contradicted(self) -> list[Judged]:
        """Claims outside of what was measured."""
        return [claim for claim in self.claims if claim.state == "contradicted"]

    @property
    def wrong(self) -> list[Compared]:
        """Facts that are not those of the subject."""
        return [fact for fact in self.facts if fact.state == "contradicted"]

    @property
    def unchecked(self) -> list[Judged]:
        """Claims that could not be compared."""
        return [claim for claim in self.claims if claim.state == "unchecked"]


def look(read: Mapping[str, Document], demanded: Mapping[str, tuple[str, ...]], measurements: Measurements) -> Finding:
    """Look for the demanded fields, and compare what is claimed.

    Args:
        read: documents by kind.
        demanded: names of fields by kind of document.
    """
    fields: list[Field] = []
    for kind, names in demanded.items():
        document = read.get(kind)
        wanted = tuple(dict.fromkeys(names))
        found = documents.find(document, wanted) if document is not None else {}
        path = document.path if document is not None else ""
        fields += [Field(kind, path, name, found.get(name, _ABSENT)) for name in wanted]
    once = {document.path: document for document in read.values()}.values()
    claims = judge(((document.path, claim) for document in once for claim in document.claims), measurements)
    return Finding(tuple(fields), tuple(claims), tuple(_facts(once, measurements)))


def _facts(read: Iterable[Document], measurements: Measurements) -> list[Compared]:
    return [compare(document.path, fact, measurements.subject) for document in read for fact in document.facts]
