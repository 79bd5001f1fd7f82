"""One provenance record as the rest of the code sees it: who claims which digest of which file, and who signed that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from audit.dsse import PublicKey

DIGEST_LENGTHS = {
    "md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128, "sha3_256": 64, "sha3_384": 96, "sha3_512": 128,
    "blake2b": 128, "blake2s": 64,
}  # fmt: skip
"""Hexadecimal digits of a digest, by its name in hashlib."""

STRONG = frozenset(DIGEST_LENGTHS) - {"md5", "sha1"}
"""Digests for which nobody can make a second file; md5 and sha1 collide on demand."""

MAX_BYTES = 16_000_000
LONGEST_NAME = 4096
DEEPEST = 100
_HEX = re.compile(r"[0-9a-f]+")
_NO_NAME = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


Role = Literal["made", "input"]


class Malformed(Exception):
    """A record is damaged, ambiguous or of a kind that is not read; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One digest that a record gives.

    Attributes:
        name: what the record calls the file; empty where it gives no name.
        algorithm: name of the digest, as `audit.provenance.digests` knows it: in hashlib, or that over equal parts.
        digest: lower-case hexadecimal.
        role: `made` for what the record vouches for, `input` for what only went in or lies beside, such as the data of
            a training or a library. An input ties data and never the model.
    """

    name: str
    algorithm: str
    digest: str
    role: Role = "made"


@dataclass(frozen=True)
class Link:
    """One step of a lineage: something was made from something else.

    Attributes:
        source: name of what went in, as its claim has it.
        target: name of what came out.
        how: what made it, in a few words, such as the name of a stage or of a builder.
    """

    source: str
    target: str
    how: str = ""


@dataclass(frozen=True)
class Seal:
    """A signature as a record carries it; nothing in it is verified.

    Attributes:
        message: the bytes that are signed; of a DSSE envelope its pre-authentication encoding.
        signature: ECDSA in DER form.
        keyid: a hint, None where there is none.
        key: the public key that the record carries, None where it carries none.
        chain: certificates that the record carries, DER, leaf first; the key of the leaf then signs.
        prehashed: name of a digest in hashlib where `message` is only that digest of what is signed; else empty.
        bundle: the Sigstore bundle that it stands in, JSON, where a log or a time stamp has to say when it was made;
            else empty.
    """

    message: bytes
    signature: bytes
    keyid: str | None = None
    key: PublicKey | None = None
    chain: tuple[bytes, ...] = ()
    prehashed: str = ""
    bundle: bytes = b""

    def signed_by(self, key: PublicKey) -> bool:
        """Whether a key made this signature."""
        if self.prehashed:
            return key.verifies_digest(self.signature, self.message, self.prehashed)
        return key.verifies(self.signature, self.message)


@dataclass(frozen=True)
class Record:
    """What one record claims. A file that holds several, such as JSON lines, gives several.

    Attributes:
        path: of the record, relative to the folder of the subject.
        kind: name of the format, the `KIND` of its file in `audit/provenance/formats` or `predicates`.
        claims: digests of files; may be empty where a record is in order and names none.
        names_are_paths: whether names are paths relative to `root`; otherwise they are free, and a digest alone ties
            a claim to a file.
        notes: what was left aside, for the engineer.
        seals: signatures over the record; empty where it carries none.
        caps: why the record counts for no more than `well_formed`, one sentence each, such as a weak digest over all.
        root: folder to which names are relative, relative to the folder of the subject; None for the record's own.
        floating: whether the record does not say where that folder lies, so that it has to be looked for.
        complete: whether the record lists every file below `root`, so that further files there are a fault.
        ignored: paths below `root` that a complete record leaves aside by its own word.
        made: when it says that what it speaks of was made, ISO with a time zone; empty where it does not.
        links: steps of a lineage that it tells.
        facts: what else a policy may ask for, such as `builder` or `build_type` of SLSA.
        unread: why a signature over the record lifts no file above `bound`, one sentence: what was signed may say
            anything of the files, even that they must not be used. Empty where all of it was read.
    """

    path: str
    kind: str
    claims: tuple[Claim, ...]
    names_are_paths: bool
    notes: tuple[str, ...] = ()
    seals: tuple[Seal, ...] = ()
    caps: tuple[str, ...] = ()
    root: str | None = None
    floating: bool = False
    complete: bool = False
    ignored: tuple[str, ...] = ()
    made: str = ""
    links: tuple[Link, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    unread: str = ""

    @property
    def folder(self) -> str:
        """Folder to which names are relative; empty for the folder of the subject."""
        return self.path.rpartition("/")[0] if self.root is None else self.root

    def place(self, name: str) -> str:
        """Path, relative to the folder of the subject, of a name that is a path."""
        return f"{self.folder}/{name}" if self.folder else name


def claim(name: str, algorithm: str, digest: object, where: str, role: Role = "made") -> Claim | None:
    """A checked claim; None for a digest of a kind that is not compared here.

    Args:
        algorithm: as the record writes it: `SHA-256`, `sha256`, `SHA3-256` ...

    Raises:
        Malformed: the digest is no hexadecimal number of the right length.
    """
    word = algorithm.lower().replace("sha3-", "sha3_").replace("-", "")
    if word not in DIGEST_LENGTHS:
        return None
    text = digest.lower() if isinstance(digest, str) else ""
    if len(text) != DIGEST_LENGTHS[word] or not _HEX.fullmatch(text):
        raise Malformed(f"{where}: the {algorithm} of {name or 'a file'!r} is not {DIGEST_LENGTHS[word]} hex digits")
    return Claim(name, word, text, role)


def checked_name(name: str, where: str) -> str:
    """A path of a record in normal form.

    Raises:
        Malformed: it is absolute, leaves the folder, or holds a character that no path should.
    """
    if not 0 < len(name) <= LONGEST_NAME or _NO_NAME.search(name):
        raise Malformed(f"{where}: a file name is empty, too long or holds characters that no path has")
    absolute = name.startswith(("/", "~")) or (len(name) > 1 and name[1] == ":")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if absolute or "\\" in name or ".." in parts or not parts:
        raise Malformed(f"{where}: {name!r} leaves the folder of the record")
    if len(parts) > DEEPEST:
        raise Malformed(f"{where}: a file name with {len(parts)} folders; at most {DEEPEST} are read")
    return "/".join(parts)
