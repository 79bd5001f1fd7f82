"""in-toto statements: every way to carry one is read alike, and whatever the specification forbids is refused."""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import dsse, provenance
from audit.provenance import Assessment, Demands, KeyRing, Malformed, Record
from tests.provenance.changes import ABSENT, changed, spoiled

KEY = dsse.new_private_key()
OTHER_KEY = dsse.new_private_key("ecdsa-p256")
MODEL = hashlib.sha256(b"model").hexdigest()
STATEMENT: dict[str, Any] = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [
        {
            "name": "model.skops",
            "uri": "pkg:generic/model@1",
            "digest": {"sha256": MODEL, "gitBlob": "a" * 40},
            "content": base64.b64encode(b"model").decode(),
            "downloadLocation": "https://example.com/model",
            "mediaType": "application/octet-stream",
            "annotations": {"reviewed": True},
        }
    ],
    "predicateType": "https://example.com/predicate/v1",
    "predicate": {"anything": [1, 2]},
}


READ = {**STATEMENT, "predicateType": "https://in-toto.io/attestation/link/v0.3", "predicate": {"name": "fit"}}


def encoded(document: Any) -> bytes:
    return document if isinstance(document, bytes) else json.dumps(document).encode()


def envelope(statement: Any, *keys: dsse.PrivateKey, **fields: Any) -> dict[str, Any]:
    payload = encoded(statement)
    signatures = tuple(dsse.sign(payload, key) for key in keys or (KEY,))
    return {**dsse.to_values(dsse.Envelope(payload, dsse.IN_TOTO, signatures)), **fields}


def bundle(statement: Any) -> dict[str, Any]:
    return {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": {"hint": "the builder"}},
        "dsseEnvelope": envelope(statement),
    }


def read(document: Any, path: str = "x.intoto.json") -> Record:
    return provenance.read(path, encoded(document))[0]


def assessed(*records: Record, ring: KeyRing | None = None, content: bytes = b"model") -> Assessment:
    files = [provenance.fingerprint("model.skops", content)]
    return provenance.assess(records, files, demands=Demands(ring or KeyRing()))


def test_however_a_statement_is_carried_it_claims_the_same() -> None:
    bare = read(STATEMENT)
    assert [(one.name, one.algorithm, one.digest) for one in bare.claims] == [("model.skops", "sha256", MODEL)]
    assert bare.kind == "in-toto"
    assert bare.facts == {"predicate_type": "https://example.com/predicate/v1"}
    assert any("gitBlob" in note for note in bare.notes)
    for carried in (envelope(STATEMENT), bundle(STATEMENT)):
        found = read(carried)
        assert found.claims == bare.claims
        assert [seal.message for seal in found.seals] == [dsse.pre_authentication(dsse.IN_TOTO, encoded(STATEMENT))]
    assert bare.seals == ()


def test_each_line_is_a_record_with_its_own_signatures() -> None:
    other = changed(STATEMENT, "subject/0/name", "other.bin")
    lines = b"\n".join(
        [encoded(envelope(STATEMENT)), b"", encoded(envelope(other, KEY, OTHER_KEY)), encoded(STATEMENT)]
    )
    records = provenance.read("build.intoto.jsonl", lines)
    assert [[one.name for one in record.claims] for record in records] == [
        ["model.skops"],
        ["other.bin"],
        ["model.skops"],
    ]
    assert [len(record.seals) for record in records] == [1, 2, 0]


def test_one_statement_may_go_over_several_lines_whatever_the_file_is_called() -> None:
    content = json.dumps(envelope(STATEMENT), indent=2).encode()
    assert [record.claims for record in provenance.read("build.intoto.jsonl", content)] == [read(STATEMENT).claims]
    with pytest.raises(Malformed):
        provenance.read("build.intoto.jsonl", content + b"\n" + content)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("_type", "https://in-toto.io/Statement/v0.1"), ("further", {"a": 1}), ("subject/0/further", 5),
        ("predicate", ABSENT), ("predicate", None), ("predicate", {}), ("subject/0/name", ABSENT),
        ("subject/0/digest/new-hash", "any/text=="), ("subject/0/content", "_-8"[:2] + "=="),
        *[(f"subject/0/{name}", None) for name in STATEMENT["subject"][0] if name != "digest"],
    ],
)  # fmt: skip
def test_what_the_specification_allows_is_read(place: str, value: Any) -> None:
    assert assessed(read(changed(STATEMENT, place, value))).level == "bound"


DIGESTS = [
    ("sha256", MODEL[:-1]), ("sha256", MODEL + "a"), ("sha256", MODEL.upper()), ("sha256", "z" * 64), ("sha256", ""),
    ("sha256", 5), ("sha256", None), ("sha512", MODEL), ("sha1", MODEL), ("md5", "a" * 31), ("gitCommit", "a" * 39),
    ("gitTree", "g" * 40), ("sha512_256", "a" * 63), ("blake2b", "\u0661" * 128), ("new-hash", ""), ("new-hash", 5),
]  # fmt: skip
WRONG = [
    *spoiled(
        {
            "_type": "text", "subject": "objects", "predicateType": "type", "predicate": "object",
            "subject/0/name": "text", "subject/0/uri": "uri", "subject/0/digest": "object", "subject/0/content": "text",
            "subject/0/downloadLocation": "uri", "subject/0/mediaType": "text", "subject/0/annotations": "object",
        },
        required=("_type", "subject", "predicateType", "subject/0/digest"),
    ),
    *[(f"subject/0/digest/{kind}", (digest,)) for kind, digest in DIGESTS],
    ("_type", ("https://in-toto.io/Statement/v9", "https://in-toto.io/Statement/v1/")), ("predicateType", ("",)),
    ("subject", ([], [STATEMENT["subject"][0]] * 2)), ("subject/0/digest", ({},)),
    ("subject/0/content", ("no base64!",)),
]  # fmt: skip


@pytest.mark.parametrize(("place", "values"), WRONG)
def test_what_the_specification_forbids_is_refused(place: str, values: tuple[Any, ...]) -> None:
    for value in values:
        for carried in (encoded, envelope):
            with pytest.raises(Malformed, match=r"x\.intoto\.json"):
                read(carried(changed(STATEMENT, place, value)))


@pytest.mark.parametrize(
    "document",
    [
        *[envelope(STATEMENT, payload=payload) for payload in ("!!", None, 5, "AAA")],
        *[envelope(STATEMENT, payloadType=kind) for kind in ("text/plain", dsse.IN_TOTO.upper(), 5, None, "\udc80")],
        *[envelope(STATEMENT, signatures=given) for given in ([], None, {}, [{}], ["AA=="], [{"sig": "AA=="}] * 1000)],
        *[
            envelope(STATEMENT, signatures=[{"sig": "AA==", **fields}])
            for fields in ({"sig": ""}, {"sig": "!"}, {"keyid": 5}, {"cert": "x"}, {"cert": 5})
        ],
        *[envelope(payload) for payload in (b"", b"[]", b"\xff", b'{"_type": 1, "_type": 1}')],
        envelope(b'{"a":' * 200 + b"1" + b"}" * 200), envelope(b'{"a": [' + b"[]," * 300_000 + b"0]}"),
        {**envelope(STATEMENT), **STATEMENT},
        {**STATEMENT, "payload": "e30="}, {"dsseEnvelope": 5}, {"dsseEnvelope": envelope(STATEMENT)},
        {**bundle(STATEMENT), "mediaType": "application/x"}, {**bundle(STATEMENT), "verificationMaterial": {}},
    ],
)  # fmt: skip
def test_damaged_envelopes_are_refused(document: Any) -> None:
    with pytest.raises(Malformed, match=r"x\.intoto\.json"):
        read(document)


@pytest.mark.parametrize("keyid", [ABSENT, "", None, "another key"])
def test_a_valid_signature_counts_whatever_its_keyid_says(keyid: Any) -> None:
    record = read(changed(envelope(READ), "signatures/0/keyid", keyid))
    assert assessed(record, ring=KeyRing(offered=(KEY.public,))).level == "signed"
    assert assessed(record, ring=KeyRing(pinned=(KEY.public,))).level == "trusted"
    assert assessed(record).level == "bound"
    assert assessed(record, ring=KeyRing(offered=(OTHER_KEY.public,))).level == "present"


def test_a_predicate_that_nothing_reads_may_say_that_the_file_was_withdrawn() -> None:
    record = read(envelope(changed(STATEMENT, "predicate", {"revoked": True})))
    for ring in (KeyRing(offered=(KEY.public,)), KeyRing(pinned=(KEY.public,))):
        found = assessed(record, ring=ring)
        assert found.level == "bound"
        assert any("no file above bound" in note for note in found.records[0].notes)
    assert assessed(record, read(envelope(READ)), ring=KeyRing(pinned=(KEY.public,))).level == "trusted"
    assert assessed(record, ring=KeyRing(pinned=(KEY.public,)), content=b"other").level == "present"


def test_a_payload_or_a_type_that_was_changed_is_found() -> None:
    ring = KeyRing(offered=(KEY.public,))
    other = envelope(changed(STATEMENT, "predicate", {}))
    swapped = {**envelope(STATEMENT), "payload": other["payload"]}
    assert assessed(read(swapped), ring=ring).level == "present"
    assert assessed(read({**bundle(STATEMENT), "dsseEnvelope": swapped}), ring=ring).level == "present"


def test_only_digests_that_are_known_tie_a_file() -> None:
    record = read(changed(STATEMENT, "subject/0/digest", {"new-hash": MODEL}))
    assert (record.claims, assessed(record).level) == ((), "well_formed")
    assert assessed(
        read(changed(STATEMENT, "subject/0/digest", {"sha1": hashlib.sha1(b"model").hexdigest()}))
    ).level == ("well_formed"), "a weak digest"


@pytest.mark.parametrize("name", ["_", "", ABSENT, "data/train.csv"])
def test_subjects_are_matched_by_digest_and_an_absent_name_names_nothing(name: Any) -> None:
    statement = changed(changed(STATEMENT, "subject/0/name", name), "subject/0/uri", None)
    assert assessed(read(statement)).level == "bound"
    assert assessed(read(statement), content=b"changed").level == "well_formed"


def test_a_file_of_another_content_contradicts_the_statement() -> None:
    assert assessed(read(STATEMENT), content=b"changed").level == "present"


def test_statements_of_one_file_that_contradict_one_another_tie_nothing() -> None:
    other = changed(STATEMENT, "subject/0/digest", {"sha256": "b" * 64})
    both = provenance.read("x.jsonl", encoded(STATEMENT) + b"\n" + encoded(other))
    assert all("different digests for 'model.skops'" in record.caps[0] for record in both)
    assert assessed(both[0]).level == "well_formed"
    apart = changed(other, "subject/0/name", "other")
    assert not any(record.caps for record in provenance.read("x.jsonl", encoded(STATEMENT) + b"\n" + encoded(apart)))


class TestReleases:
    """Statements of two releases of one file in one file of records."""

    @staticmethod
    def release(content: bytes, made: str) -> dict[str, Any]:
        digest = {"sha256": hashlib.sha256(content).hexdigest()}
        predicate = {"verifier": {"id": "https://example.com/v"}, "timeCreated": made, "properties": ["TESTED"]}
        subject = [{"name": "model.skops", "digest": digest}]
        kind = "https://in-toto.io/attestation/svr/v0.2"
        return {"_type": STATEMENT["_type"], "subject": subject, "predicateType": kind, "predicate": predicate}

    @pytest.mark.parametrize(
        ("older", "newer"),
        [("2026-11-01T10:00:00Z", "2026-11-02T10:00:00+05:00"), ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00.5Z")],
    )
    @pytest.mark.parametrize("swapped", [False, True])
    def test_the_latest_counts_wherever_it_stands(self, older: str, newer: str, swapped: bool) -> None:
        lines = [encoded(self.release(b"old", older)), encoded(self.release(b"model", newer))]
        records = provenance.read("x.jsonl", b"\n".join(lines[::-1] if swapped else lines))
        assert assessed(*records).level == "bound"
        assert any("older release" in note for record in records for note in record.notes)
        assert assessed(*records, content=b"old").level == "present", "a rollback"

    def test_of_one_moment_the_later_line_counts(self) -> None:
        lines = [encoded(self.release(content, "2026-11-01T10:00:00Z")) for content in (b"old", b"model")]
        assert assessed(*provenance.read("x.jsonl", b"\n".join(lines))).level == "bound"
        assert assessed(*provenance.read("x.jsonl", b"\n".join(lines[::-1]))).level == "present"


def test_one_damaged_line_spoils_the_file() -> None:
    lines = encoded(STATEMENT) + b"\n" + encoded(changed(STATEMENT, "subject", []))
    with pytest.raises(Malformed, match="statement 2"):
        provenance.read("x.jsonl", lines)


def test_a_flood_of_signatures_is_refused() -> None:
    line = encoded(envelope(STATEMENT, signatures=[{"sig": "AA=="}] * 50))
    assert len(provenance.read("x.jsonl", b"\n".join([line] * 20))) == 20
    with pytest.raises(Malformed, match="signatures"):
        provenance.read("x.jsonl", b"\n".join([line] * 21))


def test_model_signatures_are_not_read_as_statements_of_their_own() -> None:
    signature = changed(STATEMENT, "predicateType", "https://model_signing/signature/v1.0")
    disguised = changed(STATEMENT, "predicate", {"resources": [], "serialization": {}})
    for one in (signature, disguised):
        with pytest.raises(Malformed, match="file of its own"):
            provenance.read("x.jsonl", encoded(STATEMENT) + b"\n" + encoded(envelope(one)))
        with pytest.raises(Malformed):
            read(one)


def certificate() -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + datetime.timedelta(days=1))
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def test_a_certificate_beside_a_signature_is_kept_with_it() -> None:
    signature = {"keyid": "", "sig": "AA==", "cert": certificate()}
    seal = read(envelope(STATEMENT, signatures=[signature])).seals[0]
    assert len(seal.chain) == 1
    assert assessed(read(envelope(STATEMENT, signatures=[signature]))).level != "signed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLACES = [
    "_type", "subject", "subject/0", "subject/0/digest", "subject/0/name", "subject/0/digest/sha256", "predicateType",
    "predicate",
]  # fmt: skip


def outcome(content: bytes) -> str:
    """The path of the record, or the reason why there is none; any other end is an error."""
    try:
        return provenance.read("x.json", content)[0].path
    except Malformed as problem:
        return str(problem)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PLACES), JSON, st.sampled_from([encoded, envelope, bundle]))
def test_any_change_is_read_or_refused(place: str, value: Any, carried: Any) -> None:
    found = outcome(encoded(carried(changed(STATEMENT, place, value))))
    assert "x.json" in found
    assert len(found) < 600
