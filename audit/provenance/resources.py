"""Resource descriptors and digest sets of the in-toto attestation framework.

Source: in-toto attestation framework, spec v1, ResourceDescriptor and DigestSet.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audit.provenance.json_text import an_object, objects, optional_object, optional_text, optional_uri, shown, text
from audit.provenance.record import DIGEST_LENGTHS, Claim, Malformed

_GIT = dict.fromkeys(("gitCommit", "gitTree", "gitBlob", "gitTag"), (40, 64))
_LENGTHS: Mapping[str, tuple[int, ...]] = {
    **{name: (length,) for name, length in DIGEST_LENGTHS.items()},
    **_GIT, "sha224": (56,), "sha512_224": (56,), "sha512_256": (64,), "sha3_224": (56,), "ripemd160": (40,),
    "sm3": (64,), "gost": (64,), "dirHash": (64,), "dirHash1": (64,),
}  # fmt: skip
"""Digits of the digests that the specification names; the other kinds may hold any text."""

_LOWER_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True)
class Resource:
    """Something that a statement speaks of.

    Attributes:
        name: the name that the statement gives; empty for none and for the `_` that stands for none.
        uri: empty where there is none.
        digests: hexadecimal, by the names of hashlib.
        others: kinds of digests that are not compared with files.
    """

    name: str
    uri: str
    digests: Mapping[str, str]
    others: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """What claims and lineage call it: its name, else its URI, else its first digest, which no file is named by."""
        first = next((f"{kind}:{digest}" for kind, digest in self.digests.items()), "")
        return self.name or self.uri or first

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Its digests."""
        return tuple(Claim(self.called, kind, digest) for kind, digest in self.digests.items())


def resource(value: Any, where: str) -> Resource:
    """A checked descriptor.

    Raises:
        Malformed: a field is of the wrong type, or it has neither a URI nor a digest nor a content.
    """
    given = an_object(value, where)
    name = optional_text(given.get("name"), f"{where}.name")
    address = optional_uri(given.get("uri"), f"{where}.uri")
    optional_uri(given.get("downloadLocation"), f"{where}.downloadLocation")
    optional_text(given.get("mediaType"), f"{where}.mediaType")
    optional_object(given.get("annotations"), f"{where}.annotations")
    content = _content(given.get("content"), f"{where}.content")
    found = digest_set(given.get("digest"), f"{where}.digest")
    if not (address or found or content):
        raise Malformed(f"{where}: a uri, a digest or a content is expected")
    digests = {kind: digest for kind, digest in found.items() if kind in DIGEST_LENGTHS}
    return Resource("" if name == "_" else name, address, digests, tuple(found.keys() - digests.keys()))


def resources(value: Any, where: str) -> tuple[Resource, ...]:
    """A list of descriptors; an absent one is empty. Errors as `resource`."""
    return tuple(resource(item, f"{where}[{at}]") for at, item in enumerate(objects(value, where)))


def digest_set(value: Any, where: str) -> dict[str, str]:
    """Digests by the name of their kind; an absent set is empty.

    Raises:
        Malformed: it is no such set, or a digest of a known kind is no lower-case hexadecimal number of its length.
    """
    given = optional_object(value, where)
    for kind, digest in given.items():
        place = f"{where}.{shown(kind)}"
        if kind in _LENGTHS and not (_LOWER_HEX.fullmatch(text(digest, place)) and len(digest) in _LENGTHS[kind]):
            digits = " or ".join(str(length) for length in _LENGTHS[kind])
            raise Malformed(f"{place}: {digits} digits of lower-case hexadecimal are expected")
        text(digest, place)
    return given


def _content(value: Any, where: str) -> bool:
    """Whether there is a content."""
    given = optional_text(value, where)
    try:
        base64.b64decode(given.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(f"{where}: base64 is expected") from None
    return bool(given)
