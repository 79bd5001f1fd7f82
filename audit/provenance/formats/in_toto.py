"""in-toto statements: plain, one a line, in a DSSE envelope or in a Sigstore bundle.

The digests of the subjects tie files; what a predicate tells beside them is read by the file in
`audit/provenance/predicates` that names its type. Predicates of other types are left aside.

Source: in-toto attestation framework v1, Statement and Bundle.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import ModuleType

from audit import plugins
from audit.provenance.json_text import shown
from audit.provenance.predicate import is_model_signature
from audit.provenance.record import Malformed, Record
from audit.provenance.record_file import RecordFile
from audit.provenance.statement import Statement, Told, carries_one, is_other_envelope, statement_of

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
    disputed = _disputed(statements)
    return tuple(_record(statement, file.path, disputed) for statement in statements)


def _record(statement: Statement, path: str, disputed: frozenset[str]) -> Record:
    reader = _reader(statement.predicate_type)
    told: Told = Told() if reader is None else reader.read(statement)
    others = sorted({kind for subject in statement.subjects for kind in subject.others})
    notes = [f"{statement.where}: digests of the kind {shown(kind)} are not compared" for kind in others]
    if reader is None:
        notes.append(f"{statement.where}: of the predicate {shown(statement.predicate_type)} nothing is read")
    names = sorted(disputed & {subject.name for subject in statement.subjects})
    caps = [f"{path}: its statements give different digests for {shown(name)}" for name in names]
    return Record(
        path,
        KIND if reader is None else reader.KIND,
        (*(claim for subject in statement.subjects for claim in subject.claims), *told.claims),
        names_are_paths=False,
        notes=(*notes, *told.notes),
        seals=statement.seals,
        caps=(*caps, *told.caps),
        made=told.made,
        links=told.links,
        facts={"predicate_type": statement.predicate_type, **told.facts},
    )


def _reader(predicate_type: str) -> ModuleType | None:
    modules = (plugins.load(PREDICATES, name) for name in plugins.names(PREDICATES))
    return next((module for module in modules if predicate_type in module.TYPES), None)


def _disputed(statements: Iterable[Statement]) -> frozenset[str]:
    """Names of subjects for which two statements give different digests of one kind."""
    first: dict[tuple[str, str], str] = {}
    found = set()
    for statement in statements:
        for subject in statement.subjects:
            for kind, digest in subject.digests.items():
                if subject.name and first.setdefault((subject.name, kind), digest) != digest:
                    found.add(subject.name)
    return frozenset(found)
