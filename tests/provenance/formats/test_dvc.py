"""DVC's files: an md5 that DVC 3 wrote is a claim, others are noted, and what DVC never writes is refused."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import yaml

from audit import provenance
from audit.provenance import Claim, Demands, Link, Malformed, Record
from tests.provenance.changes import ABSENT, changed

MD5 = hashlib.md5(b"rows", usedforsecurity=False).hexdigest()
OTHER = hashlib.md5(b"model", usedforsecurity=False).hexdigest()
LOCK: dict[str, Any] = {
    "schema": "2.0",
    "stages": {
        "clean": {
            "cmd": "python clean.py",
            "deps": [{"path": "raw", "hash": "md5", "md5": f"{'a' * 32}.dir", "size": 9, "nfiles": 2}],
            "outs": [{"path": "data/train.csv", "hash": "md5", "md5": MD5, "size": 4}],
        },
        "train": {
            "cmd": ["python train.py"],
            "deps": [
                {"path": "data/train.csv", "hash": "md5", "md5": MD5, "size": 4},
                {"path": "train.py", "md5": "b" * 32},
            ],
            "params": {"params.yaml": {"depth": 3}},
            "outs": [{"path": "model.skops", "hash": "md5", "md5": OTHER, "size": 5}],
        },
    },
}
SINGLE: dict[str, Any] = {"outs": [{"md5": MD5, "size": 4, "hash": "md5", "path": "train.csv"}]}


def read(document: dict[str, Any], path: str = "dvc.lock") -> Record:
    return provenance.read(path, yaml.safe_dump(document).encode())[0]


def test_a_lock_gives_digests_and_the_steps_of_the_pipeline() -> None:
    record = read(LOCK)
    assert record.claims == (Claim("data/train.csv", "md5", MD5), Claim("model.skops", "md5", OTHER))
    assert set(record.links) == {
        Link("raw", "data/train.csv", "clean"),
        Link("data/train.csv", "model.skops", "train"),
        Link("train.py", "model.skops", "train"),
    }
    assert any("'raw' is a folder" in note for note in record.notes)
    assert any("'train.py' was written by DVC 2" in note for note in record.notes)


def test_md5_ties_a_file_only_where_the_policy_takes_weak_digests() -> None:
    files = [provenance.fingerprint("model.skops", b"model")]
    assert provenance.assess([read(LOCK)], files).files[0].state == "weak"
    weak = Demands(weak_digests=True)
    assert provenance.assess([read(LOCK)], files, demands=weak).files[0].state == "bound"
    edited = [provenance.fingerprint("model.skops", b"another")]
    assert provenance.assess([read(LOCK)], edited, demands=weak).level == "present"


def test_a_single_file_is_read_below_its_own_folder() -> None:
    record = read(SINGLE, "data/train.csv.dvc")
    assert [record.place(one.name) for one in record.claims] == ["data/train.csv"]
    moved = read({**SINGLE, "wdir": "sub/deep"}, "data/train.csv.dvc")
    assert [moved.place(one.name) for one in moved.claims] == ["data/sub/deep/train.csv"]


def test_what_was_imported_is_told_and_not_compared() -> None:
    repository = {"path": "data/raw.csv", "repo": {"url": "https://example.org/repo", "rev_lock": "c" * 40}}
    record = read({**SINGLE, "deps": [repository]}, "train.csv.dvc")
    assert record.claims == (Claim("train.csv", "md5", MD5),)
    assert record.links == (Link("https://example.org/repo#data/raw.csv", "train.csv", "imported"),)
    address = read({**SINGLE, "deps": [{"path": "s3://bucket/raw.csv", "etag": "x"}]}, "train.csv.dvc")
    assert address.links == (Link("s3://bucket/raw.csv", "train.csv", "imported"),)


def test_the_files_of_a_folder_that_are_listed_one_by_one_are_compared() -> None:
    files = [{"relpath": "a/1.png", "md5": MD5, "size": 4}, {"relpath": "2.png", "md5": OTHER, "size": 5}]
    record = read({"outs": [{"path": "images", "hash": "md5", "files": files}]}, "images.dvc")
    assert record.claims == (Claim("images/a/1.png", "md5", MD5), Claim("images/2.png", "md5", OTHER))
    with pytest.raises(Malformed, match="leaves the folder"):
        read(
            {"outs": [{"path": "images", "hash": "md5", "files": [{"relpath": "../1.png", "md5": MD5}]}]}, "images.dvc"
        )


def test_what_dvc_2_wrote_is_in_order_and_ties_nothing() -> None:
    record = read(changed(SINGLE, "outs/0/hash", ABSENT), "train.csv.dvc")
    assert record.claims == ()
    assert "DVC 2" in record.notes[0]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("schema", ABSENT), ("schema", "1.0"), ("schema", "3.0"), ("stages", ABSENT), ("stages", []),
        ("stages/train", []),
        ("stages/train/deps", {}), ("stages/train/deps", ["a"]), ("stages/train/outs/0/path", ABSENT),
        ("stages/train/outs/0/path", 5), ("stages/train/outs/0/path", "../\x1b[2J"),
        ("stages/train/outs/0/path", "a\\b"), ("stages/train/outs/0/path", f"/{'a' * 5000}"),
        ("stages/train/outs/0/path", "."),
        ("stages/train/outs/0/md5", 5), ("stages/train/outs/0/md5", "zz"), ("stages/train/outs/0/md5", "a" * 31),
        ("stages/train/outs/0/md5", f"{'a' * 31}.dir"), ("stages/train/outs/0/hash", "sha256"),
        ("stages/train/outs/0/hash", ["md5"]), ("stages/train/outs/0/files", "x"),
        ("stages/train/outs/0/files", [{"md5": MD5}]), ("stages/train/deps/0/md5", OTHER), ("stages", {}),
        ("wdir", 5), ("wdir", ""),
    ],
)  # fmt: skip
def test_what_dvc_does_not_write_is_refused(place: str, value: Any) -> None:
    with pytest.raises(Malformed, match=r"dvc\.lock"):
        read(changed(LOCK, place, value))


@pytest.mark.parametrize("path", ["../model.skops", "/model.skops", "C:/model.skops", "~/x", "a/../../x"])
def test_what_lies_outside_of_the_folder_is_told_and_not_compared(path: str) -> None:
    record = read(changed(LOCK, "stages/train/deps/1/path", path))
    assert record.claims == read(LOCK).claims
    assert Link(path, "model.skops", "train") in record.links
    assert any("lies outside" in note for note in record.notes)


@pytest.mark.parametrize("folder", ["..", "../..", "/tmp", "sub/../.."])
def test_a_working_folder_outside_ties_nothing(folder: str) -> None:
    record = read({**SINGLE, "wdir": folder}, "meta/train.csv.dvc")
    assert record.claims == ()
    assert f"{folder}/train.csv" in record.notes[0]


def test_what_stages_only_read_is_not_the_model() -> None:
    only_read = changed(LOCK, "stages/train/outs/0/path", "other.skops")
    only_read["stages"]["train"]["deps"][1] = {"path": "model.skops", "hash": "md5", "md5": OTHER}
    weak = Demands(weak_digests=True)
    for is_model, state in ((True, "unmentioned"), (False, "bound")):
        files = [provenance.fingerprint("model.skops", b"model", is_model=is_model)]
        assert provenance.assess([read(only_read)], files, demands=weak).files[0].state == state


def test_more_steps_than_a_pipeline_has_are_refused() -> None:
    entries = [{"path": f"f{number}", "md5": MD5, "hash": "md5"} for number in range(200)]
    outs = [{**entry, "path": f"out/{entry['path']}"} for entry in entries]
    with pytest.raises(Malformed, match="steps"):
        read({"schema": "2.0", "stages": {"all": {"deps": entries, "outs": outs}}})


@pytest.mark.parametrize("text", ["", "- a\n", "a: &x 1\nb: *x\n", "outs: [\n", "outs: []\nouts: []\n", "\x00"])
def test_what_is_no_plain_yaml_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match=r"x\.dvc"):
        provenance.read("x.dvc", text.encode())
