"""in-toto statements, and what carries them: nothing, a DSSE envelope or a Sigstore bundle.

Source: in-toto attestation framework, Statement v1 and v0.1, Envelope v1; DSSE v1.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from audit.dsse import IN_TOTO, DsseError, Envelope, Signature, envelope_of
from audit.provenance.json_text import objects, optional_object, parse, shown, text, uri
from audit.provenance.pem import read_pem
from audit.provenance.record import Malformed, Seal
from audit.provenance.resources import Resource, resource
from audit.provenance.sigstore_bundle import MOST_CERTIFICATES, bundle_of

TYPES = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")


@dataclass(frozen=True)
class Statement:
    """A statement that was taken out of what carried it; its signatures are not verified.

    Attributes:
        where: file, and number in it where it holds several; messages begin with it.
        subjects: at least one, each with a digest of some kind.
        predicate: empty where there is none.
        seals: empty where nothing signed it.
    """

    where: str
    predicate_type: str
    subjects: tuple[Resource, ...]
    predicate: Mapping[str, Any]
    seals: tuple[Seal, ...] = ()


@dataclass(frozen=True)
class Told:
    """What a predicate tells beside the digests of the subjects; other fields as in `Record`.

    Attributes:
        inputs: what the subjects were made from.
        how: what made them, in a few words.
        unread: as in `Record`.
    """

    inputs: tuple[Resource, ...] = ()
    how: str = ""
    made: str = ""
    unread: str = ""
    caps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def carries_one(document: Mapping[str, Any]) -> bool:
    """Whether a document looks like a statement, an envelope or a bundle with an envelope, by its outer keys."""
    plain = str(document.get("_type", "")).startswith("https://in-toto.io/Statement/")
    return plain or "dsseEnvelope" in document or {"payload", "payloadType"} <= document.keys()


def is_other_envelope(document: Mapping[str, Any]) -> bool:
    """Whether a document is an envelope around something else than a statement, by its outer keys."""
    kind = document.get("payloadType")
    return "payload" in document and isinstance(kind, str) and kind != IN_TOTO and "_type" not in document


def statement_of(document: dict[str, Any], where: str) -> Statement:
    """Take a statement out of what carries it.

    Raises:
        Malformed: the envelope or the statement is damaged, or of a kind or version that is not read.
    """
    seals: tuple[Seal, ...] = ()
    given = document
    if "dsseEnvelope" in document:
        bundle = bundle_of(document, where)
        seals = (bundle.seal,)
        given = _payload(bundle.envelope, document, where)
    elif not {"payload", "payloadType"}.isdisjoint(document):
        envelope = _envelope(document, where)
        seals = tuple(_seal(one, envelope.message, where) for one in envelope.signatures)
        given = _payload(envelope, document, where)
    if given.get("_type") not in TYPES:
        raise Malformed(f"{where}: _type: {' or '.join(TYPES)} is expected, found {shown(given.get('_type'))}")
    return Statement(
        where,
        type_uri(given.get("predicateType"), f"{where}: predicateType"),
        _subjects(given.get("subject"), f"{where}: subject"),
        optional_object(given.get("predicate"), f"{where}: predicate"),
        seals,
    )


def type_uri(value: Any, where: str) -> str:
    """A URI that names a type; scheme and authority are lower case, so that equal types have equal names.

    Raises:
        Malformed: it is none.
    """
    found = uri(value, where)
    scheme, _, rest = found.partition(":")
    authority = rest[2:].partition("/")[0] if rest.startswith("//") else ""
    if scheme + authority != (scheme + authority).lower():
        raise Malformed(f"{where}: scheme and authority of {shown(found)} are not lower case")
    return found


def inputs_of(statement: Statement, given: Sequence[Resource]) -> tuple[Resource, ...]:
    """What went in, called so where a subject has the same name: it never stands for what came out."""
    taken = {subject.called for subject in statement.subjects}
    return tuple(replace(one, name=f"{one.called} (input)") if one.called in taken else one for one in given)


def texts(value: Any, where: str) -> tuple[str, ...]:
    """A list of texts; an absent one is empty.

    Raises:
        Malformed: it is something else.
    """
    if value is not None and not isinstance(value, list):
        raise Malformed(f"{where}: a list of texts is expected")
    return tuple(text(item, where) for item in value or ())


def _subjects(value: Any, where: str) -> tuple[Resource, ...]:
    found = []
    for at, item in enumerate(objects(value, where)):
        one = resource(item, f"{where}[{at}]")
        if not one.digests and not one.others:
            raise Malformed(f"{where}[{at}].digest: a digest is expected")
        found.append(one)
    if not found:
        raise Malformed(f"{where}: at least one subject is expected")
    names = [one.name for one in found if one.name]
    if len(set(names)) < len(names):
        raise Malformed(f"{where}: two subjects have the same name")
    return tuple(found)


def _envelope(document: dict[str, Any], where: str) -> Envelope:
    try:
        return envelope_of(document)
    except DsseError as problem:
        raise Malformed(f"{where}: {problem}") from None


def _payload(envelope: Envelope | None, document: dict[str, Any], where: str) -> dict[str, Any]:
    if "_type" in document:
        raise Malformed(f"{where}: both a statement and an envelope")
    if envelope is None or envelope.payload_type != IN_TOTO:
        found = "nothing" if envelope is None else shown(envelope.payload_type)
        raise Malformed(f"{where}: payloadType: {IN_TOTO} is expected, found {found}")
    return parse(envelope.payload, f"{where}: payload")


def _seal(signature: Signature, message: bytes, where: str) -> Seal:
    """A signature with the certificates that builders of older releases put beside it as `cert`."""
    pem = signature.further.get("cert")
    if not pem:
        return Seal(message, signature.signature, signature.keyid)
    found = read_pem(f"{where}: cert", text(pem, f"{where}: cert").encode("utf-8", "replace"))
    chain = tuple(certificate.der for certificate in found.certificates[:MOST_CERTIFICATES])
    return Seal(message, signature.signature, signature.keyid, chain=chain)
