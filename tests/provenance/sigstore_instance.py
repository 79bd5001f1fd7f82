"""A Sigstore of its own, made in a test: an authority for certificates of ten minutes, two logs and the trust root.

Source: RFC 6962 (signed certificate timestamps, Merkle trees); sigstore protobuf-specs (bundle, trust root); the notes
of transparency.dev that sign the state of a log.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import struct
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from audit.dsse import IN_TOTO, pre_authentication
from tests.provenance.authority import NOON, Holder, certified, names
from tests.provenance.model_signatures import MEDIA_TYPE, b64

ISSUER = "https://issuer.example"
_SCTS = x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.8")


class Sigstore:
    """An instance; `logged` is the moment at which it logs."""

    def __init__(self, logged: datetime.datetime = NOON) -> None:
        self.logged = logged
        self.root = certified("sigstore", authority=True)
        self._log = ec.generate_private_key(ec.SECP256R1())
        self._certificate_log = ec.generate_private_key(ec.SECP256R1())

    @property
    def trusted_root(self) -> bytes:
        """What a policy trusts this instance by."""
        since = {"start": "2020-01-01T00:00:00Z"}
        authority = {
            "subject": {"organization": "test", "commonName": "sigstore"},
            "uri": "https://authority.example",
            "certChain": {"certificates": [{"rawBytes": b64(self.root.der)}]},
            "validFor": since,
        }
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                "tlogs": [_log(self._log, since)],
                "certificateAuthorities": [authority],
                "ctlogs": [_log(self._certificate_log, since)],
                "timestampAuthorities": [],
            }
        ).encode()

    def certified(self, name: str = "ann@example.org") -> Holder:
        """A certificate for somebody, with the promise of the log of certificates in it."""
        issuer = ISSUER.encode()
        further = [
            names(x509.RFC822Name(name)),
            (x509.UnrecognizedExtension(_ISSUER, bytes([0x0C, len(issuer)]) + issuer), False),
        ]
        life = {"begins": NOON, "ends": NOON + datetime.timedelta(minutes=10)}
        draft = certified("ann", self.root, further=further, serial=7, **life)
        body = draft.certificate.tbs_certificate_bytes
        stamp = int(NOON.timestamp() * 1000)
        signed = struct.pack("!BBQH32s", 0, 0, stamp, 1, _print(self.root.loaded)) + len(body).to_bytes(3, "big") + body
        promise = self._certificate_log.sign(signed + b"\0\0", ec.ECDSA(hashes.SHA256()))
        one = struct.pack("!B32sQHBBH", 0, _print(self._certificate_log), stamp, 0, 4, 3, len(promise)) + promise
        listed = struct.pack("!HH", len(one) + 2, len(one)) + one
        value = bytes([0x04, len(listed)]) + listed
        proven = (x509.UnrecognizedExtension(_SCTS, value), False)
        return certified("ann", self.root, further=[*further, proven], serial=7, loaded=draft.loaded, **life)

    def statement(self, payload: bytes, by: Holder) -> dict[str, Any]:
        """A bundle around a statement."""
        signature = b64(by.key.sign(pre_authentication(IN_TOTO, payload)))
        entry = {
            "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [{"signature": signature, "verifier": b64(by.pem)}],
        }
        envelope = {"payload": b64(payload), "payloadType": IN_TOTO, "signatures": [{"sig": signature}]}
        return self._bundle("dsse", entry, by) | {"dsseEnvelope": envelope}

    def file(self, content: bytes, by: Holder) -> dict[str, Any]:
        """A bundle over a file."""
        digest, signature = hashlib.sha256(content), b64(by.key.sign(content))
        entry = {
            "signature": {"content": signature, "publicKey": {"content": b64(by.pem)}},
            "data": {"hash": {"algorithm": "sha256", "value": digest.hexdigest()}},
        }
        told = {"messageDigest": {"algorithm": "SHA2_256", "digest": b64(digest.digest())}, "signature": signature}
        return self._bundle("hashedrekord", entry, by) | {"messageSignature": told}

    def _bundle(self, kind: str, specification: dict[str, Any], by: Holder) -> dict[str, Any]:
        material = {"certificate": {"rawBytes": b64(by.der)}, "tlogEntries": [self._entry(kind, specification)]}
        return {"mediaType": MEDIA_TYPE, "verificationMaterial": material}

    def _entry(self, kind: str, specification: dict[str, Any]) -> dict[str, Any]:
        """The only entry of the log, with the promise and the proof that it is there."""
        body = rfc8785.dumps({"apiVersion": "0.0.1", "kind": kind, "spec": specification})
        when, log = int(self.logged.timestamp()), _print(self._log)
        promised = rfc8785.dumps({"body": b64(body), "integratedTime": when, "logID": log.hex(), "logIndex": 0})
        state = b64(hashlib.sha256(b"\0" + body).digest())
        note = f"log.example\n1\n{state}\n"
        signature = b64(log[:4] + self._log.sign(note.encode(), ec.ECDSA(hashes.SHA256())))
        return {
            "logIndex": "0",
            "logId": {"keyId": b64(log)},
            "kindVersion": {"kind": kind, "version": "0.0.1"},
            "integratedTime": str(when),
            "inclusionPromise": {"signedEntryTimestamp": b64(self._log.sign(promised, ec.ECDSA(hashes.SHA256())))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": state,
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 log.example {signature}\n"},
            },
            "canonicalizedBody": b64(body),
        }


def _spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _print(key: ec.EllipticCurvePrivateKey) -> bytes:
    return hashlib.sha256(_spki(key)).digest()


def _log(key: ec.EllipticCurvePrivateKey, since: dict[str, str]) -> dict[str, Any]:
    return {
        "baseUrl": "https://log.example",
        "hashAlgorithm": "SHA2_256",
        "publicKey": {"rawBytes": b64(_spki(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": since},
        "logId": {"keyId": b64(_print(key))},
    }
