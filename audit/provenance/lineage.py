"""From raw data to the model: joins the steps that records tell into one graph without circles.

Two names are one thing where they have a digest in common; a name without a digest is what lies at its path. A step is
verified where its record carries as far as is asked and both of its ends are files at hand that its strong digests fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from audit.provenance import digests
from audit.provenance.audited_file import AuditedFile
from audit.provenance.levels import LEVELS, RecordState
from audit.provenance.record import Claim, Record
from audit.provenance.steps import MOST_LINKS
from audit.records import Step


@dataclass(frozen=True)
class Lineage:
    """The steps that concern the subject.

    Attributes:
        steps: sorted; following them never leads back.
        notes: what was left out, one sentence each.
    """

    steps: tuple[Step, ...]
    notes: tuple[str, ...]

    def leading_to(self, paths: Iterable[str]) -> int:
        """Number of verified steps at the end of which, directly or through further verified steps, one of these is."""
        into = defaultdict[str, list[str]](list)
        for step in self.steps:
            if step.verified:
                into[step.target].append(step.source)
        reached = _reached(set(paths), into)
        return sum(len(sources) for target, sources in into.items() if target in reached)


def lineage(
    states: Sequence[RecordState],
    files: Sequence[AuditedFile],
    at_hand: Callable[[str, str], str | None],
    *,
    least: str = "bound",
) -> Lineage:
    """Join the links of all records.

    Args:
        least: level of a record from which on its steps can be verified: an unsigned record adds no step to those of
            signed ones.
        files: model and data files of the subject.
        at_hand: digest of any file below the folder of the subject, by path and algorithm; None where there is none.
    """
    nodes, notes = _Nodes(files, at_hand), list[str]()
    told = [(state, link) for state in states for link in state.record.links]
    if len(told) > MOST_LINKS:
        notes.append(f"the records tell {len(told):,} steps; only the first {MOST_LINKS:,} are followed")
        del told[MOST_LINKS:]
    for state in states:
        nodes.add(state.record)
    by_ends: dict[tuple[str, str], Step] = {}
    for state, link in told:
        source, target = nodes.name(state.record, link.source), nodes.name(state.record, link.target)
        if source == target:
            continue
        ends = (link.source, link.target)
        believed = LEVELS.index(state.level) >= LEVELS.index(least)
        verified = believed and all(nodes.holds(state.record, name) for name in ends)
        step = Step(source, target, link.how, state.record.path, verified)
        known = by_ends.setdefault((source, target), step)
        if verified and not known.verified:
            by_ends[source, target] = step
    near = _connected(by_ends, {file.path for file in files})
    if rest := len(by_ends) - len(near):
        what = "one step" if rest == 1 else f"{rest:,} steps"
        notes.append(f"left out of the lineage: {what} of the records that nothing links with the subject")
    straight = _without_circles(sorted(near))
    if len(straight) < len(near):
        notes.append("the steps in the records go in a circle; what would lead back is left out of the lineage")
    return Lineage(tuple(by_ends[ends] for ends in straight), (*notes, *nodes.notes))


class _Nodes:
    """What names of records stand for.

    Attributes:
        notes: files in the folder that are not those of the records, one sentence each.
    """

    def __init__(self, files: Sequence[AuditedFile], at_hand: Callable[[str, str], str | None]) -> None:
        self.notes: list[str] = []
        self._files = {file.path: file for file in files}
        self._at_hand = at_hand
        # a record holds a mapping and has no hash of its own; the caller keeps it alive
        self._claims: dict[tuple[int, str], list[Claim]] = {}
        self._by_digest: dict[tuple[str, str], str] = {}
        self._by_place = {path: path for path in self._files}
        self._taken = set(self._files)
        self._paths_by_digest: dict[str, dict[str, list[str]]] = {}

    def add(self, record: Record) -> None:
        """Note the digests of the names in the links of a record."""
        wanted = {name for link in record.links for name in (link.source, link.target)}
        for claim in record.claims:
            if claim.name in wanted:
                self._claims.setdefault((id(record), claim.name), []).append(claim)
        for name in sorted(wanted):
            if claims := self._claims.get((id(record), name)):
                node = self._node(record, name, claims)
                self._by_place.setdefault(_place(record, name), node)

    def name(self, record: Record, name: str) -> str:
        """What a name stands for, as readers call it."""
        for claim in self._claims.get((id(record), name), ()):
            return self._by_digest[claim.algorithm, claim.digest]
        return self._by_place.setdefault(_place(record, name), _place(record, name) or "(unnamed)")

    def holds(self, record: Record, name: str) -> bool:
        """Whether the file is at hand and a strong digest of the record fits it, and no digest differs."""
        claims = self._claims.get((id(record), name), ())
        if not any(digests.is_strong(claim.algorithm) for claim in claims):
            return False
        node = self.name(record, name)
        if node in self._files:
            return all(self._files[node].digest(claim.algorithm) == claim.digest for claim in claims)
        place = _place(record, name)
        found = [self._at_hand(place, claim.algorithm) for claim in claims]
        if None not in found and found != [claim.digest for claim in claims]:
            self.notes.append(f"{record.path}: {place} in the folder is not the file that went into the lineage")
        return found == [claim.digest for claim in claims]

    def _node(self, record: Record, name: str, claims: Sequence[Claim]) -> str:
        keys = [(claim.algorithm, claim.digest) for claim in claims]
        known = next((self._by_digest[key] for key in keys if key in self._by_digest), None)
        node = known or self._file(_place(record, name), keys) or self._label(_place(record, name), keys[0])
        for key in keys:
            self._by_digest.setdefault(key, node)
        return self._by_digest[keys[0]]

    def _file(self, place: str, keys: Sequence[tuple[str, str]]) -> str | None:
        """The file of the subject that has one of these digests; of several the one at the path."""
        fitting = [path for key in keys for path in self._paths(key[0]).get(key[1], ())]
        return place if place in fitting else next(iter(fitting), None)

    def _paths(self, algorithm: str) -> dict[str, list[str]]:
        """Files of the subject by digest."""
        if algorithm not in self._paths_by_digest:
            found = self._paths_by_digest[algorithm] = {}
            for path, file in self._files.items():
                found.setdefault(file.digest(algorithm), []).append(path)
        return self._paths_by_digest[algorithm]

    def _label(self, place: str, key: tuple[str, str]) -> str:
        """A name that nothing else has: another file of the same name is told apart by its digest."""
        label = place if place and place not in self._taken else f"{place or '(unnamed)'} ({key[1][:8]})"
        self._taken.add(label)
        return label


def _place(record: Record, name: str) -> str:
    return record.place(name) if record.names_are_paths and name else name


def _reached(start: set[str], onward: dict[str, list[str]]) -> set[str]:
    """Everything that can be reached from the start."""
    reached, pending = set(start), list(start)
    while pending:
        for node in onward.get(pending.pop(), ()):
            if node not in reached:
                reached.add(node)
                pending.append(node)
    return reached


def _connected(ends: Iterable[tuple[str, str]], anchors: set[str]) -> list[tuple[str, str]]:
    """The pairs that hang together with one of the anchors, whichever way the steps go."""
    ends = list(ends)
    beside = defaultdict[str, list[str]](list)
    for source, target in ends:
        beside[source].append(target)
        beside[target].append(source)
    reached = _reached(anchors, beside)
    return [pair for pair in ends if pair[0] in reached]


def _without_circles(ends: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The pairs without those that lead back to where one came from."""
    onward = defaultdict[str, list[str]](list)
    for source, target in ends:
        onward[source].append(target)
    open_nodes, closed, back = set[str](), set[str](), set[tuple[str, str]]()

    def targets(node: str) -> Iterator[tuple[str, str]]:
        open_nodes.add(node)
        return iter([(node, target) for target in onward.get(node, ())])

    for start in sorted(onward):
        if start in closed:
            continue
        trail = [(start, targets(start))]
        while trail:
            node, rest = trail[-1]
            pair = next(rest, None)
            if pair is None:
                closed.add(node)
                open_nodes.discard(node)
                trail.pop()
            elif pair[1] in open_nodes:
                back.add(pair)
            elif pair[1] not in closed:
                trail.append((pair[1], targets(pair[1])))
    return [pair for pair in ends if pair not in back]
