"""One certificate of a signer, read: whom it names, when it counts and what for. Nothing in it is verified.

Source: RFC 5280 (X.509); the issuer of a Sigstore identity: github.com/sigstore/fulcio, docs/oid-info.md.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from audit.dsse import DsseError, PublicKey, public_key_of_der
from audit.provenance.record import Malformed

if TYPE_CHECKING:
    from cryptography import x509

MAX_BYTES = 100_000
_SHORT_LIFE = datetime.timedelta(days=1)
_ISSUER, _OLDER_ISSUER = "1.3.6.1.4.1.57264.1.8", "1.3.6.1.4.1.57264.1.1"
_USER_NAME = "1.3.6.1.4.1.57264.1.7"
_UTF8_STRING = 0x0C


@dataclass(frozen=True)
class Certificate:
    """A certificate.

    Attributes:
        loaded: as `cryptography` has it.
        key: of its holder.
        names: e-mail addresses, URIs and host names that it gives its holder, each spelled as one of its kind; where it
            gives none of any kind, the subject. What an authority may certify limits these by kind, so that none may
            pass for another.
        user_names: of a Sigstore; nothing limits these.
        issuer: who vouched for the identity, where it says so; a URL.
        for_code: whether its holder may sign code with it.
    """

    loaded: x509.Certificate
    key: PublicKey
    names: tuple[str, ...]
    user_names: tuple[str, ...]
    issuer: str
    for_code: bool

    @cached_property
    def begins(self) -> datetime.datetime:
        """From when it counts, UTC."""
        return self.loaded.not_valid_before_utc

    @cached_property
    def ends(self) -> datetime.datetime:
        """Until when it counts, UTC."""
        return self.loaded.not_valid_after_utc

    @property
    def is_short_lived(self) -> bool:
        """Whether it was made for one use, so that only a log can say whether it counted then."""
        return self.ends - self.begins <= _SHORT_LIFE

    def counts(self, moment: datetime.datetime) -> bool:
        """Whether it is valid at a moment."""
        return self.begins <= moment <= self.ends

    def issued(self, other: Certificate) -> bool:
        """Whether the key in it signed another certificate, and by its name."""
        from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

        try:
            other.loaded.verify_directly_issued_by(self.loaded)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            return False
        return True

    def matches(self, identity: str, *, of_sigstore: bool) -> bool:
        """Whether a policy means its holder by `NAME` or `NAME <ISSUER>`.

        A name alone is not enough where somebody else vouched for it, as in certificates of Sigstore.
        """
        name, _, issuer = identity.partition("<")
        names = (*self.names, *self.user_names) if of_sigstore and self.issuer else self.names
        return name.strip() in names and issuer.rstrip(">").strip() == self.issuer


def read(der: bytes) -> Certificate:
    """Read a certificate.

    Raises:
        Malformed: it is none, or its key is of a kind that is not used here.
    """
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if len(der) > MAX_BYTES:
        raise Malformed(f"a certificate of more than {MAX_BYTES:,} bytes")
    try:
        loaded = x509.load_der_x509_certificate(der)
        key = loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        names, users = _names(loaded)
        found = Certificate(loaded, public_key_of_der(key), names, users, _issuer(loaded), _for_code(loaded))
        _ = found.begins, found.ends, loaded.issuer, loaded.subject
    except DsseError as problem:
        raise Malformed(f"a certificate with {problem}") from problem
    except (
        ValueError, UnsupportedAlgorithm, x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType,
    ) as problem:  # fmt: skip
        raise Malformed("a certificate that cannot be read") from problem
    return found


def _names(certificate: x509.Certificate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names, and user names of a Sigstore."""
    from cryptography import x509

    try:
        given = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        subject = certificate.subject.rfc4514_string()
        return (subject,) if _kind(subject) == "subject" else (), ()
    kinds = {x509.RFC822Name: "mail", x509.UniformResourceIdentifier: "uri", x509.DNSName: "host"}
    names = [name.value for name in given if type(name) in kinds and _kind(name.value) == kinds[type(name)]]
    users = [_utf8(name.value) for name in given.get_values_for_type(x509.OtherName)
             if name.type_id.dotted_string == _USER_NAME]  # fmt: skip
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(name for name in users if name))


def _kind(name: str) -> str:
    """As what a policy means a name, by how it is spelled."""
    marks = {"://": "uri", "@": "mail", "=": "subject"}
    return next((kind for mark, kind in marks.items() if mark in name), "host" if name else "")


def _issuer(certificate: x509.Certificate) -> str:
    """As its newer extension has it, a UTF8String, or its older one, bare text."""
    from cryptography import x509

    found = {
        one.oid.dotted_string: one.value.value
        for one in certificate.extensions
        if isinstance(one.value, x509.UnrecognizedExtension)
    }
    if _ISSUER in found:
        return _utf8(found[_ISSUER])
    return found.get(_OLDER_ISSUER, b"").decode()


def _for_code(certificate: x509.Certificate) -> bool:
    """Digital signatures by its key usage, and code signing by its extended key usage."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if ExtendedKeyUsageOID.CODE_SIGNING not in purposes:
            return False
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    except x509.ExtensionNotFound as missing:
        return missing.oid == x509.KeyUsage.oid


def _utf8(der: bytes) -> str:
    """The text of a DER UTF8String of up to 255 bytes.

    Raises:
        ValueError: it is none.
    """
    short = len(der) >= 2 and der[0] == _UTF8_STRING and der[1] == len(der) - 2 < 128
    long = len(der) >= 3 and der[0] == _UTF8_STRING and der[1] == 0x81 and der[2] == len(der) - 3
    if not short and not long:
        raise ValueError("no UTF8String")
    return der[2 if short else 3 :].decode()
