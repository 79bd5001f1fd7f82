"""Keys: read from PEM or DER, made anew, and used to sign and to verify."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from audit.dsse import ecdsa
from audit.dsse.errors import DsseError

KINDS = ("ed25519", "ecdsa-p256", "ecdsa-p384")
"""Keys that are made here; `audit keygen --type`."""

_RSA_BITS = range(2048, 8193)
"""Shorter keys can be broken; longer ones only make verifying slow."""

_FIELD = 2**255 - 19
_OF_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
_SMALL_ORDER = frozenset({0, 1, _FIELD - 1, _OF_ORDER_8, _FIELD - _OF_ORDER_8})
"""The y of the eight points of Ed25519 whose order divides 8, under which one signature fits many messages.

Two x to a y, and two y that also have a form of 2^255 - 19 and more: fourteen encodings in all. Source: Chalkias,
Garillot, Nikolaenko, "Taming the many EdDSAs" (2020), table 1; the tests compute them from the curve.
"""

# base64 holds no dash, so a block that does not end is given up at the next one
_PUBLIC_BLOCK = re.compile(
    rb"-----BEGIN (?:[A-Z]{1,9} )?PUBLIC KEY-----\s[^-]*-----END (?:[A-Z]{1,9} )?PUBLIC KEY-----"
)


@dataclass(frozen=True)
class PublicKey:
    """A public key.

    Attributes:
        der: SubjectPublicKeyInfo in DER form.
        kind: `ed25519`, `ecdsa-p256`, `ecdsa-p384`, `ecdsa-p521` or `rsa`.
    """

    der: bytes
    kind: str

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the DER form, hexadecimal: what signer and reader compare."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def pem(self) -> bytes:
        """The key as PEM text."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

        return load_der_public_key(self.der).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether a signature over a message is this key's.

        ECDSA goes with the SHA-2 of the size of its curve; RSA is tried with PSS and PKCS #1 v1.5, SHA-256.
        """
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        loaded: Any = load_der_public_key(self.der)
        if self.kind == "ed25519":
            return _accepts(loaded, signature, message)
        if self.kind == "rsa":
            return any(_accepts(loaded, signature, message, *way) for way in _rsa_ways())
        return _accepts(loaded, ecdsa.der_form(signature, self.kind), message, ecdsa.scheme(self.kind))

    def verifies_digest(self, signature: bytes, digest: bytes, algorithm: str) -> bool:
        """As `verifies`, where only a digest of the message is at hand; of ECDSA keys alone.

        Args:
            algorithm: of the digest, its name in hashlib; SHA-2 or SHA-3.
        """
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        if self.kind not in ecdsa.ORDERS:
            return False
        form = ecdsa.der_form(signature, self.kind)
        return _accepts(load_der_public_key(self.der), form, digest, ecdsa.prehashed(algorithm))

    def one_form(self, signature: bytes) -> bytes:
        """How `PrivateKey.sign` would have written a signature of this key; of ECDSA two forms verify.

        Raises:
            DsseError: it is no signature of such a key.
        """
        return ecdsa.one_form(signature, self.kind) if self.kind in ecdsa.ORDERS else signature


@dataclass(frozen=True)
class PrivateKey:
    """A private key that is held in memory; its text form shows only the public half.

    Attributes:
        public: its public half.
    """

    public: PublicKey
    _loaded: Any

    def __repr__(self) -> str:
        return f"PrivateKey({self.public.kind}, {self.public.fingerprint})"

    def sign(self, message: bytes) -> bytes:
        """A signature over a message; ECDSA in DER form with the smaller s, and the SHA-2 of the size of its curve."""
        if self.public.kind == "ed25519":
            return bytes(self._loaded.sign(message))
        return self.public.one_form(self._loaded.sign(message, ecdsa.scheme(self.public.kind)))

    def pem(self) -> bytes:
        """PKCS #8 without a password."""
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        return bytes(self._loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def new_private_key(kind: str = "ed25519") -> PrivateKey:
    """A fresh key from the operating system's randomness.

    Args:
        kind: one of `KINDS`.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    loaded: Any
    if kind == "ed25519":
        loaded = ed25519.Ed25519PrivateKey.generate()
    else:
        loaded = ec.generate_private_key({"ecdsa-p256": ec.SECP256R1(), "ecdsa-p384": ec.SECP384R1()}[kind])
    return PrivateKey(_public(loaded.public_key()), loaded)


def private_key(pem: bytes) -> PrivateKey:
    """Read a private key that can sign here.

    Raises:
        DsseError: it is no unencrypted Ed25519 or ECDSA key in PEM form.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        loaded: Any = load_pem_private_key(pem, password=None)
    except TypeError:
        raise DsseError("the signing key is encrypted; give a key without a password") from None
    except (ValueError, UnsupportedAlgorithm):
        raise DsseError("the signing key is not a private key in PEM form; make one with: audit keygen") from None
    public = _public(loaded.public_key())
    if public.kind == "rsa":
        raise DsseError("the signing key is an RSA key; sign with Ed25519 or ECDSA: audit keygen")
    return PrivateKey(public, loaded)


def public_key(content: bytes) -> PublicKey:
    """Read one public key, PEM or DER.

    Raises:
        DsseError: it is none, or of a kind that is not known here.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if b"-----BEGIN" not in content:
        return public_key_of_der(content)
    if (count := len(re.findall(rb"-----BEGIN [A-Z ]*PUBLIC KEY-----", content))) > 1:
        raise DsseError(f"{count} public keys in one file; give one file for each")
    try:
        loaded = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise DsseError("not a public key in PEM form; give the .pub.pem file of the signer") from None
    return _public(loaded)


def public_key_of_der(der: bytes) -> PublicKey:
    """Read one public key in DER form; errors as `public_key`."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        loaded = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise DsseError("not a public key") from None
    return _public(loaded)


def public_keys(pem: bytes) -> tuple[PublicKey, ...]:
    """Every public key of a PEM file, in its order; other blocks, such as certificates, are left aside.

    Raises:
        DsseError: one of them is no key, is cut short, or is of a kind that is not known here.
    """
    blocks = _PUBLIC_BLOCK.findall(pem)
    if pem.count(b"PUBLIC KEY-----") != 2 * len(blocks):
        raise DsseError("a public key in PEM form is cut short")
    return tuple(public_key(block) for block in blocks)


def _public(loaded: object) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if isinstance(loaded, ed25519.Ed25519PublicKey):
        kind = "ed25519"
        encoded = loaded.public_bytes(Encoding.Raw, PublicFormat.Raw)
        if int.from_bytes(encoded, "little") % 2**255 % _FIELD in _SMALL_ORDER:
            raise DsseError("an Ed25519 key of small order, for which anybody can make signatures")
    elif isinstance(loaded, ec.EllipticCurvePublicKey) and loaded.curve.name in ecdsa.CURVES:
        kind = ecdsa.CURVES[loaded.curve.name]
    elif isinstance(loaded, rsa.RSAPublicKey) and loaded.key_size in _RSA_BITS:
        kind = "rsa"
    else:
        raise DsseError("a key of a kind that is not used here; expected Ed25519, ECDSA on P-256, P-384 or P-521")
    return PublicKey(loaded.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), kind)


def _accepts(loaded: Any, signature: bytes, message: bytes, *way: Any) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        loaded.verify(signature, message, *way)
    except InvalidSignature:
        return False
    return True


def _rsa_ways() -> tuple[tuple[Any, Any], ...]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    sha256 = hashes.SHA256()
    return (
        (padding.PSS(padding.MGF1(sha256), padding.PSS.AUTO), sha256),
        (padding.PKCS1v15(), sha256),
    )
