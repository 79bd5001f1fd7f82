"""Certificates made in a test: authorities, and persons whom they certify."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from audit.dsse import PrivateKey, private_key

TODAY = datetime.date(2026, 6, 15)
NOON = datetime.datetime(2026, 6, 15, 12, tzinfo=datetime.UTC)
CODE = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


@dataclass(frozen=True)
class Holder:
    """Somebody with a key and a certificate."""

    certificate: x509.Certificate
    loaded: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def der(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        """The certificate as text."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key(self) -> PrivateKey:
        """The key, to sign with."""
        return private_key(self.loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def certified(
    name: str,
    by: Holder | None = None,
    *,
    authority: bool = False,
    constraints: bool | None = None,
    purposes: x509.ExtendedKeyUsage | None = None,
    signs: bool = True,
    path_length: int | None = None,
    begins: datetime.datetime = NOON - datetime.timedelta(days=100),
    ends: datetime.datetime = NOON + datetime.timedelta(days=100),
    further: Sequence[tuple[x509.ExtensionType, bool]] = (),
    loaded: ec.EllipticCurvePrivateKey | None = None,
    serial: int | None = None,
) -> Holder:
    """A certificate by somebody, or self-signed; of a person it is for signing code unless `purposes` says otherwise.

    Args:
        constraints: whether it says that it is an authority, where that is not `authority`.
        signs: whether the key usage has what an authority or a person needs.
    """
    loaded = loaded or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    purposes = purposes or (None if authority else CODE)
    usage: dict[str, Any] = dict.fromkeys(
        ["key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"], False
    )
    usage |= {"content_commitment": not signs, "digital_signature": signs and not authority}
    usage |= {"key_cert_sign": signs and authority, "crl_sign": authority}
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(loaded.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(authority if constraints is None else constraints, path_length), True)
        .add_extension(x509.KeyUsage(**usage), True)
    )
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key((by.loaded if by else loaded).public_key())
    own = x509.SubjectKeyIdentifier.from_public_key(loaded.public_key())
    usual = [(above, False), (own, False), *([(purposes, False)] if purposes else [])]
    for extension, critical in [*usual, *further]:
        builder = builder.add_extension(extension, critical)
    return Holder(builder.sign(by.loaded if by else loaded, hashes.SHA256()), loaded)


def names(*values: x509.GeneralName) -> tuple[x509.ExtensionType, bool]:
    """The names of a holder."""
    return x509.SubjectAlternativeName(values), False
