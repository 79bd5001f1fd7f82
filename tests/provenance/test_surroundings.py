"""Records of whole folders: nothing may lie there that they do not list, and no listing may hide where it belongs."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from audit.errors import SubjectError
from audit.provenance import AuditedFile, Claim, Listing, Record, digests, fingerprint
from audit.provenance.surroundings import faults, placed
from tests.provenance.model_signatures import OnDisk

CONTENT = {"a": b"1", "d/b": b"22"}


def write(folder: Path, content: dict[str, bytes] = CONTENT) -> Path:
    for name, data in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def record(path: str = "r.sig", algorithm: str = "sha256", root: str | None = None) -> Record:
    claims = []
    for name, data in CONTENT.items():
        running = digests.new(algorithm)
        running.update(data)
        claims.append(Claim(name, algorithm, running.hexdigest()))
    return Record(
        path, "k", tuple(claims), names_are_paths=True, root=root, floating=root is None, complete=True,
        ignored=("left", ".git"),
    )  # fmt: skip


def found(tmp_path: Path, one: Record) -> list[str]:
    return [text.removeprefix(f"{one.path}: ") for text in faults(placed(one, OnDisk(tmp_path)), OnDisk(tmp_path))]


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        ("m", "r.sig"),
        ("", "r.sig"),
        ("m", "m/r.sig"),
        ("x/m", "x/r.sig"),
        ("m", "signatures/r.sig"),
        ("x/y/m", "r.sig"),
    ],
)
def test_the_folder_is_found_wherever_the_record_lies(tmp_path: Path, folder: str, path: str) -> None:
    write(tmp_path / folder)
    write(tmp_path, {path: b"", **({"elsewhere": b"3", "n/a": b"1"} if folder else {})})
    assert placed(record(path), OnDisk(tmp_path)).root == folder
    assert found(tmp_path, record(path)) == []


def test_of_two_equal_folders_the_nearer_counts(tmp_path: Path) -> None:
    for folder in ("copy", "home/m", "home/deeper/m"):
        write(tmp_path / folder)
    assert placed(record("home/r.sig"), OnDisk(tmp_path)).root == "home/m"
    assert placed(record("r.sig"), OnDisk(tmp_path)).root == "copy"


def test_a_record_that_says_where_it_belongs_is_left_there(tmp_path: Path) -> None:
    write(tmp_path / "m")
    assert placed(record(root="n"), OnDisk(tmp_path)).root == "n"
    assert len(found(tmp_path, record(root="n"))) == 2


class TooFull(OnDisk):
    """A folder of which nobody lists what lies in some of its folders."""

    def __init__(self, folder: Path, *full: str) -> None:
        super().__init__(folder)
        self._full = full

    def below(self, folder: str) -> Listing:
        if folder in self._full:
            raise SubjectError(f'"{folder or "."}" holds more than 100,000 files')
        return super().below(folder)


def declared(tmp_path: Path, path: str, *, is_model: bool = True) -> AuditedFile:
    return fingerprint(path, (tmp_path / path).read_bytes(), is_model=is_model)


def test_the_folder_of_the_model_counts_before_a_copy_whatever_its_bytes(tmp_path: Path) -> None:
    for folder in ("baseline", "m", "y"):
        write(tmp_path / folder)
    write(tmp_path / "m", {"a": b"changed", "d/b": b"changed"})
    model, data = declared(tmp_path, "m/a"), declared(tmp_path, "y/d/b", is_model=False)
    placed_there = placed(record(), OnDisk(tmp_path), [data, model])
    assert placed_there.root == "m"
    assert len(list(faults(placed_there, OnDisk(tmp_path)))) == 2
    assert placed(record(), OnDisk(tmp_path), [data]).root == "y"
    assert placed(record("baseline/r.sig"), OnDisk(tmp_path), [model]).root == "baseline", "it has all that is listed"
    (tmp_path / "baseline/a").unlink()
    assert placed(record("baseline/r.sig"), OnDisk(tmp_path), [model]).root == "m"


def test_of_two_folders_with_a_model_the_one_counts_whose_digests_fit(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        write(tmp_path / folder)
    write(tmp_path / "first", {"d/b": b"another"})
    both = [declared(tmp_path, f"{folder}/a") for folder in ("first", "second")]
    assert placed(record(), OnDisk(tmp_path), both).root == "second"


def test_files_elsewhere_do_no_harm_however_many_they_are(tmp_path: Path) -> None:
    write(tmp_path / "m")
    around = TooFull(tmp_path, "")
    there = placed(record(), around, [declared(tmp_path, "m/a")])
    assert (there.root, there.caps, list(faults(there, around))) == ("m", (), [])
    write(tmp_path / "m", {"further": b""})
    assert len(list(faults(there, around))) == 1
    lost = placed(record(), around, [])
    assert "100,000" in lost.caps[0]
    assert list(faults(lost, around)) == []
    full = TooFull(tmp_path, "", "m")
    (told,) = faults(placed(record(), full, [declared(tmp_path, "m/a")]), full)
    assert "100,000" in told


def test_files_that_need_not_be_listed_may_lie_there(tmp_path: Path) -> None:
    write(tmp_path / "m", {**CONTENT, "other.sig": b"", "x": b""})
    there = placed(record(), OnDisk(tmp_path))
    assert list(faults(there, OnDisk(tmp_path), {"m/other.sig"})) == ["r.sig: m/x lies in the folder and is not listed"]


def test_extra_missing_changed_and_odd_files_are_faults(tmp_path: Path) -> None:
    write(tmp_path / "m")
    write(tmp_path / "m", {"left/x": b"", ".git/config": b"", "left-over": b"", "d/left": b""})
    assert found(tmp_path, record()) == [
        "m/d/left lies in the folder and is not listed",
        "m/left-over lies in the folder and is not listed",
    ]
    for name in ("left-over", "d/left"):
        (tmp_path / "m" / name).unlink()
    write(tmp_path / "m", {"a": b"2"})
    assert found(tmp_path, record()) == ["m/a is not the file that is listed: its bytes have changed"]
    (tmp_path / "m/a").unlink()
    assert found(tmp_path, record()) == ["m/a is listed and does not lie there"]
    os.symlink("d/b", tmp_path / "m/a")
    assert found(tmp_path, record()) == ["m/a is a symbolic link or no regular file"]
    write(tmp_path, {"m/d/x": b""})
    assert len(found(tmp_path, record())) == 2


def test_a_listed_file_is_looked_at_even_where_files_are_left_aside(tmp_path: Path) -> None:
    write(tmp_path / "m")
    one = record()
    claim = Claim(".git/config", "sha256", hashlib.sha256(b"1").hexdigest())
    listed = replace(one, claims=(*one.claims, claim))
    assert found(tmp_path, listed) == ["m/.git/config is listed and does not lie there"]
    write(tmp_path / "m", {".git/config": b"1", ".git/HEAD": b""})
    assert found(tmp_path, listed) == []
    (tmp_path / "m/.git/config").unlink()
    os.symlink("../a", tmp_path / "m/.git/config")
    assert found(tmp_path, listed) == ["m/.git/config is a symbolic link or no regular file"]


def test_parts_leave_out_empty_files_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "m")
    write(tmp_path / "m", {"empty": b""})
    parts = record(algorithm=digests.sharded("sha256", 1))
    assert found(tmp_path, parts) == []
    assert len(found(tmp_path, record())) == 1
    write(tmp_path / "m", {"full": b"1"})
    assert found(tmp_path, parts) == ["m/full lies in the folder and is not listed"]


def test_without_a_folder_to_look_at_a_complete_record_has_a_fault() -> None:
    assert list(faults(placed(record(), None), None)) == ["r.sig: lists a whole folder, which cannot be looked at here"]


@pytest.mark.parametrize("size", [1, 3, 4, 7, 100])
@pytest.mark.parametrize("step", [1, 2, 5, 1000])
def test_digests_of_parts_do_not_depend_on_how_the_bytes_come(size: int, step: int) -> None:
    content = bytes(range(12))
    running = digests.new(digests.sharded("sha256", size))
    for start in range(0, len(content), step):
        running.update(content[start : start + step])
    expected = "".join(hashlib.sha256(content[at : at + size]).hexdigest() for at in range(0, len(content), size))
    assert running.hexdigest() == running.hexdigest() == expected
    assert digests.is_strong(digests.sharded("sha256", size))
    assert not digests.is_strong(digests.sharded("md5", size))
    assert digests.is_strong("sha256")
    assert not digests.is_strong("md5")
