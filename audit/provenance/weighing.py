"""What one record says of a file, and how much that is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from audit.provenance import digests
from audit.provenance.audited_file import AuditedFile, folded
from audit.provenance.demands import Demands
from audit.provenance.record import Claim, Record
from audit.provenance.signers import Signatures, Tries, examine

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Said:
    """What a record says of a file.

    Attributes:
        word: `contradicted`, `unmentioned`, `weak`, or the level that the file has by this record.
        why: why it is no more than `weak`, in words; empty otherwise.
    """

    word: str
    why: str = ""


_UNMENTIONED = Said("unmentioned")


@dataclass(frozen=True)
class Weighed:
    """One record with what its signatures are worth."""

    record: Record
    signatures: Signatures
    demands: Demands

    @cached_property
    def window_problem(self) -> str:
        """Why the record is not fresh, in words; empty if it is, or if the policy has no window."""
        if self.demands.window is None:
            return ""
        # a time that a stranger had logged says nothing of when the trusted signer signed
        logged = [signer.logged for signer in self.signatures.signers if signer.pinned]
        return self.demands.window.problem(self.record, logged)

    @cached_property
    def firm_level(self) -> str:
        """The level of a file that this record ties to its bytes."""
        if not self.signatures.signers or self.record.unread:
            return "bound"
        if not any(signer.pinned for signer in self.signatures.signers):
            return "signed"
        return "trusted" if self.demands.window is None or self.window_problem else "fresh"

    @cached_property
    def weakness(self) -> str:
        """Why the record ties no file, whatever its digests; empty where it may."""
        if self.signatures.problems:
            return "the signature of the record is wrong"
        if self.record.caps:
            return self.record.caps[0].removeprefix(f"{self.record.path}: ")
        builders = self.demands.builders
        if builders and self.record.facts.get("builder") not in builders:
            return "the policy names builders, and the record is of none of those"
        return ""

    def says(self, file: AuditedFile, *, alone: bool) -> Said:
        """What the record says of a file.

        Args:
            alone: whether no other file of the subject has the same last part of the path; a free name may then be it.
        """
        named, same = self._claims_of(file, alone), self._by_digest(file)
        if _contradicts(named, file) or self._differs_elsewhere(same, file):
            return Said("contradicted")
        fitting = [*(claim for claim in named if _fits(claim, file) and _may_be(claim, file)), *same]
        if not fitting:
            return _UNMENTIONED
        if self.weakness:
            return Said("weak", self.weakness)
        if not self.demands.weak_digests and not any(digests.is_strong(claim.algorithm) for claim in fitting):
            return Said("weak", "md5 or sha1, for which a second file can be made")
        return Said(self.firm_level)

    def places_of(self, file: AuditedFile, *, alone: bool) -> tuple[str, ...]:
        """The names by which the record speaks of a file."""
        return tuple(dict.fromkeys(claim.name for claim in (*self._claims_of(file, alone), *self._by_digest(file))))

    def twins(self, file: AuditedFile) -> tuple[str, ...]:
        """Other names in the record that are the same file on some disks; see `folded`."""
        return tuple(name for name in self._by_fold.get(folded(file.path), ()) if self.record.place(name) != file.path)

    def differs(self, name: str, file: AuditedFile) -> bool:
        """Whether a digest that goes with a name is not that of a file."""
        return _contradicts([claim for claim in self._by_name[name] if _may_be(claim, file)], file)

    def _claims_of(self, file: AuditedFile, alone: bool) -> list[Claim]:
        """Claims that name a file.

        The free name of an input has to be the whole path of a data file: what went in often has the name of what came
        out in another folder.
        """
        found = list(self._by_place.get(file.path, ()))
        if not self.record.names_are_paths:
            found += self._by_name.get(file.path, ())
            found = [claim for claim in found if _may_be(claim, file)]
            shorter = self._by_name.get(file.name, ()) if alone and file.name != file.path else ()
            found += [claim for claim in shorter if claim.role == "made"]
        return list(dict.fromkeys(found))

    def _by_digest(self, file: AuditedFile) -> list[Claim]:
        """Claims of a record with free names that fit by digest alone; the digest of nothing is nobody's."""
        if self.record.names_are_paths:
            return []
        wanted = ((algorithm, file.digest(algorithm)) for algorithm in self._algorithms)
        fitting = (one for key in wanted if key[1] != _of_nothing(key[0]) for one in self._by_content.get(key, ()))
        return [one for one in fitting if _may_be(one, file)]

    def _differs_elsewhere(self, fitting: Iterable[Claim], file: AuditedFile) -> bool:
        """Whether the record gives, under the name of a digest that fits, one of another kind that does not."""
        entries = {(claim.name, claim.role) for claim in fitting if claim.name}
        return any(
            _contradicts([claim for claim in self._by_name[name] if claim.role == role], file) for name, role in entries
        )

    @cached_property
    def _by_name(self) -> dict[str, list[Claim]]:
        return _grouped((claim.name, claim) for claim in self.record.claims if claim.name)

    @cached_property
    def _by_place(self) -> dict[str, list[Claim]]:
        return _grouped((self.record.place(claim.name), claim) for claim in self.record.claims if claim.name)

    @cached_property
    def _by_content(self) -> dict[tuple[str, str], list[Claim]]:
        return _grouped(((claim.algorithm, claim.digest), claim) for claim in self.record.claims)

    @cached_property
    def _by_fold(self) -> dict[str, list[str]]:
        return _grouped((folded(self.record.place(name)), name) for name in self._by_name)

    @cached_property
    def _algorithms(self) -> tuple[str, ...]:
        return tuple(sorted({claim.algorithm for claim in self.record.claims}))


def weigh(records: Sequence[Record], demands: Demands) -> tuple[Weighed, ...]:
    """Verify the signatures of records."""
    tries = Tries()
    return tuple(Weighed(record, examine(record, demands.ring, tries), demands) for record in records)


def _contradicts(named: Iterable[Claim], file: AuditedFile) -> bool:
    """Whether some kind of digest is given for the file and none of that kind fits."""
    algorithms = {claim.algorithm for claim in named}
    return bool(algorithms - {claim.algorithm for claim in named if _fits(claim, file)})


def _fits(claim: Claim, file: AuditedFile) -> bool:
    return file.digest(claim.algorithm) == claim.digest


def _may_be(claim: Claim, file: AuditedFile) -> bool:
    """Whether a claim can be about a file: what only went in is not the model that came out."""
    return claim.role == "made" or not file.is_model


def _of_nothing(algorithm: str) -> str:
    return digests.new(algorithm).hexdigest()


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    found: defaultdict[K, list[V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)
