"""How far records carry: the weakest file and the worst record decide."""

from __future__ import annotations

import hashlib

import pytest

from audit import provenance
from audit.provenance import Assessment, Claim, Record, fingerprint

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
    assert assess(record({"credit model": b"model"}, algorithm="md5", free=True)).files[0].state == "unmentioned"


def test_a_name_that_two_files_share_contradicts_neither() -> None:
    files = [fingerprint("a/x.csv", b"1"), fingerprint("b/x.csv", b"2")]
    found = provenance.assess([record({"x.csv": b"1"}, free=True)], files)
    assert [state.state for state in found.files] == ["bound", "unmentioned"]


def test_other_names_are_counted() -> None:
    found = assess(record({**CONTENT, "LICENSE": b"", "old.csv": b""}))
    assert found.level == "bound"
    assert found.unused == ("SUMS also lists 2 files or parts that the subject does not use",)


def test_no_level_above_bound_is_given() -> None:
    assert provenance.LEVELS == ("absent", "present", "well_formed", "bound", "signed", "trusted", "fresh")
    given = {assess().level, assess(record(CONTENT)).level, assess(record(CONTENT), unreadable=1).level}
    assert given == {"absent", "bound", "present"}


def test_records_of_other_files_say_nothing_of_these() -> None:
    other = record({"other.bin": b"x"})
    assert (assess(other).level, assess(other).unverified) == ("well_formed", 3)
    assert assess(record({"library": b"x"}, free=True)).level == "well_formed"
    assert assess(record(CONTENT), other).level == "bound", "a record beside the right one does no harm"
    assert assess(record({"model.skops": b"model"}), other).level == "well_formed"
