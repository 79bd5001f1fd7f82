"""How far records carry: the weakest file and the worst record decide."""

from __future__ import annotations

import datetime
import hashlib
import time
import unicodedata
from dataclasses import replace

import pytest

from audit import dsse, provenance
from audit.provenance import Assessment, Claim, Demands, KeyRing, Link, Listing, Record, Seal, Window, fingerprint

CONTENT = {"model.skops": b"model", "data/train.csv": b"train", "data/test.csv": b"test"}
FILES = [fingerprint(path, content) for path, content in CONTENT.items()]


def record(digests: dict[str, bytes], *, algorithm: str = "sha256", path: str = "SUMS", free: bool = False) -> Record:
    claims = [Claim(name, algorithm, hashlib.new(algorithm, content).hexdigest()) for name, content in digests.items()]
    return Record(path, "checksums", tuple(claims), names_are_paths=not free)


def assess(*records: Record, unreadable: int = 0) -> Assessment:
    return provenance.assess(records, FILES, unreadable=unreadable)


def test_without_records_the_level_is_absent() -> None:
    found = assess()
    assert (found.level, found.unverified) == ("absent", 3)


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512", "sha3_256"])
def test_strong_digests_of_every_file_bind(algorithm: str) -> None:
    found = assess(record(CONTENT, algorithm=algorithm))
    assert (found.level, found.unverified) == ("bound", 0)


@pytest.mark.parametrize("algorithm", ["md5", "sha1"])
def test_weak_digests_do_not_bind(algorithm: str) -> None:
    found = assess(record(CONTENT, algorithm=algorithm))
    assert (found.level, found.unverified) == ("well_formed", 3)
    assert "second file" in found.files[0].sentence


def test_a_weak_digest_that_differs_still_contradicts() -> None:
    assert assess(record(CONTENT), record({"model.skops": b"other"}, algorithm="md5", path="MD5")).level == "present"


def test_one_missing_file_is_enough() -> None:
    found = assess(record({name: content for name, content in CONTENT.items() if "test" not in name}))
    assert (found.level, found.unverified) == ("well_formed", 1)
    assert [state.state for state in found.files] == ["bound", "bound", "unmentioned"]


@pytest.mark.parametrize("path", CONTENT)
def test_one_changed_file_is_enough(path: str) -> None:
    found = assess(record({**CONTENT, path: CONTENT[path] + b"!"}))
    assert (found.level, found.unverified) == ("present", 1)


def test_a_right_record_does_not_outweigh_a_wrong_one() -> None:
    wrong = record({"model.skops": b"another"}, path="OLD")
    found = assess(record(CONTENT), wrong)
    assert found.level == "present"
    assert found.files[0].records == ("OLD",)


def test_swapped_files_contradict() -> None:
    swapped = {**CONTENT, "data/train.csv": b"test", "data/test.csv": b"train"}
    assert assess(record(swapped)).level == "present"


def test_one_unreadable_record_is_enough() -> None:
    assert assess(record(CONTENT), unreadable=1).level == "present"


def test_paths_are_relative_to_the_record_and_case_counts() -> None:
    inside = {path.removeprefix("data/"): content for path, content in CONTENT.items() if path.startswith("data/")}
    both = [record(inside, path="data/SUMS"), record({"model.skops": b"model"})]
    assert assess(*both).level == "bound"
    assert assess(record(inside)).unverified == 3, "the same names beside the subject are other files"
    assert assess(record({"Model.skops": b"model"})).files[0].state == "unmentioned"


def test_free_names_bind_by_digest_and_by_the_last_part_of_a_path() -> None:
    named = record({"credit model": b"model", "train.csv": b"train", "t": b"test"}, free=True)
    assert assess(named).level == "bound"
    assert assess(record({"train.csv": b"changed"}, free=True)).files[1].state == "contradicted"
    assert assess(record({"credit model": b"model"}, algorithm="md5", free=True)).files[0].state == "weak"


def test_a_name_that_two_files_share_contradicts_neither() -> None:
    files = [fingerprint("a/x.csv", b"1"), fingerprint("b/x.csv", b"2")]
    found = provenance.assess([record({"x.csv": b"1"}, free=True)], files)
    assert [state.state for state in found.files] == ["bound", "unmentioned"]


def test_other_names_are_counted() -> None:
    found = assess(record({**CONTENT, "LICENSE": b"", "old.csv": b""}))
    assert found.level == "bound"
    assert found.unused == ("SUMS also lists 2 files or parts that the subject does not use",)


def test_one_other_name_is_said_in_the_singular() -> None:
    assert assess(record({**CONTENT, "LICENSE": b""})).unused == (
        "SUMS also lists one file or part that the subject does not use",
    )


def test_records_of_other_files_say_nothing_of_these() -> None:
    other = record({"other.bin": b"x"})
    assert (assess(other).level, assess(other).unverified) == ("well_formed", 3)
    assert assess(record({"library": b"x"}, free=True)).level == "well_formed"
    assert assess(record(CONTENT), other).level == "bound", "a record beside the right one does no harm"
    assert assess(record({"model.skops": b"model"}), other).level == "well_formed"


def test_an_entry_of_which_one_digest_differs_is_contradicted_under_any_name() -> None:
    """The digest that fits may be a collision, made after the entry was signed."""

    def entry(right: str, wrong: str, name: str) -> Record:
        digest = hashlib.new(right, b"model").hexdigest()
        other = hashlib.new(wrong, b"another").hexdigest()
        return Record("SUMS", "slsa", (Claim(name, right, digest), Claim(name, wrong, other)), names_are_paths=False)

    for right, wrong in (("md5", "sha256"), ("sha512", "sha256"), ("sha256", "md5")):
        for name in ("model.skops", "orig.onnx"):
            found = provenance.assess([entry(right, wrong, name)], FILES, demands=Demands(weak_digests=True))
            assert found.files[0].state == "contradicted", (right, name)


def test_an_input_ties_data_and_never_the_model() -> None:
    claims = tuple(replace(claim, role="input") for claim in record(CONTENT).claims)
    files = [*FILES[:1], *(replace(file, is_model=False) for file in FILES[1:])]
    for paths in (True, False):
        found = provenance.assess([replace(record(CONTENT), claims=claims, names_are_paths=paths)], files)
        assert [state.state for state in found.files] == ["unmentioned", "bound", "bound"]


class TestNames:
    """Two names that may be one file, one digest that may be two."""

    def test_the_digest_of_nothing_ties_nothing_by_itself(self) -> None:
        files = [fingerprint("empty.csv", b"")]
        free = record({"": b"", "library": b""}, free=True)
        assert provenance.assess([free], files).files[0].state == "unmentioned"
        assert provenance.assess([record({"empty.csv": b""})], files).files[0].state == "bound"

    def test_one_digest_under_two_names_ties_both_files(self) -> None:
        files = [fingerprint("train.csv", b"1"), fingerprint("copy.csv", b"1")]
        assert provenance.assess([record({"train.csv": b"1", "copy.csv": b"1"})], files).level == "bound"
        assert provenance.assess([record({"train.csv": b"1"}, free=True)], files).level == "bound"
        assert provenance.assess([record({"train.csv": b"1"})], files).level == "well_formed"

    @pytest.mark.parametrize("twin", ["Model.skops", "MODEL.SKOPS"])
    def test_a_twin_by_case_with_another_digest_is_a_fault(self, twin: str) -> None:
        assert assess(record({**CONTENT, twin: b"other"})).level == "present"
        same = assess(record({**CONTENT, twin: b"model"}))
        assert same.level == "bound"
        assert any(twin in note for note in same.records[0].notes)

    def test_a_twin_by_accent_with_another_digest_is_a_fault(self) -> None:
        name = unicodedata.normalize("NFC", "modèle.skops")
        twin = unicodedata.normalize("NFD", name)
        files = [fingerprint(name, b"model")]
        assert provenance.assess([record({twin: b"model"})], files).files[0].state == "unmentioned"
        assert provenance.assess([record({name: b"model", twin: b"other"})], files).level == "present"

    def test_a_record_that_lists_itself_is_told(self) -> None:
        found = assess(record({**CONTENT, "SUMS": b""}))
        assert found.level == "bound"
        assert any("itself" in note for note in found.records[0].notes)

    def test_records_that_disagree_about_another_file_are_told(self) -> None:
        one = record({**CONTENT, "raw.csv": b"1"})
        two = record({"raw.csv": b"2"}, path="OLD")
        assert assess(one).disagreements == ()
        assert assess(one, two).disagreements == ("SUMS and OLD give different digests (sha256) of raw.csv",)


class TestSignatures:
    """What a signature is worth, and that nothing but the policy makes it trusted."""

    KEY, OTHER = dsse.new_private_key(), dsse.new_private_key("ecdsa-p384")
    TODAY = datetime.date(2026, 11, 23)

    def sealed(self, *keys: dsse.PrivateKey, made: str = "", carried: bool = True) -> Record:
        seals = tuple(Seal(b"m", key.sign(b"m"), key=key.public if carried else None) for key in keys)
        return replace(record(CONTENT), seals=seals, made=made)

    def level(self, given: Record, **demands: object) -> str:
        ring = KeyRing(pinned=(self.KEY.public,))
        return provenance.assess([given], FILES, demands=Demands(ring=ring, **demands)).level  # type: ignore[arg-type]

    def test_the_pinned_key_makes_trusted_and_another_one_signed(self) -> None:
        assert self.level(self.sealed(self.KEY)) == "trusted"
        assert self.level(self.sealed(self.KEY, carried=False)) == "trusted"
        assert self.level(self.sealed(self.OTHER)) == "signed"
        assert self.level(self.sealed(self.OTHER, self.KEY)) == "trusted"

    def test_a_wrong_signature_beside_a_right_one_is_a_fault(self) -> None:
        good = self.sealed(self.KEY)
        wrong = replace(good.seals[0], signature=self.OTHER.sign(b"m"))
        assert self.level(replace(good, seals=(*good.seals, wrong))) == "present"

    @pytest.mark.parametrize(("made", "expected"), [
        ("2026-11-23T00:00:00Z", "fresh"),
        ("2026-11-13T23:59:59+00:00", "fresh"),
        ("2026-11-13T23:59:59-00:30", "fresh"),
        ("2026-11-12T23:59:59Z", "trusted"),
        ("2026-11-13T00:30:00+02:00", "trusted"),
        ("2026-11-25T00:00:00Z", "trusted"),
        ("2026-11-20T00:00:00", "trusted"),
        ("2026-11-20", "trusted"),
        ("yesterday", "trusted"),
        ("0001-01-01T00:00:00+23:59", "trusted"),
        ("9999-12-31T23:59:59-23:59", "trusted"),
        ("", "trusted"),
    ])  # fmt: skip
    def test_only_what_was_made_inside_the_window_is_fresh(self, made: str, expected: str) -> None:
        assert self.level(self.sealed(self.KEY, made=made), window=Window(self.TODAY, 10)) == expected

    def test_what_nobody_trusted_signed_is_never_fresh(self) -> None:
        given = self.sealed(self.OTHER, made="2026-11-23T00:00:00Z")
        assert self.level(given, window=Window(self.TODAY, 10)) == "signed"

    def test_a_capped_record_ties_nothing_whoever_signed_it(self) -> None:
        found = self.sealed(self.KEY)
        assert self.level(replace(found, caps=("SUMS: a draft",))) == "well_formed"
        state = provenance.assess([replace(found, caps=("SUMS: a draft",))], FILES).files[0]
        assert "a draft" in state.sentence

    def test_weak_digests_tie_only_where_the_policy_allows_them(self) -> None:
        weak = record(CONTENT, algorithm="md5")
        assert self.level(weak) == "well_formed"
        assert self.level(weak, weak_digests=True) == "bound"


class TestWholeFolders:
    """Records that list a folder."""

    class Folder:
        def __init__(self, **files: bytes) -> None:
            self.files = files

        def below(self, folder: str) -> Listing:
            return Listing(tuple(sorted(self.files)))

        def digest(self, path: str, algorithm: str) -> str | None:
            return fingerprint(path, self.files[path]).digest(algorithm) if path in self.files else None

    def test_an_unlisted_or_missing_file_is_a_fault(self) -> None:
        whole = replace(record(CONTENT), complete=True)
        there = self.Folder(**CONTENT)
        assert provenance.assess([whole], FILES, around=there).level == "bound"
        assert provenance.assess([whole], FILES).level == "present", "a folder that cannot be looked at"
        assert provenance.assess([whole], FILES, around=self.Folder(**CONTENT, extra=b"")).level == "present"
        less = {path: content for path, content in CONTENT.items() if "test" not in path}
        assert provenance.assess([whole], FILES, around=self.Folder(**less)).level == "present"


def test_many_claims_and_many_files_take_little_time() -> None:
    """10,000 claims against 300 files: what is looked up must not be searched."""
    files = [fingerprint(f"data/{number}.csv", str(number).encode()) for number in range(300)]
    listed = {f"data/{number}.csv": str(number).encode() for number in range(10_000)}
    for free in (False, True):
        many = record(listed, free=free)
        links = tuple(Link(f"data/{number}.csv", f"data/{number + 1}.csv") for number in range(12_000))
        started = time.process_time()
        found = provenance.assess([replace(many, links=links)], files)
        drawn = provenance.lineage(found.records, files, lambda path, algorithm: None)
        assert time.process_time() - started < 20
        assert found.level == "bound"
        assert len(drawn.steps) <= 10_000
