"""Reads the files under `provenance`: records, and keys that come with the subject."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from audit import plugins, provenance
from audit.dsse import PublicKey
from audit.errors import AuditError
from audit.provenance import Demands, Malformed, Record, Window
from audit.provenance.pem import is_pem, read_pem
from audit.provenance.trusted_keys import TrustedKeys, key_ring
from audit.subject import Subject


@dataclass(frozen=True)
class Reading:
    """What the subject hands over.

    Attributes:
        contents: bytes of the files of records that could be read, by path.
        problems: a sentence on each file of records that could not.
        keys: public keys that come with the subject, also those in certificates; nobody has to trust them.
        key_problems: a sentence on each file of keys that could not be read.
    """

    records: tuple[Record, ...]
    contents: dict[str, bytes]
    problems: tuple[str, ...]
    keys: tuple[PublicKey, ...]
    key_problems: tuple[str, ...]

    @property
    def unreadable(self) -> int:
        """Files that cap the level; a file of keys is no record, so without any record there is nothing to cap."""
        there = bool(self.records or self.problems)
        return len(self.problems) + (len(self.key_problems) if there else 0)


def read(subject: Subject) -> Reading:
    """Read every file under `provenance`.

    Raises:
        SubjectError: one cannot be opened.
    """
    records: list[Record] = []
    contents: dict[str, bytes] = {}
    problems: list[str] = []
    keys: list[PublicKey] = []
    key_problems: list[str] = []
    for path in dict.fromkeys(subject.provenance):
        content = subject.read(path, "provenance")
        offers_keys = is_pem(content)
        try:
            if offers_keys:
                found = read_pem(path, content)
                keys += [*found.keys, *(certificate.key for certificate in found.certificates)]
            else:
                records += provenance.read(path, content)
                contents[path] = content
        except Malformed as problem:
            (key_problems if offers_keys else problems).append(str(problem))
    offered = tuple(dict.fromkeys(keys))
    return Reading(tuple(records), contents, tuple(problems), offered, tuple(key_problems))


@dataclass(frozen=True)
class Wanted:
    """The parameters of the check; see its `run`."""

    today: str
    keys: TrustedKeys | None
    signers: tuple[str, ...]
    trusted_root: bytes | None
    max_age_days: int | None
    weak_digests: str
    kinds: tuple[str, ...]
    builders: tuple[str, ...]

    def demands(self, offered: tuple[PublicKey, ...]) -> Demands:
        """What the policy says of records.

        Args:
            offered: keys that come with the subject.

        Raises:
            AuditError: a signer is neither a fingerprint nor a name, an age cannot be counted, or a kind is none.
        """
        known = provenance.kinds()
        for kind in self.kinds:
            if kind not in known:
                raise plugins.unknown("kind of record", kind, known)
        today = datetime.date.fromisoformat(self.today) if self.today else None
        ring = replace(
            key_ring(self.keys, self.signers),
            offered=offered,
            sigstore_root=self.trusted_root or b"",
            today=today,
        )
        return Demands(ring, self._window(today), self.weak_digests == "allow", self.kinds, self.builders)

    def _window(self, today: datetime.date | None) -> Window | None:
        if self.max_age_days is None:
            return None
        if self.max_age_days < 0:
            raise AuditError(f"max_age_days is {self.max_age_days}; expected 0 or more")
        if today is None:
            raise AuditError("max_age_days: nobody said which day it is")
        return Window(today, self.max_age_days)
