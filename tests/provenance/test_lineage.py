"""Steps that records tell, joined into one graph without circles."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from audit import provenance
from audit.provenance import Claim, Lineage, Link, Record, fingerprint

FILES = [fingerprint("model.skops", b"model"), fingerprint("train.csv", b"train")]
DISK = {"raw.csv": b"raw", "old/raw.csv": b"older"}


def at_hand(path: str, algorithm: str) -> str | None:
    return fingerprint(path, DISK[path]).digest(algorithm) if path in DISK else None


def record(digests: dict[str, bytes], *links: tuple[str, str], path: str = "R", **more: object) -> Record:
    claims = tuple(Claim(name, "sha256", hashlib.sha256(content).hexdigest()) for name, content in digests.items())
    made = Record(path, "slsa", claims, names_are_paths=True, links=tuple(Link(*ends, "fit") for ends in links))
    return replace(made, **more)  # type: ignore[arg-type]


def drawn(*records: Record) -> Lineage:
    return provenance.lineage(provenance.assess(records, FILES).records, FILES, at_hand)


def ends(found: Lineage) -> list[tuple[str, str, bool]]:
    return [(step.source, step.target, step.verified) for step in found.steps]


def test_records_of_different_names_meet_in_a_digest() -> None:
    one = record({"raw.csv": b"raw", "made.csv": b"train"}, ("raw.csv", "made.csv"), names_are_paths=False)
    two = record({"input": b"train", "model": b"model"}, ("input", "model"), path="S", names_are_paths=False)
    found = drawn(one, two)
    assert ends(found) == [("raw.csv", "train.csv", True), ("train.csv", "model.skops", True)]
    assert (found.leading_to(["model.skops"]), found.leading_to(["train.csv"])) == (2, 1)


def test_a_name_without_a_digest_is_what_lies_at_its_path() -> None:
    one = record({"train.csv": b"train"}, ("raw.csv", "train.csv"))
    two = record({"old/train.csv": b"x"}, ("train.csv", "model.skops"), path="S")
    assert ends(drawn(one, two)) == [("raw.csv", "train.csv", False), ("train.csv", "model.skops", False)]


def test_another_file_of_the_same_name_is_another_thing() -> None:
    found = drawn(record({"model.skops": b"model", "train.csv": b"other"}, ("train.csv", "model.skops")))
    assert len(found.steps) == 1
    assert found.steps[0].source.startswith("train.csv (")
    assert not found.steps[0].verified


def test_a_step_is_verified_by_bytes_alone() -> None:
    right = record({"raw.csv": b"raw", "train.csv": b"train"}, ("raw.csv", "train.csv"))
    assert ends(drawn(right)) == [("raw.csv", "train.csv", True)]
    changed = drawn(record({"raw.csv": b"rwa", "train.csv": b"train"}, ("raw.csv", "train.csv")))
    assert [step.verified for step in changed.steps] == [False]
    assert "raw.csv" in changed.notes[0]
    weak = replace(right, claims=tuple(replace(one, algorithm="md5", digest="0" * 32) for one in right.claims[:1]))
    assert not drawn(weak).steps[0].verified
    assert not drawn(replace(right, caps=("R: a draft",))).steps[0].verified


def test_what_concerns_nothing_of_the_subject_is_left_out() -> None:
    found = drawn(record({"train.csv": b"train"}, ("a", "b"), ("raw.csv", "train.csv")))
    assert [step.source for step in found.steps] == ["raw.csv"]
    assert "one step" in found.notes[0]


def test_circles_are_cut_and_told() -> None:
    found = drawn(record({}, ("train.csv", "a"), ("a", "b"), ("b", "train.csv"), ("b", "model.skops"), ("a", "a")))
    assert len(found.steps) == 3
    assert any("circle" in note for note in found.notes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=40))
def test_following_the_steps_never_leads_back(pairs: list[tuple[int, int]]) -> None:
    names = {0: "train.csv", 1: "model.skops"}
    links = [(names.get(a, f"n{a}"), names.get(b, f"n{b}")) for a, b in pairs]
    steps = drawn(record({}, *links)).steps
    left = {(step.source, step.target) for step in steps}
    while left:
        ready = {pair for pair in left if pair[0] not in {target for _, target in left}}
        assert ready, "only circles are left"
        left -= ready


def test_a_long_chain_needs_no_deep_stack() -> None:
    links = [("train.csv" if not number else f"n{number}", f"n{number + 1}") for number in range(9_000)]
    assert len(drawn(record({}, *links)).steps) == 9_000
