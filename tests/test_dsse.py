"""What would make a valid envelope false? Any other byte, any other key; and no bytes may crash the reader."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import dsse
from audit.dsse import DsseError, Envelope, ecdsa

KEYS = {kind: dsse.new_private_key(kind) for kind in dsse.KINDS}
OTHERS = {kind: dsse.new_private_key(kind) for kind in dsse.KINDS}
TYPES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
SPKI = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PKCS8 = (Encoding.PEM, PrivateFormat.PKCS8)


def signed(payload: bytes, kind: str = "ed25519", payload_type: str = dsse.IN_TOTO) -> Envelope:
    return Envelope(payload, payload_type, (dsse.sign(payload, KEYS[kind], payload_type=payload_type),))


SIGNED = {kind: signed(b'{"result": "PASSED"}', kind) for kind in dsse.KINDS}


@pytest.mark.parametrize("kind", dsse.KINDS)
@settings(max_examples=20, deadline=None)
@given(payload=st.binary(max_size=200), payload_type=TYPES)
def test_any_payload_and_type_come_back_and_verify(kind: str, payload: bytes, payload_type: str) -> None:
    envelope = signed(payload, kind, payload_type)
    found = dsse.envelope_of(json.loads(json.dumps(dsse.to_values(envelope))))
    assert (found.payload, found.payload_type) == (payload, payload_type)
    key = KEYS[kind].public
    assert found.signed_by([OTHERS[kind].public, key, key]) == (key,)
    assert dsse.public_key(key.pem) == dsse.public_key(key.der) == key
    assert dsse.private_key(KEYS[kind].pem()).public == key


@pytest.mark.parametrize("kind", dsse.KINDS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_other_byte_is_another_envelope(kind: str, data: st.DataObject) -> None:
    envelope = SIGNED[kind]
    parts = [envelope.payload, envelope.payload_type.encode(), envelope.signatures[0].signature]
    which = data.draw(st.integers(0, 2))
    at, change = data.draw(st.integers(0, len(parts[which]) - 1)), data.draw(st.integers(1, 127))
    parts[which] = bytes([*parts[which][:at], parts[which][at] ^ change, *parts[which][at + 1 :]])
    tampered = Envelope(parts[0], parts[1].decode("latin-1"), (dsse.Signature(None, parts[2]),))
    assert tampered.signed_by([KEYS[kind].public]) == ()


def test_a_byte_cannot_move_from_the_type_to_the_payload() -> None:
    envelope = signed(b"body", payload_type="a/b")
    moved = Envelope(b"/bbody", "a", envelope.signatures)
    assert moved.signed_by([KEYS["ed25519"].public]) == ()
    # the example that the protocol gives
    assert dsse.pre_authentication("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@pytest.mark.parametrize("keyid", [{}, {"keyid": None}, {"keyid": ""}, {"keyid": "of somebody else"}])
def test_a_keyid_decides_nothing(keyid: dict[str, Any]) -> None:
    values = dsse.to_values(signed(b"x"))
    values["signatures"] = [{"sig": values["signatures"][0]["sig"], **keyid}]
    assert dsse.envelope_of(values).signed_by([KEYS["ed25519"].public])


def test_both_alphabets_are_read_and_never_mixed() -> None:
    payload = b"\xfb\xff\xfe" * 3
    values = dsse.to_values(signed(payload))
    assert dsse.envelope_of({**values, "payload": "-__-" * 3}).payload == payload
    for wrong in ("-__-+//+", "-__", "+//+ ", "+//+\n", "\u0661A==", "\ud800"):
        with pytest.raises(DsseError):
            dsse.envelope_of({**values, "payload": wrong})


def test_of_two_signatures_that_verify_one_is_in_form() -> None:
    for kind in ("ecdsa-p256", "ecdsa-p384"):
        key = KEYS[kind]
        for _ in range(8):
            signature = key.sign(b"x")
            r, s = decode_dss_signature(signature)
            other = encode_dss_signature(r, ecdsa.ORDERS[kind] - s)
            assert key.public.verifies(signature, b"x")
            assert key.public.verifies(other, b"x")
            assert key.public.one_form(other) == key.public.one_form(signature) == signature
    orders = {"ecdsa-p256": ec.SECP256R1(), "ecdsa-p384": ec.SECP384R1(), "ecdsa-p521": ec.SECP521R1()}
    for kind, curve in orders.items():
        assert (ecdsa.ORDERS[kind] - 1).bit_length() == curve.key_size
        # a private number has to be below the order
        ec.derive_private_key(ecdsa.ORDERS[kind] - 1, curve)
        with pytest.raises(ValueError, match=r".*"):
            ec.derive_private_key(ecdsa.ORDERS[kind] + 1, curve)
    with pytest.raises(DsseError, match="DER"):
        KEYS["ecdsa-p256"].public.one_form(b"no signature")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "payload": JSON | st.just("eA=="),
        "payloadType": JSON | st.just("a/b"),
        "signatures": JSON
        | st.lists(
            st.fixed_dictionaries({}, optional={"sig": JSON | st.just("eA=="), "keyid": JSON, "cert": JSON}) | JSON,
            max_size=3,
        ),
    },
)


@settings(max_examples=150, deadline=None)
@given(document=JSON | NEARLY)
def test_hostile_documents_are_envelopes_or_errors(document: object) -> None:
    try:
        envelope = dsse.envelope_of(document)
    except DsseError:
        return
    assert envelope.signed_by([key.public for key in KEYS.values()]) == ()
    assert dsse.envelope_of(dsse.to_values(envelope)).payload == envelope.payload


@pytest.mark.parametrize(
    "change",
    [
        {"payloadType": ""},
        {"payloadType": "\ud800"},
        {"payloadType": None},
        {"payload": None},
        {"signatures": []},
        {"signatures": {}},
        {"signatures": [None]},
        {"signatures": [{}]},
        {"signatures": [{"sig": ""}]},
        {"signatures": [{"sig": "eA==", "keyid": 5}]},
        {"signatures": [{"sig": "eA=="}] * (dsse.MOST_SIGNATURES + 1)},
    ],
)
def test_what_is_no_envelope(change: dict[str, Any]) -> None:
    with pytest.raises(DsseError):
        dsse.envelope_of({**dsse.to_values(signed(b"x")), **change})


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_hostile_keys_are_keys_or_errors(data: st.DataObject) -> None:
    key = KEYS[data.draw(st.sampled_from(dsse.KINDS))]
    content = bytearray(data.draw(st.sampled_from([key.pem(), key.public.pem, key.public.der, b"-----BEGIN "])))
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    for read in (dsse.public_key, dsse.public_keys, dsse.private_key):
        with suppress(DsseError):
            read(bytes(content))


class TestKeys:
    def test_other_kinds_are_refused(self) -> None:
        for curve in (ec.SECP224R1(), ec.SECP256K1()):
            other = ec.generate_private_key(curve)
            with pytest.raises(DsseError, match="of a kind that is not used here"):
                dsse.public_key(other.public_key().public_bytes(*SPKI))
            with pytest.raises(DsseError, match="of a kind that is not used here"):
                dsse.private_key(other.private_bytes(*PKCS8, NoEncryption()))
        with pytest.raises(DsseError, match="of a kind that is not used here"):
            dsse.private_key(x25519.X25519PrivateKey.generate().private_bytes(*PKCS8, NoEncryption()))
        locked = ec.generate_private_key(ec.SECP256R1()).private_bytes(*PKCS8, BestAvailableEncryption(b"secret"))
        with pytest.raises(DsseError, match="encrypted"):
            dsse.private_key(locked)
        for wrong in (b"", b"text", KEYS["ed25519"].public.pem):
            with pytest.raises(DsseError, match="PEM"):
                dsse.private_key(wrong)

    def test_rsa_verifies_and_does_not_sign(self) -> None:
        loaded = rsa.generate_private_key(65537, 2048)
        key = dsse.public_key(loaded.public_key().public_bytes(*SPKI))
        sha256 = hashes.SHA256()
        for way in (padding.PKCS1v15(), padding.PSS(padding.MGF1(sha256), 32)):
            signature = loaded.sign(b"x", way, sha256)
            assert key.verifies(signature, b"x")
            assert not key.verifies(signature, b"y")
        assert not key.verifies(loaded.sign(b"x", padding.PKCS1v15(), hashes.SHA1()), b"x")
        with pytest.raises(DsseError, match="RSA"):
            dsse.private_key(loaded.private_bytes(*PKCS8, NoEncryption()))
        short = rsa.generate_private_key(65537, 1024).public_key().public_bytes(*SPKI)
        with pytest.raises(DsseError, match="of a kind that is not used here"):
            dsse.public_key(short)

    def test_all_keys_of_a_file(self) -> None:
        pems = [key.public.pem for key in KEYS.values()]
        between = b"-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"
        assert dsse.public_keys(between.join(pems)) == tuple(key.public for key in KEYS.values())
        assert dsse.public_keys(b"no key") == ()
        for cut in (pems[0][:-20], pems[0] + pems[1][:40], pems[0].replace(b"END", b"BEGIN")):
            with pytest.raises(DsseError):
                dsse.public_keys(cut)

    def test_a_file_of_beginnings_takes_no_time(self) -> None:
        started = time.process_time()
        with pytest.raises(DsseError):
            dsse.public_keys(b"-----BEGIN PUBLIC KEY-----\n" * 40_000)
        assert time.process_time() - started < 10

    def test_a_private_key_does_not_show_itself(self) -> None:
        key = KEYS["ecdsa-p256"]
        secret = base64.b64decode(b"".join(key.pem().splitlines()[1:-1])).hex()
        assert key.public.fingerprint in repr(key)
        assert secret not in repr(key) + str(key)


def _small_order() -> set[bytes]:
    """Every encoding of a point of edwards25519 whose order divides 8, from the curve itself (RFC 8032)."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p) % p
    order = 2**252 + 27742317777372353535851937790883648493

    def added(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
        (x1, y1), (x2, y2) = one, other
        k = d * x1 * x2 * y1 * y2 % p
        return (
            (x1 * y2 + x2 * y1) * pow(1 + k, -1, p) % p,
            (y1 * y2 + x1 * x2) * pow(1 - k, -1, p) % p,
        )

    def times(number: int, point: tuple[int, int]) -> tuple[int, int]:
        result = (0, 1)
        while number:
            result = added(result, point) if number & 1 else result
            point, number = added(point, point), number >> 1
        return result

    def points() -> Iterator[tuple[int, int]]:
        for y in range(2, 100):
            squared = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
            x = pow(squared, (p + 3) // 8, p)
            x = x if x * x % p == squared else x * pow(2, (p - 1) // 4, p) % p
            if x * x % p == squared:
                yield x, y

    ys = {times(order, point)[1] for point in points()}
    written = {y + more for y in ys for more in (0, p) if y + more < 2**255}
    return {(y + sign * 2**255).to_bytes(32, "little") for y in written for sign in (0, 1)}


def test_keys_for_which_anybody_can_sign_are_refused() -> None:
    encodings = _small_order()
    assert len(encodings) == 14
    head = KEYS["ed25519"].public.der[:-32]
    for encoding in encodings:
        with pytest.raises(DsseError, match=r"small order|not a public key"):
            dsse.public_key(head + encoding)


def test_a_file_with_two_keys_pins_neither_in_silence() -> None:
    two = KEYS["ed25519"].public.pem + OTHERS["ed25519"].public.pem
    with pytest.raises(DsseError, match="2 public keys in one file"):
        dsse.public_key(two)
