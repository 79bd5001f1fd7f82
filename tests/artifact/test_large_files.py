"""Files of a gigabyte are read in bounded memory, and never other bytes than those that were hashed."""

from __future__ import annotations

import os
import pickle
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from audit import artifact
from audit.artifact import planted
from audit.artifact.view import BLOCK, IN_MEMORY, Joined, View, spooled
from audit.data import files
from audit.errors import SubjectError
from audit.subject.opener import Opener
from tests.benchmarks import large_files
from tests.benchmarks.scan import measured

GIGABYTE = 1 << 30
MEGABYTES = 300
LARGE = IN_MEMORY + 5 * BLOCK + 17


@pytest.mark.slow
@pytest.mark.parametrize("kind", large_files.QUICK)
def test_a_gigabyte_takes_little_memory(kind: str, tmp_path: Path) -> None:
    if kind == "torch legacy":
        pytest.importorskip("torch")
    path = tmp_path / "model"
    large_files.QUICK[kind](path, GIGABYTE)
    safe, _, unreadable, _, megabytes = measured(path)
    assert (safe, unreadable) == (True, [])
    assert megabytes < MEGABYTES


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(set(large_files.SLOW) - {"pickle of numbers"}))
def test_what_is_unpacked_takes_little_memory(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "model"
    large_files.SLOW[kind](path, GIGABYTE // 16)
    safe, _, unreadable, _, megabytes = measured(path)
    assert (safe, unreadable) == (True, [])
    assert megabytes < MEGABYTES


@pytest.mark.parametrize("kind", [*large_files.QUICK, "xgboost json", "lightgbm", "npz deflated", "pickle in zlib"])
def test_a_file_beyond_the_memory_limit_is_read_like_a_small_one(kind: str, tmp_path: Path) -> None:
    """What is called safe at 20 MB is the same format that is called safe at 20 kB."""
    if kind == "torch legacy":
        pytest.importorskip("torch")
    write, reports = {**large_files.QUICK, **large_files.SLOW}[kind], []
    for size in (20_000, LARGE):
        path = tmp_path / str(size)
        write(path, size)
        reports.append(artifact.scan(path))
    assert all(report.safe for report in reports), reports
    assert reports[0].format == reports[1].format


@pytest.mark.parametrize("kind", ["npy", "pickle of bytes", "joblib", "torch", "npz", "tar"])
def test_what_is_planted_in_a_large_file_is_found(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "model"
    {**large_files.QUICK, **large_files.SLOW}[kind](path, LARGE)
    with files.sealed(tmp_path, "model") as source:
        copies = list(planted.variants(source))
        assert len(copies) >= 20
        assert [copy.way for copy in copies if artifact.scan_file(copy.content, "m").safe] == []


def test_a_name_at_the_far_end_of_a_large_member_is_found(tmp_path: Path) -> None:
    body = b"\x80\x04\x8e" + LARGE.to_bytes(8, "little") + bytes(LARGE) + b"0cos\nsystem\nK\x01\x85R."
    (tmp_path / "pickle").write_bytes(body)
    assert artifact.scan(tmp_path / "pickle").unknown == ("os.system",)
    with zipfile.ZipFile(tmp_path / "zip", "w") as archive:
        archive.writestr("m/model.pkl", body)
    assert artifact.scan(tmp_path / "zip").unknown == ("os.system",)


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "model.npy"
    large_files.npy(path, LARGE)
    with files.sealed(tmp_path, "model.npy") as source:
        first = source.read_at(0, 64)
        with path.open("r+b") as target:
            target.seek(BLOCK + 5)
            target.write(b"changed")
        assert source.read_at(0, 64) == first, "a block that did not change is still what was hashed"
        with pytest.raises(SubjectError, match="changed while it was read"):
            source.read_at(BLOCK, 64)
        os.truncate(path, 100)
        with pytest.raises(SubjectError, match="changed while it was read"):
            artifact.scan_file(source, "model.npy")


def test_a_file_is_put_back_behind_the_scan_and_the_scan_sees_the_hashed_bytes(tmp_path: Path) -> None:
    """Hash a harmless file, swap it, scan: an attacker with the right timing gains nothing."""
    path = tmp_path / "model.pkl"
    large_files.pickled_bytes(path, LARGE)
    opener = Opener(tmp_path)
    with opener.stream("model.pkl", "model") as source:
        assert opener.records[0].sha256 == source.sha256
        path.write_bytes(b"cos\nsystem\n(S'x'\ntR." + bytes(LARGE))
        with pytest.raises(SubjectError):
            artifact.scan_file(source, "model.pkl")


def test_a_stream_is_of_a_regular_file_inside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe")
    opener = Opener(tmp_path)
    for name in ("link", "pipe", "../x", "absent", "/etc/passwd"):
        with pytest.raises(SubjectError), opener.stream(name, "model"):
            pass
    with pytest.raises(SubjectError, match="is declared"), opener.stream("real", "model", sha256="0" * 64):
        pass


def test_a_path_that_grows_while_it_is_scanned_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    large_files.many_numbers(path, LARGE)
    writer = f"import time\nwhile True:\n open({str(path)!r}, 'ab').write(b'x'); time.sleep(0.01)"
    with subprocess.Popen(["python3", "-c", writer]) as process:
        try:
            size = path.stat().st_size
            while path.stat().st_size == size:
                pass
            report = artifact.scan(path)
        finally:
            process.kill()
    assert "changed while it was read" in " ".join(report.unreadable)


def test_a_view_is_read_like_bytes(tmp_path: Path) -> None:
    content = np.random.default_rng(0).integers(0, 4, LARGE, "u1").tobytes()
    (tmp_path / "x").write_bytes(content)
    with files.sealed(tmp_path, "x") as source:
        parts = (View(content[:1000]), View(content[1000:LARGE]))
        views = [View(source), View(content), View(Joined(*parts)), spooled(iter([content[:BLOCK], content[BLOCK:]]))]
        for view in views:
            assert len(view) == LARGE
            for start, end in ((0, 10), (BLOCK - 3, BLOCK + 3), (LARGE - 5, LARGE + 9), (-7, LARGE), (5, 3)):
                assert view[start:end] == content[start:end]
                assert view.part(start, end)[:] == content[start:end]
            assert (view[0], view[-1], view[BLOCK]) == (content[0], content[-1], content[BLOCK])
            needle = content[3 * BLOCK - 8 : 3 * BLOCK + 24]
            assert view.find(needle) == content.find(needle) == 3 * BLOCK - 8
            assert view.find(b"\x09") == -1
            assert b"".join(view.blocks(7)) == content[7:]
            stream = view.stream()
            stream.seek(-100, os.SEEK_END)
            assert stream.read(40) + stream.read() == content[-100:]
            with pytest.raises(IndexError):
                view[LARGE]


def test_the_end_of_what_is_no_padding() -> None:
    assert View(b"ab" + bytes(3 * BLOCK)).end_of_content() == 2
    assert View(bytes(3 * BLOCK)).end_of_content() == 0
    assert View(b"ab" + bytes(9)).blank(2)
    assert not View(b"ab" + bytes(2 * BLOCK) + b"c").blank(2)


def test_a_pickle_of_more_items_than_are_kept_still_shows_its_names() -> None:
    value = [list(range(1000)) for _ in range(1200)]
    content = pickle.dumps(value)
    assert artifact.scan_bytes(content, "m").safe
    acting = content[:-1] + b"cos\nsystem\n(S'x'\ntR\x86."
    assert artifact.scan_bytes(acting, "m").unknown == ("os.system",)
