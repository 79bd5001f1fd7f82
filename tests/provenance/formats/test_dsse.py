"""Envelopes around something else than a statement."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit import dsse, provenance
from audit.provenance import Demands, KeyRing, Malformed

PAYLOAD, KIND = b"hello world", "http://example.com/HelloWorld"
FILE = provenance.fingerprint("model.skops", PAYLOAD)


def envelope(key: dsse.PrivateKey, **changes: Any) -> bytes:
    signature = dsse.sign(PAYLOAD, key, payload_type=KIND)
    return json.dumps({**dsse.to_values(dsse.Envelope(PAYLOAD, KIND, (signature,))), **changes}).encode()


@pytest.mark.parametrize("kind", dsse.KINDS)
def test_an_envelope_is_well_formed_and_ties_no_file(kind: str) -> None:
    key = dsse.new_private_key(kind)
    records = provenance.read("a.dsse", envelope(key))
    found = provenance.assess(records, [FILE], demands=Demands(KeyRing(offered=(key.public,))))
    assert (found.level, found.unverified) == ("well_formed", 1)
    assert found.records[0].signers


def test_a_wrong_signature_is_found() -> None:
    key, other = dsse.new_private_key(), dsse.new_private_key()
    records = provenance.read("a.dsse", envelope(key))
    assert provenance.assess(records, [FILE], demands=Demands(KeyRing(offered=(other.public,)))).level == "present"


@pytest.mark.parametrize(
    "changes", [{"signatures": []}, {"payload": "?"}, {"payload": 1}, {"signatures": [{"sig": ""}]}]
)
def test_a_damaged_envelope_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match=r"a\.dsse"):
        provenance.read("a.dsse", envelope(dsse.new_private_key(), **changes))


def test_the_signature_of_the_specification_verifies() -> None:
    """The example of the DSSE protocol: ECDSA on P-256 with r and s side by side."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    numbers = ec.EllipticCurvePublicNumbers(
        46950820868899156662930047687818585632848591499744589407958293238635476079160,
        5640078356564379163099075877009565129882514886557779369047442380624545832820,
        ec.SECP256R1(),
    )
    der = numbers.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    text = "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    document = {"payload": "aGVsbG8gd29ybGQ=", "payloadType": KIND, "signatures": [{"sig": text}]}
    found = dsse.envelope_of(document)
    assert found.signed_by([dsse.public_key_of_der(der)])
    changed = dsse.Envelope(b"hello World", KIND, found.signatures)
    assert not changed.signed_by([dsse.public_key_of_der(der)])
