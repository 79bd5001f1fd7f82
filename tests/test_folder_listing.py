"""What lies below a folder: everything is seen, and no link is followed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from audit.data import files
from audit.errors import SubjectError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "inside"
    (inside / "a" / "b").mkdir(parents=True)
    (inside / "a" / "b" / "file").write_text("1")
    (inside / ".hidden").write_text("2")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("3")
    (inside / "link").symlink_to(tmp_path / "outside")
    (inside / "a" / "file link").symlink_to(tmp_path / "outside" / "secret")
    os.mkfifo(inside / "pipe")
    (inside / os.fsdecode(b"\xff")).write_text("4")
    return inside


def test_files_and_odd_things_are_told_apart(folder: Path) -> None:
    found = files.below(folder, "", most=100)
    assert found.files == (".hidden", "a/b/file")
    assert found.odd == ("\\xff", "a/file link", "link", "pipe")
    assert files.below(folder, "a", most=100).files == ("a/b/file",)


@pytest.mark.parametrize("name", ["link", "link/x", "a/b/file", "pipe", "nowhere"])
def test_what_is_no_folder_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(SubjectError, match=name.partition("/")[0]):
        files.below(folder, name, most=100)


def test_more_entries_than_allowed_are_an_error(folder: Path) -> None:
    assert files.below(folder, "", most=8)
    with pytest.raises(SubjectError, match="more than 7"):
        files.below(folder, "", most=7)
