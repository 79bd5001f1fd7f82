"""in-toto statements: plain, one a line, in a DSSE envelope or in a Sigstore bundle.

The digests of the subjects tie files; what a predicate tells beside them is read by the file in
`audit/provenance/predicates` that names its type. A predicate of another type may say anything of its subjects, such as
that they were withdrawn, so a signature over it lifts no file above `bound`.

Releases of one file may lie in one file of records: where statements give different digests of one name and all say
when they were made, the latest counts and the older ones are left aside, with what went into them.

Source: in-toto attestation framework v1, Statement and Bundle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType

from audit import plugins
from audit.provenance.json_text import shown
from audit.provenance.predicate import is_model_signature
from audit.provenance.record import Malformed, Record
from audit.provenance.record_file import RecordFile
from audit.provenance.statement import Statement, Told, carries_one, is_other_envelope, statement_of
from audit.provenance.steps import Steps

KIND = "in-toto"
PREDICATES = "audit.provenance.predicates"
MAX_STATEMENTS = 5000
MAX_SIGNATURES = 1000
"""Of all statements of a file together; each may be tried with many keys."""


def recognises(file: RecordFile) -> bool:
    """Whether every document carries a statement, other than signatures of models."""
    if not file.is_json or not all(carries_one(document) for document in file.documents):
        return False
    if len(file.documents) == 1 and is_other_envelope(file.documents[0]):
        return False
    return not file.is_model_signature


def read(file: RecordFile) -> tuple[Record, ...]:
    """One record a statement.

    Raises:
        Malformed: a statement or what carries it is damaged, or the file holds too many.
    """
    documents = file.documents
    if len(documents) > MAX_STATEMENTS:
        raise Malformed(f"{file.path}: more than {MAX_STATEMENTS:,} statements")
    numbered = [f"{file.path}: statement {number}" for number, _ in enumerate(documents, start=1)]
    places = numbered if len(documents) > 1 else [file.path]
    for document, where in zip(documents, places, strict=True):
        if is_model_signature(document):
            raise Malformed(f"{where}: the signature of a model stands in a file of its own")
    statements = [statement_of(document, where) for document, where in zip(documents, places, strict=True)]
    if sum(len(statement.seals) for statement in statements) > MAX_SIGNATURES:
        raise Malformed(f"{file.path}: more than {MAX_SIGNATURES:,} signatures")
    told, steps = [_told(statement) for statement in statements], Steps()
    latest = _latest(statements, told)
    return tuple(
        _record(statement, says, file.path, _Place(number, latest, steps))
        for number, (statement, says) in enumerate(zip(statements, told, strict=True))
    )


@dataclass(frozen=True)
class _Place:
    """Where a statement stands among those of its file.

    Attributes:
        number: its own, from 0.
        latest: of each name that is disputed, the number of the statement that counts; None where none does.
        steps: those of the whole file.
    """

    number: int
    latest: Mapping[str, int | None]
    steps: Steps


def _record(statement: Statement, told: Told, path: str, place: _Place) -> Record:
    reader, where = _reader(statement.predicate_type), statement.where
    names = [subject.name for subject in statement.subjects if subject.name in place.latest]
    disputed = {name: place.latest[name] for name in names}
    older = {name: number for name, number in disputed.items() if number not in (None, place.number)}
    kept = [subject for subject in statement.subjects if subject.name not in older]
    inputs = () if older else told.inputs
    links = place.steps.join([one.called for one in inputs], [one.called for one in kept], told.how)
    others = sorted({kind for subject in statement.subjects for kind in subject.others})
    notes = [f"{where}: digests of the kind {shown(kind)} are not compared" for kind in others]
    notes += [f"{where}: an older release of {shown(name)}, which is left aside" for name in sorted(older)]
    notes += [] if links is not None else [f"{where}: too many inputs and outputs; their lineage is left out"]
    unclear = sorted(name for name, number in disputed.items() if number is None)
    return Record(
        path,
        KIND if reader is None else reader.KIND,
        (
            *(claim for subject in kept for claim in subject.claims),
            *(replace(claim, role="input") for one in inputs for claim in one.claims),
        ),
        names_are_paths=False,
        notes=(*notes, *told.notes),
        seals=statement.seals,
        caps=(*(f"{path}: its statements give different digests for {shown(name)}" for name in unclear), *told.caps),
        made=told.made,
        links=links or (),
        facts={"predicate_type": statement.predicate_type, **told.facts},
        unread=told.unread,
    )


def _told(statement: Statement) -> Told:
    reader = _reader(statement.predicate_type)
    if reader is None:
        kind = shown(statement.predicate_type)
        text = f"of the predicate {kind} nothing is read, so a signature over it lifts no file above bound; sign"
        return Told(unread=f"{statement.where}: {text} SLSA provenance, an in-toto link or the model itself as well")
    told: Told = reader.read(statement)
    return told


def _reader(predicate_type: str) -> ModuleType | None:
    modules = (plugins.load(PREDICATES, name) for name in plugins.names(PREDICATES))
    return next((module for module in modules if predicate_type in module.TYPES), None)


def _latest(statements: Sequence[Statement], told: Sequence[Told]) -> dict[str, int | None]:
    """Names of subjects for which statements give different digests of one kind, with the number of the latest.

    None where a statement does not say when it was made; of one moment the later line counts.
    """
    digests: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    speaking: defaultdict[str, list[int]] = defaultdict(list)
    for number, statement in enumerate(statements):
        for subject in statement.subjects:
            speaking[subject.name].append(number)
            for kind, digest in subject.digests.items():
                digests[subject.name, kind].add(digest)
    disputed = {name for (name, _), given in digests.items() if name and len(given) > 1}
    return {
        name: max(numbers, key=lambda number: (told[number].made, number))
        if all(told[number].made for number in numbers)
        else None
        for name, numbers in speaking.items()
        if name in disputed
    }
