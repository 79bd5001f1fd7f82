"""ECDSA: which hash goes with which curve, and the one form of a signature that could be written in two.

Beside (r, s) also (r, n - s) verifies, n being the order of the curve, and whoever has the one can write the other
without the key. Where a file may have one form only, the smaller of the two counts.

Source: SEC 1 and SEC 2 of the Standards for Efficient Cryptography (curves and their orders); FIPS 186-5.
"""

from __future__ import annotations

from typing import Any

from audit.dsse.errors import DsseError

CURVES = {"secp256r1": "ecdsa-p256", "secp384r1": "ecdsa-p384", "secp521r1": "ecdsa-p521"}
"""Kind of a key by the name of its curve."""

ORDERS = {
    "ecdsa-p256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "ecdsa-p384": int("F" * 48 + "C7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973", 16),
    "ecdsa-p521": int("1" + "F" * 64 + "FA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409", 16),
}


def scheme(kind: str) -> Any:
    """The signature algorithm of a kind of key: ECDSA with the SHA-2 of the size of its curve."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    sizes: dict[str, hashes.HashAlgorithm] = {
        "ecdsa-p256": hashes.SHA256(), "ecdsa-p384": hashes.SHA384(), "ecdsa-p521": hashes.SHA512(),
    }  # fmt: skip
    return ec.ECDSA(sizes[kind])


def prehashed(algorithm: str) -> Any:
    """The signature algorithm over a digest that is at hand.

    Args:
        algorithm: of the digest, its name in hashlib; SHA-2 or SHA-3.
    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

    known: dict[str, hashes.HashAlgorithm] = {
        "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
        "sha3_256": hashes.SHA3_256(), "sha3_384": hashes.SHA3_384(),
    }  # fmt: skip
    return ec.ECDSA(Prehashed(known[algorithm]))


def der_form(signature: bytes, kind: str) -> bytes:
    """A signature in DER form; one that is r and s side by side, as DSSE's own example has it, is written anew."""
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

    try:
        decode_dss_signature(signature)
    except ValueError:
        half = (ORDERS[kind].bit_length() + 7) // 8
        if len(signature) == 2 * half:
            return encode_dss_signature(
                int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
            )
    return signature


def one_form(signature: bytes, kind: str) -> bytes:
    """A signature in DER form with the smaller s.

    Raises:
        DsseError: it is no ECDSA signature in DER form.
    """
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

    try:
        r, s = decode_dss_signature(signature)
    except ValueError:
        raise DsseError("not an ECDSA signature in DER form") from None
    return encode_dss_signature(r, min(s, ORDERS[kind] - s)) if 0 < s < ORDERS[kind] else signature
