"""Public keys and certificates in a PEM file, each block accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from audit.dsse import DsseError, PublicKey, public_key
from audit.provenance import x509_certificate
from audit.provenance.record import Malformed

MAX_BYTES = 1_000_000
_MOST_BLOCKS = 100
_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\s*")


@dataclass(frozen=True)
class Certificate:
    """One certificate of a PEM file.

    Attributes:
        der: its bytes.
        key: the public key in it.
        authority: whether it says that its holder may certify others.
    """

    der: bytes
    key: PublicKey
    authority: bool


@dataclass(frozen=True)
class Pem:
    """What a PEM file holds, in its order."""

    keys: tuple[PublicKey, ...] = ()
    certificates: tuple[Certificate, ...] = ()


def is_pem(content: bytes) -> bool:
    """Whether a file begins as PEM text does."""
    return content[:4096].lstrip().startswith(b"-----BEGIN ")


def read_pem(path: str, content: bytes) -> Pem:
    """The public keys and certificates of a PEM file: at least one.

    Args:
        path: for messages.

    Raises:
        Malformed: it is too large or damaged, or holds something else, such as a private key.
    """
    keys: list[PublicKey] = []
    certificates: list[Certificate] = []
    for label, block in _blocks(path, content):
        try:
            if label.endswith("PRIVATE KEY"):
                raise Malformed(f"{path}: holds a private key: whoever has this file can sign as its owner; remove it")
            if label.endswith("PUBLIC KEY"):
                keys.append(public_key(block))
            elif label == "CERTIFICATE":
                certificates.append(_certificate(path, block))
            else:
                raise Malformed(f"{path}: holds a {label.lower()}; expected public keys and certificates")
        except DsseError as problem:
            raise Malformed(f"{path}: {problem}") from problem
    if not keys and not certificates:
        raise Malformed(f"{path}: holds no public key and no certificate in PEM form")
    return Pem(tuple(dict.fromkeys(keys)), tuple(certificates))


def _blocks(path: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Label and text of each block; text between blocks is left aside, as openssl does."""
    if len(content) > MAX_BYTES:
        raise Malformed(f"{path}: larger than {MAX_BYTES:,} bytes, which no file of keys is")
    label, lines, number = "", list[bytes](), 0
    for line in content.splitlines(keepends=True):
        begun = _BEGIN.fullmatch(line)
        if begun and not label:
            label, lines, number = begun[1].decode(), [], number + 1
        elif begun:
            raise Malformed(f"{path}: a block of PEM text has no end")
        if label:
            lines.append(line)
        if label and line.strip() == f"-----END {label}-----".encode():
            yield label, b"".join(lines)
            label = ""
        if number > _MOST_BLOCKS:
            raise Malformed(f"{path}: more than {_MOST_BLOCKS} keys and certificates")
    if label:
        raise Malformed(f"{path}: a block of PEM text has no end")


def _certificate(path: str, block: bytes) -> Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        der = x509.load_pem_x509_certificate(block).public_bytes(Encoding.DER)
        found = x509_certificate.read(der)
        authority = found.loaded.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        authority = False
    except Malformed as problem:
        raise Malformed(f"{path}: {problem}") from problem
    except ValueError as problem:
        raise Malformed(f"{path}: a certificate that cannot be read") from problem
    return Certificate(der, found.key, authority)
