"""Files of keys: what a policy may trust, and that every block of them is accounted for."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit import dsse, policy
from audit.errors import AuditError, PolicyError
from audit.provenance import Malformed, trusted_keys, trusted_root
from audit.provenance.pem import is_pem, read_pem

KEYS = [dsse.new_private_key(kind) for kind in dsse.KINDS]
PEM = b"".join(key.public.pem for key in KEYS)


def certificate(*, authority: bool) -> bytes:
    """A certificate that a new key gives itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Somebody")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder: Any = x509.CertificateBuilder(who, who, key.public_key(), 1, start, start.replace(year=2036))
    if authority:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))


def test_all_keys_and_authorities_of_a_file_are_trusted() -> None:
    found = trusted_keys.read("keys.pem", b"our keys\n" + PEM + certificate(authority=True) + PEM)
    assert found.keys == tuple(key.public for key in KEYS)
    assert len(found.authorities) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no public key"),
        (b"no key", "no public key"),
        (PEM + KEYS[0].pem(), "private key"),
        (PEM + certificate(authority=False), "may not certify"),
        (PEM + b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "key"),
        (PEM + b"-----BEGIN PUBLIC KEY-----\nAAAA\n", "no end"),
        (b"-----BEGIN PUBLIC KEY-----\n" + PEM, "no end"),
        (PEM + b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n", "x509 crl"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate"),
        (KEYS[0].public.pem * 200, "more than"),
        (b"-----BEGIN PUBLIC KEY-----\n" * 40_000, "larger|no end"),
    ],
)
def test_what_is_no_file_of_keys_is_an_error(content: bytes, told: str) -> None:
    started = time.process_time()
    with pytest.raises(AuditError, match=f"keys.pem: .*({told})"):
        trusted_keys.read("keys.pem", content)
    assert time.process_time() - started < 20


def test_a_policy_with_a_private_key_does_not_load(write_policy: Callable[..., Path]) -> None:
    path = write_policy("provenance", "level: {min: trusted}", "keys: keys.pem")
    with pytest.raises(PolicyError, match=r"keys\.pem"):
        policy.load(path)
    (path.parent / "keys.pem").write_bytes(KEYS[0].pem())
    with pytest.raises(PolicyError, match="private key"):
        policy.load(path)
    (path.parent / "keys.pem").write_bytes(PEM)
    assert policy.load(path).rules[0].files["keys"] == PEM.decode()


def test_only_pem_text_is_taken_for_keys() -> None:
    assert is_pem(b"\n " + PEM)
    assert not is_pem(b'{"key": "' + PEM.replace(b"\n", b"\\n") + b'"}')
    assert not is_pem(b"0" * 64 + b"  " + PEM)
    with pytest.raises(Malformed):
        read_pem("x", b"\xff" * 10)


def test_names_count_only_for_those_that_a_policy_names() -> None:
    fingerprint = KEYS[0].public.fingerprint
    spellings = (fingerprint, fingerprint.upper(), f"sha256:{fingerprint}", ":".join(map("".join, _pairs(fingerprint))))
    for spelling in spellings:
        ring = trusted_keys.key_ring(None, [spelling])
        assert ring.pins(KEYS[0].public)
        assert not ring.pins(KEYS[1].public)
        assert not ring.means_anybody, "a policy that names one key does not mean everybody with a certificate"
        assert ring.identities == (), "a certificate may call its holder as it likes"
    assert trusted_keys.key_ring(None, []).means_anybody
    assert not trusted_keys.key_ring(None, ["ann@example.org"]).means_anybody


def _pairs(text: str) -> list[tuple[str, str]]:
    return list(zip(text[::2], text[1::2], strict=True))


def test_a_trusted_root_is_told_from_other_json() -> None:
    root = json.dumps({"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}).encode()
    assert trusted_root.read("root.json", root) == root
    for wrong in (b"{}", b"[]", b"", b'{"mediaType": 1}', root + root):
        with pytest.raises(AuditError, match=r"root\.json"):
            trusted_root.read("root.json", wrong)
