"""Signed envelopes (DSSE) and the keys that sign them: Ed25519, ECDSA on P-256, P-384 and P-521; RSA is verified only.

Built on `cryptography` alone. Whoever reads an envelope says which keys count; nothing in an envelope is trusted
because it names a key.

Source: DSSE protocol v1.0.2 and its JSON envelope (github.com/secure-systems-lab/dsse).
"""

from audit.dsse.envelope import (
    IN_TOTO,
    MOST_SIGNATURES,
    Envelope,
    Signature,
    envelope_of,
    pre_authentication,
    sign,
    to_values,
)
from audit.dsse.errors import DsseError
from audit.dsse.keys import (
    KINDS,
    PrivateKey,
    PublicKey,
    new_private_key,
    private_key,
    public_key,
    public_key_of_der,
    public_keys,
)

__all__ = [
    "IN_TOTO",
    "KINDS",
    "MOST_SIGNATURES",
    "DsseError",
    "Envelope",
    "PrivateKey",
    "PublicKey",
    "Signature",
    "envelope_of",
    "new_private_key",
    "pre_authentication",
    "private_key",
    "public_key",
    "public_key_of_der",
    "public_keys",
    "sign",
    "to_values",
]
